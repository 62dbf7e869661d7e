"""One service, three protocols: the same calls, the same answers, the same errors."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.wire.request import Request
from inferwatch.wire.respond import Response, respond

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PostJson = Callable[..., tuple[int, dict[str, Any]]]
Vectors = Callable[[str], list[dict[str, Any]]]


def test_what_is_put_is_read_back(cloudwatch: Any) -> None:
    """Lists, structures, doubles, enums and timestamps survive in each protocol."""
    cloudwatch.put_metric_data(
        Namespace="NS",
        MetricData=[
            {
                "MetricName": "m",
                "Dimensions": [{"Name": "Model", "Value": "a & <b>"}],
                "Timestamp": NOON,
                "Values": [1.5, 2.5],
                "Counts": [1.0, 3.0],
                "Unit": "Milliseconds",
            }
        ],
    )

    metrics = cloudwatch.list_metrics(Namespace="NS")["Metrics"]
    statistics = cloudwatch.get_metric_statistics(
        Namespace="NS",
        MetricName="m",
        Dimensions=[{"Name": "Model", "Value": "a & <b>"}],
        StartTime=datetime(2026, 11, 24, 11, 59, tzinfo=UTC),
        EndTime=datetime(2026, 11, 24, 12, 1, tzinfo=UTC),
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]

    assert metrics == [
        {"Namespace": "NS", "MetricName": "m", "Dimensions": [{"Name": "Model", "Value": "a & <b>"}]}
    ]
    assert statistics == [{"Timestamp": NOON, "Sum": 9.0, "SampleCount": 4.0, "Unit": "Milliseconds"}]


def test_an_error_has_its_code_and_status_in_each_protocol(cloudwatch: Any) -> None:
    """Clients read the query code, whatever protocol they speak."""
    with pytest.raises(ClientError) as refused:
        cloudwatch.get_dashboard(DashboardName="missing")

    response = refused.value.response
    assert response["Error"]["Code"] == "ResourceNotFound"
    assert response["Error"]["Message"] == "Dashboard missing does not exist"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_an_operation_we_lack_is_refused_by_name_in_each_protocol(cloudwatch: Any) -> None:
    """No invented success."""
    with pytest.raises(ClientError) as refused:
        cloudwatch.delete_insight_rules(RuleNames=["r"])

    assert refused.value.response["Error"]["Message"] == (
        "inferwatch does not support the operation DeleteInsightRules of cloudwatch yet"
    )


def test_a_parameter_we_lack_is_refused_by_name(aws: Callable[[str], Any]) -> None:
    """Understood wholly, or not at all."""
    with pytest.raises(ClientError, match="the parameter kmsKeyId of CreateLogGroup"):
        aws("logs").create_log_group(logGroupName="/a", kmsKeyId="arn:aws:kms:us-east-1:1:key/x")


def _send(
    cloud: Cloud, method: str, path: str, headers: dict[str, str], body: bytes, query: str = ""
) -> Response:
    response = respond(cloud, Request(method, path, query, headers, body), "RID", "us-east-1")
    assert response is not None
    return response


def test_recorded_requests_are_understood(vectors: Vectors, cloud: Cloud, clock: ManualClock) -> None:
    """Bytes that real clients sent, in each protocol, and the answers they expect."""
    clock_at = 1_767_322_800_000 + 60_000
    checked = 0
    for case in vectors("wire"):
        if "path" not in case:
            continue
        body = bytes.fromhex(case["body_hex"]) if "body_hex" in case else case["body"].encode()
        headers = {name.lower(): value for name, value in case["headers"].items()}
        cloud.engine("us-east-1").clock = ManualClock(clock_at)

        response = _send(cloud, case["method"], case["path"], headers, body)

        expected = case["response"]
        assert response.status == expected["status"], case["id"]
        for name, value in expected["headers"].items():
            assert response.headers[name.lower()] == value, case["id"]
        wanted = bytes.fromhex(expected["body_hex"]) if "body_hex" in expected else expected["body"].encode()
        assert response.body == wanted, case["id"]
        checked += 1
    assert checked == 3


def test_a_json_error_has_the_recorded_headers_and_type(cloud: Cloud) -> None:
    """Query-compatible clients find the code in a header; `__type` carries the service's prefix."""
    headers = {
        "x-amz-target": "GraniteServiceVersion20100801.SetAlarmState",
        "content-type": "application/x-amz-json-1.0",
        "x-amzn-query-mode": "true",
    }
    body = b'{"AlarmName": "x", "StateValue": "OK", "StateReason": "r"}'

    response = _send(cloud, "POST", "/", headers, body)

    assert response.status == 404
    assert response.headers["x-amzn-query-error"] == "ResourceNotFound;Sender"
    assert json.loads(response.body) == {
        "__type": "com.amazonaws.cloudwatch.v2010_08_01#ResourceNotFound",
        "message": "",
    }


def test_without_query_mode_every_client_error_is_400(cloud: Cloud) -> None:
    """As recorded: the old status belongs to the old protocol."""
    headers = {"x-amz-target": "GraniteServiceVersion20100801.GetDashboard"}

    response = _send(cloud, "POST", "/", headers, b'{"DashboardName": "x"}')

    assert response.status == 400


def test_an_indefinite_cbor_map_is_read_as_a_definite_one(cloud: Cloud) -> None:
    """AWS and some clients write maps and lists without their length."""
    headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"

    response = _send(cloud, "POST", path, headers, bytes.fromhex("bfff"))

    assert (response.status, cbor2.loads(response.body)) == (200, {"Metrics": []})
    assert response.headers["smithy-protocol"] == "rpc-v2-cbor"


def test_a_query_may_be_a_get(cloud: Cloud) -> None:
    """Links in SNS messages are such."""
    response = _send(cloud, "GET", "/", {}, b"", query="Action=GetCallerIdentity&Version=2011-06-15")

    assert response.status == 200
    assert b"<Account>123456789012</Account>" in response.body
    assert b'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"' in response.body


def test_a_gzip_body_is_unpacked(cloud: Cloud) -> None:
    """botocore packs large PutMetricData bodies."""
    headers = {"x-amz-target": "Logs_20140328.CreateLogGroup", "content-encoding": "gzip"}

    response = _send(cloud, "POST", "/", headers, gzip.compress(b'{"logGroupName": "/a"}'))

    assert response.status == 200


@pytest.mark.parametrize(
    "body",
    [b"not gzip", gzip.compress(b"{}")[:-4], gzip.compress(b"0" * (33 * 1024 * 1024))],
    ids=["no gzip", "cut short", "33 MiB"],
)
def test_a_broken_or_huge_gzip_body_is_refused(cloud: Cloud, body: bytes) -> None:
    """Not a crash, and not a full memory."""
    headers = {"x-amz-target": "Logs_20140328.DescribeLogGroups", "content-encoding": "gzip"}

    response = _send(cloud, "POST", "/", headers, body)

    assert response.status == 400
    assert b"__type" in response.body


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "The request is not valid JSON"),
        (b"[]", "Start of list found where not expected."),
        (b'{"limit": "x"}', "STRING_VALUE cannot be converted to Integer"),
        (b'{"limit": {}}', "Start of structure or map found where not expected."),
        (b'{"logGroupNamePrefix": 1}', "NUMBER_VALUE cannot be converted to String"),
        (b'{"limit": true}', "TRUE_VALUE cannot be converted to Integer"),
    ],
)
def test_a_json_body_of_the_wrong_shape_is_a_serialization_exception(
    post_json: PostJson, body: bytes, message: str
) -> None:
    """With a capital Message, as recorded."""
    status, answer = post_json("logs", "DescribeLogGroups", body)

    assert (status, answer["__type"]) == (400, "SerializationException")
    assert answer["Message"].startswith(message)


@pytest.mark.parametrize("body", [b"\xff", b"\x82\x01", b"\xa1\x01", b"\x5f", b""])
def test_garbage_cbor_is_a_well_formed_error(cloud: Cloud, body: bytes) -> None:
    """Never a 500."""
    path = "/service/GraniteServiceVersion20100801/operation/GetDashboard"

    response = _send(cloud, "POST", path, {"smithy-protocol": "rpc-v2-cbor"}, body)

    assert response.status == 400
    assert "__type" in cbor2.loads(response.body)


def test_a_query_field_of_the_wrong_kind_is_named(cloud: Cloud) -> None:
    """The path of the parameter is in the text."""
    form = b"Action=PutMetricData&Version=2010-08-01&Namespace=N&MetricData.member.1.MetricName=m"
    headers = {"content-type": "application/x-www-form-urlencoded"}

    response = _send(cloud, "POST", "/", headers, form + b"&MetricData.member.1.Value=many")

    assert response.status == 400
    assert b"<Code>MalformedInput</Code>" in response.body
    assert b"MetricData.member.1.Value" in response.body


def test_an_unknown_operation_and_service_are_refused(cloud: Cloud, post_json: PostJson) -> None:
    """By name."""
    status, answer = post_json("logs", "MakeCoffee", {})
    query = _send(cloud, "GET", "/", {}, b"", query="Action=MakeCoffee&Version=2010-08-01")
    no_query = _send(cloud, "GET", "/", {}, b"", query="Action=DescribeLogGroups&Version=2014-03-28")
    other = _send(cloud, "POST", "/", {"x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}")

    assert (status, answer["__type"]) == (400, "UnknownOperationException")
    assert (query.status, b"<Code>InvalidAction</Code>" in query.body) == (400, True)
    assert (no_query.status, b"No service answers" in no_query.body) == (400, True)
    assert b"No service answers to DynamoDB_20120810.GetItem" in other.body


def test_several_faults_come_in_one_answer(post_json: PostJson) -> None:
    """As the logs service words them."""
    params = {"logGroupName": "a b", "retentionInDays": 7}

    _, answer = post_json("logs", "PutRetentionPolicy", {**params, "logGroupName": "x y" * 200})

    assert answer["message"].startswith("2 validation errors detected: Value '")
    assert "Member must have length less than or equal to 512" in answer["message"]
    assert "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+" in answer["message"]


def test_a_missing_member_is_named(post_json: PostJson) -> None:
    """In lower camel case, and null."""
    _, answer = post_json("logs", "CreateLogStream", {"logGroupName": "/a"})

    assert answer["message"] == (
        "1 validation error detected: Value null at 'logStreamName' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_regions_are_kept_apart(cloud: Cloud) -> None:
    """The signature's scope names the region."""
    scope = "AWS4-HMAC-SHA256 Credential=test/20261124/{}/logs/aws4_request, SignedHeaders=host, Signature=x"
    target = {"x-amz-target": "Logs_20140328.CreateLogGroup"}

    for region in ("eu-west-1", "us-west-2"):
        headers = {**target, "authorization": scope.format(region)}
        assert _send(cloud, "POST", "/", headers, b'{"logGroupName": "/a"}').status == 200

    assert cloud.regions == ["eu-west-1", "us-west-2"]
    assert [group.name for group in cloud.engine("eu-west-1").logs] == ["/a"]


def test_a_fault_of_ours_is_an_aws_error_and_is_logged(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 with a request id; the traceback goes to the log, not to the client."""

    def break_down(_region: str) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(cloud, "engine", break_down)

    response = _send(cloud, "POST", "/", {"x-amz-target": "Logs_20140328.DescribeLogGroups"}, b"{}")

    assert response.status == 500
    assert b"boom" not in response.body
    assert "boom" in caplog.text


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-amz-target": "Logs_20140328.PutLogEvents"}, b'{"logEvents":' + b"[" * 200_000),
        ({"x-amz-target": "Logs_20140328.PutLogEvents"}, b'{"a":' * 200_000),
        ({"smithy-protocol": "rpc-v2-cbor"}, b"\xa1" + b"\x81" * 200_000),
        ({"smithy-protocol": "rpc-v2-cbor"}, b"\xd8\x20" * 200_000),
        (
            {"content-type": "application/x-www-form-urlencoded"},
            b"Action=ListTopics&Version=2010-03-31&" + b"a." * 200_000,
        ),
    ],
    ids=["arrays", "objects", "cbor arrays", "cbor tags", "query"],
)
def test_a_body_that_is_nested_deep_is_refused(cloud: Cloud, headers: dict[str, str], body: bytes) -> None:
    """In AWS's form, and without an end of the process."""
    path = (
        "/service/GraniteServiceVersion20100801/operation/ListMetrics"
        if "smithy-protocol" in headers
        else "/"
    )

    response = respond(cloud, Request("POST", path, "", headers, body), "request-1", "us-east-1")

    assert response is not None
    assert response.status in (200, 400)


def test_a_body_that_unpacks_beyond_32_mib_is_refused(cloud: Cloud) -> None:
    """A bomb of 40 KB."""
    headers = {"x-amz-target": "Logs_20140328.PutLogEvents", "content-encoding": "gzip"}
    bomb = gzip.compress(bytes(40 * 2**20))

    response = respond(cloud, Request("POST", "/", "", headers, bomb), "request-1", "us-east-1")

    assert response is not None
    assert b"RequestEntityTooLarge" in response.body
