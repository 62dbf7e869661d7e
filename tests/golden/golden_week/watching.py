"""What watches the week: metric filters, metric alarms of many kinds, a composite one, and a mute rule.

To add an alarm: a row in `alarms`, and where its states can be worked out by hand, a row in `recount.watched`.
"""

from __future__ import annotations

from typing import Any, Final

from golden_week.traffic import GATEWAY

NAMESPACE: Final = "LLM/Inference"
INPUT_USD, OUTPUT_USD = 2.5e-6, 1e-5  # a token
SUPPRESSOR_WAIT_S, SUPPRESSOR_EXTENSION_S = 120, 180

# Name, filter pattern, metric, value, unit, has the dimension Model.
FILTERS: Final = (
    ("latency", "{ $.duration_ms >= 0 }", "Latency", "$.duration_ms", "Milliseconds", False),
    ("latency-by-model", "{ $.duration_ms >= 0 }", "Latency", "$.duration_ms", "Milliseconds", True),
    ("requests", "{ $.operation = * }", "Requests", "1", "Count", False),
    ("errors", '{ $.status = "error" }', "Errors", "1", "Count", False),
    ("throttles", '{ $.status = "throttled" }', "Throttles", "1", "Count", False),
    ("input-tokens", "{ $.input_tokens > 0 }", "InputTokens", "$.input_tokens", "Count", False),
    ("output-tokens", "{ $.output_tokens > 0 }", "OutputTokens", "$.output_tokens", "Count", False),
    ("status-page", "{ $.severity > 0 }", "Severity", "$.severity", "None", False),
)

MUTE_RULE: Final = {
    "Name": "night",
    "Rule": {"Schedule": {"Expression": "cron(0 22 * * *)", "Duration": "PT8H", "Timezone": "Europe/Berlin"}},
    "MuteTargets": {"AlarmNames": ["slow-answer", "no-traffic"]},
}


def metric_filter(
    name: str, pattern: str, metric: str, value: str, unit: str, by_model: bool
) -> dict[str, Any]:
    """PutMetricFilter's parameters."""
    transformation: dict[str, Any] = {
        "metricName": metric,
        "metricNamespace": NAMESPACE,
        "metricValue": value,
        "unit": unit,
    }
    if by_model:
        transformation["dimensions"] = {"Model": "$.model"}
    return {"filterName": name, "filterPattern": pattern, "metricTransformations": [transformation]}


def _metric(name: str, model: str | None = None, namespace: str = NAMESPACE) -> dict[str, Any]:
    dimensions = [] if model is None else [{"Name": "Model", "Value": model}]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}


def _hidden(query_id: str, metric: dict[str, Any], stat: str, period: int) -> dict[str, Any]:
    return {
        "Id": query_id,
        "MetricStat": {"Metric": metric, "Period": period, "Stat": stat},
        "ReturnData": False,
    }


def _over(threshold: float, periods: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
        "EvaluationPeriods": periods,
        **more,
    }


def alarms() -> dict[str, dict[str, Any]]:
    """PutMetricAlarm's parameters by name, but for the actions."""
    return {
        "slow-answer": {
            **_metric("Latency", "large"), "Statistic": "Maximum", "Period": 60,
            **_over(30_000, TreatMissingData="notBreaching"),
        },
        "tail-latency": {
            **_metric("Latency"), "ExtendedStatistic": "p99", "Period": 1_800,
            **_over(15_000, EvaluateLowSampleCountPercentile="ignore"),
        },
        "throttles": {
            **_metric("Throttles"), "Statistic": "Sum", "Period": 60,
            **_over(15, 5, DatapointsToAlarm=3, TreatMissingData="notBreaching"),
        },
        "error-rate": {
            "Metrics": [
                _hidden("requests", _metric("Requests"), "Sum", 60),
                _hidden("errors", _metric("Errors"), "Sum", 60),
                {"Id": "rate", "Expression": "IF(requests > 20, 100 * FILL(errors, 0) / requests, 0)"},
            ],
            **_over(5, 3, TreatMissingData="notBreaching"),
        },
        "no-traffic": {
            **_metric("Latency", "legacy"), "Statistic": "SampleCount", "Period": 300,
            "ComparisonOperator": "LessThanThreshold", "Threshold": 1, "EvaluationPeriods": 3,
            "TreatMissingData": "breaching",
        },
        "backlog": {
            **_metric("QueueDepth", namespace=GATEWAY), "Statistic": "Maximum", "Period": 10,
            **_over(50, 3, TreatMissingData="notBreaching"),
        },
        "pace": {
            "Metrics": [
                _hidden("large", _metric("Latency", "large"), "Average", 300),
                _hidden("small", _metric("Latency", "small"), "Average", 300),
                {"Id": "pace", "Expression": "large / small"},
            ],
            **_over(12, 2),
        },
        "hourly-cost": {
            "Metrics": [
                _hidden("input", _metric("InputTokens"), "Sum", 3_600),
                _hidden("output", _metric("OutputTokens"), "Sum", 3_600),
                {"Id": "usd", "Expression": f"input * {INPUT_USD!r} + output * {OUTPUT_USD!r}"},
            ],
            **_over(60, TreatMissingData="notBreaching"),
        },
        "daily-tokens": {
            **_metric("InputTokens"), "Statistic": "Sum", "Period": 86_400,
            "EvaluationWindow": {"WallClockWindow": {"Timezone": "Europe/Berlin"}},
            **_over(100e6),
        },
        "provider-outage": {
            **_metric("Severity"), "Statistic": "Maximum", "Period": 60,
            **_over(1, TreatMissingData="notBreaching"),
        },
    }  # fmt: skip


COMPOSITE: Final = {
    "AlarmName": "user-pain",
    "AlarmRule": "ALARM(error-rate) OR ALARM(slow-answer)",
    "ActionsSuppressor": "provider-outage",
    "ActionsSuppressorWaitPeriod": SUPPRESSOR_WAIT_S,
    "ActionsSuppressorExtensionPeriod": SUPPRESSOR_EXTENSION_S,
}
