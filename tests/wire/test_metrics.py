"""Metrics in and out through the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.wire.errors import describe
from inferwatch.wire.operations import invoke

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
NOON_S = 1_795_521_600


@pytest.fixture
def aws(aws_in_each_protocol: Aws) -> Aws:
    """Every test here runs once in each protocol."""
    return aws_in_each_protocol


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _put(aws: Aws, points: dict[int, float], unit: str = "None", name: str = "m") -> None:
    """Values by seconds after noon."""
    aws("cloudwatch").put_metric_data(
        Namespace="NS",
        MetricData=[
            {"MetricName": name, "Timestamp": NOON_S + at, "Value": value, "Unit": unit}
            for at, value in points.items()
        ],
    )


def _query(query_id: str = "q", stat: str = "Sum", period: int = 60, **more: Any) -> dict[str, Any]:
    metric_stat = {
        "Metric": {"Namespace": "NS", "MetricName": more.pop("name", "m")},
        "Period": period,
        "Stat": stat,
    }
    if "unit" in more:
        metric_stat["Unit"] = more.pop("unit")
    return {"Id": query_id, "MetricStat": metric_stat, **more}


def _get(aws: Aws, queries: list[dict[str, Any]], start: int = -300, end: int = 600, **more: Any) -> Any:
    return aws("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=NOON_S + start, EndTime=NOON_S + end, **more
    )["MetricDataResults"]


def test_values_come_newest_first_unless_asked_otherwise(aws: Aws) -> None:
    """ScanBy defaults to TimestampDescending."""
    _put(aws, {0: 4.0, 60: 4.0, 120: 8.0})

    newest = _get(aws, [_query()])[0]["Values"]
    oldest = _get(aws, [_query()], ScanBy="TimestampAscending")[0]["Values"]

    assert (newest, oldest) == ([8.0, 4.0, 4.0], [4.0, 4.0, 8.0])


def test_the_grid_hangs_on_the_rounded_start(aws: Aws, vectors: Vectors, cloud: Cloud) -> None:
    """Five-minute buckets from 01:08 start at 01:08, not at 01:05."""
    checked = 0
    for case in vectors("queries"):
        if case["op"] != "buckets":
            continue
        day = case["in"]["Start"][:11]
        cloud.engine("us-east-1").clock = ManualClock(int(_epoch(case["in"]["End"]) * 1_000))
        aws("cloudwatch").put_metric_data(
            Namespace="NS",
            MetricData=[
                {"MetricName": case["id"], "Timestamp": _epoch(f"{day}{at}Z"), "Value": value}
                for at, value in case["data"].items()
            ],
        )

        results = aws("cloudwatch").get_metric_data(
            MetricDataQueries=[_query(name=case["id"], period=case["in"]["Period"])],
            StartTime=_epoch(case["in"]["Start"]),
            EndTime=_epoch(case["in"]["End"]),
        )["MetricDataResults"][0]

        found = {
            f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}": value
            for at, value in zip(results["Timestamps"], results["Values"], strict=True)
        }
        expected = dict(case["expect"])
        assert found == expected, case["id"]
        checked += 1
    assert checked == 2


def test_metrics_come_before_expressions_and_hidden_ones_not_at_all(aws: Aws) -> None:
    """In the order asked for, within each kind."""
    _put(aws, {0: 2.0})

    results = _get(
        aws,
        [
            {"Id": "e1", "Expression": "a * 10"},
            _query("a", ReturnData=False),
            _query("b", stat="Average"),
        ],
    )

    assert [(result["Id"], result["Values"]) for result in results] == [("b", [2.0]), ("e1", [20.0])]


def test_a_long_chain_of_expressions_does_not_run_into_the_stack(aws: Aws) -> None:
    """Each reads the one after it; only the first is returned."""
    _put(aws, {0: 2.0})
    chain = [{"Id": f"e{n}", "Expression": f"e{n + 1} + 1", "ReturnData": not n} for n in range(499)]

    results = _get(aws, [*chain, _query("e499", ReturnData=False)])

    assert [result["Values"] for result in results] == [[501.0]]


def test_every_expression_gives_what_is_documented(vectors: Vectors, cloud: Cloud, aws: Aws) -> None:
    """Through GetMetricData: a series, several of one id, or AWS's refusal."""
    cloudwatch, clock, checked = aws("cloudwatch"), cloud.engine("us-east-1").clock, 0
    for case in vectors("metric_math"):
        start_s = case.get("start", NOON_S)
        cloud.engine("us-east-1").clock = ManualClock(start_s * 1_000) if "start" in case else clock
        size = len(next(iter(case["series"].values())))
        stamps = [start_s + 60 * index for index in range(size)]
        for name, values in case["series"].items():
            data = [
                {"MetricName": name, "Timestamp": at, "Value": value}
                for at, value in zip(stamps, values, strict=True)
                if value is not None
            ]
            if data:
                cloudwatch.put_metric_data(Namespace=case["id"], MetricData=data)
        queries = [
            {
                "Id": name,
                "MetricStat": {
                    "Metric": {"Namespace": case["id"], "MetricName": name},
                    "Period": 60,
                    "Stat": "Sum",
                },
                "ReturnData": False,
            }
            for name in case["series"]
        ]
        queries.append({"Id": case.get("queryId", "e1"), "Expression": case["expression"]})

        def ask(queries: list[Any] = queries, stamps: list[int] = stamps) -> list[list[float | None]]:
            results = cloudwatch.get_metric_data(
                MetricDataQueries=queries, StartTime=stamps[0], EndTime=stamps[-1] + 60
            )["MetricDataResults"]
            held = [
                {
                    int(at.timestamp()): value
                    for at, value in zip(each["Timestamps"], each["Values"], strict=True)
                }
                for each in results
            ]
            return [[values.get(at) for at in stamps] for values in held]

        expected = case["expect"]
        if isinstance(expected, dict) and "error" in expected:
            with pytest.raises(ClientError) as refused:
                ask()
            assert refused.value.response["Error"]["Code"] == expected["error"], case["id"]
            assert expected.get("message", "") in refused.value.response["Error"]["Message"]
        else:
            wanted = expected["array"] if isinstance(expected, dict) else [expected]
            assert ask() == [pytest.approx(values) for values in wanted], case["id"]
        checked += 1
    assert checked == 66


def test_the_series_of_an_array_are_labelled_by_what_they_are(aws: Aws) -> None:
    """The array's own label comes first."""
    _put(aws, {0: 2.0})
    queries = [_query("a", ReturnData=False), _query("b", stat="Average", ReturnData=False)]

    plain = _get(aws, [*queries, {"Id": "e1", "Expression": "[a, b]"}])
    named = _get(aws, [*queries, {"Id": "e1", "Expression": "METRICS()", "Label": "both"}])

    assert [(each["Id"], each["Label"]) for each in plain] == [("e1", "m Sum"), ("e1", "m Average")]
    assert [each["Label"] for each in named] == ["both m Sum", "both m Average"]


def test_default_labels_are_the_recorded_ones(aws: Aws, vectors: Vectors) -> None:
    """A name, and whatever tells it from its rivals."""
    checked = 0
    for case in vectors("queries"):
        if case["op"] != "labels":
            continue
        queries = [
            _query(
                f"q{position}",
                stat=stat,
                period=period,
                name=name,
                **({"Label": rest[0]} if rest and rest[0] else {}),
                **({"unit": rest[1]} if len(rest) > 1 else {}),
            )
            for position, (name, stat, period, *rest) in enumerate(case.get("queries", []))
        ]
        if "expressions" in case:
            queries = [_query("m", ReturnData=False)]
            queries += [{"Id": query_id, "Expression": text} for query_id, text in case["expressions"]]

        labels = [result["Label"] for result in _get(aws, queries)]

        assert labels == case["expect"], case["id"]
        checked += 1
    assert checked == 13


@pytest.mark.parametrize(
    ("stored", "unit", "values", "messages"),
    [
        (
            {"Milliseconds": 1_000.0, "Seconds": 1.0},
            None,
            [1_000.0],
            "Multiple units returned: '[Milliseconds, Seconds]'",
        ),
        (
            {"Milliseconds": 60_000.0, "Seconds": 60.0, "Count": 5.0},
            None,
            [5.0],
            "Multiple units returned: '[Count, Milliseconds, Seconds]'",
        ),
        ({"Milliseconds": 1_000.0}, "Count", [], None),
        ({}, None, [], None),
    ],
)
def test_units_never_mix(
    aws: Aws, stored: dict[str, float], unit: str | None, values: list[float], messages: str | None
) -> None:
    """One unit is used, and the answer says that there were more."""
    for name, value in stored.items():
        _put(aws, {0: value}, unit=name)

    result = _get(aws, [_query(**({"unit": unit} if unit else {}))])[0]

    assert (result["Values"], result["StatusCode"]) == (values, "Complete")
    assert [message["Value"] for message in result.get("Messages", [])] == ([messages] if messages else [])


def test_statistics_without_a_unit_have_one_datapoint_for_each(aws: Aws) -> None:
    """GetMetricStatistics keeps units apart in its answer."""
    _put(aws, {0: 1_000.0}, unit="Milliseconds")
    _put(aws, {0: 1.0}, unit="Seconds")

    points = aws("cloudwatch").get_metric_statistics(
        Namespace="NS",
        MetricName="m",
        StartTime=NOON_S,
        EndTime=NOON_S + 60,
        Period=60,
        Statistics=["Sum"],
        ExtendedStatistics=["p50"],
    )["Datapoints"]

    assert [(point["Sum"], point["Unit"], point["ExtendedStatistics"]) for point in points] == [
        (1_000.0, "Milliseconds", {"p50": 1_000.0}),
        (1.0, "Seconds", {"p50": 1.0}),
    ]


def test_statistics_begin_with_the_minute_of_the_start(aws: Aws) -> None:
    """StartTime is rounded down before units are looked for, too."""
    _put(aws, {0: 5.0})

    points = aws("cloudwatch").get_metric_statistics(
        Namespace="NS",
        MetricName="m",
        StartTime=NOON_S + 30,
        EndTime=NOON_S + 120,
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]

    assert [point["Sum"] for point in points] == [5.0]


def test_an_unknown_statistic_is_refused_in_its_own_words(aws: Aws) -> None:
    """Not in the general ones of an enum."""
    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").get_metric_statistics(
            Namespace="NS", MetricName="m", StartTime=0, EndTime=60, Period=60, Statistics=["Bad"]
        )

    assert refused.value.response["Error"]["Message"] == (
        "The parameter Statistics.member.1.<list element> must be a value in the set [SampleCount, Average, Sum, "
        "Minimum, Maximum]."
    )


def test_listing_matches_a_subset_of_dimensions(aws: Aws) -> None:
    """By name, or by name and value; other metrics stay out."""
    cloudwatch = aws("cloudwatch")
    one, two = {"Name": "A", "Value": "one"}, {"Name": "B", "Value": "two"}
    for dimensions in ([], [one], [one, two]):
        cloudwatch.put_metric_data(
            Namespace="NS", MetricData=[{"MetricName": "m", "Value": 1.0, "Dimensions": dimensions}]
        )

    found = cloudwatch.list_metrics(Dimensions=[{"Name": "A"}])["Metrics"]

    assert [metric["Dimensions"] for metric in found] == [[one], [one, two]]


def test_bad_queries_are_refused_as_recorded(aws: Aws, vectors: Vectors) -> None:
    """Codes and texts of GetMetricData, GetMetricStatistics and ListMetrics."""
    cloudwatch = aws("cloudwatch")
    both = {**_query(), "Expression": "q"}
    window = {"StartTime": NOON_S, "EndTime": NOON_S + 60}
    calls: dict[str, Callable[[], Any]] = {
        "gms-too-many": lambda: _statistics(cloudwatch, 1, NOON_S, NOON_S + 86_400),
        "gms-reversed": lambda: _statistics(cloudwatch, 60, NOON_S + 3_600, NOON_S),
        "gms-period": lambda: _statistics(cloudwatch, 45, NOON_S, NOON_S + 3_600),
        "gmd-equal-times": lambda: _get(aws, [_query()], start=0, end=0),
        "gmd-reversed": lambda: _get(aws, [_query()], start=60, end=0),
        "gmd-dup-id": lambda: _get(aws, [_query(), _query()]),
        "gmd-both": lambda: _get(aws, [both]),
        "gmd-bad-id": lambda: _get(aws, [_query("Bad")]),
        "gmd-bad-stat": lambda: _get(aws, [_query(stat="not-a-stat")]),
        "gmd-bad-fn": lambda: _get(aws, [{"Id": "bad", "Expression": "NOT_A_FUNCTION(1)"}]),
        "gmd-token": lambda: cloudwatch.get_metric_data(
            MetricDataQueries=[_query()], NextToken="x", **window
        ),
        "lm-token": lambda: cloudwatch.list_metrics(NextToken="x"),
        "lm-recent": lambda: cloudwatch.list_metrics(RecentlyActive="PT1H"),
    }
    cases = {case["id"]: case["expect"] for case in vectors("queries") if "code" in case.get("expect", {})}
    assert cases.keys() == calls.keys()
    for name, call in calls.items():
        with pytest.raises(ClientError) as refused:
            call()

        error = refused.value.response["Error"]
        assert (error["Code"], error["Message"] or "") == (cases[name]["code"], cases[name]["message"]), name


def _statistics(cloudwatch: Any, period: int, start: int, end: int) -> Any:
    return cloudwatch.get_metric_statistics(
        Namespace="NS", MetricName="m", StartTime=start, EndTime=end, Period=period, Statistics=["Sum"]
    )


@pytest.mark.parametrize(
    ("queries", "text"),
    [
        (
            [{"Id": "a", "Expression": "b + 1"}, {"Id": "b", "Expression": "a + 1"}],
            "circular reference a -> b -> a",
        ),
        ([{"Id": "a", "Expression": "nobody"}], "the id 'nobody' is not defined"),
        ([{"Id": "a", "Expression": "1 + 1"}], "the result is a scalar"),
        ([{"Id": "a", "Expression": "TIME_SERIES(1)", "Period": 45}], "Period must be a value in the set"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(aws: Aws, queries: list[dict[str, Any]], text: str) -> None:
    """A circle, an unknown id, a scalar, a period that there is not."""
    with pytest.raises(ClientError, match=text.replace("(", r"\(")):
        _get(aws, queries)


def test_listing_may_ask_for_what_was_active_lately(aws: Aws, clock: ManualClock) -> None:
    """PT3H is all that it may be."""
    _put(aws, {0: 1.0}, name="old")
    clock.move_to(clock.now_ms() + 3 * 3_600_000)
    _put(aws, {3 * 3_600: 1.0}, name="new")
    cloudwatch = aws("cloudwatch")

    lately = cloudwatch.list_metrics(RecentlyActive="PT3H")["Metrics"]

    assert [metric["MetricName"] for metric in lately] == ["new"]
    assert len(cloudwatch.list_metrics()["Metrics"]) == 2


def test_listing_names_the_account_of_each_metric(aws: Aws) -> None:
    """There is one account here; another's metrics are refused by name."""
    _put(aws, {0: 1.0})
    cloudwatch = aws("cloudwatch")

    found = cloudwatch.list_metrics(IncludeLinkedAccounts=True, OwningAccount="123456789012")

    assert found["OwningAccounts"] == ["123456789012"]
    assert "OwningAccounts" not in cloudwatch.list_metrics()
    with pytest.raises(ClientError, match="metrics of another account"):
        cloudwatch.list_metrics(OwningAccount="210987654321")


def test_a_page_of_the_listing_holds_five_hundred(aws: Aws) -> None:
    """The token leads on, and to each metric once."""
    cloudwatch = aws("cloudwatch")
    data = [{"MetricName": f"m{n}", "Value": 1.0} for n in range(700)]
    cloudwatch.put_metric_data(Namespace="NS", MetricData=data)

    first = cloudwatch.list_metrics()
    second = cloudwatch.list_metrics(NextToken=first["NextToken"])

    names = [metric["MetricName"] for page in (first, second) for metric in page["Metrics"]]
    assert (len(first["Metrics"]), len(second["Metrics"])) == (500, 200)
    assert set(names) == {datum["MetricName"] for datum in data}
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("days", "periods"),
    [(0.1, [1, 60, 300, 3_600]), (1, [60, 300, 3_600]), (16, [300, 3_600]), (64, [3_600])],
)
def test_a_period_finer_than_what_is_kept_has_no_data(
    aws: Aws, clock: ManualClock, advance: Callable[[int], None], days: float, periods: list[int]
) -> None:
    """Seconds for three hours, minutes for 15 days, five minutes for 63: no error, and no datapoint."""
    aws("cloudwatch").put_metric_data(
        Namespace="NS",
        MetricData=[{"MetricName": "m", "Value": 5.0, "StorageResolution": 1, "Timestamp": NOON_S + 3_601}],
    )
    advance(int(days * 86_400) + 3_600)

    found = {
        period: aws("cloudwatch").get_metric_statistics(
            Namespace="NS",
            MetricName="m",
            StartTime=NOON_S + 3_600,
            EndTime=NOON_S + 3_600 + max(period, 60),
            Period=period,
            Statistics=["Sum"],
        )["Datapoints"]
        for period in (1, 60, 300, 3_600)
    }

    assert [period for period, points in found.items() if points] == periods
    assert {point["Sum"] for points in found.values() for point in points} == {5.0}
    for period in found:
        (result,) = _get(aws, [_query(period=period)], start=3_600, end=3_600 + max(period, 60))
        assert result["Values"] == ([5.0] if period in periods else []), period


def test_statistics_of_every_kind_come_together(aws: Aws) -> None:
    """Simple ones beside the point, the others under ExtendedStatistics; what AWS omits is absent."""
    _put(aws, {0: 0.5}, name="single")
    _put(aws, {0: -1.0, 1: 3.0}, name="negative")

    def ask(name: str) -> dict[str, Any]:
        (point,) = aws("cloudwatch").get_metric_statistics(
            Namespace="NS",
            MetricName=name,
            StartTime=NOON_S,
            EndTime=NOON_S + 60,
            Period=60,
            Statistics=["Sum", "SampleCount"],
            ExtendedStatistics=["p0", "p90", "tm90", "PR(:1)", "IQM"],
            Unit="None",
        )["Datapoints"]
        return {name: value for name, value in point.items() if name not in ("Timestamp", "Unit")}

    assert ask("single") == {
        "Sum": 0.5,
        "SampleCount": 1.0,
        "ExtendedStatistics": {"p0": 0.5, "p90": 0.5, "tm90": 0.5, "PR(:1)": 100.0, "IQM": 0.5},
    }
    assert ask("negative") == {"Sum": 2.0, "SampleCount": 2.0, "ExtendedStatistics": {"p0": -1.0}}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "At least one of the parameters Statistics and ExtendedStatistics must be specified."),
        ({"ExtendedStatistics": ["tm101"]}, "The value tm101 for parameter ExtendedStatistics is not supported."),
        ({"ExtendedStatistics": ["Sum"]}, "The value Sum for parameter ExtendedStatistics is not supported."),
        ({"Statistics": ["p90"]}, "The parameter Statistics.member.1.<list element> must be a value in the set [SampleCount, Average, Sum, Minimum, Maximum]."),
    ],
)  # fmt: skip
def test_a_statistic_stands_in_its_own_list(aws: Aws, asked: dict[str, Any], message: str) -> None:
    """One list at least; simple ones in one, the others in the other."""
    with pytest.raises(ClientError) as refused:
        aws("cloudwatch").get_metric_statistics(
            Namespace="NS", MetricName="m", StartTime=NOON_S, EndTime=NOON_S + 60, Period=60, **asked
        )

    assert refused.value.response["Error"]["Message"] == message


def test_two_weeks_of_silence_hide_a_metric(
    aws: Aws, clock: ManualClock, advance: Callable[[int], None]
) -> None:
    """ListMetrics forgets it, and its minutes go after fifteen days."""
    _put(aws, {0: 1.0})

    advance(14 * 86_400 + 60)

    assert aws("cloudwatch").list_metrics()["Metrics"] == []


def test_every_operation_here_is_in_the_model() -> None:
    """The table names real operations and real members."""
    from inferwatch.wire.models import service_model
    from inferwatch.wire.operations import OPERATIONS

    for service, operations in OPERATIONS.items():
        model = service_model(service)
        for name, operation in operations.items():
            shape = model.operation_model(name).input_shape
            members = set(shape.members) if shape is not None else set()
            assert set(operation.accepts.split()) <= members, (service, name)


def test_an_unmodelled_code_stands_for_itself(cloud: Cloud) -> None:
    """Unsupported is no shape of AWS's models: clients see its own name, and 400."""
    from inferwatch.model.errors import Unsupported

    with pytest.raises(Unsupported) as refused:
        invoke(cloud.engine("us-east-1"), "cloudwatch", "ListMetricStreams", {})

    described = describe("cloudwatch", refused.value)
    assert (described.code, described.status) == ("UnsupportedOperation", 400)
