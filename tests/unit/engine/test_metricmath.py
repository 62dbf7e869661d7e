"""Metric math: series in, series out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.metricmath import ExpressionError, evaluate, ids, parse
from inferwatch.model.errors import Unsupported

Vectors = Callable[[str], list[dict[str, Any]]]


def test_operators_give_the_documented_series(vectors: Vectors) -> None:
    """Every case that needs no function: unions, gaps, division by zero, precedence."""
    checked = 0
    for case in vectors("metric_math"):
        try:
            expression = parse(case["expression"], case.get("queryId", "e1"))
        except (Unsupported, ExpressionError):
            continue
        series = {
            name: {at: float(value) for at, value in enumerate(values) if value is not None}
            for name, values in case["series"].items()
        }

        result = evaluate(expression, series)

        assert result == {at: value for at, value in enumerate(case["expect"]) if value is not None}, case[
            "id"
        ]
        checked += 1
    assert checked == 12


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
    expression = parse("100 * errors / requests", "e1")

    rate = evaluate(expression, {"errors": {0: 3.0, 60: 0.0}, "requests": {0: 12.0, 60: 4.0, 120: 0.0}})

    assert rate == {0: 25.0, 60: 0.0}


def test_ids_are_those_an_expression_reads() -> None:
    """Operators that are words are no ids."""
    assert ids(parse("a + b * 2 AND c", "e1")) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "column"),
    [("1 +", 4), ("(a", 3), ("a b", 3), ("* a", 1), ("a + + b", 5), ("", 1)],
)
def test_a_syntax_error_points_at_its_column(text: str, column: int) -> None:
    """The column is 1-based."""
    with pytest.raises(ExpressionError) as refused:
        parse(text, "e1")

    assert refused.value.column == column


def test_a_function_we_lack_is_refused_by_name() -> None:
    """AWS has IF; this version does not."""
    with pytest.raises(Unsupported, match="the metric math function IF"):
        parse("IF(m > 1, m)", "e1")


@pytest.mark.parametrize("text", ["(" * 500 + "1" + ")" * 500, "-" * 500 + "1", "2^" * 500 + "2"])
def test_a_deep_expression_is_refused_not_run_into_the_stack(text: str) -> None:
    """Nesting is bounded."""
    with pytest.raises(ExpressionError, match="nest"):
        parse(text, "e1")
