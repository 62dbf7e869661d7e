"""The cases of queries.json that are answers about data: each is asked as it stands there.

Refusals, default labels and grids of time are in `test_metrics`, which counts them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.clock import ManualClock

Aws = Callable[[str], Any]
Vectors = Callable[[str], list[dict[str, Any]]]
NOON_S = 1_795_521_600
MINUTE = {"StartTime": NOON_S, "EndTime": NOON_S + 60}


@pytest.fixture
def cloudwatch(aws_in_each_protocol: Aws) -> Any:
    return aws_in_each_protocol("cloudwatch")


@pytest.fixture
def cases(vectors: Vectors) -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in vectors("queries")}


def _put(cloudwatch: Any, name: str, value: float, **more: Any) -> None:
    datum = {"MetricName": name, "Value": value, "Timestamp": NOON_S, **more}
    cloudwatch.put_metric_data(Namespace="NS", MetricData=[datum])


def _query(name: str, stat: str = "Sum", **more: Any) -> dict[str, Any]:
    metric = {"Namespace": "NS", "MetricName": name}
    return {"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat, **more}}


def _holds(found: Any, expected: dict[str, Any]) -> bool:
    return all(found.get(name) == value for name, value in expected.items())


@pytest.mark.parametrize(
    "name", ["gmd-units-mixed", "gmd-units-pick", "gmd-unit-wrong", "gmd-unknown-metric"]
)
def test_units_are_as_recorded(cloudwatch: Any, cases: dict[str, dict[str, Any]], name: str) -> None:
    """One is picked, with a message; of a wrong one, or of no metric, there is nothing."""
    case = cases[name]
    for value, unit in case["data"]:
        _put(cloudwatch, "m", value, Unit=unit)
    unit = {"Unit": case["unit"]} if "unit" in case else {}

    (result,) = cloudwatch.get_metric_data(
        MetricDataQueries=[_query("m", case.get("stat", "Sum"), **unit)], **MINUTE
    )["MetricDataResults"]

    assert _holds(result, case["expect"]), result


def test_another_account_is_answered_as_recorded(cloudwatch: Any, cases: dict[str, dict[str, Any]]) -> None:
    """With 200, and a status of its own."""
    expected = dict(cases["gmd-foreign-account"]["expect"])
    status = expected.pop("http")

    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[{**_query("m"), "AccountId": "999999999999"}], **MINUTE
    )

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert _holds(answer["MetricDataResults"][0], expected), answer


def test_the_order_is_as_recorded(cloudwatch: Any, cases: dict[str, dict[str, Any]]) -> None:
    """ScanBy omitted."""
    case = cases["gmd-order-default"]
    for minute, value in case["data_minutes"].items():
        _put(cloudwatch, "m", value, Timestamp=NOON_S + 60 * int(minute))

    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[_query("m")], StartTime=NOON_S, EndTime=NOON_S + 180
    )

    assert answer["MetricDataResults"][0]["Values"] == case["expect"]["Values"]


def test_a_hidden_query_changes_no_label(cloudwatch: Any, cases: dict[str, dict[str, Any]]) -> None:
    """And has no result."""
    assert "do not change the labels of the others" in cases["gmd-hidden"]["expect"]["note"]
    hidden = {**_query("m", "Average"), "Id": "hidden", "ReturnData": False}

    results = cloudwatch.get_metric_data(MetricDataQueries=[hidden, _query("m")], **MINUTE)

    assert [(each["Id"], each["Label"]) for each in results["MetricDataResults"]] == [("q", "m")]


def test_statistics_have_a_datapoint_for_each_unit(cloudwatch: Any, cases: dict[str, dict[str, Any]]) -> None:
    """At the same timestamp."""
    case = cases["gms-units-split"]
    for value, unit in case["data"]:
        _put(cloudwatch, "m", value, Unit=unit)

    points = cloudwatch.get_metric_statistics(
        Namespace="NS", MetricName="m", Period=60, Statistics=["Sum"], **MINUTE
    )["Datapoints"]

    expected = case["expect"]["datapoints"]
    assert len(points) == len(expected)
    assert all(_holds(point, wanted) for point, wanted in zip(points, expected, strict=True)), points


def test_as_many_datapoints_as_there_may_be_are_answered(
    cloudwatch: Any, cases: dict[str, dict[str, Any]]
) -> None:
    """1,440 of them."""
    given = cases["gms-1440"]["in"]
    assert cases["gms-1440"]["expect"] == {"ok": True}

    answer = cloudwatch.get_metric_statistics(
        Namespace="NS",
        MetricName="m",
        StartTime=NOON_S,
        EndTime=NOON_S + given["range_seconds"],
        Period=given["Period"],
        Statistics=given["Statistics"],
    )

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_listing_finds_the_metrics_recorded(cloudwatch: Any, cases: dict[str, dict[str, Any]]) -> None:
    """Those that have the dimension, whatever else they have."""
    case = cases["lm-dim-subset"]
    for dimensions in case["stored"]:
        pairs = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        _put(cloudwatch, "m", 1, Dimensions=pairs)

    found = cloudwatch.list_metrics(Dimensions=case["filter"])["Metrics"]

    assert [{each["Name"]: each["Value"] for each in metric["Dimensions"]} for metric in found] == (
        case["expect"]["matches"]
    )


def test_each_age_has_its_smallest_period(
    cloudwatch: Any, cases: dict[str, dict[str, Any]], clock: ManualClock, advance: Callable[[int], None]
) -> None:
    """Just within an age its period has data; just beyond it does not."""
    _put(cloudwatch, "m", 5, StorageResolution=1)
    ages_s = {"age<=3h": 10_800, "age<=15d": 15 * 86_400, "age<=63d": 63 * 86_400}
    table = dict(cases["retention-tiers"]["table"])

    def has_data(period_s: int) -> bool:
        points = cloudwatch.get_metric_statistics(
            Namespace="NS",
            MetricName="m",
            StartTime=NOON_S,
            EndTime=NOON_S + max(60, period_s),
            Period=period_s,
            Statistics=["Sum"],
        )["Datapoints"]
        return bool(points)

    for age, age_s in ages_s.items():
        advance(NOON_S + age_s - clock.now_ms() // 1_000)
        assert has_data(table[age]), age
        advance(1)
        assert not has_data(table[age]), age
    assert has_data(table["age<=455d"])


def test_no_case_is_left_out(cases: dict[str, dict[str, Any]]) -> None:
    """Each is asked here, or is of a kind that `test_metrics` goes through whole."""
    elsewhere = {
        name
        for name, case in cases.items()
        if case["op"] in ("labels", "buckets") or "code" in case.get("expect", {})
    }

    assert cases.keys() - elsewhere == {
        "gmd-foreign-account",
        "gmd-hidden",
        "gmd-order-default",
        "gmd-unit-wrong",
        "gmd-units-mixed",
        "gmd-units-pick",
        "gmd-unknown-metric",
        "gms-1440",
        "gms-units-split",
        "lm-dim-subset",
        "retention-tiers",
    }
