"""A topic's access policy: kept and given back.

Source: SNS API reference, "SetTopicAttributes"; SNS Developer Guide, "Identity and access management".
Differs: it is held to be JSON with statements, no more, and nobody is kept out by it: on AWS an alarm needs
`cloudwatch.amazonaws.com` in a policy that is not the default one, here its messages arrive all the same.
"""

from __future__ import annotations

import json

from inferwatch.model.errors import invalid_parameter


def check_policy(document: str) -> None:
    """Raises AwsError: InvalidParameterException."""
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict) or not policy.get("Statement"):
        raise invalid_parameter("Invalid parameter: Policy Error: null")
