"""IAM, as far as a monitoring stack needs it: roles and policies of one account, kept and given back.

In:  policy documents and names, from `wire.operations.iam`.
Out: the same, checked as IAM checks them.

Differs: no call is allowed or denied by what is kept here: on loopback everybody may do everything.
"""
