"""ANOMALY_DETECTION_BAND in GetMetricData, and the detectors that say how it learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud
from inferwatch.engine.metrics.store import Metric

Aws = Callable[[str], Any]
NOON_S = 1_795_521_600
LATENCY = {"Namespace": "NS", "MetricName": "Latency", "Dimensions": [{"Name": "Model", "Value": "m"}]}
SINGLE = {**LATENCY, "Stat": "Average"}
M1 = {
    "Id": "m1",
    "MetricStat": {"Metric": LATENCY, "Period": 60, "Stat": "Average"},
    "ReturnData": False,
}
DEVIATION = 13**0.5 * (1 + 2 / 52)
DOUBLED = [M1, {"Id": "e1", "Expression": "m1 * 2", "ReturnData": True}]


@pytest.fixture
def hour(cloud: Cloud) -> None:
    """One value a minute before noon: 1 … 13, four times."""
    metric = Metric.of("NS", "Latency", {"Model": "m"})
    for minute in range(52):
        at_ms = (NOON_S - 52 * 60 + minute * 60) * 1_000
        cloud.engine("us-east-1").metrics.add(metric, at_ms, float(minute % 13 + 1), "Milliseconds")


def _band(cloudwatch: Any, *queries: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries), StartTime=NOON_S, EndTime=NOON_S + 120
    )["MetricDataResults"]
    return found


@pytest.mark.usefixtures("hour")
def test_a_band_is_two_series_the_upper_first(cloudwatch: Any) -> None:
    """Two deviations to either side, unless told: of 1…13, four times, one is √13 and two 52nds more."""
    upper, lower = _band(cloudwatch, M1, {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1)"})

    assert (upper["Id"], upper["Label"]) == ("ad1", "Latency High")
    assert upper["Values"] == pytest.approx([7 + 2 * DEVIATION] * 2)
    assert (lower["Id"], lower["Label"]) == ("ad1", "Latency Low")
    assert lower["Values"] == [0, 0]


@pytest.mark.usefixtures("hour")
def test_a_band_is_over_expressions_too_and_as_wide_as_asked(aws: Aws) -> None:
    """Through FIRST and LAST each edge is a series."""
    (edge,) = _band(
        aws("cloudwatch"),
        *[{**query, "ReturnData": False} for query in DOUBLED],
        {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(e1, 1)", "ReturnData": False},
        {"Id": "top", "Expression": "FIRST(ad1)"},
    )

    assert edge["Values"] == pytest.approx([14 + 2 * DEVIATION] * 2)


@pytest.mark.usefixtures("hour")
def test_an_edge_beyond_all_numbers_is_none(aws: Aws) -> None:
    """As any point of metric math that is no finite number."""
    edges = _band(aws("cloudwatch"), M1, {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 1e308)"})

    assert [each["Values"] for each in edges] == [[], []]


@pytest.mark.usefixtures("hour")
def test_another_accounts_metric_has_no_band_here(aws: Aws) -> None:
    """What it may not read, it does not learn from; its own account may be named."""
    band = {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1)"}

    foreign = _band(aws("cloudwatch"), {**M1, "AccountId": "999999999999"}, band)
    own = _band(aws("cloudwatch"), {**M1, "AccountId": "123456789012"}, band)

    assert [each["Values"] for each in foreign] == [[], []]
    assert [len(each["Values"]) for each in own] == [2, 2]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("ANOMALY_DETECTION_BAND()", "takes the id of one time series"),
        ("ANOMALY_DETECTION_BAND(m1 * 2)", "takes the id of one time series"),
        ("ANOMALY_DETECTION_BAND(m1, m1)", "takes the id of one time series"),
        ("ANOMALY_DETECTION_BAND(m1, 0)", "a number of standard deviations above 0"),
        ("ANOMALY_DETECTION_BAND(m1, 1e400)", "expected a number within the range of a double"),
        ("ANOMALY_DETECTION_BAND(x1)", "the id 'x1' is not defined"),
        ("ANOMALY_DETECTION_BAND(s1)", "does not support anomaly detection over queries, searches and bands"),
    ],
)
def test_a_band_of_what_has_none_is_refused(aws: Aws, expression: str, message: str) -> None:
    """In the form of AWS's own refusals."""
    search = {
        "Id": "s1",
        "Expression": "SUM(SEARCH('{NS,Model} Latency', 'Average', 60))",
        "ReturnData": False,
    }

    with pytest.raises(ClientError, match=message):
        _band(aws("cloudwatch"), M1, search, {"Id": "ad1", "Expression": expression})


@pytest.mark.usefixtures("hour")
def test_a_detector_of_a_metric_is_put_described_and_deleted(cloudwatch: Any) -> None:
    """Both ways to name its metric come back."""
    configuration = {
        "ExcludedTimeRanges": [{"StartTime": NOON_S - 7_200, "EndTime": NOON_S - 3_600}],
        "MetricTimezone": "Europe/Berlin",
    }
    made = cloudwatch.put_anomaly_detector(SingleMetricAnomalyDetector=SINGLE, Configuration=configuration)

    (found,) = cloudwatch.describe_anomaly_detectors(Namespace="NS")["AnomalyDetectors"]

    assert found["AnomalyDetectorId"] == made["AnomalyDetectorId"]
    assert found["SingleMetricAnomalyDetector"] == SINGLE
    assert {name: found[name] for name in SINGLE} == SINGLE
    assert found["StateValue"] == "TRAINED"
    assert found["Configuration"]["MetricTimezone"] == "Europe/Berlin"
    (excluded,) = found["Configuration"]["ExcludedTimeRanges"]
    assert excluded["EndTime"].timestamp() == NOON_S - 3_600

    cloudwatch.delete_anomaly_detector(**SINGLE)
    assert cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"] == []


@pytest.mark.usefixtures("hour")
def test_a_detector_of_an_expression_is_listed_when_asked_for(cloudwatch: Any) -> None:
    """METRIC_MATH is no part of the default."""
    math = {"MetricDataQueries": DOUBLED}
    made = cloudwatch.put_anomaly_detector(MetricMathAnomalyDetector=math)["AnomalyDetectorId"]

    (found,) = cloudwatch.describe_anomaly_detectors(AnomalyDetectorTypes=["METRIC_MATH"])["AnomalyDetectors"]

    assert [query["Id"] for query in found["MetricMathAnomalyDetector"]["MetricDataQueries"]] == ["m1", "e1"]
    assert found["StateValue"] == "TRAINED"
    assert cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"] == []
    assert len(cloudwatch.describe_anomaly_detectors(AnomalyDetectorIds=[made])["AnomalyDetectors"]) == 1
    cloudwatch.delete_anomaly_detector(AnomalyDetectorId=made)
    assert cloudwatch.describe_anomaly_detectors(AnomalyDetectorIds=[made])["AnomalyDetectors"] == []


def test_detectors_come_in_pages_and_by_dimension(aws: Aws) -> None:
    """Each once."""
    cloudwatch = aws("cloudwatch")
    for number in range(5):
        dimensions = [{"Name": "Model", "Value": f"m{number % 2}"}, {"Name": "N", "Value": str(number)}]
        cloudwatch.put_anomaly_detector(Namespace="NS", MetricName="L", Stat="p99", Dimensions=dimensions)

    pages = cloudwatch.get_paginator("describe_anomaly_detectors")

    assert [len(page["AnomalyDetectors"]) for page in pages.paginate(PaginationConfig={"PageSize": 2})] == [
        2,
        2,
        1,
    ]
    asked = cloudwatch.describe_anomaly_detectors(Dimensions=[{"Name": "Model", "Value": "m0"}])
    assert len(asked["AnomalyDetectors"]) == 3


def test_a_detector_put_again_learns_in_the_new_way(aws: Aws) -> None:
    """Of one metric and statistic there is one."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_anomaly_detector(**SINGLE, Configuration={"MetricTimezone": "Asia/Tokyo"})

    cloudwatch.put_anomaly_detector(**SINGLE)

    (found,) = cloudwatch.describe_anomaly_detectors()["AnomalyDetectors"]
    assert "MetricTimezone" not in found["Configuration"]
    assert found["StateValue"] == "PENDING_TRAINING"


_RANGE = {"StartTime": NOON_S - 60, "EndTime": NOON_S}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Namespace": "NS", "MetricName": "L"}, "MissingParameter"),
        ({**SINGLE, "Stat": "p101"}, "InvalidParameterValue"),
        ({**SINGLE, "SingleMetricAnomalyDetector": SINGLE}, "InvalidParameterCombination"),
        ({**SINGLE, "Configuration": {"MetricTimezone": "Mars/Olympus"}}, "InvalidParameterValue"),
        ({**SINGLE, "Configuration": {"ExcludedTimeRanges": [_RANGE] * 11}}, "InvalidParameterValue"),
        (
            {**SINGLE, "Configuration": {"ExcludedTimeRanges": [{"StartTime": 9, "EndTime": 9}]}},
            "InvalidParameterValue",
        ),
        ({"MetricMathAnomalyDetector": {"MetricDataQueries": [M1]}}, "InvalidParameterValue"),
        ({"MetricMathAnomalyDetector": {}}, "InvalidParameterValue"),
        ({**SINGLE, "MetricCharacteristics": {"PeriodicSpikes": True}}, "UnsupportedOperation"),
        ({**SINGLE, "Configuration": {"AdaptationSpeed": "FAST"}}, "UnsupportedOperation"),
        ({**SINGLE, "Configuration": {"OutlierFilteringStrength": "STRICT"}}, "UnsupportedOperation"),
    ],
)
def test_a_detector_that_cannot_be_is_refused(aws: Aws, given: dict[str, Any], code: str) -> None:
    """And none is made."""
    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").put_anomaly_detector(**given)

    assert refused.value.response["Error"]["Code"] == code
    kinds = ["SINGLE_METRIC", "METRIC_MATH"]
    assert aws("cloudwatch").describe_anomaly_detectors(AnomalyDetectorTypes=kinds)["AnomalyDetectors"] == []


@pytest.mark.parametrize("given", [SINGLE, {"AnomalyDetectorId": "x"}])
def test_what_does_not_exist_cannot_be_deleted(aws: Aws, given: dict[str, Any]) -> None:
    """By metric or by id."""
    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").delete_anomaly_detector(**given)

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
