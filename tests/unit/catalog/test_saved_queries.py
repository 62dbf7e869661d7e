"""Saved queries, in each log's own fields."""

from __future__ import annotations

import pytest

from inferwatch.catalog.dashboard import ROWS, Table
from inferwatch.catalog.queries import QUERIES, text_for
from inferwatch.catalog.sources import SOURCES


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("inferwatch", ["@slowest", "@failed", "@errors", "@throttled", "@retried", "@by-model", "@cost-by-model", "@expensive"]),
        ("emf", ["@slowest", "@failed", "@errors", "@throttled", "@retried", "@by-model", "@cost-by-model", "@expensive"]),
        ("bedrock", ["@slowest", "@failed", "@errors", "@throttled", "@by-model"]),
        ("otel", ["@slowest", "@failed", "@errors", "@throttled", "@by-model"]),
    ],
)  # fmt: skip
def test_a_log_has_the_queries_that_it_has_the_fields_for(source: str, names: list[str]) -> None:
    """And no query with a hole in it."""
    assert [query.name for query in QUERIES.values() if text_for(query, SOURCES[source])] == names


def test_a_query_is_in_the_logs_own_fields() -> None:
    """Spans have nanoseconds and dotted names."""
    assert text_for(QUERIES["@slowest"], SOURCES["otel"]) == (
        "filter ispresent(attributes.gen_ai.request.model)\n"
        "| fields durationNano / 1000000 as ms, attributes.gen_ai.request.model as of_model, "
        "attributes.gen_ai.usage.input_tokens as tokens_in, attributes.gen_ai.usage.output_tokens as tokens_out, "
        "spanId as inference\n"
        "| sort ms desc\n"
        "| limit 20"
    )


def test_the_dashboards_tables_are_saved_queries() -> None:
    """Asked for by a name that there is."""
    asked = {widget.query for row in ROWS for widget in row.widgets if isinstance(widget, Table)}

    assert asked <= QUERIES.keys()
