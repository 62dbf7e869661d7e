"""Which policy documents IAM takes.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; IAM JSON policy elements reference.
Differs: the grammar is held, not the meaning: actions, ARNs, principals and condition operators that do not
exist pass here. The texts are IAM's for JSON and syntax; those that name a field may differ in wording.
"""

from __future__ import annotations

import json
from typing import Any, Final

from inferwatch.model.errors import AwsError

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_ELEMENTS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_PRINCIPALS: Final = frozenset({"Principal", "NotPrincipal"})
_RESOURCES: Final = frozenset({"Resource", "NotResource"})


def check_trust_policy(document: str) -> None:
    """Hold a role's trust policy to the grammar: who may take the role, and no resource.

    Raises:
        AwsError: MalformedPolicyDocumentException.
    """
    for statement in _statements(document):
        if not _PRINCIPALS & statement.keys():
            raise _malformed("Missing required field Principal")
        if field := next(iter(sorted(_RESOURCES & statement.keys())), None):
            raise _malformed(f"Has prohibited field {field}")


def check_permissions_policy(document: str) -> None:
    """Hold what a role may do to the grammar: on which resource, and no principal.

    Raises:
        AwsError: MalformedPolicyDocumentException.
    """
    for statement in _statements(document):
        if field := next(iter(sorted(_PRINCIPALS & statement.keys())), None):
            raise _malformed(f"Policy document should not specify a {field.lower()}.")
        if not _RESOURCES & statement.keys():
            raise _malformed("Policy statement must contain resources.")


def _statements(document: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        raise _malformed("This policy contains invalid Json") from None
    if not isinstance(policy, dict) or not policy.keys() <= {"Version", "Id", "Statement"}:
        raise _malformed("Syntax errors in policy.")
    if policy.get("Version", _VERSIONS[-1]) not in _VERSIONS:
        raise _malformed("The policy must contain a valid version string")
    statements = policy.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise _malformed("Syntax errors in policy.")
    for statement in statements:
        _check_statement(statement)
    return statements


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict) or not statement.keys() <= _ELEMENTS:
        raise _malformed("Syntax errors in policy.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise _malformed("Syntax errors in policy.")
    if ("Action" in statement) == ("NotAction" in statement):
        raise _malformed("Policy statement must contain actions.")
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in statement and not _is_texts(statement[name]):
            raise _malformed("Syntax errors in policy.")


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
    )


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message)
