"""Questions asked again and again, as Logs Insights queries: saved, and shown as tables.

A text names a log's fields in braces (`{model}`), as `Source.fields` lists them; a query that names one which
a log does not have is not there for that log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from inferwatch.catalog.readings import Source

_FIELD: Final = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    Args:
        name: As people call it, `@` in front.
        about: The question.
    """

    name: str
    about: str
    text: str


def _query(name: str, about: str, *commands: str) -> Query:
    return Query(name, about, "\n| ".join(commands))


_TABLE: Final = (
    _query(
        "@slowest",
        "Which inferences took longest?",
        "filter {inference}",
        "fields {duration_ms} as ms, {model} as of_model, {input_tokens} as tokens_in, "
        "{output_tokens} as tokens_out, {id} as inference",
        "sort ms desc",
        "limit 20",
    ),
    _query(
        "@failed",
        "Which inferences failed last, and why?",
        "filter {failed}",
        "fields @timestamp, {model} as of_model, {error} as kind, {id} as inference",
        "sort @timestamp desc",
        "limit 20",
    ),
    _query(
        "@errors",
        "Which errors does which model give?",
        "filter {failed}",
        "fields {error} as kind, {model} as of_model",
        "stats count(*) as inferences by kind, of_model",
        "sort inferences desc",
    ),
    _query(
        "@throttled",
        "Which models are throttled, minute by minute?",
        "filter {throttled}",
        "fields {model} as of_model",
        "stats count(*) as inferences by bin(1m), of_model",
    ),
    _query(
        "@retried",
        "Which inferences took several requests?",
        "filter {attempts} > 1",
        "fields @timestamp, {attempts} as requests, {duration_ms} as ms, {model} as of_model, "
        "{id} as inference",
        "sort requests desc",
        "limit 20",
    ),
    _query(
        "@by-model",
        "How much does each model do, and how fast?",
        "filter {inference}",
        "fields {duration_ms} as ms, {input_tokens} as tokens_in, {output_tokens} as tokens_out, "
        "{model} as of_model",
        "stats count(*) as inferences, pct(ms, 50) as p50_ms, pct(ms, 99) as p99_ms, "
        "sum(tokens_in) as input_tokens, sum(tokens_out) as output_tokens by of_model",
        "sort inferences desc",
    ),
    _query(
        "@cost-by-model",
        "Where does the money go?",
        "filter {inference}",
        "fields {cost_usd} as usd_each, {model} as of_model",
        "stats sum(usd_each) as usd, count(*) as inferences by of_model",
        "sort usd desc",
    ),
    _query(
        "@expensive",
        "Which inferences cost most?",
        "filter {cost_usd} > 0",
        "fields {cost_usd} as usd, {model} as of_model, {input_tokens} as tokens_in, "
        "{output_tokens} as tokens_out, {id} as inference",
        "sort usd desc",
        "limit 20",
    ),
)

QUERIES: Final[Mapping[str, Query]] = MappingProxyType({query.name: query for query in _TABLE})


def text_for(query: Query, source: Source) -> str | None:
    """The query in a log's own fields; `None` where the log lacks one of them."""
    if any(name not in source.fields for name in _FIELD.findall(query.text)):
        return None
    return _FIELD.sub(lambda found: source.fields[found.group(1)], query.text)
