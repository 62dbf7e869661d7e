"""Monitor LLM inferences with Amazon CloudWatch.

An application writes one JSON object per inference to the log stream exported below. Metric filters turn
those events into metrics, alarms watch the metrics and tell a topic, a dashboard draws them.

    {"ts": "...", "model": "gemma-3-270m", "status": "ok", "duration_ms": 1234.5, "output_tokens": 42}

Applied by `pulumi up` on AWS and by `inferwatch up` on a laptop, unchanged.
"""

import json
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

SLOW_MS = 2_000
ERROR_RATE_PERCENT = 5
PERIOD_S = 60

config = pulumi.Config()
region = pulumi.Config("aws").require("region")

# Two stacks in one account must not write into each other's metrics or over each other's dashboard. Every
# other name is left to Pulumi, which adds a suffix of its own.
stack = pulumi.get_stack()
NAMESPACE = f"LLM/Inference/{stack}"
DASHBOARD_NAME = f"LLMInferences-{stack}"


# --- Logs: where the application writes.

# `destroy` takes the logs with it, because what a demonstration wrote is worth nothing afterwards and should
# leave nothing behind. Real inferences are a record: `pulumi config set keepLogs true` leaves the group on
# AWS when the stack goes. The stream is kept along with it, or its events would be deleted all the same.
keep = pulumi.ResourceOptions(retain_on_delete=config.get_bool("keepLogs") or False)

log_group = aws.cloudwatch.LogGroup("llm-inferences", retention_in_days=14, opts=keep)
log_stream = aws.cloudwatch.LogStream("inferences", log_group_name=log_group.name, opts=keep)


# --- Metrics: what is read out of each event.


def metric_filter(
    resource_name: str, metric: str, *, pattern: str, value: str, unit: str, default: str | None = None
) -> None:
    """Make a metric of the events that match a pattern; its value is a number or a `$.field` of the event."""
    aws.cloudwatch.LogMetricFilter(
        resource_name,
        log_group_name=log_group.name,
        pattern=pattern,
        metric_transformation={
            "name": metric,
            "namespace": NAMESPACE,
            "value": value,
            "unit": unit,
            "default_value": default,
        },
    )


# `>= 0` holds for numbers only: an event without the field, or with text in it, is passed over.
metric_filter(
    "latency",
    "InferenceLatency",
    pattern="{ $.duration_ms >= 0 }",
    value="$.duration_ms",
    unit="Milliseconds",
)
metric_filter(
    "time-to-first-token",
    "TimeToFirstToken",
    pattern="{ $.ttft_ms >= 0 }",
    value="$.ttft_ms",
    unit="Milliseconds",
)
metric_filter(
    "output-tokens",
    "OutputTokens",
    pattern="{ $.output_tokens >= 0 }",
    value="$.output_tokens",
    unit="Count",
)
metric_filter("requests", "Requests", pattern="{ $.status = * }", value="1", unit="Count")
# The default makes every other event a zero, so that a minute without errors is 0 % and not "no data".
metric_filter(
    "errors",
    "Errors",
    pattern=('{ $.status = "error" || $.status = "throttled" || $.status = "timeout" || $.status = "cut" }'),
    value="1",
    unit="Count",
    default="0",
)


# --- Alarms: what is worth telling somebody.

topic = aws.sns.Topic("llm-alarms")

# Chat and incident tools take a webhook: `pulumi config set notifyUrl https://hooks.example.com/...`
if notify_url := config.get("notifyUrl"):
    protocol = urlsplit(notify_url).scheme
    if protocol not in ("http", "https"):
        raise ValueError(f"notifyUrl: expected an http:// or https:// URL, got {notify_url!r}")
    aws.sns.TopicSubscription("webhook", topic=topic.arn, protocol=protocol, endpoint=notify_url)

# No traffic is no trouble, hence `notBreaching`: a quiet minute must not raise an alarm or leave it in doubt.
latency_alarm = aws.cloudwatch.MetricAlarm(
    "slow-inference",
    alarm_description=f"An inference took more than {SLOW_MS:,} ms.",
    namespace=NAMESPACE,
    metric_name="InferenceLatency",
    statistic="Maximum",
    period=PERIOD_S,
    evaluation_periods=1,
    comparison_operator="GreaterThanThreshold",
    threshold=SLOW_MS,
    treat_missing_data="notBreaching",
    alarm_actions=[topic.arn],
    ok_actions=[topic.arn],
)

# One slow call is bad luck; the slowest hundredth slow in two minutes of three is a trend.
p99_alarm = aws.cloudwatch.MetricAlarm(
    "slow-p99",
    alarm_description=f"The p99 latency stayed above {SLOW_MS:,} ms in 2 of 3 minutes.",
    namespace=NAMESPACE,
    metric_name="InferenceLatency",
    extended_statistic="p99",
    period=PERIOD_S,
    evaluation_periods=3,
    datapoints_to_alarm=2,
    comparison_operator="GreaterThanThreshold",
    threshold=SLOW_MS,
    treat_missing_data="notBreaching",
    alarm_actions=[topic.arn],
    ok_actions=[topic.arn],
)


def sum_query(query_id: str, metric: str) -> aws.cloudwatch.MetricAlarmMetricQueryArgsDict:
    """The sum of a metric over each period, as an operand of an expression."""
    return {
        "id": query_id,
        "metric": {"namespace": NAMESPACE, "metric_name": metric, "period": PERIOD_S, "stat": "Sum"},
    }


error_rate_alarm = aws.cloudwatch.MetricAlarm(
    "error-rate",
    alarm_description=f"More than {ERROR_RATE_PERCENT} % of inferences failed in 2 of 3 minutes.",
    metric_queries=[
        sum_query("errors", "Errors"),
        sum_query("requests", "Requests"),
        {"id": "e1", "expression": "100 * errors / requests", "label": "Error rate (%)", "return_data": True},
    ],
    evaluation_periods=3,
    datapoints_to_alarm=2,
    comparison_operator="GreaterThanThreshold",
    threshold=ERROR_RATE_PERCENT,
    treat_missing_data="notBreaching",
    alarm_actions=[topic.arn],
    ok_actions=[topic.arn],
)


# --- Dashboard: two rows of two, twenty-four columns wide.


def widget(
    column: int, row: int, title: str, metrics: list[list[object]], **properties: object
) -> dict[str, object]:
    """A metric widget, in the form CloudWatch keeps a dashboard."""
    return {
        "type": "metric",
        "x": 12 * column,
        "y": 6 * row,
        "width": 12,
        "height": 6,
        "properties": {
            "title": title,
            "region": region,
            "view": "timeSeries",
            "period": PERIOD_S,
            "metrics": metrics,
            **properties,
        },
    }


def threshold_line(value: float, **more: object) -> dict[str, object]:
    """The alarm's threshold, drawn where the alarm looks."""
    return {"horizontal": [{"value": value, "label": "alarm", **more}]}


widgets = [
    widget(
        0,
        0,
        "Latency",
        [
            [NAMESPACE, "InferenceLatency", {"stat": "Average", "label": "average"}],
            ["...", {"stat": "p50", "label": "p50"}],
            ["...", {"stat": "p99", "label": "p99"}],
            ["...", {"stat": "Maximum", "label": "maximum"}],
        ],
        yAxis={"left": {"label": "ms", "min": 0, "showUnits": False}},
        annotations=threshold_line(SLOW_MS),
    ),
    widget(
        1,
        0,
        "Requests",
        [[NAMESPACE, "Requests", {"stat": "Sum", "label": "requests"}]],
        yAxis={"left": {"label": "per minute", "min": 0, "showUnits": False}},
    ),
    widget(
        0,
        1,
        "Errors",
        [
            [{"expression": "100 * errors / requests", "id": "e1", "label": "error rate", "yAxis": "right"}],
            [NAMESPACE, "Errors", {"id": "errors", "stat": "Sum", "label": "errors"}],
            [NAMESPACE, "Requests", {"id": "requests", "stat": "Sum", "visible": False}],
        ],
        yAxis={
            "left": {"label": "per minute", "min": 0, "showUnits": False},
            "right": {"label": "%", "min": 0, "max": 100, "showUnits": False},
        },
        annotations=threshold_line(ERROR_RATE_PERCENT, yAxis="right"),
    ),
    widget(
        1,
        1,
        "Tokens and first token",
        [
            [NAMESPACE, "OutputTokens", {"stat": "Sum", "label": "output tokens"}],
            [NAMESPACE, "TimeToFirstToken", {"stat": "p99", "label": "first token, p99", "yAxis": "right"}],
        ],
        yAxis={
            "left": {"label": "tokens per minute", "min": 0, "showUnits": False},
            "right": {"label": "ms", "min": 0, "showUnits": False},
        },
    ),
]

dashboard = aws.cloudwatch.Dashboard(
    "inferences",
    dashboard_name=DASHBOARD_NAME,
    dashboard_body=json.dumps({"widgets": widgets}),
)


# --- What others need to know: `inferwatch env` and push.py read the first two.

pulumi.export("log_group_name", log_group.name)
pulumi.export("log_stream_name", log_stream.name)
pulumi.export(
    "dashboard_url",
    pulumi.Output.concat(
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards:name=",
        dashboard.dashboard_name,
    ),
)
pulumi.export("latency_alarm_name", latency_alarm.name)
pulumi.export("p99_alarm_name", p99_alarm.name)
pulumi.export("error_rate_alarm_name", error_rate_alarm.name)
pulumi.export("topic_arn", topic.arn)
pulumi.export("metric_namespace", NAMESPACE)
