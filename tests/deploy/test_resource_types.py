"""Every resource type in one program: applied, left alone, changed, looked at, removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.deploy import Changes, DeployError
from inferwatch.deploy.resources import HANDLERS

pytestmark = pytest.mark.slow

EVERYTHING = """
    import json
    config = pulumi.Config()
    days, threshold, word = config.require_int("days"), config.require_float("threshold"), config.require("word")
    tags = {"word": word}
    masked = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]

    topic = aws.sns.Topic("topic", display_name=word, tags=tags)
    aws.sns.TopicSubscription(
        "hook", topic=topic.arn, protocol="http", endpoint="http://127.0.0.1:9/",
        raw_message_delivery=word == "two",
    )
    publish = aws.iam.get_policy_document_output(statements=[{
        "sid": word,
        "actions": ["SNS:Publish"],
        "resources": [topic.arn],
        "principals": [{"type": "Service", "identifiers": ["cloudwatch.amazonaws.com"]}],
    }])
    aws.sns.TopicPolicy("allowed", arn=topic.arn, policy=publish.json)

    group = aws.cloudwatch.LogGroup("group", retention_in_days=days, tags=tags)
    aws.cloudwatch.LogStream("stream", log_group_name=group.name)
    aws.cloudwatch.LogDataProtectionPolicy("masking", log_group_name=group.name, policy_document=json.dumps({
        "Name": word, "Version": "2021-06-01", "Statement": [
            {"DataIdentifier": masked, "Operation": {"Audit": {"FindingsDestination": {}}}},
            {"DataIdentifier": masked, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ]}))
    aws.cloudwatch.LogIndexPolicy(
        "indexed", log_group_name=group.name, policy_document=json.dumps({"Fields": [word]}),
    )
    aws.cloudwatch.LogSubscriptionFilter(
        "forward", log_group=group.name, filter_pattern=word,
        destination_arn="arn:aws:lambda:us-east-1:000000000000:function:sink",
    )
    aws.cloudwatch.LogMetricFilter(
        "errors", log_group_name=group.name, pattern=word,
        metric_transformation={"name": "Errors", "namespace": "NS", "value": "1", "default_value": "0"},
    )
    aws.cloudwatch.QueryDefinition(
        "slowest", name=f"llm/{word}", query_string="fields @message", log_group_names=[group.name],
    )
    alarm = aws.cloudwatch.MetricAlarm(
        "alarm", namespace="NS", metric_name="Errors", statistic="Sum", period=60, evaluation_periods=1,
        comparison_operator="GreaterThanThreshold", threshold=threshold, alarm_actions=[topic.arn], tags=tags,
    )
    page = aws.cloudwatch.CompositeAlarm(
        "page", alarm_name="page", alarm_rule=alarm.name.apply(lambda name: f"ALARM({name})"),
        alarm_description=word, alarm_actions=[topic.arn], tags=tags,
    )
    aws.cloudwatch.AlarmMuteRule(
        "nights", description=word, mute_targets={"alarm_names": [alarm.name, page.alarm_name]},
        rule={"schedule": {"expression": "cron(0 22 * * *)", "duration": "PT8H"}},
        start_date="2026-11-25T00:00:00+01:00", tags=tags,
    )
    aws.lambda_.Permission(
        "ring", action="lambda:InvokeFunction", function="page", source_account="000000000000",
        principal="lambda.alarms.cloudwatch.amazonaws.com",
    )
    text = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": word}}
    aws.cloudwatch.Dashboard("board", dashboard_name="board", dashboard_body=json.dumps({"widgets": [text]}))

    writes = {"Version": "2012-10-17", "Statement": [
        {"Sid": word, "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}
    role = aws.iam.Role("writer", description=word, tags=tags, assume_role_policy={
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    })
    aws.iam.RolePolicy("inline", role=role.name, policy=group.arn.apply(lambda arn: json.dumps(writes)))
    policy = aws.iam.Policy("managed", policy=json.dumps(writes), tags=tags)
    aws.iam.RolePolicyAttachment("attached", role=role.name, policy_arn=policy.arn)

    pulumi.export("log_group_name", group.name)
    pulumi.export("published", publish.json)
"""
ONE = {"days": "7", "threshold": "5", "word": "one"}
TWO = {"days": "14", "threshold": "6", "word": "two"}
# Streams, attachments and permissions have nothing that can be changed.
UNCHANGEABLE = 3


@pytest.fixture
def everything(stack: Any) -> Any:
    return stack.write(EVERYTHING)


def _left(client: Callable[..., Any]) -> list[Any]:
    logs, cloudwatch, sns, iam = (client(name) for name in ("logs", "cloudwatch", "sns", "iam"))
    alarms = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return [
        *logs.describe_log_groups()["logGroups"],
        *logs.describe_query_definitions()["queryDefinitions"],
        *alarms["MetricAlarms"],
        *alarms["CompositeAlarms"],
        *cloudwatch.list_alarm_mute_rules()["AlarmMuteRuleSummaries"],
        *cloudwatch.list_dashboards()["DashboardEntries"],
        *sns.list_topics()["Topics"],
        *iam.list_policies(Scope="Local")["Policies"],
        *iam.list_roles()["Roles"],
    ]


def test_every_type_lives_and_goes(everything: Any, client: Callable[..., Any]) -> None:
    """Made; the same again; changed in place; looked at and found as it was; removed whole."""
    made = everything.up(config=ONE)
    types = {event.type for event in everything.events if event.type}
    again = everything.up(config=ONE)
    changed = everything.up(config=TWO)
    looked_at = everything.refresh()
    drift = everything.differences()
    settled = everything.preview(config=TWO)
    removed = everything.destroy()

    every = len(HANDLERS)
    assert len(types) == every == 19
    assert made.changes == Changes(create=every)
    assert again.changes == Changes(same=every)
    assert changed.changes == Changes(update=every - UNCHANGEABLE, same=UNCHANGEABLE)
    assert (looked_at.changes, drift) == (Changes(same=every), [])
    assert settled.changes == Changes(same=every)
    assert removed.changes == Changes(delete=every)
    assert _left(client) == []


def test_a_policy_document_is_written_as_the_provider_writes_it(everything: Any) -> None:
    """Two spaces a level, one action as text."""
    outputs = everything.up(config=ONE).outputs

    topic = "arn:aws:sns:us-east-1:000000000000:topic-"
    document = str(outputs["published"])
    assert document.startswith(
        '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Sid": "one",\n      "Effect": "Allow",\n'
        f'      "Action": "SNS:Publish",\n      "Resource": "{topic}'
    )
    assert document.endswith(
        '      "Principal": {\n        "Service": "cloudwatch.amazonaws.com"\n      }\n    }\n  ]\n}'
    )


def test_a_preview_of_everything_makes_nothing(everything: Any, client: Callable[..., Any]) -> None:
    """It counts what `up` then makes."""
    seen = everything.preview(config=ONE)

    assert seen.changes == Changes(create=19)
    assert _left(client) == []


def test_a_lookup_argument_that_would_be_ignored_is_refused(stack: Any) -> None:
    """By name, with its line."""
    stack.write("aws.iam.get_policy_document(source_json='{}')")

    with pytest.raises(DeployError) as failure:
        stack.preview()

    assert failure.value.problems == (
        "__main__.py:3: aws.iam.getPolicyDocument: inferwatch does not support the argument sourceJson yet",
    )
