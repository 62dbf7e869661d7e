"""CloudWatch Logs: Insights queries."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.insights import Query, parse
from inferwatch.engine.insights.commands.source import Source
from inferwatch.engine.logs.groups import LogGroup
from inferwatch.engine.queries.run import Asked, Run
from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.limits import QUERY_DEFAULT_ROWS, QUERY_MAX_GROUPS, QUERY_PAGE_ROWS
from inferwatch.wire.operations.logs import bad_token, find_group, group_of_arn
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import numbered_page
from inferwatch.wire.operations.query_definitions import LANGUAGE, only_insights

_DESCRIBED = 1_000
_NAMING = ("logGroupName", "logGroupNames", "logGroupIdentifiers")


def _start(engine: Engine, params: Params) -> Params:
    """Differs: where both the call and the text limit the rows, the smaller counts."""
    only_insights(params)
    if params["startTime"] > params["endTime"]:
        raise invalid_parameter("End time should not be before start time.")
    query = parse(params["queryString"])
    groups = _groups(engine, query, params)
    asked = Asked(
        params["queryString"],
        tuple(group.name for group in groups),
        params["startTime"],
        params["endTime"],
    )
    most = params.get("limit", query.rows or QUERY_DEFAULT_ROWS)
    run = engine.queries.start(query, asked, groups, most, engine.now_ms)
    return {"queryId": run.id}


def _groups(engine: Engine, query: Query, params: Params) -> list[LogGroup]:
    given = [params[member] for member in _NAMING if params.get(member)]
    if query.source is not None:
        if given:
            raise invalid_parameter("Log groups can be given either as parameters or with SOURCE.")
        return _sourced(engine, query.source)
    if len(given) != 1:
        raise invalid_parameter(
            "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given."
        )
    identifiers = [given[0]] if isinstance(given[0], str) else list(dict.fromkeys(given[0]))
    if len(identifiers) > QUERY_MAX_GROUPS:
        raise invalid_parameter(f"At most {QUERY_MAX_GROUPS} log groups can be queried.")
    return [_group(engine, identifier) for identifier in identifiers]


def _group(engine: Engine, identifier: str) -> LogGroup:
    """In the words of the service behind. Source: recorded, 2026-02."""
    name = group_of_arn(engine, identifier)
    try:
        return engine.logs[name]
    except AwsError:
        code = "ResourceNotFoundException"
        text = (
            f"Log group '{name}' does not exist for account ID '{engine.realm.account_id}' "
            f"(Service: AWSLogs; Status Code: 400; Error Code: {code}; "
            f"Request ID: {engine.new_id()}; Proxy: null)"
        )
        raise AwsError(code, text) from None


def _sourced(engine: Engine, source: Source) -> list[LogGroup]:
    """Differs: of more than fifty groups the first count; other accounts have none here."""
    is_ours = not source.accounts or engine.realm.account_id in source.accounts
    is_standard = not source.classes or "STANDARD" in source.classes
    prefixes = source.prefixes or ("",)
    found = [group for group in engine.logs if is_ours and is_standard and group.name.startswith(prefixes)]
    if not found:
        raise AwsError("ResourceNotFoundException", "SOURCE names no log group that there is.")
    return found[:QUERY_MAX_GROUPS]


def _results(engine: Engine, params: Params) -> Params:
    """Asking gets a query one slice further, too."""
    run = engine.queries[params["queryId"]]
    run.step(engine.now_ms)
    rows, token = numbered_page(
        run.rows(), params.get("nextToken"), params.get("maxItems") or QUERY_PAGE_ROWS, bad_token
    )
    return {
        "queryLanguage": LANGUAGE,
        "results": [[{"field": name, "value": value} for name, value in row] for row in rows],
        "statistics": _statistics(run),
        "status": run.status.value,
        "nextToken": token,
    }


def _statistics(run: Run) -> Params:
    found = run.statistics
    return {
        "recordsMatched": float(found.matched),
        "recordsScanned": float(found.scanned),
        "bytesScanned": float(found.size_bytes),
        "estimatedRecordsSkipped": float(found.skipped),
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": float(len(run.asked.groups)),
    }


def _stop(engine: Engine, params: Params) -> Params:
    engine.queries.stop(params["queryId"], engine.now_ms)
    return {"success": True}


def _describe(engine: Engine, params: Params) -> Params:
    only_insights(params)
    group, status = params.get("logGroupName"), params.get("status")
    runs = [
        run
        for run in engine.queries
        if (group is None or group in run.asked.groups) and status in (None, run.status.value)
    ]
    shown, token = numbered_page(
        runs, params.get("nextToken"), params.get("maxResults", _DESCRIBED), bad_token
    )
    return {"queries": [_entry(run) for run in shown], "nextToken": token}


def _entry(run: Run) -> Params:
    return {
        "queryLanguage": LANGUAGE,
        "queryId": run.id,
        "queryString": run.asked.described,
        "status": run.status.value,
        "createTime": run.created_ms,
        "logGroupName": run.asked.groups[0],
    }


def _record(engine: Engine, params: Params) -> Params:
    record = engine.queries.record(
        params["logRecordPointer"], engine.now_ms, unmask=params.get("unmask", False)
    )
    return {"logRecord": record}


def _fields(engine: Engine, params: Params) -> Params:
    found = engine.queries.fields(find_group(engine, params), params.get("time"), engine.now_ms)
    return {"logGroupFields": [{"name": name, "percent": percent} for name, percent in found]}


OPERATIONS: Final = {
    "StartQuery": Operation(
        _start,
        "queryLanguage logGroupName logGroupNames logGroupIdentifiers startTime endTime queryString limit",
    ),
    "GetQueryResults": Operation(_results, "queryId nextToken maxItems"),
    "StopQuery": Operation(_stop, "queryId"),
    "DescribeQueries": Operation(_describe, "logGroupName status maxResults nextToken queryLanguage"),
    "GetLogRecord": Operation(_record, "logRecordPointer unmask"),
    "GetLogGroupFields": Operation(_fields, "logGroupName time logGroupIdentifier"),
}
