"""PutMetricData through the wire: every form, every limit, every refusal."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
PostJson = Callable[..., tuple[int, dict[str, Any]]]
NOON_S = 1_795_521_600


@pytest.fixture
def aws(aws_in_each_protocol: Aws) -> Aws:
    """Every test here runs once in each protocol."""
    return aws_in_each_protocol


@pytest.fixture
def put(aws: Aws) -> Callable[..., Any]:
    """`put(Value=1)` puts one datum of the metric `m`."""
    cloudwatch = aws("cloudwatch")

    def send(**datum: Any) -> Any:
        return cloudwatch.put_metric_data(Namespace="NS", MetricData=[{"MetricName": "m", **datum}])

    return send


def _refusal(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(*args, **kwargs)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_data_are_accepted_and_refused_as_recorded(vectors: Vectors, aws: Aws, cloud: Cloud) -> None:
    """Every recorded request: codes and texts to the letter."""
    cloudwatch = aws("cloudwatch")
    checked = 0
    for case in vectors("put_metric_data"):
        request = json.loads(json.dumps(case["request"]).replace('"NaN"', "NaN"))
        if "now" in case:
            now_ms = int(datetime.fromisoformat(case["now"]).timestamp() * 1_000)
            cloud.engine("us-east-1").clock = ManualClock(now_ms)

        if case["expect"].get("ok"):
            cloudwatch.put_metric_data(**request)
        else:
            expected = (case["expect"]["code"], case["expect"]["message"])
            assert _refusal(cloudwatch.put_metric_data, **request) == expected, case["id"]
        checked += 1
    assert checked == 25


def test_what_is_stored_is_what_was_sent(vectors: Vectors, aws: Aws) -> None:
    """Every recorded figure comes back from GetMetricStatistics, to eleven digits."""
    cloudwatch = aws("cloudwatch")
    checked = 0
    for case in vectors("statistics"):
        datum: dict[str, Any] = {"MetricName": case["id"], "Timestamp": NOON_S}
        if "samples" in case:
            datum["Values"] = [value for value, _ in case["samples"]]
            datum["Counts"] = [count for _, count in case["samples"]]
        else:
            datum["StatisticValues"] = case["statisticValues"]
        cloudwatch.put_metric_data(Namespace="NS", MetricData=[datum])
        simple = [name for name in case["expect"] if name[0] in "SAM" and name != "IQM"]
        extended = [name for name in case["expect"] if name not in simple]

        point: dict[str, Any] = {}
        for names in (simple, extended[:10], extended[10:]):
            if names:
                kind = "Statistics" if names is simple else "ExtendedStatistics"
                (found,) = cloudwatch.get_metric_statistics(
                    Namespace="NS",
                    MetricName=case["id"],
                    StartTime=NOON_S,
                    EndTime=NOON_S + 60,
                    Period=60,
                    **{kind: names},
                )["Datapoints"] or [{}]
                point |= found.get("ExtendedStatistics", {}) or found

        for name, expected in case["expect"].items():
            if expected is None:
                assert name not in point, (case["id"], name)
            else:
                assert point[name] == pytest.approx(expected, rel=1e-11), (case["id"], name)
            checked += 1
    assert checked == 138


def test_a_refused_request_stores_nothing(aws: Aws) -> None:
    """All of a request is checked before any of it is kept."""
    cloudwatch = aws("cloudwatch")
    bad = [
        {"MetricName": "bad", "Value": 2.0**361},
        {"MetricName": "bad", "Value": 1.0, "Dimensions": [{"Name": "A", "Value": "x"}] * 2},
        {"MetricName": "bad"},
    ]

    for datum in bad:
        with pytest.raises(ClientError):
            cloudwatch.put_metric_data(
                Namespace="NS", MetricData=[{"MetricName": "good", "Value": 1.0}, datum]
            )
    with pytest.raises(ClientError):
        cloudwatch.put_metric_data(
            Namespace="NS",
            MetricData=[{"MetricName": "good", "Value": 1.0}],
            EntityMetricData=[{"Entity": {"KeyAttributes": {}}, "MetricData": []}],
            StrictEntityValidation=True,
        )

    assert cloudwatch.list_metrics()["Metrics"] == []


DIMENSION = "MetricData.member.1.Dimensions.member.1"


@pytest.mark.parametrize(
    ("datum", "message"),
    [
        (
            {"Values": [1.0] * 151},
            "The collection MetricData.member.1.Values must not have a size greater than 150.",
        ),
        (
            {"Value": 1.0, "Dimensions": [{"Name": f"D{n}", "Value": "v"} for n in range(31)]},
            "The collection MetricData.member.1.Dimensions must not have a size greater than 30.",
        ),
        (
            {"Value": 1.0, "Dimensions": [{"Name": "A", "Value": "é"}]},
            f"The value for parameter {DIMENSION}.Value contains non-ASCII characters.",
        ),
        (
            {"Value": 1.0, "Dimensions": [{"Name": "A", "Value": "two\nlines"}]},
            f"The value for parameter {DIMENSION}.Value contains non-ASCII characters.",
        ),
        (
            {"Value": 1.0, "Dimensions": [{"Name": "A", "Value": "a\0b"}]},
            f"The value for parameter {DIMENSION}.Value contains ASCII control characters.",
        ),
        (
            {"Value": 1.0, "Dimensions": [{"Name": "A", "Value": "é" + "x" * 1024}]},
            (
                f"The value for parameter {DIMENSION}.Value contains non-ASCII characters.\n"
                f"The parameter {DIMENSION}.Value must be shorter than 1025 characters."
            ),
        ),
        (
            {"Value": 1.0, "Dimensions": [{"Name": "N" * 256, "Value": "v"}]},
            f"The parameter {DIMENSION}.Name must be shorter than 256 characters.",
        ),
        (
            {"Value": 1.0, "Dimensions": [{"Name": ":A", "Value": " "}]},
            (
                f"The value :A for parameter {DIMENSION}.Name is invalid.\n"
                f"The value   for parameter {DIMENSION}.Value is invalid."
            ),
        ),
        (
            {"Value": float("-inf")},
            "The value -Infinity for parameter MetricData.member.1.Value is invalid.",
        ),
        ({"Value": 1e200}, "The value 1.0E200 for parameter MetricData.member.1.Value is invalid."),
        (
            {"Values": [1.0, 2.0], "Counts": [float("inf"), 1.0]},
            "The value Infinity for parameter MetricData.member.1.Counts is invalid.",
        ),
        (
            {"StatisticValues": {"SampleCount": 1.0, "Sum": float("nan"), "Minimum": 1.0, "Maximum": 1.0}},
            "The value NaN for parameter MetricData.member.1.StatisticValues.Sum is invalid.",
        ),
        (
            {"Value": 1.0, "Unit": "Furlongs"},
            (
                "The parameter MetricData.member.1.Unit must be a value in the set [ Seconds, Microseconds, "
                "Milliseconds, Bytes, Kilobytes, Megabytes, Gigabytes, Terabytes, Bits, Kilobits, Megabits, "
                "Gigabits, Terabits, Percent, Count, Bytes/Second, Kilobytes/Second, Megabytes/Second, "
                "Gigabytes/Second, Terabytes/Second, Bits/Second, Kilobits/Second, Megabits/Second, "
                "Gigabits/Second, Terabits/Second, Count/Second, None ]."
            ),
        ),
    ],
)
def test_a_bad_value_is_refused(put: Callable[..., Any], datum: dict[str, Any], message: str) -> None:
    """In the service's own words, a line for each fault."""
    assert _refusal(put, **datum) == ("InvalidParameterValue", message)


def test_the_most_of_everything_is_taken(aws: Aws) -> None:
    """A thousand data; one with 150 values and 30 dimensions; the largest value there is."""
    cloudwatch = aws("cloudwatch")
    dimensions = [{"Name": f"D{n}", "Value": "v" * 1024} for n in range(30)]
    wide = {"MetricName": "w", "Values": [2.0**360, *range(149)], "Dimensions": dimensions}
    data = [{"MetricName": "m", "Value": 1.0}] * 999

    cloudwatch.put_metric_data(Namespace="N" * 255, MetricData=[*data, wide])

    found = cloudwatch.list_metrics()["Metrics"]
    assert sorted(len(metric["Dimensions"]) for metric in found) == [0, 30]


@pytest.mark.parametrize("elsewhere", [0, 1])
def test_a_thousand_and_one_data_are_too_many(aws: Aws, elsewhere: int) -> None:
    """Those of entities count too."""
    data = [{"MetricName": "m", "Value": 1.0}] * (1_001 - elsewhere)
    related = [{"Entity": {}, "MetricData": [{"MetricName": "m", "Value": 1.0}] * elsewhere}]

    refusal = _refusal(
        aws("cloudwatch").put_metric_data,
        Namespace="NS",
        MetricData=data,
        **({"EntityMetricData": related} if elsewhere else {}),
    )

    assert refusal == (
        "InvalidParameterValue",
        "The collection MetricData must not have a size greater than 1000.",
    )


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        (
            {"MetricData": [{"MetricName": "m", "Value": 1}]},
            "MissingRequiredParameterException",
            "The parameter Namespace is required.",
        ),
        (
            {"Namespace": "N" * 256, "MetricData": [{"MetricName": "m", "Value": 1}]},
            "InvalidParameterValueException",
            "The parameter Namespace must be shorter than 256 characters.",
        ),
        (
            {"Namespace": "NS"},
            "MissingRequiredParameterException",
            "At least one MetricDatum object must be present in the request.",
        ),
        (
            {"Namespace": "NS", "MetricData": [{"MetricName": "m", "Value": 1}, {"Value": 1}]},
            "MissingRequiredParameterException",
            "The parameter MetricData.member.2.MetricName is required.",
        ),
        (
            {
                "Namespace": "NS",
                "MetricData": [{"MetricName": "m", "Value": 1, "Dimensions": [{"Name": "A"}]}],
            },
            "MissingRequiredParameterException",
            f"The parameter {DIMENSION}.Value is required.",
        ),
        (
            {"Namespace": "NS", "MetricData": [{"MetricName": "m", "StatisticValues": {"SampleCount": 1}}]},
            "MissingRequiredParameterException",
            "The parameter MetricData.member.1.StatisticValues.Sum is required.",
        ),
        (
            {"Namespace": "NS", "MetricData": [{"MetricName": "m", "Values": []}]},
            "InvalidParameterCombinationException",
            "At least one of the parameters must be specified.",
        ),
        (
            {"Namespace": "NS", "MetricData": [{"MetricName": "m", "Value": "12"}]},
            "SerializationException",
            "STRING_VALUE cannot be converted to Double",
        ),
    ],
)
def test_what_no_client_would_send_is_refused(
    post_json: PostJson, params: dict[str, Any], code: str, message: str
) -> None:
    """Clients check these themselves; the engine does so too."""
    status, answer = post_json("cloudwatch", "PutMetricData", params)

    assert (status, answer["__type"].rpartition("#")[2]) == (400, code)
    assert (answer.get("message") or answer.get("Message")) == message


@pytest.mark.parametrize("number", ["1e400", "1" + "0" * 400, "-" + "9" * 5_000])
def test_a_number_beyond_every_double_is_refused(post_json: PostJson, number: str, cloud: Cloud) -> None:
    """Ten to the four hundred, as a fraction or as an integer."""
    body = f'{{"Namespace":"NS","MetricData":[{{"MetricName":"m","Value":{number}}}]}}'

    status, _ = post_json("cloudwatch", "PutMetricData", body.encode())

    assert status == 400
    assert list(cloud.engine("us-east-1").metrics.visible(0)) == []


def test_a_megabyte_is_enough_packed_or_not(post_json: PostJson) -> None:
    """The size that counts is the one after unpacking; nothing larger is even read."""
    params = {"Namespace": "NS", "MetricData": [{"MetricName": "m", "Value": 1.0}]}
    padding = " " * (1_048_576 - len(json.dumps(params)))
    fits, too_large = (json.dumps(params) + padding + more for more in ("", " "))
    mode = {"x-amzn-query-mode": "true"}

    answers = [
        post_json("cloudwatch", "PutMetricData", body, **mode, **headers)
        for text in (fits, too_large)
        for body, headers in (
            (text.encode(), {}),
            (gzip.compress(text.encode()), {"content-encoding": "gzip"}),
        )
    ]

    assert [status for status, _ in answers] == [200, 200, 413, 413]
    assert answers[3][1]["__type"].endswith("RequestEntityTooLarge")
    assert answers[3][1]["message"] == "Request size 1048577 exceeded 1048576 bytes"


def test_a_body_of_ten_megabytes_is_refused(post_json: PostJson) -> None:
    """By its size, whatever it holds."""
    status, _ = post_json("cloudwatch", "PutMetricData", b"[" * 10_000_000)

    assert status == 400


def _point(aws: Aws, period: int = 60, **more: Any) -> list[tuple[int, float]]:
    found = aws("cloudwatch").get_metric_statistics(
        Namespace="NS",
        MetricName="m",
        StartTime=NOON_S,
        EndTime=NOON_S + 60,
        Period=period,
        Statistics=["Sum"],
        **more,
    )["Datapoints"]
    return sorted((int(point["Timestamp"].timestamp()) - NOON_S, point["Sum"]) for point in found)


def test_a_point_of_one_second_is_read_back_by_the_second(aws: Aws, put: Callable[..., Any]) -> None:
    """One of a minute lies at its minute's start, whatever is asked."""
    put(Value=1.0, Timestamp=NOON_S + 7, StorageResolution=1)
    put(Values=[2.0, 3.0], Counts=[1, 2], Timestamp=NOON_S + 17, StorageResolution=1)
    put(
        StatisticValues={"SampleCount": 1, "Sum": 16, "Minimum": 16, "Maximum": 16},
        Timestamp=NOON_S + 31,
        StorageResolution=1,
    )
    put(Value=32.0, Timestamp=NOON_S + 7)

    assert _point(aws, 1) == [(0, 32.0), (7, 1.0), (17, 8.0), (31, 16.0)]
    assert _point(aws, 10) == [(0, 33.0), (10, 8.0), (30, 16.0)]
    assert _point(aws, 60) == [(0, 57.0)]


SERVICE = {"Type": "Service", "Name": "checkout", "Environment": "prod"}


@pytest.mark.parametrize(
    ("entities", "code", "text"),
    [
        ([{"KeyAttributes": SERVICE}], None, ""),
        ([{"KeyAttributes": {"Type": "AWS::Resource", "ResourceType": "AWS::EC2::Instance", "Identifier": "i"}}], None, ""),
        ([{"KeyAttributes": SERVICE, "Attributes": {"a": "b"}}] * 2, None, ""),
        ([{"KeyAttributes": {**SERVICE, "Type": "Nonsense"}}], "InvalidTypeValue", "Unknown entity type"),
        ([{"KeyAttributes": {"Type": "Service", "Name": "checkout"}}], "MissingRequiredFields", "There are missing"),
        ([{"KeyAttributes": {"Name": "checkout", "Environment": "prod"}}], "MissingRequiredFields", "There are missing"),
        ([{"KeyAttributes": {**SERVICE, "Color": "red"}}], "InvalidKeyAttributes", "The provided KeyAttributes"),
        ([{"KeyAttributes": SERVICE, "Attributes": {f"a{n}": "b" for n in range(11)}}], "InvalidAttributes", "The provided Attributes"),
        ([{"KeyAttributes": SERVICE}] * 3, "EntitySizeTooLarge", "The number of EntityMetricData objects allowed is 2."),
    ],
)  # fmt: skip
def test_a_bad_entity_costs_the_relation_or_the_request(
    aws: Aws, entities: list[dict[str, Any]], code: str | None, text: str
) -> None:
    """Without strictness the data are stored, and a header says what is wrong."""
    cloudwatch = aws("cloudwatch")
    request = {
        "Namespace": "NS",
        "EntityMetricData": [
            {"Entity": entity, "MetricData": [{"MetricName": "m", "Value": 1.0, "Timestamp": NOON_S}]}
            for entity in entities
        ],
    }

    lenient = cloudwatch.put_metric_data(**request)["ResponseMetadata"]["HTTPHeaders"]

    assert lenient.get("x-amzn-failure-message") == code
    assert _point(aws) == [(0, float(len(entities)))]
    if code is None:
        cloudwatch.put_metric_data(**request, StrictEntityValidation=True)
    else:
        refusal = _refusal(cloudwatch.put_metric_data, **request, StrictEntityValidation=True)
        assert refusal[0] == "InvalidParameterValue"
        assert refusal[1].startswith(f"{code}: {text}")


def test_data_of_an_entity_are_named_where_they_stand(aws: Aws) -> None:
    """A fault says in which entity's data it is."""
    related = [{"Entity": {"KeyAttributes": SERVICE}, "MetricData": [{"MetricName": "m", "Value": 1e200}]}]

    refusal = _refusal(aws("cloudwatch").put_metric_data, Namespace="NS", EntityMetricData=related)

    assert refusal[1] == (
        "The value 1.0E200 for parameter EntityMetricData.member.1.MetricData.member.1.Value is invalid."
    )
