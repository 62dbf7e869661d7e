"""What alarms do, and what is remembered of it: every kind of action, tags, filters, history."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.alarms.history import ITEMS_PER_ALARM
from inferwatch.engine.cloud import Cloud

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
Advance = Callable[[int], None]
NOON_S = 1_795_521_600
HERE = "us-east-1:123456789012"
SCALING = f"arn:aws:autoscaling:{HERE}:scalingPolicy:1:autoScalingGroupName/g:policyName/p"
STOP = "arn:aws:automate:us-east-1:ec2:stop"
LAMBDA = f"arn:aws:lambda:{HERE}:function:f"
OPS_ITEM = f"arn:aws:ssm:{HERE}:opsitem:1#CATEGORY=Cost"
ALARM = {
    "AlarmName": "a",
    "Namespace": "NS",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "ignore",
}
INSTANCE = {"Dimensions": [{"Name": "InstanceId", "Value": "i-1"}]}


def _set(aws: Aws, state: str, name: str = "a") -> None:
    aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="by hand")


def _history(aws: Aws, **filters: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = aws("cloudwatch").describe_alarm_history(**filters)["AlarmHistoryItems"]
    return items


@pytest.mark.parametrize(
    "action",
    [
        LAMBDA,
        f"{LAMBDA}:7",
        f"{LAMBDA}:live",
        STOP,
        "arn:aws:automate:us-east-1:ec2:recover",
        f"arn:aws:swf:{HERE}:action/actions/AWS_EC2.InstanceId.Reboot/1.0",
        SCALING,
        f"arn:aws:ssm:{HERE}:opsitem:4",
        OPS_ITEM,
        "arn:aws:ssm-incidents::123456789012:response-plan/x",
        f"arn:aws:aiops:{HERE}:investigation-group/x",
    ],
)
def test_an_action_that_cannot_be_done_here_is_accepted_and_said(
    aws: Aws, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    """As AWS accepts it; in the history it has failed, and the log says so once."""
    aws("cloudwatch").put_metric_alarm(**ALARM, **INSTANCE, AlarmActions=[action])

    _set(aws, "ALARM")

    (item,) = _history(aws, HistoryItemType="Action")
    data = json.loads(item["HistoryData"])
    assert item["HistorySummary"] == f"Failed to execute action {action}"
    assert (data["actionState"], data["publishedMessage"]) == ("Failed", None)
    assert data["error"].startswith("inferwatch does not carry out ")
    assert [record.getMessage() for record in caplog.records] == [
        f"alarm a: the action {action} is not carried out here"
    ]


def test_what_came_of_a_notification_is_remembered_as_recorded(aws: Aws, vectors: Vectors) -> None:
    """Members and their order; a message for each kind of subscriber."""
    (case,) = [case for case in vectors("alarm_notifications") if case["id"] == "history-action"]
    topic = aws("sns").create_topic(Name="t")["TopicArn"]
    aws("cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[topic])

    _set(aws, "ALARM")

    (item,) = _history(aws, HistoryItemType="Action")
    data = json.loads(item["HistoryData"])
    assert item["HistorySummary"] == case["HistorySummary"]
    assert list(data) == list(case["HistoryData"])
    assert (data["actionState"], data["error"], data["stateUpdateTimestamp"]) == (
        "Succeeded", None, NOON_S * 1_000,
    )  # fmt: skip
    published = json.loads(data["publishedMessage"])
    assert list(published) == ["default", "sms", "email"]
    assert published["sms"] == 'ALARM: "a" in US East (N. Virginia)'
    assert published["email"].startswith(
        'You are receiving this email because your Amazon CloudWatch Alarm "a" in the US East (N. Virginia) '
        'region has entered the ALARM state, because "by hand" at "Tuesday 24 November, 2026 12:00:00 UTC".\n\n'
        "View this alarm in the AWS Management Console:\n"
        "https://us-east-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=us-east-1#alarmsV2:alarm/a\n\n"
        "Alarm Details:\n- Name:                       a\n"
    )
    assert f"State Change Actions:\n- OK: \n- ALARM: [{topic}]\n- INSUFFICIENT_DATA: \n" in published["email"]


def test_creation_is_remembered_as_recorded(aws: Aws, vectors: Vectors) -> None:
    """Of an alarm on an expression, member by member."""
    (case,) = [case for case in vectors("alarm_notifications") if case["id"] == "history-create"]
    query = {"Metric": {"Namespace": "NS", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    aws("cloudwatch").put_metric_alarm(
        AlarmName="cpu",
        EvaluationPeriods=1,
        Threshold=10.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
        ActionsEnabled=False,
        Metrics=[{"Id": "m1", "MetricStat": query}],
    )

    (item,) = _history(aws)
    data = json.loads(item["HistoryData"])
    created = data["createdAlarm"]
    assert (item["HistorySummary"], data["version"], data["type"]) == ('Alarm "cpu" created', "1.0", "Create")
    del created["metrics"]
    stamped = {"alarmConfigurationUpdatedTimestamp", "stateUpdatedTimestamp"}
    assert list(created) == list(case["HistoryData"]["createdAlarm"])
    assert {key: value for key, value in created.items() if key not in stamped} == {
        key: value for key, value in case["HistoryData"]["createdAlarm"].items() if key not in stamped
    }


def test_long_and_foreign_names_fit_a_subject(cloud: Cloud, aws: Aws) -> None:
    """A hundred characters of ASCII, with state and region whole."""
    topic = aws("sns").create_topic(Name="t")["TopicArn"]
    aws("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/hook")
    (asked,) = cloud.due_deliveries()
    aws("sns").confirm_subscription(TopicArn=topic, Token=json.loads(asked.post.body)["Token"])
    for name in ("n" * 255, "größe"):
        aws("cloudwatch").put_metric_alarm(**{**ALARM, "AlarmName": name, "AlarmActions": [topic]})
        _set(aws, "ALARM", name)

    long, foreign = (json.loads(delivery.post.body)["Subject"] for delivery in cloud.due_deliveries())

    assert len(long) == 100
    assert long.startswith('ALARM: "nnn')
    assert long.endswith('nn..." in US East (N. Virginia)')
    assert foreign == 'ALARM: "gr_e" in US East (N. Virginia)'


def test_scaling_goes_on_every_minute(aws: Aws, advance: Advance) -> None:
    """For as long as the state lasts; a notification is sent once."""
    topic = aws("sns").create_topic(Name="t")["TopicArn"]
    aws("cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[SCALING, topic])
    advance(5)
    _set(aws, "ALARM")

    advance(180)
    repeated = [item["HistorySummary"] for item in _history(aws, HistoryItemType="Action")]
    _set(aws, "OK")
    advance(180)

    assert repeated.count(f"Failed to execute action {SCALING}") == 4
    assert repeated.count(f"Successfully executed action {topic}") == 1
    assert len(_history(aws, HistoryItemType="Action")) == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AlarmActions": ["arn:aws:sqs:us-east-1:123456789012:q"]}, "Invalid arn syntax: arn:aws:sqs:us-east-1:123456789012:q"),
        ({"AlarmActions": ["arn:aws:lambda:us-east-1:123456789012:f"]}, "Invalid arn syntax: arn:aws:lambda"),
        ({"AlarmActions": ["arn:aws:automate:us-east-1:ec2:explode"]}, "Invalid arn syntax: arn:aws:automate"),
        ({"AlarmActions": ["arn"]}, "Invalid arn syntax: arn"),
        ({"AlarmActions": [LAMBDA] * 6}, "less than or equal to 5"),
        ({"OKActions": [OPS_ITEM]}, "OpsItems are created in the state ALARM only"),
        ({"AlarmActions": [STOP]}, "EC2 actions need a metric with the dimension InstanceId"),
        ({"Statistic": "p90"}, "The value p90 for parameter Statistic is not supported."),
        ({"Statistic": None, "ExtendedStatistic": "Sum"}, "The value Sum for parameter ExtendedStatistic is not supported."),
        ({"MetricName": None}, "MetricName must not be null"),
        ({"ComparisonOperator": "Bigger"}, "should have a valid ComparisonOperator parameter"),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "at most 50 tags"),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused(aws: Aws, change: dict[str, Any], message: str) -> None:
    """And nothing is stored."""
    given = {key: value for key, value in {**ALARM, **change}.items() if value is not None}

    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").put_metric_alarm(**given)

    assert message in str(refused.value)
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Statistic": "Sum"}, "Statistic should not be set if list of Metrics is set."),
        ({"Period": 60}, "Period should not be set if list of Metrics is set."),
        ({"AlarmActions": [STOP]}, "EC2 actions are not supported on alarms with Metrics"),
        ({"Metrics": [{"Id": "e", "Expression": "SUM(SEARCH('{NS} m', 'Sum', 60))"}]}, "SEARCH is not supported on Metric Alarms."),
        ({"Metrics": [{"Id": "e", "Expression": "SELECT AVG(m) FROM NS", "Period": 30}]}, "MetricsInsights monitors do not support less than 60 seconds period"),
    ],
)  # fmt: skip
def test_alarms_on_queries_have_rules_of_their_own(aws: Aws, change: dict[str, Any], message: str) -> None:
    """In AWS's words where they are known."""
    query = {"Metric": {"Namespace": "NS", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    rule = {key: ALARM[key] for key in ("AlarmName", "EvaluationPeriods", "Threshold", "ComparisonOperator")}

    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").put_metric_alarm(
            **{**rule, "Metrics": [{"Id": "m", "MetricStat": query}], **change}
        )

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Threshold", "NaN"),
        ("Threshold", "Infinity"),
        ("Threshold", float("1e308") * 10),
        ("EvaluationPeriods", 10**400),
        ("Period", 10**400),
        ("DatapointsToAlarm", 2**31),
        ("EvaluationPeriods", 0),
        ("Dimensions", [{"Name": f"n{n}", "Value": "v"} for n in range(31)]),
    ],
)
def test_numbers_beyond_reason_are_refused_at_once(
    aws: Aws, post_json: Callable[..., tuple[int, dict[str, Any]]], member: str, value: Any
) -> None:
    """Not finite, too large, too many: an error of AWS's, and no alarm."""
    status, answer = post_json("cloudwatch", "PutMetricAlarm", {**ALARM, member: value})

    assert status == 400, answer
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize("data", ["{", "NaN", "[NaN]", "[" * 3_999, '"\\ud800"'])
def test_state_reason_data_is_json(aws: Aws, data: str) -> None:
    """Whole JSON, whatever its value."""
    aws("cloudwatch").put_metric_alarm(**ALARM)
    set_state = aws("cloudwatch").set_alarm_state

    with pytest.raises(ClientError) as refused:
        set_state(AlarmName="a", StateValue="OK", StateReason="r", StateReasonData=data)

    assert refused.value.response["Error"]["Code"] == "InvalidFormat"
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"


def test_state_reason_data_comes_back_as_it_was_given(aws: Aws) -> None:
    """Spaces and all; in the history it is an object."""
    aws("cloudwatch").put_metric_alarm(**ALARM)

    aws("cloudwatch").set_alarm_state(
        AlarmName="a", StateValue="OK", StateReason="r", StateReasonData='{ "a": [1, 2] }'
    )

    assert aws("cloudwatch").describe_alarms()["MetricAlarms"][0]["StateReasonData"] == '{ "a": [1, 2] }'
    (item,) = _history(aws, HistoryItemType="StateUpdate")
    assert json.loads(item["HistoryData"])["newState"]["stateReasonData"] == {"a": [1, 2]}


def test_tags_are_taken_at_creation_only(aws: Aws) -> None:
    """An update's are ignored, however many; later ones count with those that are there."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "team", "Value": "ml"}])
    many = [{"Key": str(n), "Value": ""} for n in range(50)]
    cloudwatch.put_metric_alarm(**{**ALARM, "Threshold": 2.0}, Tags=[*many, {"Key": "x", "Value": ""}])
    arn = f"arn:aws:cloudwatch:{HERE}:alarm:a"

    with pytest.raises(ClientError, match="at most 50 tags; this one would have 51"):
        cloudwatch.tag_resource(ResourceARN=arn, Tags=many)
    with pytest.raises(ClientError) as denied:
        cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "aws:x", "Value": ""}])

    assert denied.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "ml"}]


def test_alarms_are_found_by_state_and_action(aws: Aws) -> None:
    """And by names, or their beginning."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": "web-1"}, OKActions=[LAMBDA])
    cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": "web-2"})
    _set(aws, "ALARM", "web-2")

    def names(**filters: Any) -> list[str]:
        return [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms(**filters)["MetricAlarms"]]

    assert names(StateValue="ALARM") == ["web-2"]
    assert names(ActionPrefix="arn:aws:lambda") == ["web-1"]
    assert names(AlarmNamePrefix="web") == ["web-1", "web-2"]
    assert names(AlarmNamePrefix="web", StateValue="OK") == []
    with pytest.raises(ClientError, match="mutually exclusive"):
        names(AlarmNamePrefix="web", AlarmNames=["web-1"])


def test_history_is_told_in_pages_that_new_items_do_not_shift(aws: Aws, advance: Advance) -> None:
    """Newest first; what happens between two pages doubles nothing."""
    for threshold in range(5):
        aws("cloudwatch").put_metric_alarm(**{**ALARM, "Threshold": float(threshold)})
    page = aws("cloudwatch").describe_alarm_history(MaxRecords=3)
    aws("cloudwatch").put_metric_alarm(**{**ALARM, "Threshold": 99.0})

    rest = aws("cloudwatch").describe_alarm_history(MaxRecords=3, NextToken=page["NextToken"])

    told = [json.loads(item["HistoryData"]) for item in page["AlarmHistoryItems"] + rest["AlarmHistoryItems"]]
    thresholds = [(data.get("updatedAlarm") or data["createdAlarm"])["threshold"] for data in told]
    assert thresholds == [4.0, 3.0, 2.0, 1.0, 0.0]


def test_history_is_of_the_kind_and_time_asked_for(aws: Aws, advance: Advance) -> None:
    """Metric alarms unless asked; both ends count; oldest first on demand."""
    aws("cloudwatch").put_metric_alarm(**ALARM)
    advance(60)
    aws("cloudwatch").put_composite_alarm(AlarmName="c", AlarmRule="TRUE")

    assert {item["AlarmType"] for item in _history(aws)} == {"MetricAlarm"}
    assert {item["AlarmName"] for item in _history(aws, AlarmTypes=["CompositeAlarm"])} == {"c"}
    both = _history(aws, AlarmTypes=["MetricAlarm", "CompositeAlarm"], ScanBy="TimestampAscending")
    assert [item["HistorySummary"] for item in both] == [
        'Alarm "a" created',
        'Alarm "c" created',
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
    ]
    assert _history(aws, StartDate=NOON_S + 1) == []
    assert len(_history(aws, StartDate=NOON_S, EndDate=NOON_S)) == 1
    with pytest.raises(ClientError, match="StartDate"):
        _history(aws, StartDate=NOON_S + 1, EndDate=NOON_S)
    with pytest.raises(ClientError) as refused:
        _history(aws, NextToken="nonsense")
    assert refused.value.response["Error"]["Code"] == "InvalidNextToken"


def test_history_is_bounded(
    aws: Aws, cloud: Cloud, advance: Advance, post_json: Callable[..., tuple[int, dict[str, Any]]]
) -> None:
    """Thirty days, and so many items of an alarm: actions push nothing else out."""
    aws("cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[SCALING], OKActions=[SCALING])
    alarms = cloud.engine("us-east-1").alarms
    for number in range(ITEMS_PER_ALARM):
        state = "OK" if number % 2 else "ALARM"
        post_json(
            "cloudwatch", "SetAlarmState", {"AlarmName": "a", "StateValue": state, "StateReason": "by hand"}
        )

    kinds = [item.kind for item in alarms.history("a")]
    advance(30 * 86_400 + 3_600)

    assert kinds.count("Action") == ITEMS_PER_ALARM
    assert kinds.count("StateUpdate") == ITEMS_PER_ALARM
    assert kinds.count("ConfigurationUpdate") == 0
    assert {item.kind for item in alarms.history("a")} == {"Action"}


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        (
            "PutMetricAlarm",
            {"AlarmName": "p", "EvaluationCriteria": {"PromQLCriteria": {"Query": "up"}}},
            "the parameter EvaluationCriteria of PutMetricAlarm",
        ),
        ("PutLogAlarm", {"AlarmName": "l"}, "the operation PutLogAlarm"),
    ],
)
def test_alarms_that_aws_has_and_we_have_not_are_refused_by_name(
    aws: Aws,
    post_json: Callable[..., tuple[int, dict[str, Any]]],
    operation: str,
    params: dict[str, Any],
    words: str,
) -> None:
    """PromQL alarms and log alarms."""
    status, answer = post_json("cloudwatch", operation, params)

    assert status == 400
    assert answer["message"].startswith(f"inferwatch does not support {words}")
