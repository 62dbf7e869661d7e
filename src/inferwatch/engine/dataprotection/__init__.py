"""Data protection policies: which text of a log group's events is masked.

In:  policy documents from PutDataProtectionPolicy, messages from `engine`.
Out: messages with `*` for every character that a data identifier found, to readers and filters.
"""
