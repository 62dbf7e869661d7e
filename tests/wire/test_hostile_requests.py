"""Requests that nobody means, drawn from the service models: an answer of AWS's form each time, never a fault.

With INFERWATCH_SOAK set each operation is asked many times as often.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import cbor2
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from inferwatch.engine.cloud import Cloud
from inferwatch.wire.models import service_model
from inferwatch.wire.operations import OPERATIONS
from inferwatch.wire.request import Request
from inferwatch.wire.respond import Response, Unpainted, begin

Aws = Callable[[str], Any]
ROUNDS = 400 if os.environ.get("INFERWATCH_SOAK") else 12
NOON_S = 1_795_521_600
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
STATUSES = {200, 400, 403, 404, 409, 413, 429}
PYTHON = re.compile(
    r"<class|object at 0x|Traceback|NoneType|\bNone\b|\bTrue\b|\bFalse\b|\['\w|\{'\w|\\n|\\x[0-9a-f]{2}|"
    r"\\u[0-9a-f]{4}|[a-z]Error:|Errno|orjson|msgspec|cbor2|codec|unhashable|not iterable|positional|\bstr\b|\bint\b|"
    r"\bdict\b|literal"
)
# What the service model, and not Python, has of such words: the unit None, escapes in patterns.
MODELS_WORDS = re.compile(
    r"unit=None|regular expression pattern: [^;]*|value set: ?\[[^]]*\]|in the set \[[^]]*\]"
)
_METRIC = {"Namespace": "NS", "MetricName": "m"}
_STAT = {"Id": "m", "MetricStat": {"Metric": _METRIC, "Period": 60, "Stat": "Sum"}}
_LATE = {"StartTime": NOON_S - 3_600, "EndTime": NOON_S}
_DATUM = {"MetricName": "m", "Timestamp": NOON_S, "Unit": "Count"}
_ALARM = {
    "AlarmName": "b",
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "LessThanThreshold",
}
RIGHT: dict[str, Any] = {
    "PutMetricData": {
        "Namespace": "NS",
        "MetricData": [
            {**_DATUM, "Value": 1.0, "Dimensions": [{"Name": "Model", "Value": "x"}], "StorageResolution": 1},
            {**_DATUM, "Values": [1.0, 2.0], "Counts": [1.0, 3.0]},
            {**_DATUM, "StatisticValues": {"SampleCount": 2.0, "Sum": 3.0, "Minimum": 1.0, "Maximum": 2.0}},
        ],
        "EntityMetricData": [
            {
                "Entity": {"KeyAttributes": {"Type": "Service", "Name": "x"}},
                "MetricData": [{**_DATUM, "Value": 1.0}],
            }
        ],
    },
    "GetMetricData": {
        **_LATE,
        "MetricDataQueries": [_STAT, {"Id": "e1", "Expression": "m + 1", "Label": "${MAX}", "Period": 60}],
        "ScanBy": "TimestampAscending",
        "MaxDatapoints": 100,
        "LabelOptions": {"Timezone": "+0130"},
    },
    "GetMetricStatistics": {
        **_METRIC,
        **_LATE,
        "Period": 60,
        "Statistics": ["Sum"],
        "ExtendedStatistics": ["p90"],
    },
    "PutMetricAlarm": {
        **_ALARM,
        "Metrics": [{**_STAT, "ReturnData": False}, {"Id": "e1", "Expression": "m + 1", "ReturnData": True}],
        "TreatMissingData": "breaching",
        "AlarmActions": [TOPIC],
        "DatapointsToAlarm": 1,
    },
    "PutCompositeAlarm": {"AlarmName": "c", "AlarmRule": "ALARM(a)", "AlarmActions": [TOPIC]},
    "PutAnomalyDetector": {"SingleMetricAnomalyDetector": {**_METRIC, "Stat": "Average"}},
    "PutDashboard": {"DashboardName": "d", "DashboardBody": '{"widgets": []}'},
    "PutAlarmMuteRule": {
        "Name": "r",
        "Rule": {"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT1H", "Timezone": "UTC"}},
        "MuteTargets": {"AlarmNames": ["a"]},
        "StartDate": NOON_S,
        "ExpireDate": NOON_S + 86_400,
    },
    "SetAlarmState": {"AlarmName": "a", "StateValue": "ALARM", "StateReason": "r", "StateReasonData": "{}"},
    "DescribeAlarmHistory": {
        "AlarmName": "a",
        "StartDate": NOON_S - 60,
        "EndDate": NOON_S + 60,
        "MaxRecords": 5,
    },
    "DescribeAlarms": {"AlarmNamePrefix": "a", "AlarmTypes": ["MetricAlarm"], "MaxRecords": 5},
    "DescribeAlarmsForMetric": {**_METRIC, "Statistic": "Sum", "Period": 60},
    "GetMetricWidgetImage": {"MetricWidget": '{"metrics": [["NS", "m"]]}'},
    "Subscribe": {"TopicArn": TOPIC, "Protocol": "http", "Endpoint": "http://127.0.0.1:9/"},
    "Publish": {"TopicArn": TOPIC, "Message": "hello", "Subject": "s"},
    "SetTopicAttributes": {"TopicArn": TOPIC, "AttributeName": "DisplayName", "AttributeValue": "x"},
    "PutLogEvents": {
        "logGroupName": "a",
        "logStreamName": "a",
        "logEvents": [{"timestamp": NOON_S * 1_000, "message": '{"latency": 1e400}'}],
    },
    "PutMetricFilter": {
        "logGroupName": "a",
        "filterName": "f",
        "filterPattern": "{ $.latency > 1 }",
        "metricTransformations": [{"metricName": "m", "metricNamespace": "NS", "metricValue": "$.latency"}],
    },
    "FilterLogEvents": {"logGroupName": "a", "filterPattern": "x", "startTime": 0, "endTime": NOON_S * 1_000},
    "GetLogEvents": {"logGroupName": "a", "logStreamName": "a", "limit": 5},
    "TestMetricFilter": {"filterPattern": "{ $.a = 1 }", "logEventMessages": ['{"a": 1}']},
}
"""Requests that are right, by operation."""

# By the member's name, what its texts may mean.
WORDS = {
    "Expression": [
        "m + 1",
        "SUM(METRICS())",
        "1e400",
        "m *",
        "SLICE(METRICS(), -1)",
        "(" * 90,
        "SEARCH('{NS} m', 'Sum', 60)",
        "SELECT AVG(m) FROM NS GROUP BY a ORDER BY MAX() LIMIT 3",
        "SELECT",
        "ANOMALY_DETECTION_BAND(m, 2)",
        "FILL(m, LINEAR)",
        "TIME_SERIES(7)",
        "cron(0 2 * * *)",
        "cron(0 0 31 2 *)",
        "at(2026-11-24T11:00)",
        "at(0001-01-01T00:00)",
        "at(9999-12-31T23:59)",
        "cron(\u0661 * * * *)",
    ],
    "AlarmRule": ["ALARM(a)", "NOT OK(a) AND TRUE", "AT_LEAST(9, ALARM, (a))", "ALARM(", "(" * 300, "\u0661"],
    "Id": ["m", "e1", "M", "m\u00e9"],
    "Timezone": [
        "UTC",
        "+0130",
        "Europe/Berlin",
        "+\u0661\u0661\u0661\u0661",
        "../../etc/passwd",
        "Z",
        "-99:99",
    ],
    "Duration": ["PT1M", "P15D", "P999999D", "PT", "P\u0661D"],
    "Stat": ["Sum", "p99", "TM(10%:90%)", "PR(1:1e400)", "p\u0661", "pNaN"],
    "Statistic": ["Sum", "sum"],
    "ExtendedStatistic": ["p90", "tm99", "p101"],
    "DashboardBody": [
        '{"widgets": []}',
        "[]",
        "{",
        '{"widgets": [{"type": "metric", "properties": {"metrics": [[1]]}}]}',
        '{"widgets": [{"type": "text", "x": 1e9, "properties": null}]}',
        "[" * 9_000,
    ],
    "MetricWidget": [
        '{"metrics": [["NS", "m"]]}',
        '{"metrics": [["NS"]], "start": "-P99999999D"}',
        "{}",
        "null",
        '{"width": 1e400}',
        '{"metrics": [[{"expression": "1e400"}]]}',
        '{"metrics": [["NS", "m"]], "end": "9999-12-31T23:59:59Z"}',
    ],
    "StateReasonData": ["{}", "[1", "NaN"],
    "Message": ["hello", '{"default": "x"}', '{"default": 1}', "[]"],
    "MessageStructure": ["json", "xml"],
    "Protocol": ["http", "email", "sms", "foo", "HTTP"],
    "Endpoint": ["http://127.0.0.1:9/", "a@b.c", "http://[", "ftp://x"],
    "Name": ["a", "alarms", "Model", "x.fifo", "aws:x"],
    "AttributeName": ["DisplayName", "Policy", "RawMessageDelivery", "Nothing"],
    "AttributeValue": ["true", "{}", '{"Statement": 1}'],
    "NextToken": [
        "x",
        base64.urlsafe_b64encode(b"a").decode(),
        base64.urlsafe_b64encode(b"\xff").decode(),
        "=",
    ],
    "Unit": ["Count", "Furlong"],
    "Namespace": ["NS", ":x", "AWS/EC2"],
}
ANY_WORDS = [
    "a", "", " ", "\0", "\n", "x" * 3_000, "\u00e9", "\U0001f600", "\u202e",
    "<&>", '{"a": 1}', '["a"]', "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a", TOPIC, f"{TOPIC}:x", "arn:", "NS",
    "m", "-1", "1e400",
]  # fmt: skip
NUMBERS = [0, 1, -1, 2, 5, 60, 300, 3_600, 2**31 - 1, 2**31, -(2**31), 2**63, 10**30, 0.5, 1e300, -1e300]
STAMPS = [
    0,
    1,
    -1,
    NOON_S,
    NOON_S - 3_600,
    NOON_S + 0.0005,
    253_402_300_799,
    253_402_300_800,
    -62_135_596_800,
    1e18,
]


class Draw:
    """Parameters of an operation, most of them nearly right; the same ones for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def request(self, service: str, operation: str) -> Any:
        """Something of the operation's shape; where a right request is known, mostly that with a wrong part."""
        right = RIGHT.get(operation)
        if right is None or self.random.random() < 0.3:
            return self.params(service_model(service).operation_model(operation).input_shape)
        params = copy.deepcopy(right)
        for _ in range(self.random.choice([0, 1, 1, 2])):
            self.spoil(params, service_model(service).operation_model(operation).input_shape)
        return params

    def spoil(self, value: Any, shape: Shape | None) -> None:
        """Replace, leave out or add one part, however deep it lies."""
        match value:
            case dict() if isinstance(shape, StructureShape):
                name = self.random.choice(
                    list(shape.members if self.random.random() < 0.2 else value or [""])
                )
                part = shape.members.get(name)
            case list() if isinstance(shape, ListShape) and value:
                name, part = self.random.randrange(len(value)), shape.member
            case _:
                return
        if name in value if isinstance(value, dict) else True:
            if isinstance(value[name], dict | list) and self.random.random() < 0.8:
                self.spoil(value[name], part)
                return
            if self.random.random() < 0.1:
                del value[name]
                return
        value[name] = self.params(part, str(name), 1)

    def params(self, shape: Shape | None, name: str = "", depth: int = 0) -> Any:
        """A value of a shape, or of any other one."""
        if shape is None:
            return {}
        if depth and self.random.random() < 0.06:
            return self.wild()
        match shape:
            case StructureShape():
                return dict(self.members(shape, depth))
            case ListShape():
                size = self.random.choice([0, 1, 1, 2, 3, 12, 160] if depth < 4 else [0, 1, 2])
                return [self.params(shape.member, name, depth + 1) for _ in range(size)]
            case MapShape():
                return {
                    self.text(shape.key, name): self.params(shape.value, name, depth + 1)
                    for _ in range(self.random.choice([0, 1, 2]))
                }
            case _:
                return self.scalar(shape, name)

    def members(self, shape: StructureShape, depth: int) -> Iterator[tuple[str, Any]]:
        for name, member in shape.members.items():
            if self.random.random() < (0.93 if name in shape.required_members else 0.4):
                yield name, self.params(member, name, depth + 1)
        if self.random.random() < 0.05:
            yield "Nobody\u00e9", self.wild()

    def scalar(self, shape: Shape, name: str) -> Any:
        match shape.type_name:
            case "integer" | "long" | "double" | "float":
                return self.random.choice(NUMBERS)
            case "timestamp":
                return self.random.choice(STAMPS)
            case "boolean":
                return self.random.choice([True, False])
            case "blob":
                return "AAAA"
            case _:
                return self.text(shape, name)

    def text(self, shape: Shape, name: str) -> str:
        allowed = shape.metadata.get("enum")
        if allowed and self.random.random() < 0.8:
            return str(self.random.choice(allowed))
        known = WORDS.get(name, [])
        return self.random.choice(known if known and self.random.random() < 0.8 else ANY_WORDS)

    def wild(self) -> Any:
        deep: Any = []
        for _ in range(40):
            deep = [deep]
        return self.random.choice(
            [None, True, [], {}, deep, {"a": {"b": [1]}}, *NUMBERS, *ANY_WORDS, [None], 10**400, "٦٠"]
        )


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _flat(item, f"{path}.{key}" if path else str(key))
        case list():
            for number, item in enumerate(value, start=1):
                yield from _flat(item, f"{path}.member.{number}")
        case bool():
            yield path, str(value).lower()
        case None:
            yield path, ""
        case int() | float() if path.endswith(("Time", "Timestamp", "Date")) and 0 <= value < 253_402_300_800:
            yield path, datetime.fromtimestamp(value, UTC).isoformat()
        case _:
            yield path, str(value)


def _as_json(service: str, operation: str, params: Any) -> Request:
    prefix = service_model(service).metadata["targetPrefix"]
    headers = {"x-amz-target": f"{prefix}.{operation}", "x-amzn-query-mode": "true"}
    return Request("POST", "/", "", headers, json.dumps(params).encode())


def _as_cbor(service: str, operation: str, params: Any) -> Request:
    prefix = service_model(service).metadata["targetPrefix"]
    path = f"/service/{prefix}/operation/{operation}"
    return Request("POST", path, "", {"smithy-protocol": "rpc-v2-cbor"}, cbor2.dumps(params))


def _as_query(service: str, operation: str, params: Any) -> Request:
    version = service_model(service).metadata["apiVersion"]
    fields = [("Action", operation), ("Version", version), *_flat(params, "")]
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Request("POST", "/", "", headers, urlencode(fields, quote_via=quote).encode())


WAYS = {
    "cloudwatch": [_as_json, _as_cbor, _as_query],
    "logs": [_as_json],
    "sns": [_as_query],
    "iam": [_as_query],
    "sts": [_as_query],
}
CALLS = [
    (service, operation, way)
    for service, ways in WAYS.items()
    for operation in sorted(OPERATIONS[service])
    for way in ways
]


@pytest.fixture
def furnished(cloud: Cloud, aws: Aws) -> Cloud:
    """An engine in which the names that the requests use stand for something."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_data(Namespace="NS", MetricData=[{"MetricName": "m", "Value": 1.0}])
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
    cloudwatch.put_dashboard(DashboardName="a", DashboardBody='{"widgets": []}')
    aws("sns").create_topic(Name="alarms")
    aws("logs").create_log_group(logGroupName="a")
    aws("logs").create_log_stream(logGroupName="a", logStreamName="a")
    return cloud


@pytest.mark.parametrize(
    ("service", "operation", "way"), CALLS, ids=[f"{s}-{o}-{w.__name__[4:]}" for s, o, w in CALLS]
)
def test_a_hostile_request_has_an_answer_of_aws(
    furnished: Cloud, advance: Any, caplog: pytest.LogCaptureFixture, service: str, operation: str, way: Any
) -> None:
    """A success or a refusal, well formed, with nothing of Python in its words; and time goes on."""
    for number in range(ROUNDS):
        draw = Draw(f"{service} {operation} {number}")
        request = way(service, operation, draw.request(service, operation))
        if draw.random.random() < 0.1:
            request = _broken(request, draw.random)

        answer = begin(furnished, request, "RID", "us-east-1")

        assert "Traceback" not in caplog.text, (request, caplog.text)
        if not isinstance(answer, Unpainted) and answer is not None:
            _check(answer, request)
    advance(180)
    assert "Traceback" not in caplog.text


def _broken(request: Request, source: random.Random) -> Request:
    """Cut somewhere, or with a byte changed."""
    body = bytearray(request.body)
    at = source.randrange(len(body)) if body else 0
    if source.random() < 0.5:
        del body[at:]
    elif body:
        body[at] = source.randrange(256)
    return Request(request.method, request.path, request.query, request.headers, bytes(body))


def _check(answer: Response, request: Request) -> None:
    assert answer.status in STATUSES, (answer, request)
    code, message = _read(answer)
    if answer.status == 200:
        assert code is None, (answer, request)
        return
    assert code, (answer, request)
    words = MODELS_WORDS.sub("", message or "")
    assert PYTHON.search(words) is None, (words, request)


def _read(answer: Response) -> tuple[str | None, str | None]:
    """Code and message of an error; of a success none."""
    match answer.headers["content-type"]:
        case "text/xml":
            root = ElementTree.fromstring(answer.body)
            codes = [part for part in root.iter() if part.tag.rpartition("}")[2] in ("Code", "Message")]
            if root.tag.rpartition("}")[2] != "ErrorResponse":
                return None, None
            return codes[0].text, codes[1].text
        case "application/cbor":
            document = cbor2.loads(answer.body)
        case _:
            document = json.loads(answer.body or b"{}", parse_constant=lambda name: pytest.fail(name))
    return document.get("__type"), document.get("message", document.get("Message"))
