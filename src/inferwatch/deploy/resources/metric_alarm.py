"""aws.cloudwatch.MetricAlarm, of one metric or of metric queries.

Source: terraform-provider-aws `internal/service/cloudwatch/metric_alarm.go`; API reference, "PutMetricAlarm".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Compare
from inferwatch.deploy.resources.alarm_calls import find_alarm, retag, sent
from inferwatch.deploy.resources.alarm_rules import alarm_problems
from inferwatch.deploy.resources.handler import (
    Handler,
    Kind,
    Live,
    Problem,
    Property,
    pairs,
    unpaired,
)
from inferwatch.deploy.values import Properties

_METRIC: Final = {
    "metricName": Property(Kind.STRING, required=True),
    "namespace": Property(Kind.STRING),
    "dimensions": Property(Kind.STRING_MAP),
    "period": Property(Kind.INTEGER, required=True),
    "stat": Property(Kind.STRING, required=True),
    "unit": Property(Kind.STRING),
}
_QUERY: Final = {
    "id": Property(Kind.STRING, required=True),
    "accountId": Property(Kind.STRING),
    "expression": Property(Kind.STRING),
    "label": Property(Kind.STRING),
    "metric": Property(Kind.OBJECT, fields=_METRIC),
    "period": Property(Kind.INTEGER),
    "returnData": Property(Kind.BOOLEAN),
}
# How PutMetricAlarm spells each property that goes over as it is.
_MEMBERS: Final = {
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "insufficientDataActions": "InsufficientDataActions",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "thresholdMetricId": "ThresholdMetricId",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
}

_QUERY_MEMBERS: Final = {
    "accountId": "AccountId",
    "expression": "Expression",
    "label": "Label",
    "period": "Period",
}


class MetricAlarm(Handler):
    """An alarm on one metric, or on an expression over several."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    words = "metric alarm"
    autonamed = "name"
    computed = ("arn", "tagsAll")
    properties: ClassVar = {
        "actionsEnabled": Property(Kind.BOOLEAN, default=True),
        "alarmActions": Property(Kind.STRINGS, compare=Compare.SET),
        "alarmDescription": Property(Kind.STRING),
        "comparisonOperator": Property(Kind.STRING, required=True),
        "datapointsToAlarm": Property(Kind.INTEGER),
        "dimensions": Property(Kind.STRING_MAP),
        "evaluateLowSampleCountPercentiles": Property(Kind.STRING),
        "evaluationPeriods": Property(Kind.INTEGER, required=True),
        "extendedStatistic": Property(Kind.STRING),
        "insufficientDataActions": Property(Kind.STRINGS, compare=Compare.SET),
        "metricName": Property(Kind.STRING),
        "metricQueries": Property(Kind.OBJECTS, _QUERY, compare=Compare.SET),
        "name": Property(Kind.STRING, forces_new=True),
        "namespace": Property(Kind.STRING),
        "okActions": Property(Kind.STRINGS, compare=Compare.SET),
        "period": Property(Kind.INTEGER),
        "region": Property(Kind.STRING, forces_new=True),
        "statistic": Property(Kind.STRING),
        "tags": Property(Kind.STRING_MAP),
        "threshold": Property(Kind.NUMBER),
        "thresholdMetricId": Property(Kind.STRING),
        "treatMissingData": Property(Kind.STRING, default="missing"),
        "unit": Property(Kind.STRING),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        return alarm_problems(inputs)

    def create(self, clients: Clients, inputs: Properties) -> Live:
        call = _alarm_call(inputs)
        if tags := inputs.get("tags"):
            call["Tags"] = pairs(tags, "Key")
        clients.cloudwatch(inputs.get("region")).put_metric_alarm(**call)
        return self.must_read(clients, inputs["name"], inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        found = find_alarm(clients, id, state, kind="MetricAlarm", members=_MEMBERS)
        if found is None:
            return None
        alarm, outputs = found
        outputs["name"] = id
        if dimensions := alarm.get("Dimensions"):
            outputs["dimensions"] = unpaired(dimensions, "Name")
        if queries := alarm.get("Metrics"):
            outputs["metricQueries"] = _in_known_spelling([_query(query) for query in queries], state)
            if state.get("threshold") is None and outputs.get("threshold") == 0:
                # It was sent as zero, and not given.
                del outputs["threshold"]
        return Live(id, outputs)

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        cloudwatch = clients.cloudwatch(inputs.get("region"))
        cloudwatch.put_metric_alarm(**_alarm_call(inputs))
        live = self.must_read(clients, id, inputs)
        retagged = retag(cloudwatch, live.outputs["arn"], old, inputs)
        return self.must_read(clients, id, inputs) if retagged else live

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        # Deleting an alarm that does not exist is no error. Source: API reference, "DeleteAlarms".
        clients.cloudwatch(state.get("region")).delete_alarms(AlarmNames=[id])


def _alarm_call(inputs: Properties) -> dict[str, Any]:
    call = {"AlarmName": inputs["name"], **sent(inputs, _MEMBERS)}
    if "Threshold" in call:
        call["Threshold"] = float(call["Threshold"])
    elif "ThresholdMetricId" not in call:
        # The real provider sends a threshold it was not given as zero.
        call["Threshold"] = 0.0
    if dimensions := inputs.get("dimensions"):
        call["Dimensions"] = pairs(dimensions, "Name")
    if queries := inputs.get("metricQueries"):
        call["Metrics"] = [_query_call(query) for query in queries]
    return call


def _query_call(query: Properties) -> dict[str, Any]:
    call: dict[str, Any] = {"Id": query["id"], "ReturnData": query.get("returnData", False)}
    for key, member in _QUERY_MEMBERS.items():
        if value := query.get(key):
            call[member] = value
    if metric := query.get("metric"):
        named: dict[str, Any] = {"MetricName": metric["metricName"]}
        if namespace := metric.get("namespace"):
            named["Namespace"] = namespace
        if dimensions := metric.get("dimensions"):
            named["Dimensions"] = pairs(dimensions, "Name")
        call["MetricStat"] = {"Metric": named, "Period": metric["period"], "Stat": metric["stat"]}
        if unit := metric.get("unit"):
            call["MetricStat"]["Unit"] = unit
    return call


def _in_known_spelling(live: list[Properties], state: Properties) -> list[Properties]:
    """As the program spells them, where AWS was asked for the same: `return_data=False` says nothing."""
    known = state.get("metricQueries")
    if known and Compare.SET.differs(*([_query_call(query) for query in side] for side in (known, live))):
        return live
    return known or live


def _query(live: dict[str, Any]) -> Properties:
    """What `_query_call` wrote."""
    query: Properties = {"id": live["Id"]}
    query |= {key: live[member] for key, member in _QUERY_MEMBERS.items() if live.get(member)}
    if live.get("ReturnData"):
        query["returnData"] = True
    if stat := live.get("MetricStat"):
        named = stat["Metric"]
        metric = {"metricName": named["MetricName"], "period": stat["Period"], "stat": stat["Stat"]}
        if namespace := named.get("Namespace"):
            metric["namespace"] = namespace
        if dimensions := named.get("Dimensions"):
            metric["dimensions"] = unpaired(dimensions, "Name")
        if unit := stat.get("Unit"):
            metric["unit"] = unit
        query["metric"] = metric
    return query
