"""Metrics Insights: reading queries, and refusing them at their column."""

from __future__ import annotations

import pytest

from inferwatch.engine.metricinsights import Condition, Order, Query, QueryError, is_query, parse


def test_every_clause_is_read() -> None:
    """Keywords in any case, names and values in their quotes, with escapes."""
    text = r"""select avg("My.Metric") from schema("AWS/X", B, A)
        where A = 'it\'s' and "x-y" != 'b' and AWS.AccountId = current_account_id()
        group by A, tag.env order by max() desc limit 5"""

    assert parse(text, "q") == Query(
        "AVG",
        "My.Metric",
        "AWS/X",
        frozenset({"A", "B"}),
        (Condition("A", "it's"), Condition("x-y", "b", False), Condition("AWS.AccountId", None)),
        ("A", "tag.env"),
        Order("MAX", True),
        5,
    )


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("SELECT AVG(m) FORM ns", 15, "Invalid syntax near 'FORM ns'"),
        ("SELECT MEDIAN(m) FROM ns", 8, "'MEDIAN' is not a valid aggregate function"),
        ("SELECT AVG(limit) FROM ns", 12, "Reserved keyword 'limit' must be surrounded by double quotes"),
        ("SELECT AVG(m) FROM ns WHERE a = b", 33, "Invalid syntax near 'b'"),
        ("SELECT AVG(m) FROM ns WHERE a > 'b'", 31, "near '> 'b''"),
        ("SELECT AVG(m) FROM ns LIMIT 0", 29, "near '0'"),
        ("SELECT AVG(m) FROM ns LIMIT 501", 29, "near '501'"),
        ("SELECT AVG(m) FROM ns LIMIT " + "9" * 400, 29, "near '999"),
        ("SELECT AVG(m) FROM AWS/EC2", 23, "near '/EC2'"),
        ("SELECT AVG(m) FROM ns WHERE a = 'open", 33, "near ''open'"),
        ("SELECT AVG(m) FROM ns ORDER BY AVG", 35, "near ''"),
    ],
)
def test_what_is_no_query_is_refused_at_its_column(text: str, column: int, problem: str) -> None:
    """Columns are 1-based."""
    with pytest.raises(QueryError) as refused:
        parse(text, "q")

    assert refused.value.column == column
    assert refused.value.message.startswith("Error in expression 'q': Invalid syntax")
    assert problem in refused.value.message


def test_sql_and_math_are_told_apart() -> None:
    """By the first word."""
    assert is_query(" select avg(m) from n")
    assert not is_query("SELECTED + 1")
    assert not is_query("m1 / m2")
