"""Metrics Insights and SEARCH: what is printed reads back, and hostile text is read or refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inferwatch.engine import metricinsights as sql
from inferwatch.engine import search

names = st.text(max_size=8) | st.sampled_from(["limit", "a.b", "tag.env", "AWS.AccountId", '"', "\\", "it's"])
functions = st.sampled_from(["AVG", "COUNT", "MAX", "MIN", "SUM"])
queries = st.builds(
    sql.Query,
    functions,
    names,
    names,
    st.none() | st.frozensets(names, max_size=3),
    st.lists(st.builds(sql.Condition, names, st.none() | names, st.booleans()), max_size=3).map(tuple),
    st.lists(names, max_size=3).map(tuple),
    st.none() | st.builds(sql.Order, functions, st.booleans()),
    st.none() | st.integers(1, 500),
)
PIECES = st.sampled_from(
    "SELECT AVG ( ) FROM SCHEMA , WHERE = != 'a' \"b\" AND OR NOT GROUP BY ORDER DESC LIMIT 5 { } x \\ ' é".split()
)
hostile = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=30).map(" ".join))


@given(queries)
def test_what_is_printed_reads_back_as_it_was(query: sql.Query) -> None:
    """`parse(write(query)) == query`."""
    assert sql.parse(sql.write(query), "q") == query


@given(hostile, hostile)
def test_hostile_text_is_read_or_refused(text: str, name: str) -> None:
    """No exception but our typed errors, with a column in or just past the text."""
    columns = [_queried(text), _searched(text, name)]

    assert all(column is None or 1 <= column <= len(text) + 1 for column in columns)


def _queried(text: str) -> int | None:
    """The column where a query is refused; one that is read prints as it was."""
    try:
        query = sql.parse(text, "q")
    except sql.QueryError as refused:
        return refused.column
    assert sql.parse(sql.write(query), "q") == query
    return None


def _searched(text: str, name: str) -> int | None:
    try:
        search.parse(text).matches("NS", name, [(name, text)], "1")
    except search.SearchError as refused:
        return refused.column
    return None
