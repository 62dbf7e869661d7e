"""Resource policies of Lambda functions: who may invoke them, as far as a monitoring stack says so.

Source: Lambda API reference, "AddPermission", "GetPolicy", "RemovePermission".
Differs: no function is kept here, so that any name has a policy and none is invoked; nobody is allowed or
denied by it. The texts of refusals follow AWS's as its users posted them.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from inferwatch.engine.arn import Realm
from inferwatch.model.errors import AwsError

POLICY_MAX_BYTES: Final = 20_480
_FUNCTION: Final = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?",
    re.ASCII,
)
_ACCOUNT: Final = re.compile(r"\d{12}", re.ASCII)

Statement = dict[str, Any]


class FunctionPolicies:
    """The policies of one account and region, by function and qualifier: statements in order.

    Args:
        realm: Whose functions they are.
    """

    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self._policies: dict[str, dict[str, Statement]] = {}

    def add(self, function: str, qualifier: str | None, id: str, asked: dict[str, Any]) -> Statement:
        """Add a statement.

        Args:
            function: Its name, ARN or partial ARN.
            asked: `Action`, `Principal`, and conditions in AddPermission's names.

        Raises:
            AwsError: ResourceConflictException, PolicyLengthExceededException, ResourceNotFoundException.
        """
        arn = self._arn(function, qualifier)
        policy = self._policies.get(arn, {})
        if id in policy:
            message = (
                f"The statement id ({id}) provided already exists. Please provide a new statement id, or "
                "remove the existing statement."
            )
            raise AwsError("ResourceConflictException", message)
        statement = _statement(id, arn, asked)
        grown = policy | {id: statement}
        if len(_document(grown)) > POLICY_MAX_BYTES:
            message = f"The final policy size is bigger than the limit ({POLICY_MAX_BYTES})."
            raise AwsError("PolicyLengthExceededException", message)
        self._policies[arn] = grown
        return statement

    def document(self, function: str, qualifier: str | None) -> str:
        """The policy, as JSON.

        Raises:
            AwsError: ResourceNotFoundException, where it has no statement.
        """
        policy = self._policies.get(self._arn(function, qualifier))
        if not policy:
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.")
        return _document(policy)

    def remove(self, function: str, qualifier: str | None, id: str) -> None:
        """Raises AwsError: ResourceNotFoundException."""
        policy = self._policies.get(self._arn(function, qualifier), {})
        if policy.pop(id, None) is None:
            message = f"Statement {id} is not found in resource policy."
            raise AwsError("ResourceNotFoundException", message)

    def _arn(self, function: str, qualifier: str | None) -> str:
        found = _FUNCTION.fullmatch(function)
        is_ours = found is not None and (
            found["region"] in (None, self._realm.region)
            and found["account"] in (None, self._realm.account_id)
            and not (found["qualifier"] and qualifier)
        )
        if found is None or not is_ours:
            raise AwsError("ResourceNotFoundException", f"Function not found: {function}")
        last = found["qualifier"] or qualifier
        return self._realm.arn("lambda", f"function:{found['name']}" + (f":{last}" if last else ""))


def _statement(id: str, arn: str, asked: dict[str, Any]) -> Statement:
    made: Statement = {
        "Sid": id,
        "Effect": "Allow",
        "Principal": _principal(asked["Principal"]),
        "Action": asked["Action"],
        "Resource": arn,
    }
    equals = {
        "AWS:SourceAccount": asked.get("SourceAccount"),
        "aws:PrincipalOrgID": asked.get("PrincipalOrgID"),
        "lambda:EventSourceToken": asked.get("EventSourceToken"),
    }
    likes = {"AWS:SourceArn": asked.get("SourceArn")}
    conditions = {"StringEquals": _given(equals), "ArnLike": _given(likes)}
    if any(conditions.values()):
        made["Condition"] = _given(conditions)
    return made


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _principal(text: str) -> Any:
    if text == "*":
        return text
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    return {"AWS": text} if text.startswith("arn:") else {"Service": text}


def _document(policy: dict[str, Statement]) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Id": "default", "Statement": list(policy.values())}, separators=(",", ":")
    )
