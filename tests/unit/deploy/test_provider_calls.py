"""Each resource type on the embedded engine: its life, held to the calls the real provider makes.

The engine keeps the record: what reached it, and in which order. The real provider's calls are in
`tests/vectors/provider_calls.json`; of these the engine answers every one, and ours are some, in that order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Change
from inferwatch.deploy.drift import live_inputs
from inferwatch.deploy.resources import HANDLERS
from inferwatch.deploy.resources.handler import Handler
from inferwatch.deploy.values import Properties
from inferwatch.engine.cloud import Cloud
from inferwatch.wire import respond
from inferwatch.wire.operations import OPERATIONS

ACCOUNT = "123456789012"
TOPIC_ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"
LAMBDA_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:sink"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/writes"
TRUST = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
    }
)
WRITE = json.dumps({"Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]})
READ = WRITE.replace("PutLogEvents", "GetLogEvents")
PUBLISH = WRITE.replace('"Resource"', '"Principal": "*", "Resource"')


def _masking(identifier: str) -> str:
    names = [f"arn:aws:dataprotection::aws:data-identifier/{identifier}"]
    operations = ({"Audit": {"FindingsDestination": {}}}, {"Deidentify": {"MaskConfig": {}}})
    statements = [{"DataIdentifier": names, "Operation": operation} for operation in operations]
    return json.dumps({"Name": "p", "Version": "2021-06-01", "Statement": statements})


def _board(title: str) -> str:
    widget = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": title}}
    return json.dumps({"widgets": [widget]}, indent=2)


@dataclass(frozen=True)
class Life:
    """Inputs a resource is made with, and those it is changed to; what must be there first."""

    made: Properties
    changed: Properties = field(default_factory=dict)
    before: tuple[tuple[str, Properties], ...] = ()


GROUP = ("aws:cloudwatch/logGroup:LogGroup", {"name": "group"})
TOPIC = ("aws:sns/topic:Topic", {"name": "topic"})
ROLE = ("aws:iam/role:Role", {"name": "role", "assumeRolePolicy": TRUST})
POLICY = ("aws:iam/policy:Policy", {"name": "writes", "policy": WRITE})
METRIC = {"name": "Errors", "namespace": "NS", "value": "1", "unit": "Count", "defaultValue": "0.0"}
ALARM = {
    "name": "alarm",
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 3,
    "datapointsToAlarm": 2,
    "threshold": 5,
    "alarmActions": [TOPIC_ARN],
    "metricQueries": [
        {
            "id": "m1",
            "metric": {
                "metricName": "Errors",
                "namespace": "NS",
                "period": 60,
                "stat": "Sum",
                "dimensions": {"model": "m"},
            },
        },
        {"id": "e1", "expression": "m1 * 2", "label": "twice", "returnData": True},
    ],
    "tags": {"team": "ml", "stage": "dev"},
}
LIVES: dict[str, Life] = {
    "aws:cloudwatch/logGroup:LogGroup": Life(
        {"name": "made", "retentionInDays": 7, "tags": {"team": "ml"}}, {"name": "made", "tags": {"a": "b"}}
    ),
    "aws:cloudwatch/logStream:LogStream": Life({"name": "made", "logGroupName": "group"}, before=(GROUP,)),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Life(
        {
            "name": "made",
            "logGroupName": "group",
            "pattern": " { $.a > 1 } ",
            "metricTransformation": METRIC,
        },
        {
            "name": "made",
            "logGroupName": "group",
            "pattern": "{ $.a > 2 }",
            "metricTransformation": {
                "name": "Errors",
                "namespace": "NS",
                "value": "$.a",
                "dimensions": {"model": "$.model"},
            },
        },
        (GROUP,),
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Life(
        {"name": "made", "logGroup": "group", "filterPattern": "", "destinationArn": LAMBDA_ARN},
        {"name": "made", "logGroup": "group", "filterPattern": "ERROR", "destinationArn": LAMBDA_ARN},
        (GROUP,),
    ),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": Life(
        {"logGroupName": "group", "policyDocument": _masking("EmailAddress")},
        {"logGroupName": "group", "policyDocument": json.loads(_masking("IpAddress"))},
        (GROUP,),
    ),
    "aws:cloudwatch/logIndexPolicy:LogIndexPolicy": Life(
        {"logGroupName": "group", "policyDocument": json.dumps({"Fields": ["trace_id"]})},
        {"logGroupName": "group", "policyDocument": json.dumps({"Fields": ["trace_id", "tenant"]})},
        (GROUP,),
    ),
    "aws:lambda/permission:Permission": Life(
        {
            "function": "page",
            "statementId": "made",
            "action": "lambda:InvokeFunction",
            "principal": "lambda.alarms.cloudwatch.amazonaws.com",
            "qualifier": "live",
            "sourceAccount": ACCOUNT,
            "sourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*",
        },
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Life(
        {"name": "llm/slowest", "queryString": "fields @message", "logGroupNames": ["group"]},
        {"name": "llm/slow", "queryString": "fields @message | limit 5"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Life(ALARM, ALARM | {"threshold": 6.5, "tags": {"team": "x"}}),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Life(
        {
            "alarmName": "made",
            "alarmRule": "ALARM(alarm)",
            "okActions": [TOPIC_ARN],
            "tags": {"team": "ml", "a": "b"},
            "actionsSuppressor": {"alarm": "alarm", "waitPeriod": 60, "extensionPeriod": 30},
        },
        {"alarmName": "made", "alarmRule": "OK(alarm)", "alarmDescription": "d", "tags": {"team": "x"}},
        (("aws:cloudwatch/metricAlarm:MetricAlarm", ALARM),),
    ),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": Life(
        {
            "name": "made",
            "description": "nights",
            "rule": {"schedule": {"duration": "PT8H", "expression": "cron(0 22 * * *)", "timezone": "CET"}},
            "muteTargets": {"alarmNames": ["alarm"]},
            "startDate": "2026-11-25T01:00:00+01:00",
            "tags": {"team": "ml", "a": "b"},
        },
        {
            "name": "made",
            "rule": {"schedule": {"duration": "PT1H", "expression": "cron(0 22 * * *)"}},
            "tags": {"team": "x"},
        },
        (("aws:cloudwatch/metricAlarm:MetricAlarm", ALARM),),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Life(
        {"dashboardName": "made", "dashboardBody": _board("one")},
        {"dashboardName": "made", "dashboardBody": _board("two")},
    ),
    "aws:sns/topic:Topic": Life(
        {"name": "made", "displayName": "Made", "tags": {"team": "ml", "a": "b"}},
        {"name": "made", "tags": {"team": "x"}},
    ),
    "aws:sns/topicPolicy:TopicPolicy": Life(
        {"arn": TOPIC_ARN, "policy": PUBLISH},
        {"arn": TOPIC_ARN, "policy": PUBLISH.replace("Allow", "Deny")},
        (TOPIC,),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Life(
        {"topic": TOPIC_ARN, "protocol": "http", "endpoint": "http://u:p@127.0.0.1:9/"},
        {
            "topic": TOPIC_ARN,
            "protocol": "http",
            "endpoint": "http://u:p@127.0.0.1:9/",
            "rawMessageDelivery": True,
        },
        (TOPIC,),
    ),
    "aws:iam/role:Role": Life(
        {
            "name": "made",
            "assumeRolePolicy": TRUST,
            "tags": {"team": "ml", "a": "b"},
            "forceDetachPolicies": True,
        },
        {
            "name": "made",
            "assumeRolePolicy": TRUST.replace("ec2", "lambda"),
            "description": "d",
            "maxSessionDuration": 7_200,
            "forceDetachPolicies": True,
            "tags": {"team": "x"},
        },
    ),
    "aws:iam/rolePolicy:RolePolicy": Life(
        {"name": "made", "role": "role", "policy": WRITE},
        {"name": "made", "role": "role", "policy": READ},
        (ROLE,),
    ),
    "aws:iam/policy:Policy": Life(
        {"name": "made", "policy": WRITE, "description": "d", "tags": {"team": "ml", "a": "b"}},
        {"name": "made", "policy": READ, "description": "d", "tags": {"team": "x"}},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Life(
        {"role": "role", "policyArn": POLICY_ARN}, before=(ROLE, POLICY)
    ),
}
TYPES = sorted(HANDLERS)


@pytest.fixture
def clients(cloud: Cloud, engine_clients: Clients) -> Clients:
    cloud.engine("us-east-1").subscriptions.addresses[LAMBDA_ARN] = "http://127.0.0.1:9/hook"
    return engine_clients


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations the engine was asked for."""
    asked: list[str] = []
    perform = respond.perform

    def recording(cloud: Cloud, region: str, service: str, name: str, params: Any) -> Any:
        asked.append(name)
        return perform(cloud, region, service, name, params)

    monkeypatch.setattr(respond, "perform", recording)
    return asked


@pytest.fixture
def provider_calls(vectors: Callable[[str], list[dict[str, Any]]]) -> dict[str, dict[str, list[str]]]:
    return {case["type"]: case for case in vectors("provider_calls")}


def _checked(handler: Handler, inputs: Properties, old: Properties | None = None) -> Properties:
    if "region" in handler.properties:
        inputs = {"region": "us-east-1"} | inputs
    checked = handler.check(inputs, old, name="it", suffix=lambda: "abc1234")
    assert checked.problems == ()
    return checked.inputs


def _make(clients: Clients, type: str) -> tuple[Handler, Properties]:
    """What must be there first, and the handler and inputs of the type itself."""
    for needed, inputs in LIVES[type].before:
        handler = HANDLERS[needed]
        handler.create(clients, _checked(handler, inputs))
    return HANDLERS[type], _checked(HANDLERS[type], LIVES[type].made)


def _drift(clients: Clients, handler: Handler, id: str, inputs: Properties) -> list[Change]:
    live = handler.read(clients, id, inputs)
    assert live is not None
    return handler.diff(inputs, live_inputs(handler, inputs, live.outputs))


def _is_in_order(made: list[str], table: list[str]) -> bool:
    """Whether `made` is `table` without some of its calls."""
    rest = iter(table)
    return all(call in rest for call in made)


def test_every_type_has_its_calls_and_its_life(provider_calls: dict[str, Any]) -> None:
    """A handler that is added is held to the table too."""
    assert sorted(provider_calls) == sorted(LIVES) == TYPES


def test_the_engine_answers_every_call_of_the_real_provider(provider_calls: dict[str, Any]) -> None:
    """One that is missing would leave `pulumi up` hanging on its retries."""
    served = {name for table in OPERATIONS.values() for name in table}
    called = {
        name
        for case in provider_calls.values()
        for step in ("create", "read", "update", "delete")
        for name in case[step]
    }

    assert called <= served


@pytest.mark.parametrize("type", TYPES)
def test_a_life_makes_the_real_providers_calls(
    type: str, clients: Clients, record: list[str], provider_calls: dict[str, Any]
) -> None:
    """Made, read, changed, deleted: then it is gone, and deleting it again is no error."""
    handler, inputs = _make(clients, type)
    table, life = provider_calls[type], LIVES[type]

    def calls(step: Callable[[], Any]) -> tuple[Any, list[str]]:
        record.clear()
        return step(), list(record)

    live, create = calls(lambda: handler.create(clients, inputs))
    _, read = calls(lambda: handler.read(clients, live.id, live.outputs))
    update: list[str] = []
    if life.changed:
        changed = _checked(handler, life.changed, inputs)
        live, update = calls(lambda: handler.update(clients, live.id, changed, inputs))
    _, delete = calls(lambda: handler.delete(clients, live.id, live.outputs))
    gone = handler.read(clients, live.id, live.outputs)
    handler.delete(clients, live.id, live.outputs)

    for name, made in (("create", create), ("read", read), ("update", update), ("delete", delete)):
        assert _is_in_order(made, table[name]), (name, made)
    # A topic is never without a policy.
    assert gone is None or type == "aws:sns/topicPolicy:TopicPolicy"


@pytest.mark.parametrize("type", TYPES)
def test_what_is_read_back_is_what_was_asked_for(type: str, clients: Clients) -> None:
    """As made and as changed: every input, in the program's own spelling where that is the same value."""
    handler, inputs = _make(clients, type)
    live = handler.create(clients, inputs)

    assert _drift(clients, handler, live.id, inputs) == []
    if LIVES[type].changed:
        changed = _checked(handler, LIVES[type].changed, inputs)
        handler.update(clients, live.id, changed, inputs)
        assert _drift(clients, handler, live.id, changed) == []
        assert _drift(clients, handler, live.id, inputs) != []
