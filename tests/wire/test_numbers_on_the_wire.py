"""What may be written for a number, a boolean and a moment: the same in each protocol, in AWS's words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import cbor2
import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud
from inferwatch.wire.request import Request
from inferwatch.wire.respond import respond

Aws = Callable[[str], Any]
DATUM = {"MetricName": "m", "Value": 1.0}


@pytest.fixture
def ask(cloud: Cloud) -> Callable[..., tuple[int, str, str]]:
    """`ask(operation, field=text)` in the query protocol: status, code and message."""

    def send(operation: str, **fields: str) -> tuple[int, str, str]:
        form = urlencode({"Action": operation, "Version": "2010-08-01", **fields}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        response = respond(cloud, Request("POST", "/", "", headers, form), "RID", "us-east-1")
        assert response is not None
        body = response.body.decode()
        found = re.search(r"<Code>(.*)</Code><Message>(.*)</Message>", body, re.DOTALL)
        return (response.status, *(found.groups() if found is not None else ("", body)))

    return send


def _statistics(**changes: str) -> dict[str, str]:
    return {
        "Namespace": "NS",
        "MetricName": "m",
        "StartTime": "2026-11-24T11:00:00Z",
        "EndTime": "2026-11-24T12:00:00Z",
        "Period": "60",
        "Statistics.member.1": "Sum",
        **changes,
    }


@pytest.mark.parametrize("text", ["60", "+60", "060"])
def test_an_integer_of_xml_schema_is_read(ask: Any, text: str) -> None:
    """Signs and leading zeros belong to its grammar."""
    assert ask("GetMetricStatistics", **_statistics(Period=text))[0] == 200


@pytest.mark.parametrize(
    "text",
    [
        "1_2_0",
        "\u0666\u0660",
        "\uff16\uff10",
        "5 ",
        " 60",
        "60.0",
        "6e1",
        "",
        "0x3c",
        "2147483648",
        "9" * 5_000,
    ],
)
def test_what_is_no_integer_is_malformed(ask: Any, text: str) -> None:
    """Nothing that only Python takes for one, and nothing beyond 32 bits."""
    status, code, message = ask("GetMetricStatistics", **_statistics(Period=text))

    assert (status, code) == (400, "MalformedInput")
    assert message.startswith("The parameter Period could not be read: ")


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), ("-.5e+2", -50.0), ("5.", 5.0), ("1E3", 1_000.0), ("1e-400", 0.0)]
)
def test_a_double_of_xml_schema_is_read(ask: Any, aws: Aws, text: str, value: float) -> None:
    """With an exponent, or without a digit before or behind the point."""
    fields = {"MetricData.member.1.MetricName": "m", "MetricData.member.1.Value": text}

    assert ask("PutMetricData", Namespace="NS", **fields)[0] == 200

    (point,) = aws("cloudwatch").get_metric_statistics(
        Namespace="NS",
        MetricName="m",
        StartTime=1_795_521_600,
        EndTime=1_795_521_660,
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert point["Sum"] == value


@pytest.mark.parametrize(
    "text", ["1_000", "\u0661", "\uff11", "nan", "inf", "infinity", "1e", "e5", ".", "1 ", "0x1p3"]
)
def test_what_is_no_double_is_malformed(ask: Any, text: str) -> None:
    """`inf` and `nan` are Python's names."""
    fields = {"MetricData.member.1.MetricName": "m", "MetricData.member.1.Value": text}

    assert ask("PutMetricData", Namespace="NS", **fields)[:2] == (400, "MalformedInput")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "20261124T110000Z",
        "2026-W48-2T11:00:00Z",
        "2026-11-24 11:00:00",
        "\u0662\u0660\u0662\u0666-11-24T11:00:00Z",
        "2026-13-24T11:00:00Z",
        "2026-11-24T11:00:00.123456789Z",
        "0000-11-24T11:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1795521600",
    ],
)
def test_what_is_no_timestamp_is_malformed(ask: Any, text: str) -> None:
    """In the words that users of the service posted."""
    assert ask("GetMetricStatistics", **_statistics(StartTime=text)) == (
        400,
        "MalformedInput",
        "timestamp must follow ISO8601",
    )


@pytest.mark.parametrize("text", ["2026-11-24T11:00Z", "2026-11-24T11:00:00.123", "2026-11-24T12:00:00+0100"])
def test_a_timestamp_may_leave_seconds_or_the_zone_out(ask: Any, text: str) -> None:
    """All of it ISO 8601."""
    assert ask("GetMetricStatistics", **_statistics(StartTime=text))[0] == 200


@pytest.mark.parametrize("text", ["1", "yes", "", "True "])
def test_what_is_no_boolean_is_malformed(ask: Any, text: str) -> None:
    """Only true and false."""
    assert ask("ListMetrics", IncludeLinkedAccounts=text)[:2] == (400, "MalformedInput")


@pytest.mark.parametrize("number", ["\u0662", "1_0", "-1", "+1", "9" * 10, "²", "x"])
def test_the_members_of_a_list_are_numbered_in_ascii(ask: Any, number: str) -> None:
    """`member.²` is none."""
    status, code, _ = ask("DeleteAlarms", **{f"AlarmNames.member.{number}": "a"})

    assert (status, code) == (400, "MalformedInput")


def test_two_members_of_one_number_come_in_their_order(ask: Any) -> None:
    """`member.1` and `member.01`."""
    fields = {"AlarmNames.member.01.x": "a", "AlarmNames.member.1": "b"}

    assert ask("DeleteAlarms", **fields)[:2] == (400, "MalformedInput")
    assert ask("DeleteAlarms", **{"AlarmNames.member.01": "a", "AlarmNames.member.1": "b"})[0] == 200


@pytest.mark.parametrize("part", ["1.value", "1.key", "1.key.x", "1"])
def test_an_entry_of_a_map_has_a_key_and_a_value(cloud: Cloud, part: str) -> None:
    """A key that is not there is none of four letters."""
    form = urlencode(
        {"Action": "CreateTopic", "Version": "2010-03-31", "Name": "t", f"Attributes.entry.{part}": "x"}
    )
    headers = {"content-type": "application/x-www-form-urlencoded"}

    response = respond(cloud, Request("POST", "/", "", headers, form.encode()), "RID", "us-east-1")

    assert response is not None
    assert response.status == 400
    assert b"<Code>MalformedInput</Code>" in response.body
    assert b"Attributes.entry.1" in response.body


def test_a_value_beyond_all_is_refused_alike_in_each_protocol(cloud: Cloud, ask: Any) -> None:
    """1e400 is a number in JSON's grammar, and Infinity in Java."""
    expected = "The value Infinity for parameter MetricData.member.1.Value is invalid."
    fields = {"MetricData.member.1.MetricName": "m", "MetricData.member.1.Value": "1e400"}
    as_json = b'{"Namespace": "NS", "MetricData": [{"MetricName": "m", "Value": 1e400}]}'
    as_cbor = cbor2.dumps({"Namespace": "NS", "MetricData": [{**DATUM, "Value": 10**400}]})

    assert ask("PutMetricData", Namespace="NS", **fields) == (400, "InvalidParameterValue", expected)
    for answer in (_post_json(cloud, as_json), _post_cbor(cloud, as_cbor)):
        assert answer == {
            "__type": "com.amazon.coral.service#InvalidParameterValueException",
            "message": expected,
        }


def _post_json(cloud: Cloud, body: bytes, operation: str = "PutMetricData") -> Any:
    headers = {"x-amz-target": f"GraniteServiceVersion20100801.{operation}"}
    response = respond(cloud, Request("POST", "/", "", headers, body), "RID", "us-east-1")
    assert response is not None
    return json.loads(response.body)


def _post_cbor(cloud: Cloud, body: bytes, operation: str = "PutMetricData") -> Any:
    path = f"/service/GraniteServiceVersion20100801/operation/{operation}"
    headers = {"smithy-protocol": "rpc-v2-cbor"}
    response = respond(cloud, Request("POST", path, "", headers, body), "RID", "us-east-1")
    assert response is not None
    return cbor2.loads(response.body)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"Namespace": "\xff"}',
        b'{"Namespace": "\\ud83d"}',
        b'{"Namespace": "\\ud83d", "x": 1e400}',
        b'{"Namespace": NaN}',
        b'{"Namespace": 01}',
        b'{"x": 1_000}',
        b"[" * 100_000,
        b'{"x": ' * 5_000 + b"1" + b"}" * 5_000,
        b"\xef\xbb\xbf{}",
        b'{"a": 1} {"b": 2}',
        "{'a': 1}".encode("utf-16"),
    ],
)
def test_a_body_that_is_no_json_is_refused_in_one_sentence(cloud: Cloud, body: bytes) -> None:
    """Nothing of the parser's own words gets out."""
    assert _post_json(cloud, body) == {
        "__type": "com.amazonaws.cloudwatch.v2010_08_01#SerializationException",
        "Message": "The request is not valid JSON.",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\xa1\x61",
        b"\xa1\x61\xff\x01",
        b"\x81" * 2_000 + b"\x01",
        b"\x9f" * 5_000,
        b"\xd8\x23\x61(",
        b"\xd8\x1e\x82\x01\x00",
        b"\xc5\x82\x1a\x7f\xff\xff\xff\x01",
        b"\xc1\x1b" + b"\xff" * 8,
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
    ],
)
def test_a_body_that_is_no_cbor_is_refused_in_one_sentence(cloud: Cloud, body: bytes) -> None:
    """Bad regular expressions, fractions over 0 and moments beyond all included: tags may hold those."""
    assert _post_cbor(cloud, body) == {
        "__type": "com.amazonaws.cloudwatch.v2010_08_01#SerializationException",
        "Message": "The request is not valid CBOR.",
    }


@pytest.mark.parametrize(
    ("datum", "message"),
    [
        ({"Value": "1"}, "STRING_VALUE cannot be converted to Double"),
        ({"Value": True}, "TRUE_VALUE cannot be converted to Double"),
        ({"Value": [1]}, "Start of list found where not expected."),
        ({"StorageResolution": "60"}, "STRING_VALUE cannot be converted to Integer"),
        ({"StorageResolution": 2**31}, "NUMBER_VALUE cannot be converted to Integer"),
        ({"StorageResolution": 1.5}, "NUMBER_VALUE cannot be converted to Integer"),
        ({"Timestamp": "2026-11-24T12:00:00Z"}, "STRING_VALUE cannot be converted to Timestamp"),
        ({"Timestamp": 1e300}, "NUMBER_VALUE cannot be converted to Timestamp"),
        ({"Timestamp": -62_135_596_801}, "NUMBER_VALUE cannot be converted to Timestamp"),
        ({"Unit": 1}, "NUMBER_VALUE cannot be converted to String"),
    ],
)
def test_a_json_value_of_another_kind_is_not_converted(
    cloud: Cloud, datum: dict[str, Any], message: str
) -> None:
    """No number out of a string, no boolean out of a number; CBOR says the same."""
    params = {"Namespace": "NS", "MetricData": [{**DATUM, **datum}]}

    assert _post_json(cloud, json.dumps(params).encode())["Message"] == message
    assert _post_cbor(cloud, cbor2.dumps(params))["Message"] == message


@pytest.mark.parametrize("value", [10**400, float("nan"), float("inf"), b"x", cbor2.CBORTag(37, b"x" * 16)])
def test_what_only_cbor_can_write_is_no_timestamp(cloud: Cloud, value: Any) -> None:
    """Bignums, byte strings, what is no number, and UUIDs."""
    params = {"Namespace": "NS", "MetricData": [{**DATUM, "Timestamp": value}]}

    assert _post_cbor(cloud, cbor2.dumps(params))["Message"].endswith("cannot be converted to Timestamp")


def test_a_key_of_a_map_is_a_string(cloud: Cloud) -> None:
    """CBOR could write any value there."""
    entity = {"Entity": {"KeyAttributes": {1: "x"}}, "MetricData": [DATUM]}

    answer = _post_cbor(cloud, cbor2.dumps({"Namespace": "NS", "EntityMetricData": [entity]}))

    assert answer["Message"] == "NUMBER_VALUE cannot be converted to String"


def test_a_list_in_a_constraints_text_is_written_as_java_does(aws_in_each_protocol: Aws) -> None:
    """[Sum, Sum, …], without quotes."""
    with pytest.raises(ClientError) as refused:
        aws_in_each_protocol("cloudwatch").get_metric_statistics(
            Namespace="NS",
            MetricName="m",
            StartTime=1_795_518_000,
            EndTime=1_795_521_600,
            Period=60,
            Statistics=["Sum"] * 6,
        )

    assert refused.value.response["Error"]["Message"] == (
        "1 validation error detected: Value '[Sum, Sum, Sum, Sum, Sum, Sum]' at 'statistics' failed to satisfy "
        "constraint: Member must have length less than or equal to 5"
    )
