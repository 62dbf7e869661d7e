"""What a plan makes CloudWatch count and bill."""

from __future__ import annotations

from collections.abc import Sequence

from inferwatch.catalog.metrics import METRICS
from inferwatch.catalog.readings import Embedded, Filter
from inferwatch.infra.plan.alarm import metrics_read
from inferwatch.infra.plan.model import DEFAULT
from inferwatch.infra.plan.resource import COMPOSITE_ALARM, METRIC_ALARM, Resource, Size
from inferwatch.infra.plan.scope import Scopes


def size_of(scopes: Scopes, filters: Sequence[Resource], alarms: Sequence[Resource]) -> Size:
    """Count series, alarms and the metrics that alarms read."""
    readings = scopes.source.readings
    embedded = [metric for metric in METRICS.values() if isinstance(readings[metric.key], Embedded)]
    filtered = [metric for metric in METRICS.values() if isinstance(readings[metric.key], Filter)]
    # An embedded number has a series for each model that is ever named in a record.
    per_model = len(embedded) + sum(metric.by_model for metric in filtered)
    by_model = sum(resource.key.endswith("/by-model") for resource in filters)
    plain = len(filters) - by_model + len(embedded)
    metric_alarms = [alarm for alarm in alarms if alarm.type == METRIC_ALARM]
    return Size(
        metrics=plain + len(scopes.models) * per_model,
        filters=len(filters),
        alarms=len(metric_alarms),
        alarm_metrics=sum(metrics_read(alarm.properties) for alarm in metric_alarms),
        composite_alarms=sum(alarm.type == COMPOSITE_ALARM for alarm in alarms),
        bands=sum("threshold_metric_id" in alarm.properties for alarm in metric_alarms),
        metrics_per_model=per_model,
        alarms_per_model=sum(alarm.key.startswith(f"{DEFAULT}/") for alarm in metric_alarms),
    )
