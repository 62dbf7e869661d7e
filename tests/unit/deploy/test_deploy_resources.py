"""Each resource type checks its inputs as the real provider does and makes the calls it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.deploy.resources import HANDLERS
from inferwatch.deploy.resources.handler import Kind, coerce
from inferwatch.deploy.values import UNKNOWN, Properties, Secret

GROUP = HANDLERS["aws:cloudwatch/logGroup:LogGroup"]
STREAM = HANDLERS["aws:cloudwatch/logStream:LogStream"]
FILTER = HANDLERS["aws:cloudwatch/logMetricFilter:LogMetricFilter"]
ALARM = HANDLERS["aws:cloudwatch/metricAlarm:MetricAlarm"]
DASHBOARD = HANDLERS["aws:cloudwatch/dashboard:Dashboard"]
TOPIC = HANDLERS["aws:sns/topic:Topic"]
SUBSCRIPTION = HANDLERS["aws:sns/topicSubscription:TopicSubscription"]

METRIC = {"name": "Latency", "namespace": "LLM", "value": "$.duration_ms"}
ONE_METRIC = {
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 1,
    "metricName": "Latency",
    "namespace": "LLM",
    "period": 60,
    "statistic": "Maximum",
    "threshold": 2000,
}
ERROR_RATE = {
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 3,
    "threshold": 5,
    "metricQueries": [
        {"id": "errors", "metric": {"metricName": "Errors", "namespace": "LLM", "period": 60, "stat": "Sum"}},
        {"id": "e1", "expression": "100 * errors", "label": "rate", "returnData": True},
    ],
}


def problems(handler: Any, inputs: Properties) -> list[str]:
    checked = handler.check(inputs, None, name="it", suffix=lambda: "abc1234")
    return [str(problem) for problem in checked.problems]


def test_a_name_left_out_is_made_and_recorded() -> None:
    """The program's name, a dash, seven digits; `__defaults` says who chose it."""
    checked = GROUP.check({"retentionInDays": 14}, None, name="chat", suffix=lambda: "abc1234")

    assert checked.inputs == {
        "name": "chat-abc1234",
        "retentionInDays": 14,
        "skipDestroy": False,
        "__defaults": ["name", "skipDestroy"],
    }


def test_a_made_name_is_kept_the_next_time() -> None:
    """Else every `up` would replace everything."""
    old = {"name": "chat-abc1234", "__defaults": ["name"]}

    checked = GROUP.check({}, old, name="chat", suffix=lambda: "fffffff")

    assert checked.inputs["name"] == "chat-abc1234"


def test_a_given_name_is_the_programs_own() -> None:
    """Then old and new cannot exist side by side."""
    given = GROUP.check({"name": "mine"}, None, name="chat", suffix=lambda: "abc1234").inputs
    made = GROUP.check({}, None, name="chat", suffix=lambda: "abc1234").inputs

    assert GROUP.named_by_program(given)
    assert not GROUP.named_by_program(made)


@pytest.mark.parametrize(
    ("handler", "inputs", "problem"),
    [
        (
            GROUP,
            {"retentionInDays": 13},
            "retention_in_days: expected 0 (never expire) or one of 1, 3, 5, 7, 14,",
        ),
        (
            GROUP,
            {"retentionInDays": "two weeks"},
            "retention_in_days: expected a whole number, got 'two weeks'",
        ),
        (GROUP, {"name": "a b"}, "name: 'a b' is not 1-512 of letters, digits and . - _ / #"),
        (GROUP, {"kmsKeyId": "k"}, "kms_key_id: inferwatch does not support this property yet"),
        (STREAM, {}, "log_group_name: missing required property"),
        (STREAM, {"logGroupName": "g", "name": "a:b"}, "name: 'a:b' is not"),
        (
            FILTER,
            {"logGroupName": "g", "pattern": "", "metricTransformation": {"name": "n", "namespace": "s"}},
            "metric_transformation.value: missing required property",
        ),
        (
            FILTER,
            {"logGroupName": "g", "pattern": "x" * 1025, "metricTransformation": METRIC},
            "pattern: 1025 characters; at most 1024 are allowed",
        ),
        (
            FILTER,
            {
                "logGroupName": "g",
                "pattern": "",
                "metricTransformation": METRIC | {"defaultValue": "0", "dimensions": {"m": "$.model"}},
            },
            "metric_transformation: dimensions and default_value are mutually exclusive",
        ),
        (
            FILTER,
            {"logGroupName": "g", "pattern": "", "metricTransformation": METRIC | {"defaultValue": "none"}},
            "metric_transformation.default_value: expected a number, got 'none'",
        ),
        (DASHBOARD, {"dashboardName": "a b", "dashboardBody": "{}"}, "dashboard_name: 'a b' is not"),
        (DASHBOARD, {"dashboardName": "d", "dashboardBody": "{"}, "dashboard_body: not JSON"),
        (DASHBOARD, {"dashboardName": "d", "dashboardBody": "[]"}, "dashboard_body: expected a JSON object"),
        (TOPIC, {"fifoTopic": True}, "fifo_topic: inferwatch does not support this property yet"),
        (
            SUBSCRIPTION,
            {"topic": "t", "endpoint": "e", "protocol": "fax"},
            "protocol: expected one of application",
        ),
        (
            SUBSCRIPTION,
            {"topic": "t", "endpoint": "https://x", "protocol": "http"},
            "endpoint: expected a URL that begins with http://",
        ),
    ],
)
def test_what_is_refused(handler: Any, inputs: Properties, problem: str) -> None:
    """In the program's own spelling."""
    assert [found.startswith(problem) for found in problems(handler, inputs)] == [True], problems(
        handler, inputs
    )


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"comparisonOperator": ">"}, "comparison_operator: expected one of"),
        ({"period": 45}, "period: expected 10, 20, 30 or a multiple of 60 seconds, got 45"),
        ({"period": 0}, "period: expected 10, 20, 30 or a multiple of 60 seconds, got 0"),
        ({"evaluationPeriods": 0}, "evaluation_periods: expected at least 1, got 0"),
        ({"evaluationPeriods": 1441}, "evaluation_periods: 1441 periods of 60 s are more than 86,400 s"),
        (
            {"period": 3600, "evaluationPeriods": 169},
            "evaluation_periods: 169 periods of 3600 s are more than 604,800 s",
        ),
        ({"datapointsToAlarm": 2}, "datapoints_to_alarm: 2 of 1 evaluation periods can never breach"),
        ({"extendedStatistic": "p99"}, "statistic: metric_name needs exactly one of"),
        ({"statistic": None}, "statistic: metric_name needs exactly one of"),
        (
            {"statistic": None, "extendedStatistic": "p101"},
            "extended_statistic: expected a statistic like p99",
        ),
        ({"treatMissingData": "ok"}, "treat_missing_data: expected one of breaching"),
        ({"alarmActions": ["a"] * 6}, "alarm_actions: 6 given; at most 5 are allowed"),
        ({"alarmDescription": "x" * 1025}, "alarm_description: 1025 characters"),
        ({"name": "x" * 256}, "name: 256 characters; expected 1-255"),
        ({"thresholdMetricId": "ad1"}, "threshold: conflicts with threshold_metric_id"),
        ({"metricName": None}, "metric_name: an alarm needs metric_name or metric_queries"),
        ({"evaluationCriteria": {}}, "evaluation_criteria: inferwatch does not support this property yet"),
    ],
)
def test_an_alarm_of_one_metric_that_is_refused(changed: Properties, problem: str) -> None:
    """Before anything is sent."""
    found = problems(ALARM, ONE_METRIC | changed)

    assert [text.startswith(problem) for text in found] == [True], found


@pytest.mark.parametrize(
    "statistic", ["p99", "p99.9", "p100", "tm90", "TM(2%:98%)", "TM(:95%)", "PR(100:)", "IQM"]
)
def test_an_extended_statistic_that_is_taken(statistic: str) -> None:
    """Percentiles, trimmed means, ranks."""
    assert problems(ALARM, ONE_METRIC | {"statistic": None, "extendedStatistic": statistic}) == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"metricName": "x"}, "metric_queries: conflicts with metric_name"),
        ({"period": 60}, "metric_queries: conflicts with period"),
        ({"metricQueries": [{"id": "a"}]}, "metric_queries[a]: needs exactly one of expression and metric"),
        (
            {"metricQueries": [{"id": "a", "metric": {"metricName": "m", "period": 7, "stat": "Sum"}}]},
            "metric_queries[a].metric.period: expected 1, 5, 10, 20, 30 or a multiple of 60 seconds, got 7",
        ),
        ({"metricQueries": [{"expression": "1"}]}, "metric_queries[0].id: missing required property"),
    ],
)
def test_an_alarm_of_queries_that_is_refused(changed: Properties, problem: str) -> None:
    """Named by the query's own id."""
    assert problem in problems(ALARM, ERROR_RATE | changed)


def test_unknown_inputs_are_not_judged() -> None:
    """A preview does not know them yet."""
    assert problems(ALARM, ONE_METRIC | {"period": UNKNOWN, "alarmActions": [UNKNOWN], "name": UNKNOWN}) == []
    assert problems(DASHBOARD, {"dashboardName": UNKNOWN, "dashboardBody": UNKNOWN}) == []
    assert (
        problems(FILTER, {"logGroupName": UNKNOWN, "pattern": UNKNOWN, "metricTransformation": UNKNOWN}) == []
    )


def test_secret_inputs_are_judged() -> None:
    """They are known, only not shown: neither the value nor a sentence that tells of it."""
    assert problems(GROUP, {"retentionInDays": Secret(14)}) == []
    assert problems(TOPIC, {"name": Secret("a b")}) == [
        "name: it is not valid; what is wrong with it would show a secret"
    ]
    assert problems(GROUP, {"retentionInDays": Secret("hush")}) == [
        "retention_in_days: expected a whole number, got [secret]"
    ]


def test_what_is_wrong_beside_a_secret_is_told() -> None:
    """Only what depends on the secret is hidden."""
    inputs = {"displayName": Secret("x" * 101), "name": "a b"}

    assert problems(TOPIC, inputs) == [
        "name: 'a b' is not 1-256 letters, digits, dashes and underscores",
        "display_name: it is not valid; what is wrong with it would show a secret",
    ]


def test_an_empty_list_of_queries_beside_a_metric_is_none() -> None:
    """A program that builds the list may leave it empty."""
    assert problems(ALARM, ONE_METRIC | {"metricQueries": []}) == []


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        (1, Kind.STRING, "1"),
        (True, Kind.STRING, "true"),
        ("true", Kind.BOOLEAN, True),
        ("14", Kind.INTEGER, 14),
        ("2000.5", Kind.NUMBER, 2000.5),
        ("1e3", Kind.NUMBER, 1000),
    ],
)
def test_scalars_are_converted_as_the_provider_does(value: Any, kind: Kind, wanted: Any) -> None:
    """`value=1` of a metric filter is the text "1"."""
    assert coerce(value, kind) == wanted


@pytest.mark.parametrize(
    ("value", "kind"), [(True, Kind.INTEGER), ("1.5", Kind.INTEGER), ("yes", Kind.BOOLEAN), ([], Kind.STRING)]
)
def test_scalars_that_cannot_be_converted(value: Any, kind: Kind) -> None:
    """Refused, not guessed."""
    with pytest.raises(ValueError, match="expected"):
        coerce(value, kind)


def test_a_dashboard_body_is_compared_as_json() -> None:
    """AWS gives it back without white space; its name makes it another dashboard."""
    old = {"dashboardName": "d", "dashboardBody": '{"widgets": [ ]}'}

    assert DASHBOARD.diff(old, {"dashboardName": "d", "dashboardBody": '{"widgets":[]}'}) == []
    (change,) = DASHBOARD.diff(old, {"dashboardName": "e", "dashboardBody": '{"widgets":[]}'})
    assert DASHBOARD.forces_new(change)


def test_actions_and_queries_of_an_alarm_are_sets() -> None:
    """Their order says nothing."""
    old = ERROR_RATE | {"alarmActions": ["a", "b"]}
    new = ERROR_RATE | {"alarmActions": ["b", "a"], "metricQueries": ERROR_RATE["metricQueries"][::-1]}  # type: ignore[index]

    assert ALARM.diff(old, new) == []


# --- calls


def test_a_log_group_is_made_with_its_retention(aws: Any) -> None:
    """The outputs are what a program reads."""
    live = GROUP.create(aws, {"name": "g", "retentionInDays": 14, "tags": {"team": "ml"}})

    assert aws.groups == {"g": {"tags": {"team": "ml"}, "retentionInDays": 14}}
    assert live.id == "g"
    assert live.outputs["arn"] == "arn:aws:logs:us-east-1:000000000000:log-group:g"
    assert live.outputs["tagsAll"] == {"team": "ml"}


def test_a_log_group_whose_retention_is_refused_is_not_left_behind(
    aws: Any, refuse: Callable[..., Exception]
) -> None:
    """Nobody would know it is ours."""
    aws.fails["put_retention_policy"] = refuse("PutRetentionPolicy", "InvalidParameterException")

    with pytest.raises(Exception, match="InvalidParameterException"):
        GROUP.create(aws, {"name": "g", "retentionInDays": 14})
    assert aws.groups == {}


def test_a_log_groups_retention_and_tags_change_in_place(aws: Any) -> None:
    """0 and nothing both mean: never expire."""
    old = {"name": "g", "retentionInDays": 14, "tags": {"a": "1", "b": "2"}}
    GROUP.create(aws, old)

    GROUP.update(aws, "g", {"name": "g", "tags": {"b": "3"}}, old)

    assert aws.groups == {"g": {"tags": {"b": "3"}}}


def test_a_metric_filter_is_sent_as_the_api_takes_it(aws: Any) -> None:
    """The pattern trimmed, the default value a number; an empty one is none."""
    transformation = METRIC | {"defaultValue": "0", "unit": "Milliseconds"}
    inputs = {
        "name": "f",
        "logGroupName": "g",
        "pattern": " { $.a >= 0 } ",
        "metricTransformation": transformation,
    }

    FILTER.create(aws, inputs)

    assert aws.filters["g", "f"] == {
        "filterPattern": "{ $.a >= 0 }",
        "metricTransformations": [
            {
                "metricName": "Latency",
                "metricNamespace": "LLM",
                "metricValue": "$.duration_ms",
                "defaultValue": 0.0,
                "unit": "Milliseconds",
            }
        ],
    }


def test_an_alarm_of_one_metric_is_sent_as_the_api_takes_it(aws: Any) -> None:
    """Always with treat-missing-data, as the real provider does."""
    inputs = ALARM.check(
        ONE_METRIC | {"dimensions": {"m": "x"}}, None, name="a", suffix=lambda: "0000001"
    ).inputs

    live = ALARM.create(aws, inputs)

    assert aws.alarms["a-0000001"] == {
        "ActionsEnabled": True,
        "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"Name": "m", "Value": "x"}],
        "EvaluationPeriods": 1,
        "MetricName": "Latency",
        "Namespace": "LLM",
        "Period": 60,
        "Statistic": "Maximum",
        "Threshold": 2000.0,
        "TreatMissingData": "missing",
    }
    assert live.outputs["arn"] == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:a-0000001"


def test_an_alarm_of_queries_is_sent_as_the_api_takes_it(aws: Any) -> None:
    """An expression and the metrics it is made of."""
    ALARM.create(aws, {"name": "a", **ERROR_RATE})

    assert aws.alarms["a"]["Metrics"] == [
        {
            "Id": "errors",
            "MetricStat": {
                "Metric": {"MetricName": "Errors", "Namespace": "LLM"},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        },
        {"Id": "e1", "Expression": "100 * errors", "Label": "rate", "ReturnData": True},
    ]


def test_a_subscription_is_pending_until_it_is_confirmed(aws: Any) -> None:
    """A webhook must answer AWS's request first."""
    live = SUBSCRIPTION.create(
        aws, {"topic": "arn:aws:sns:r:0:t", "protocol": "http", "endpoint": "http://h"}
    )

    assert live.outputs["pendingConfirmation"] is True
    assert live.outputs["ownerId"] == "0"


@pytest.mark.parametrize(
    ("handler", "id", "state"),
    [
        (GROUP, "g", {}),
        (STREAM, "s", {"logGroupName": "g"}),
        (FILTER, "f", {"logGroupName": "g"}),
        (ALARM, "a", {}),
        (DASHBOARD, "d", {}),
        (TOPIC, "arn:aws:sns:r:0:t", {}),
        (SUBSCRIPTION, "arn:aws:sns:r:0:t:1", {}),
    ],
)
def test_deleting_what_is_gone_is_no_error(
    aws: Any, refuse: Callable[..., Exception], handler: Any, id: str, state: Properties
) -> None:
    """Somebody was quicker."""
    for operation in ("delete_log_stream", "delete_metric_filter"):
        aws.fails[operation] = refuse(operation, "ResourceNotFoundException")
    aws.fails["delete_dashboards"] = refuse("DeleteDashboards", "ResourceNotFound")
    aws.fails["unsubscribe"] = refuse("Unsubscribe", "NotFound")

    handler.delete(aws, id, state)
