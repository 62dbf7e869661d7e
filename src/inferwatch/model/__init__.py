"""The nouns every room shares: fields of a record, AWS limits, errors.

In:  nothing of ours.
Out: values, imported by every other room.
"""
