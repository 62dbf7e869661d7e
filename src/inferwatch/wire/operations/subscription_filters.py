"""CloudWatch Logs: subscription filters."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.subscriptions.filter import BY_LOG_STREAM, SubscriptionFilter, make_filter
from inferwatch.wire.operations.logs import bad_token
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page

_PAGE = 50


def _put(engine: Engine, params: Params) -> Params:
    group = engine.logs[params["logGroupName"]].name
    made = make_filter(
        params["filterName"],
        params["filterPattern"],
        params["destinationArn"],
        addresses=engine.subscriptions.addresses,
        role_arn=params.get("roleArn"),
        distribution=params.get("distribution", BY_LOG_STREAM),
        created_ms=engine.now_ms,
    )
    regexes = sum(item.pattern.has_regex for item in engine.filters.of_group(group))
    engine.subscriptions.put(group, made, engine.now_ms, other_regexes=regexes)
    return {}


def _describe(engine: Engine, params: Params) -> Params:
    group = engine.logs[params["logGroupName"]].name
    prefix = params.get("filterNamePrefix", "")
    found = [item for item in engine.subscriptions.filters.of_group(group) if item.name.startswith(prefix)]
    shown, token = page(
        found, lambda item: item.name, params.get("nextToken"), params.get("limit", _PAGE), bad_token
    )
    return {"subscriptionFilters": [_entry(group, item) for item in shown], "nextToken": token}


def _entry(group: str, item: SubscriptionFilter) -> Params:
    return {
        "filterName": item.name,
        "logGroupName": group,
        "filterPattern": item.pattern.text,
        "destinationArn": item.destination.arn,
        "roleArn": item.role_arn,
        "distribution": item.distribution,
        "applyOnTransformedLogs": False,
        "creationTime": item.created_ms,
    }


def _delete(engine: Engine, params: Params) -> Params:
    group = engine.logs[params["logGroupName"]].name
    engine.subscriptions.delete(group, params["filterName"], engine.now_ms)
    return {}


OPERATIONS: Final = {
    "PutSubscriptionFilter": Operation(
        _put, "logGroupName filterName filterPattern destinationArn roleArn distribution", is_kept=True
    ),
    "DescribeSubscriptionFilters": Operation(_describe, "logGroupName filterNamePrefix nextToken limit"),
    "DeleteSubscriptionFilter": Operation(_delete, "logGroupName filterName", is_kept=True),
}
