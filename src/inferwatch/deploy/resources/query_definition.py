"""aws.cloudwatch.QueryDefinition: a saved query of Logs Insights.

Source: terraform-provider-aws `internal/service/logs/query_definition.go`; API reference,
"PutQueryDefinition".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import Handler, Kind, Live, PassingOver, Problem, Property
from inferwatch.deploy.values import Properties

_NAME: Final = re.compile(r"([^:*/]+/?)*[^:*/]+")
_NAME_MAX_CHARS: Final = 255
_QUERY_MAX_CHARS: Final = 10_000


class QueryDefinition(Handler):
    """A query under a name, for some log groups or none in particular."""

    token = "aws:cloudwatch/queryDefinition:QueryDefinition"
    words = "query definition"
    autonamed = "name"
    computed = ("arn", "queryDefinitionId")
    properties: ClassVar = {
        "logGroupNames": Property(Kind.STRINGS),
        "name": Property(Kind.STRING),
        "queryString": Property(Kind.STRING, required=True),
        "region": Property(Kind.STRING, forces_new=True),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name, query = inputs["name"], inputs["queryString"]
        if isinstance(name, str) and not (len(name) <= _NAME_MAX_CHARS and _NAME.fullmatch(name)):
            yield Problem("name", f"{name!r} is not 1-255 characters without ':' and '*', '/' between names")
        if isinstance(query, str) and not 1 <= len(query) <= _QUERY_MAX_CHARS:
            yield Problem("queryString", f"{len(query):,} characters; expected 1-{_QUERY_MAX_CHARS:,}")

    def locate(self, id: str) -> tuple[str, Properties]:
        if not id.startswith("arn:"):
            raise ValueError("expected the ARN of a query definition")
        return id.rpartition(":")[2], {}

    def create(self, clients: Clients, inputs: Properties) -> Live:
        answer = clients.logs(inputs.get("region")).put_query_definition(**_call(inputs))
        return self.must_read(clients, answer["queryDefinitionId"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        nameless = {key: value for key, value in state.items() if key != "name"}
        # Somebody may have given it another name.
        found = itertools.chain(_listed(clients, state), _listed(clients, nameless))
        return next(
            (_live(clients, item, state) for item in found if item["queryDefinitionId"] == id),
            None,
        )

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        clients.logs(inputs.get("region")).put_query_definition(queryDefinitionId=id, **_call(inputs))
        return self.must_read(clients, id, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver("ResourceNotFoundException"):
            clients.logs(state.get("region")).delete_query_definition(queryDefinitionId=id)

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        # Names need not be unique; one with this very text is the one that was asked for.
        same = (item for item in _listed(clients, inputs) if _inputs(item) == _inputs(_call(inputs)))
        return next((_live(clients, item, inputs) for item in same), None)


def _call(inputs: Properties) -> dict[str, Any]:
    call = {"name": inputs["name"], "queryString": inputs["queryString"]}
    groups = inputs.get("logGroupNames")
    return call | ({"logGroupNames": groups} if groups else {})


def _inputs(item: dict[str, Any]) -> tuple[Any, ...]:
    return item["name"], item["queryString"], item.get("logGroupNames") or []


def _listed(clients: Clients, state: Properties) -> Iterator[dict[str, Any]]:
    """Those whose name begins as the one that is known; every one where none is."""
    search = {"queryDefinitionNamePrefix": state["name"]} if state.get("name") else {}
    logs = clients.logs(state.get("region"))
    while True:
        page = logs.describe_query_definitions(**search)
        yield from page["queryDefinitions"]
        if not page.get("nextToken"):
            return
        search["nextToken"] = page["nextToken"]


def _live(clients: Clients, item: dict[str, Any], state: Properties) -> Live:
    id, region = item["queryDefinitionId"], state.get("region") or clients.region
    outputs: Properties = {
        "arn": f"arn:aws:logs:{region}:{clients.account_id}:query-definition:{id}",
        "name": item["name"],
        "queryDefinitionId": id,
        "queryString": item["queryString"],
        "region": region,
    }
    if groups := item.get("logGroupNames"):
        outputs["logGroupNames"] = groups
    return Live(id, outputs)
