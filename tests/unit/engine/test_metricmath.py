"""Metric math: series in, series out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.metricmath import (
    Context,
    ExpressionError,
    Grid,
    Series,
    Type,
    evaluate,
    ids,
    parse,
    type_of,
)
from inferwatch.model.errors import AwsError, Unsupported

Vectors = Callable[[str], list[dict[str, Any]]]


def _series(values: list[float | None], grid: Grid) -> Series:
    return {at: float(value) for at, value in zip(grid.stamps, values, strict=True) if value is not None}


def _value(text: str, series: dict[str, list[float | None]], start_s: int = 0) -> Any:
    """An expression's value over metrics of one minute."""
    size = len(next(iter(series.values())))
    grid = Grid(start_s * 1_000, (start_s + 60 * size) * 1_000, 60)
    expression = parse(text, "e1")
    type_of(expression, dict.fromkeys(series, Type.SERIES), series, "e1")
    values = {name: _series(points, grid) for name, points in series.items()}
    return evaluate(expression, Context(values, dict.fromkeys(series, 60), grid)), grid


def test_every_case_gives_the_documented_series(vectors: Vectors) -> None:
    """Unions, gaps, division by zero, precedence; every function."""
    checked = 0
    for case in vectors("metric_math"):
        expected = case["expect"]
        if isinstance(expected, dict) and "error" in expected:
            continue

        value, grid = _value(case["expression"], case["series"], case.get("start", 0))

        if isinstance(expected, dict):
            wanted: Any = [_series(points, grid) for points in expected["array"]]
            value = [member.values for member in value]
        else:
            wanted = _series(expected, grid)
        assert value == pytest.approx(wanted) if isinstance(value, dict) else value == wanted, case["id"]
        checked += 1
    assert checked == 62


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[m, n] + [n, m]", "+ cannot be applied to two arrays of time series"),
        ("SUM()", "SUM takes 1 argument, 0 are given"),
        ("SUM(m, n)", "SUM takes 1 argument, 2 are given"),
        ("SLICE([m, n])", "SLICE takes 2 or 3 arguments, 1 is given"),
        ("SLICE([m, n], -1)", "argument 2 of SLICE is a whole number from 0"),
        ("SLICE([m, n], 0, 0.5)", "argument 3 of SLICE is a whole number from 0"),
        ("SORT([m, n], SUM, DESC, 1.5)", "argument 4 of SORT is a whole number from 0"),
        ("IF(m)", "IF takes 2 or 3 arguments, 1 is given"),
        ("FILL(m, MIDDLE)", "argument 2 of FILL is one of REPEAT, LINEAR"),
        ("SORT([m, n], SUM, 1)", "argument 3 of SORT is a keyword, not a scalar"),
        ("IF([m, n], 1, 2)", "argument 1 of IF is a scalar or a time series, not an array of time series"),
        ("IF(1, m, 2)", "with a scalar condition both branches of IF are of one type"),
        ("FIRST(m)", "argument 1 of FIRST is an array of time series, not a time series"),
        ("PERIOD(m + n)", "PERIOD takes the id of one metric"),
        ("METRICS(m)", "METRICS takes nothing, or a text that ids contain"),
        ("m + DESC", "+ cannot be applied to a keyword"),
        ("[m, 5]", "an array holds time series, not a scalar"),
        ("-'x'", "- cannot be applied to a text"),
    ],
)
def test_parts_that_do_not_fit_are_refused(text: str, problem: str) -> None:
    """Before anything is computed, with the query's id."""
    with pytest.raises(AwsError) as refused:
        _value(text, {"m": [1], "n": [2]})

    assert refused.value.message == f"Error in expression 'e1': {problem}"
    assert refused.value.code == "ValidationException"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IF(1 > 2, m, n)", [3.0, None]),
        ("IF(SUM(m) > 2, m)", [1.0, 2.0]),
        ("IF(SUM(m) > 5, m)", [None, None]),
        ("m * IF(0, 7)", [None, None]),
        ("m + IF(1, 0, 5)", [1.0, 2.0]),
        ("FIRST(REMOVE_EMPTY([IF(m > 9, m)]))", [None, None]),
        ("m / SUM(IF(m > 9, m))", [None, None]),
        ("AVG([n, n, m])", [7 / 3, 2 / 3]),
        ("m + STDDEV(n)", [2.5, 3.5]),
        ("LAST(SORT([m, IF(m > 9, m), n], SUM, DESC))", [None, None]),
        ("TIME_SERIES(1/0)", [None, None]),
        ("FILL(n, n)", [3.0, None]),
    ],
)
def test_corners_of_functions(text: str, expected: list[float | None]) -> None:
    """Scalar conditions, nothing to pool, nothing to choose from."""
    value, grid = _value(text, {"m": [1, 2], "n": [3, None]})

    assert value == pytest.approx(_series(expected, grid))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DIFF(m)", [None, None, 0.0]),
        ("RATE(m)", [None, None, 0.0]),
        ("RUNNING_SUM(n)", [1.7e308, None, None]),
        ("FILL(p, LINEAR)", [-1.7e308, None, 1.7e308]),
        ("FIRST(SORT([n, m, q], SUM, ASC))", [1.0, 1.0, 1.0]),
        ("LAST(SORT([n, m, q], AVG, DESC))", [1.7e308, 1.7e308, 1.7e308]),
    ],
)
def test_a_figure_too_large_for_a_number_leaves_no_point(text: str, expected: list[float | None]) -> None:
    """Nor does it give a rank: such a series is sorted with the empty ones."""
    value, grid = _value(
        text,
        {
            "m": [-1.7e308, 1.7e308, 1.7e308],
            "n": [1.7e308, 1.7e308, 1.7e308],
            "p": [-1.7e308, None, 1.7e308],
            "q": [1, 1, 1],
        },
    )

    assert value == _series(expected, grid)


def test_a_function_nobody_has_is_refused_as_recorded(vectors: Vectors) -> None:
    """Unknown, or in lower case."""
    cases = [case for case in vectors("metric_math") if case["id"] in ("unknown-fn", "lower-case-fn")]
    for case in cases:
        with pytest.raises(ExpressionError) as refused:
            parse(case["expression"], case.get("queryId", "e1"))

        assert refused.value.code == "ValidationException"
        assert refused.value.message == case["expect"].get("message", refused.value.message)
    assert len(cases) == 2


def test_the_error_rate_has_no_point_where_there_were_no_requests() -> None:
    """A minute without requests is missing data, not 0 % and not an error."""
    value, grid = _value("100 * errors / requests", {"errors": [3, 0, None], "requests": [12, 4, 0]})

    assert value == _series([25.0, 0.0, None], grid)


def test_ids_are_those_an_expression_reads() -> None:
    """Operators that are words are no ids."""
    assert ids(parse("a + b * 2 AND c", "e1")) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "column"),
    [("1 +", 4), ("(a", 3), ("a b", 3), ("* a", 1), ("a + + b", 5), ("", 1), ("a * \u0663", 5)],
)
def test_a_syntax_error_points_at_its_column(text: str, column: int) -> None:
    """The column is 1-based."""
    with pytest.raises(ExpressionError) as refused:
        parse(text, "e1")

    assert refused.value.column == column


def test_a_function_we_lack_is_refused_by_name() -> None:
    """AWS has SERVICE_QUOTA; this version does not."""
    with pytest.raises(Unsupported, match="the metric math function SERVICE_QUOTA"):
        parse("SERVICE_QUOTA(m)", "e1")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "1" + ")" * 500,
        "-" * 500 + "1",
        "2^" * 500 + "2",
        "ABS(" * 200 + "m" + ")" * 200,
        "[" * 200 + "m" + "]" * 200,
    ],
)
def test_a_deep_expression_is_refused_not_run_into_the_stack(text: str) -> None:
    """Nesting is bounded."""
    with pytest.raises(ExpressionError, match="Error in expression 'e1': expected no more than 50 levels"):
        parse(text, "e1")


@pytest.mark.parametrize("text", ["m * 1e400", "m + 1e400", "9" * 400, "IF(m > 1e309, m)"])
def test_a_number_beyond_all_is_no_expression(text: str) -> None:
    """No point would be left of what it touches."""
    with pytest.raises(
        ExpressionError, match=r'expected a number within the range of a double, found "[19][e9]'
    ):
        parse(text, "e1")
