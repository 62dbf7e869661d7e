"""CloudWatch Logs: saved queries."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.querydefinitions import QUERY_DEFINITIONS_MAX, QueryDefinition
from inferwatch.model.errors import Unsupported
from inferwatch.wire.operations.logs import bad_token
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page

LANGUAGE: Final = "CWLI"


def _put(engine: Engine, params: Params) -> Params:
    only_insights(params)
    id = engine.query_definitions.put(
        params["name"],
        params["queryString"],
        tuple(params.get("logGroupNames", ())),
        engine.now_ms,
        id=params.get("queryDefinitionId"),
        token=params.get("clientToken", ""),
    )
    return {"queryDefinitionId": id}


def _describe(engine: Engine, params: Params) -> Params:
    only_insights(params)
    shown, token = page(
        engine.query_definitions.starting_with(params.get("queryDefinitionNamePrefix", "")),
        lambda item: f"{item.name}\n{item.id}",
        params.get("nextToken"),
        params.get("maxResults", QUERY_DEFINITIONS_MAX),
        bad_token,
    )
    return {"queryDefinitions": [_entry(item) for item in shown], "nextToken": token}


def _entry(item: QueryDefinition) -> Params:
    return {
        "queryLanguage": LANGUAGE,
        "queryDefinitionId": item.id,
        "name": item.name,
        "queryString": item.query,
        "lastModified": item.modified_ms,
        "logGroupNames": list(item.log_groups),
    }


def _delete(engine: Engine, params: Params) -> Params:
    engine.query_definitions.delete(params["queryDefinitionId"])
    return {"success": True}


def only_insights(params: Params) -> None:
    if (language := params.get("queryLanguage", LANGUAGE)) != LANGUAGE:
        raise Unsupported(f"the query language {language}", code="InvalidParameterException")


OPERATIONS: Final = {
    "PutQueryDefinition": Operation(
        _put,
        "queryLanguage name queryDefinitionId logGroupNames queryString clientToken",
        is_kept=True,
    ),
    "DescribeQueryDefinitions": Operation(
        _describe, "queryLanguage queryDefinitionNamePrefix maxResults nextToken"
    ),
    "DeleteQueryDefinition": Operation(_delete, "queryDefinitionId", is_kept=True),
}
