"""Values that no store can hold: refused at the door, or made whole; nothing is half-done, nothing poisoned."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
NOON_S = 1_795_521_600
HALF_AN_EMOJI = "\\ud83d"  # as JSON text writes it


def test_half_a_character_in_a_dashboard_is_refused(aws: Aws) -> None:
    """It could not be given back."""
    body = f'{{"widgets": [{{"type": "text", "properties": {{"markdown": "{HALF_AN_EMOJI}"}}}}]}}'

    with pytest.raises(ClientError, match="must be a valid JSON object"):
        aws("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=body)

    assert aws("cloudwatch").list_dashboards()["DashboardEntries"] == []


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400, "9" * 5_000, "NaN"])
def test_a_number_beyond_all_in_a_dashboard_is_refused(aws: Aws, number: str) -> None:
    """1e400 would come back as Infinity, which is no JSON; a horizontal annotation of it cannot be drawn."""
    annotations = f'{{"horizontal": [{{"value": {number}}}]}}'
    body = f'{{"widgets": [{{"type": "metric", "properties": {{"annotations": {annotations}}}}}]}}'

    with pytest.raises(ClientError, match="must be a valid JSON object"):
        aws("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=body)


def test_half_a_character_in_reason_data_is_refused(aws: Aws) -> None:
    """DescribeAlarms must always answer."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="a",
        Namespace="NS",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )

    with pytest.raises(ClientError) as refused:
        cloudwatch.set_alarm_state(
            AlarmName="a", StateValue="OK", StateReason="r", StateReasonData=f'{{"x": "{HALF_AN_EMOJI}"}}'
        )

    assert refused.value.response["Error"]["Code"] == "InvalidFormat"
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"


def test_a_long_sum_is_no_deep_one(aws: Aws) -> None:
    """A thousand terms fit into an expression's 2,048 characters."""
    aws("cloudwatch").put_metric_data(
        Namespace="NS", MetricData=[{"MetricName": "m", "Timestamp": NOON_S, "Value": 2.0}]
    )
    stat = {"Metric": {"Namespace": "NS", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}

    results = aws("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {"Id": "m", "MetricStat": stat, "ReturnData": False},
            {"Id": "e", "Expression": "+".join(["m"] * 1_000)},
        ],
        StartTime=NOON_S,
        EndTime=NOON_S + 60,
    )["MetricDataResults"]

    assert results[0]["Values"] == [2_000.0]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"Message": ""}, "Empty message"),
        ({"Message": "x" * 262_145}, "Message too long"),
        ({"Message": "m", "Subject": "x" * 101}, "Subject"),
        ({"Message": "m", "Subject": "two\nlines"}, "Subject"),
        ({"Message": "m", "TopicArn": None}, "TopicArn"),
    ],
)
def test_a_message_sns_would_refuse_is_refused(aws: Aws, params: dict[str, Any], message: str) -> None:
    """Lengths, line breaks, a missing topic."""
    topic = aws("sns").create_topic(Name="t")["TopicArn"]
    given = {"TopicArn": topic, **params}

    with pytest.raises(ClientError, match=f"Invalid parameter: {message}"):
        aws("sns").publish(**{name: value for name, value in given.items() if value is not None})


@pytest.mark.parametrize("endpoint", ["http://[::1/x", "http://h:99999999/x", "http://" + "a" * 70 + "/"])
def test_an_endpoint_that_is_no_address_is_refused(aws: Aws, endpoint: str) -> None:
    """Nothing could ever be delivered there."""
    topic = aws("sns").create_topic(Name="t")["TopicArn"]

    with pytest.raises(ClientError, match="is no address"):
        aws("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)


def test_no_pending_notification_is_forgotten(aws: Aws, cloud: Any) -> None:
    """However many wait: only finished ones make room."""
    sns = aws("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/")
    (asked,) = cloud.due_deliveries()
    sns.confirm_subscription(TopicArn=topic, Token=json.loads(asked.post.body)["Token"])
    asked.answered(200, None, 0)
    topics = cloud.engine("us-east-1").topics

    for number in range(1_500):
        topics.publish(topic, None, {"default": f"message {number}"}, now_ms=number)

    pending = [delivery for delivery in topics.deliveries() if delivery.status == "pending"]
    assert [delivery.said.message for delivery in pending] == [f"message {number}" for number in range(1_500)]


def test_subscribing_again_asks_again_until_confirmed(aws: Aws, cloud: Any) -> None:
    """A webhook that was down at first can still be confirmed."""
    sns = aws("sns")
    topic = sns.create_topic(Name="t", Attributes={"FifoTopic": "false"})["TopicArn"]
    hook = {"TopicArn": topic, "Protocol": "http", "Endpoint": "http://127.0.0.1:9/"}

    first = sns.subscribe(**hook, ReturnSubscriptionArn=True)["SubscriptionArn"]
    second = sns.subscribe(**hook, ReturnSubscriptionArn=True)["SubscriptionArn"]

    assert first == second
    assert len(list(cloud.due_deliveries())) == 2
    with pytest.raises(ClientError, match="different attributes"):
        sns.subscribe(**hook, Attributes={"RawMessageDelivery": "true"})


def test_leaving_a_topic_that_is_gone_passes(aws: Aws) -> None:
    """A destroy may delete the topic first."""
    sns = aws("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    arn = sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    sns.delete_topic(TopicArn=topic)

    assert sns.unsubscribe(SubscriptionArn=arn)["ResponseMetadata"]["HTTPStatusCode"] == 200
