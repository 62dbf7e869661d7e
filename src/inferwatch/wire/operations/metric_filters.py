"""CloudWatch Logs: metric filters."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.filterpattern import compile_pattern
from inferwatch.engine.metricfilters.filter import MetricFilter, Transformation
from inferwatch.model.errors import invalid_parameter
from inferwatch.wire.operations.logs import bad_token
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page

_PAGE = 50


def _put_metric_filter(engine: Engine, params: Params) -> Params:
    given = params["metricTransformations"][0]
    transformation = Transformation(
        name=given["metricName"],
        namespace=given["metricNamespace"],
        value=given["metricValue"],
        default_value=given.get("defaultValue"),
        unit=given.get("unit"),
        dimensions=given.get("dimensions", {}),
    )
    engine.put_metric_filter(
        params["logGroupName"],
        params["filterName"],
        params["filterPattern"],
        transformation,
        _system_dimensions(engine, params.get("emitSystemFieldDimensions", [])),
    )
    return {}


def _system_dimensions(engine: Engine, names: list[str]) -> dict[str, str]:
    """Differs: the text for an unknown system field is ours; AWS's was not recorded."""
    known = {"@aws.account": engine.realm.account_id, "@aws.region": engine.realm.region}
    for name in names:
        if name not in known:
            raise invalid_parameter(f"Invalid system field dimension {name}: use {' or '.join(known)}")
    return {name: known[name] for name in names}


def _describe_metric_filters(engine: Engine, params: Params) -> Params:
    group, prefix = params.get("logGroupName"), params.get("filterNamePrefix", "")
    metric, namespace = params.get("metricName"), params.get("metricNamespace")
    if (metric is None) != (namespace is None):
        raise invalid_parameter("metricName and metricNamespace must be specified together.")
    if group is not None:
        found = [(group, item) for item in engine.filters.of_group(engine.logs[group].name)]
    else:
        found = engine.filters.everywhere()
    found = [
        (owner, item)
        for owner, item in found
        if item.name.startswith(prefix)
        and (
            metric is None or (item.transformation.name, item.transformation.namespace) == (metric, namespace)
        )
    ]
    shown, token = page(
        found,
        lambda pair: f"{pair[1].name}\0{pair[0]}",
        params.get("nextToken"),
        params.get("limit", _PAGE),
        bad_token,
    )
    return {"metricFilters": [_describe(owner, item) for owner, item in shown], "nextToken": token}


def _describe(group: str, item: MetricFilter) -> Params:
    transformation = item.transformation
    return {
        "filterName": item.name,
        "filterPattern": item.pattern.text,
        "metricTransformations": [
            {
                "metricName": transformation.name,
                "metricNamespace": transformation.namespace,
                "metricValue": transformation.value,
                "defaultValue": transformation.default_value,
                "dimensions": transformation.dimensions or None,
                "unit": transformation.unit,
            }
        ],
        "creationTime": item.created_ms,
        "logGroupName": group,
        "applyOnTransformedLogs": False,
        "emitSystemFieldDimensions": list(item.system_dimensions) or None,
    }


def _delete_metric_filter(engine: Engine, params: Params) -> Params:
    engine.delete_metric_filter(params["logGroupName"], params["filterName"])
    return {}


def _test_metric_filter(_engine: Engine, params: Params) -> Params:
    """Source: recorded, 2026-09.

    Differs: `eventNumber` is 0 for the first in AWS's documentation; its service counts from 1, and so do we.
    """
    pattern = compile_pattern(params["filterPattern"])
    return {
        "matches": [
            {"eventNumber": number, "eventMessage": message, "extractedValues": extracted}
            for number, message in enumerate(params["logEventMessages"], start=1)
            if (extracted := pattern.extract(message)) is not None
        ]
    }


OPERATIONS: Final = {
    "PutMetricFilter": Operation(
        _put_metric_filter,
        "logGroupName filterName filterPattern metricTransformations emitSystemFieldDimensions",
    ),
    "DescribeMetricFilters": Operation(
        _describe_metric_filters,
        "logGroupName filterNamePrefix nextToken limit metricName metricNamespace",
    ),
    "DeleteMetricFilter": Operation(_delete_metric_filter, "logGroupName filterName"),
    "TestMetricFilter": Operation(_test_metric_filter, "filterPattern logEventMessages"),
}
