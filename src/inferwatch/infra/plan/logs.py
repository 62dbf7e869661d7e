"""Where inferences are logged, and what is read out of the log: group, stream, filters, indexes, queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from inferwatch.catalog.expressions import terms
from inferwatch.catalog.metrics import DIMENSION, METRICS, Metric
from inferwatch.catalog.queries import QUERIES, text_for
from inferwatch.catalog.readings import Filter
from inferwatch.catalog.watches import OF_MODELS
from inferwatch.infra.plan.resource import (
    DATA_PROTECTION,
    INDEX_POLICY,
    LOG_GROUP,
    LOG_STREAM,
    METRIC_FILTER,
    QUERY_DEFINITION,
    Resource,
)
from inferwatch.infra.plan.scope import Scopes, pattern
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import PARTITION, Given, Json, Ref, Value, join

STREAM: Final = "inferences"
_WATCHED: Final = frozenset(
    term.metric
    for watch in OF_MODELS.values()
    for expression in (watch.expression, watch.samples)
    if expression is not None
    for term in terms(expression)
)


def group_name(spec: Spec) -> str | Ref | Given:
    """The log group's name: the adopted one, or a reference to the one that is made."""
    return spec.adopt_log_group or Ref("log-group", "name")


def log_resources(spec: Spec) -> Iterator[Resource]:
    """The group, unless one is adopted, and what belongs to it."""
    if spec.adopt_log_group is None:
        properties: dict[str, Value] = {"name": f"/inferwatch/{spec.name}"}
        if spec.retention_days is not None:
            properties["retention_in_days"] = spec.retention_days
        if spec.tags:
            properties["tags"] = dict(spec.tags)
        yield Resource(LOG_GROUP, "log-group", f"{spec.name}/log-group", properties)
        stream: dict[str, Value] = {"name": STREAM, "log_group_name": group_name(spec)}
        yield Resource(LOG_STREAM, "log-stream", f"{spec.name}/log-stream", stream)
    if spec.indexes:
        document = Json({"Fields": list(spec.indexes)})
        yield _of_group(spec, INDEX_POLICY, "index-policy", {"policy_document": document})
    if spec.masks:
        document = Json(_masking(spec))
        yield _of_group(spec, DATA_PROTECTION, "data-protection", {"policy_document": document})


def _of_group(spec: Spec, token: str, key: str, properties: dict[str, Value]) -> Resource:
    return Resource(token, key, f"{spec.name}/{key}", {"log_group_name": group_name(spec), **properties})


def _masking(spec: Spec) -> Value:
    """Source: CloudWatch Logs User Guide, "Log group data protection policy syntax"."""
    identifiers: list[Value] = [
        join("arn:", PARTITION, f":dataprotection::aws:data-identifier/{mask}") for mask in spec.masks
    ]
    return {
        "Name": f"{spec.name}-masks",
        "Version": "2021-06-01",
        "Statement": [
            {
                "Sid": "audit",
                "DataIdentifier": identifiers,
                "Operation": {"Audit": {"FindingsDestination": {}}},
            },
            {"Sid": "mask", "DataIdentifier": identifiers, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ],
    }


def filter_resources(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """A filter for each metric that the log gives, of each scope that needs it."""
    for metric in METRICS.values():
        reading = scopes.source.readings[metric.key]
        if not isinstance(reading, Filter):
            continue
        yield _filter(spec, scopes, metric, reading, "", scopes.namespace)
        if scopes.models and metric.by_model:
            yield _filter(spec, scopes, metric, reading, "by-model", scopes.namespace)
        if scopes.models and metric.key in _WATCHED:
            yield _filter(spec, scopes, metric, reading, "others", scopes.others_namespace)


def _filter(
    spec: Spec, scopes: Scopes, metric: Metric, reading: Filter, scope: str, namespace: str
) -> Resource:
    also = {"": "", "by-model": scopes.named_condition(), "others": scopes.others_condition()}[scope]
    name = f"{metric.name}/{scope}" if scope else metric.name
    transformation: dict[str, Value] = {
        "name": reading.name or metric.name,
        "namespace": namespace,
        "value": reading.value,
        "unit": reading.unit,
    }
    if scope == "by-model":
        transformation["dimensions"] = {DIMENSION: scopes.source.model}
    return _of_group(
        spec,
        METRIC_FILTER,
        f"filter/{name}",
        {
            "name": f"{spec.name}/{name}",
            "pattern": pattern(reading.condition, also),
            "metric_transformation": transformation,
        },
    )


def query_resources(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """The saved queries, in a folder of the application's name."""
    for query in QUERIES.values():
        text = text_for(query, scopes.source)
        if text is None:
            continue
        key = f"query/{query.name}"
        properties: dict[str, Value] = {
            "name": f"{spec.name}/{query.name}",
            "query_string": text,
            "log_group_names": [group_name(spec)],
        }
        yield Resource(QUERY_DEFINITION, key, f"{spec.name}/{key}", properties)
