"""GetMetricData page by page, its limits and its statuses, in each protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock

Aws = Callable[[str], Any]
NOON_S = 1_795_521_600
TEN_MINUTES = {"StartTime": NOON_S, "EndTime": NOON_S + 600}


@pytest.fixture
def cloudwatch(aws_in_each_protocol: Aws) -> Any:
    """A client of an engine with ten minutes of `a` and of `b`, every minute's value its number."""
    client = aws_in_each_protocol("cloudwatch")
    for name in "ab":
        client.put_metric_data(
            Namespace="NS",
            MetricData=[
                {"MetricName": name, "Timestamp": NOON_S + 60 * minute, "Value": minute}
                for minute in range(10)
            ],
        )
    return client


def _metric(name: str, period: int = 60, **more: Any) -> dict[str, Any]:
    metric = {"Namespace": "NS", "MetricName": name}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, **more}


def _pages(cloudwatch: Any, *queries: dict[str, Any], **more: Any) -> Iterator[dict[str, Any]]:
    params = {"MetricDataQueries": list(queries), **TEN_MINUTES, **more}
    while True:
        page = cloudwatch.get_metric_data(**params)
        yield page
        if "NextToken" not in page:
            return
        params["NextToken"] = page["NextToken"]


def _shown(page: dict[str, Any]) -> dict[str, tuple[list[float], str]]:
    return {each["Id"]: (each["Values"], each["StatusCode"]) for each in page["MetricDataResults"]}


def test_pages_go_on_until_every_datapoint_has_come(cloudwatch: Any) -> None:
    """Both metrics move on together in time; the last page says that they are complete."""
    pages = _pages(cloudwatch, _metric("a"), _metric("b"), MaxDatapoints=8, ScanBy="TimestampAscending")

    assert [_shown(page) for page in pages] == [
        {"a": ([0, 1, 2, 3], "PartialData"), "b": ([0, 1, 2, 3], "PartialData")},
        {"a": ([4, 5, 6, 7], "PartialData"), "b": ([4, 5, 6, 7], "PartialData")},
        {"a": ([8, 9], "Complete"), "b": ([8, 9], "Complete")},
    ]


def test_the_newest_come_first_unless_asked_otherwise(cloudwatch: Any) -> None:
    """Within a page, and from page to page."""
    pages = list(_pages(cloudwatch, _metric("a"), MaxDatapoints=4))

    assert [page["MetricDataResults"][0]["Values"] for page in pages] == [[9, 8, 7, 6], [5, 4, 3, 2], [1, 0]]


def test_a_page_ends_between_metrics_of_one_time(cloudwatch: Any) -> None:
    """It never holds more than it may; who has had all is not there again."""
    pages = [_shown(page) for page in _pages(cloudwatch, _metric("a"), _metric("b"), MaxDatapoints=19)]

    assert pages[0]["a"] == ([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "Complete")
    assert pages[0]["b"] == ([9, 8, 7, 6, 5, 4, 3, 2, 1], "PartialData")
    assert pages[1] == {"b": ([0], "Complete")}


@pytest.mark.parametrize("order", ["TimestampAscending", "TimestampDescending"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 24, 25])
def test_pages_of_every_size_hold_the_same_datapoints(cloudwatch: Any, order: str, limit: int) -> None:
    """Periods of several lengths, from a start off their grids, none double and none lost."""
    queries = [_metric("a"), _metric("b", 120), {**_metric("a", 300), "Id": "c"}, _metric("nobody")]
    window = {"StartTime": NOON_S - 60, "EndTime": NOON_S + 600, "ScanBy": order}
    (whole,) = _pages(cloudwatch, *queries, **window)

    pages = list(_pages(cloudwatch, *queries, MaxDatapoints=limit, **window))

    found: dict[str, list[tuple[datetime, float]]] = {query["Id"]: [] for query in queries}
    for page in pages:
        points = [zip(each["Timestamps"], each["Values"], strict=True) for each in page["MetricDataResults"]]
        assert sum(len(each["Values"]) for each in page["MetricDataResults"]) <= limit
        for each, held in zip(page["MetricDataResults"], points, strict=True):
            found[each["Id"]] += held
    assert found == {
        each["Id"]: list(zip(each["Timestamps"], each["Values"], strict=True))
        for each in whole["MetricDataResults"]
    }
    assert {each["StatusCode"] for each in pages[-1]["MetricDataResults"]} == {"Complete"}


def test_figures_in_a_label_are_of_the_whole_window(cloudwatch: Any) -> None:
    """On every page the label is the same."""
    pages = _pages(cloudwatch, _metric("a", Label="${SUM} of ${DATAPOINT_COUNT}"), MaxDatapoints=4)

    assert [page["MetricDataResults"][0]["Label"] for page in pages] == ["45 of 10"] * 3


def test_every_page_is_in_the_unit_of_the_whole_window(cloudwatch: Any) -> None:
    """Where one page holds the other unit alone, it is empty."""
    for unit, minute in (("Seconds", 0), ("Milliseconds", 5)):
        cloudwatch.put_metric_data(
            Namespace="NS",
            MetricData=[{"MetricName": "u", "Timestamp": NOON_S + 60 * minute, "Value": 1, "Unit": unit}],
        )

    pages = [_shown(page)["u"][0] for page in _pages(cloudwatch, _metric("u"), MaxDatapoints=5)]

    assert pages == [[1.0], []]


def test_an_expression_over_part_of_the_data_says_so_and_has_no_further_page(cloudwatch: Any) -> None:
    """Read directly, through another one, or found by a search; one that reads nothing is complete."""
    queries = [
        _metric("a", ReturnData=False),
        {"Id": "e1", "Expression": "a * 2"},
        {"Id": "e2", "Expression": "SUM([e1, a])"},
        {"Id": "e3", "Expression": "SUM(METRICS())"},
        {"Id": "e4", "Expression": "SUM(SEARCH('NS b', 'Sum', 60))"},
        {"Id": "e5", "Expression": "TIME_SERIES(1)", "Period": 60},
        {"Id": "e6", "Expression": "AVG(METRICS('nobody'))"},
    ]

    (page,) = _pages(cloudwatch, *queries, MaxDatapoints=8)

    shown = _shown(page)
    assert shown["e1"] == ([18, 16, 14, 12], "PartialData")
    assert shown["e2"] == ([27, 24, 21, 18], "PartialData")
    assert shown["e3"] == ([9, 8, 7, 6], "PartialData")
    assert shown["e4"] == ([9, 8, 7, 6], "PartialData")
    assert shown["e5"][1] == "Complete"
    assert shown["e6"] == ([], "Complete")
    assert page["MetricDataResults"][0]["Messages"] == [
        {
            "Code": "PartialData",
            "Value": "The expression may contain partial data as one or more metrics have StatusCode 'Paginated'",
        }
    ]


def _change(token: str) -> str:
    return token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]


@pytest.mark.parametrize(
    "more", [{"MaxDatapoints": 5}, {"EndTime": NOON_S + 660}, {"ScanBy": "TimestampAscending"}]
)
def test_a_token_fits_its_own_request_alone(cloudwatch: Any, more: dict[str, Any]) -> None:
    """Other parameters, or a token that was changed, are refused without a word."""
    request = {"MetricDataQueries": [_metric("a")], **TEN_MINUTES, "MaxDatapoints": 4}
    token = cloudwatch.get_metric_data(**request)["NextToken"]

    for changed in ({**request, **more, "NextToken": token}, {**request, "NextToken": _change(token)}):
        with pytest.raises(ClientError) as refused:
            cloudwatch.get_metric_data(**changed)

        error = refused.value.response["Error"]
        assert (error["Code"], error["Message"] or "") == ("InvalidNextToken", "")


@pytest.mark.parametrize("token", ["", "x", "é", "MSAxIDE=", "====", "A" * 3_000])
def test_what_is_no_token_is_refused(cloudwatch: Any, token: str) -> None:
    """Text of no base64, of no place, of no seal."""
    with pytest.raises(ClientError, match="InvalidNextToken"):
        cloudwatch.get_metric_data(MetricDataQueries=[_metric("a")], **TEN_MINUTES, NextToken=token)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"MaxDatapoints": 0}, "The parameter MaxDatapoints must be between 1 and 100800, not 0."),
        ({"MaxDatapoints": 100_801}, "The parameter MaxDatapoints must be between 1 and 100800, not 100801."),
        (
            {"MetricDataQueries": [{"Id": f"m{n}", "Expression": "1"} for n in range(501)]},
            "The collection MetricDataQueries must not have a size greater than 500.",
        ),
    ],
)
def test_a_request_beyond_the_limits_is_refused(cloudwatch: Any, more: dict[str, Any], message: str) -> None:
    """As a ValidationError."""
    with pytest.raises(ClientError) as refused:
        cloudwatch.get_metric_data(**{"MetricDataQueries": [_metric("a")], **TEN_MINUTES, **more})

    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationError", message)


def test_a_search_past_500_series_gives_500_and_says_so(cloudwatch: Any) -> None:
    """The message is about the request, not about one result."""
    for start in (0, 251):
        data = [
            {"MetricName": "n", "Dimensions": [{"Name": "N", "Value": f"{n:03}"}], "Value": 1.0, "Timestamp": NOON_S}
            for n in range(start, start + 251)
        ]  # fmt: skip
        cloudwatch.put_metric_data(Namespace="Many", MetricData=data)

    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "e", "Expression": "SEARCH('{Many,N}', 'Sum', 60)"}], **TEN_MINUTES
    )

    assert len(answer["MetricDataResults"]) == 500
    assert answer["Messages"] == [
        {"Code": "MaxMetricsExceeded", "Value": "Maximum number of allowed metrics exceeded"}
    ]


def test_a_query_of_insights_past_500_groups_gives_500_and_says_so(cloudwatch: Any) -> None:
    """A LIMIT of the query's own is no limit exceeded."""
    data = [
        {"MetricName": "n", "Dimensions": [{"Name": "N", "Value": f"{n:03}"}], "Value": 1.0, "Timestamp": NOON_S}
        for n in range(501)
    ]  # fmt: skip
    cloudwatch.put_metric_data(Namespace="Many", MetricData=data)
    query = {"Id": "q", "Expression": "SELECT SUM(n) FROM Many GROUP BY N", "Period": 60}

    answer = cloudwatch.get_metric_data(MetricDataQueries=[query], **TEN_MINUTES)
    limited = cloudwatch.get_metric_data(
        MetricDataQueries=[{**query, "Expression": f"{query['Expression']} LIMIT 3"}], **TEN_MINUTES
    )

    assert len(answer["MetricDataResults"]) == 500
    assert answer["Messages"] == [
        {
            "Code": "MaxQueryResultsExceeded",
            "Value": "Only the first 500 time series can be returned by a query.",
        }
    ]
    assert (len(limited["MetricDataResults"]), limited["Messages"]) == (3, [])


def test_a_query_of_insights_sees_two_weeks(cloudwatch: Any, clock: ManualClock) -> None:
    """What is older is left out, and the answer says so; a metric has it still."""
    clock.move_to(clock.now_ms() + (14 * 86_400 + 300) * 1_000)
    now_s = clock.now_ms() // 1_000
    cloudwatch.put_metric_data(
        Namespace="NS", MetricData=[{"MetricName": "a", "Value": 100, "Timestamp": now_s - 120}]
    )
    insights = {"Id": "q", "Expression": "SELECT SUM(a) FROM NS", "Period": 60}

    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[insights, _metric("a")], StartTime=NOON_S, EndTime=now_s
    )

    assert {each["Id"]: len(each["Values"]) for each in answer["MetricDataResults"]} == {"a": 11, "q": 6}
    assert answer["Messages"] == [
        {"Code": "MaxQueryTimeRangeExceeded", "Value": "Max time window exceeded for query"}
    ]


def test_the_own_account_may_be_named_and_another_is_forbidden(cloudwatch: Any) -> None:
    """What is reckoned from it says that something is missing."""
    queries = [
        _metric("a", AccountId="123456789012"),
        _metric("b", AccountId="111122223333"),
        {"Id": "e", "Expression": "SUM([a, b])"},
        {"Id": "f", "Expression": "a + 0"},
    ]

    (page,) = _pages(cloudwatch, *queries)

    shown = _shown(page)
    assert shown["a"] == ([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "Complete")
    assert shown["b"] == ([], "Forbidden")
    assert shown["e"] == (shown["a"][0], "PartialData")
    assert shown["f"][1] == "Complete"


def test_an_expression_of_another_account_is_refused_by_name(cloudwatch: Any) -> None:
    """So is an alarm over its metrics; the own account's is kept."""
    foreign = {"Id": "e", "Expression": "TIME_SERIES(1)", "AccountId": "111122223333"}
    alarm = {
        "AlarmName": "x",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
    }

    with pytest.raises(ClientError, match=r"queries of another account yet \(AccountId of e\)"):
        list(_pages(cloudwatch, foreign))
    with pytest.raises(ClientError, match=r"queries of another account yet \(AccountId of a\)"):
        cloudwatch.put_metric_alarm(**alarm, Metrics=[_metric("a", AccountId="111122223333")])

    cloudwatch.put_metric_alarm(**alarm, Metrics=[_metric("a", AccountId="123456789012")])
    (put,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert put["Metrics"][0]["AccountId"] == "123456789012"


@pytest.mark.parametrize(
    ("start", "end"), [(0, NOON_S + 3_600), (0, 253_402_300_740), (NOON_S, 253_402_300_740)]
)
def test_a_window_of_ages_is_one_page(cloudwatch: Any, start: int, end: int) -> None:
    """Periods before and after all that a metric may have are on none."""
    pages = list(_pages(cloudwatch, _metric("a", 3_600), StartTime=start, EndTime=end))

    assert [_shown(page) for page in pages] == [{"a": ([45], "Complete")}]


@pytest.mark.parametrize("expression", ["TIME_SERIES(1)", "FILL(a, 0)", "DAY(a)"])
def test_an_expression_that_fills_ages_is_refused_before_it_is_computed(
    cloudwatch: Any, expression: str
) -> None:
    """Every second until the year 10000 would be some 250 thousand million points."""
    with pytest.raises(ClientError, match="more than 100800 datapoints of one expression"):
        cloudwatch.get_metric_data(
            MetricDataQueries=[_metric("a", 1), {"Id": "e", "Expression": expression, "Period": 1}],
            StartTime=NOON_S,
            EndTime=253_402_300_740,
        )
