"""aws.lambda_.Permission.

Source: terraform-provider-aws `internal/service/lambda/permission.go`; API reference, "AddPermission".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import Handler, Kind, Live, PassingOver, Problem, Property
from inferwatch.deploy.values import Properties

# Conditions by property: the operator and key of each in the policy.
_CONDITIONS = {
    "sourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "sourceArn": ("ArnLike", "AWS:SourceArn"),
    "principalOrgId": ("StringEquals", "aws:PrincipalOrgID"),
    "eventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
}
_NAMES = {
    "action": "Action",
    "principal": "Principal",
    "qualifier": "Qualifier",
    "sourceAccount": "SourceAccount",
    "sourceArn": "SourceArn",
    "principalOrgId": "PrincipalOrgID",
    "eventSourceToken": "EventSourceToken",
}


def _fixed(*, required: bool = False) -> Property:
    return Property(Kind.STRING, required=required, forces_new=True)


class LambdaPermission(Handler):
    """Who may invoke a function: nothing of it can be changed, only made anew."""

    token = "aws:lambda/permission:Permission"
    words = "Lambda permission"
    autonamed = "statementId"
    properties: ClassVar = {
        "action": _fixed(required=True),
        "function": _fixed(required=True),
        "principal": _fixed(required=True),
        "statementId": _fixed(),
        "qualifier": _fixed(),
        "sourceAccount": _fixed(),
        "sourceArn": _fixed(),
        "principalOrgId": _fixed(),
        "eventSourceToken": _fixed(),
        "region": _fixed(),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        id = inputs["statementId"]
        if isinstance(id, str) and not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", id):
            yield Problem("statementId", "expected 1 to 100 letters, digits, - and _", id)

    def locate(self, id: str) -> tuple[str, Properties]:
        function, _, statement = id.rpartition("/")
        if not function or not statement:
            raise ValueError("expected FUNCTION/STATEMENT_ID")
        return statement, {"function": function}

    def create(self, clients: Clients, inputs: Properties) -> Live:
        given = {name: inputs[key] for key, name in _NAMES.items() if inputs.get(key)}
        clients.functions(inputs.get("region")).add_permission(
            FunctionName=inputs["function"], StatementId=inputs["statementId"], **given
        )
        return self.must_read(clients, inputs["statementId"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        with PassingOver("ResourceNotFoundException"):
            functions = clients.functions(state.get("region"))
            policy = functions.get_policy(**_which(state))["Policy"]
            for statement in json.loads(policy)["Statement"]:
                if statement["Sid"] == id:
                    region = state.get("region") or clients.region
                    return Live(id, _outputs(statement, state["function"]) | {"region": region})
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        raise AssertionError("every property makes it anew")

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver("ResourceNotFoundException"):
            clients.functions(state.get("region")).remove_permission(**_which(state), StatementId=id)


def _which(state: Properties) -> dict[str, Any]:
    qualifier = state.get("qualifier")
    return {"FunctionName": state["function"]} | ({"Qualifier": qualifier} if qualifier else {})


def _outputs(statement: dict[str, Any], function: str) -> Properties:
    """A statement of a policy, in the properties' names; the function as the program called it."""
    principal = statement["Principal"]
    found: Properties = {
        "action": statement["Action"],
        "function": function,
        "principal": principal if isinstance(principal, str) else next(iter(principal.values())),
        "statementId": statement["Sid"],
    }
    conditions = statement.get("Condition", {})
    for key, (operator, name) in _CONDITIONS.items():
        if name in conditions.get(operator, {}):
            found[key] = conditions[operator][name]
    last = statement["Resource"].split(":function:")[1].partition(":")[2]
    if last and not function.endswith(f":{last}"):
        found["qualifier"] = last
    return found
