"""Aggregates as SQL. See `insights.aggregates` for what they mean."""

from __future__ import annotations

from inferwatch.engine.insights.commands.stats import constants
from inferwatch.engine.insights.nodes import Call, Star
from inferwatch.engine.queries.compiled.facets import NOTHING, Facet, Kind, NotCompiled
from inferwatch.engine.queries.compiled.translate import Translator

_NUMERIC = {
    "sum": "sum({})",
    "avg": "avg({})",
    "min": "min({})",
    "max": "max({})",
    "stddev": "stddev_pop({})",
    "variance": "var_pop({})",
}
_BY_TIME = {"earliest": "arg_min", "latest": "arg_max"}


def aggregate(call: Call, translator: Translator, key: str | None) -> Facet:
    """One aggregate over a group.

    Args:
        key: SQL of what events are ordered by; `None` where they have lost it.
    """
    if not call.arguments or isinstance(call.arguments[0], Star):
        return Facet(Kind.INTEGER, "count(*)")
    value = translator.value(call.arguments[0])
    if call.name == "count":
        shown = value.number if value.text is None else value.text
        return Facet(Kind.INTEGER, "0::bigint" if value.kind is Kind.NOTHING else f"count({shown})")
    if call.name in ("count_distinct", "countdistinct"):
        each = value.number if value.is_numeric else value.as_text
        return Facet(Kind.INTEGER, "0::bigint" if value.kind is Kind.NOTHING else f"count(distinct {each})")
    if value.kind is Kind.NOTHING:
        return NOTHING
    if call.name in _BY_TIME:
        return _by_time(_BY_TIME[call.name], value, key)
    if call.name not in _NUMERIC and call.name != "pct":
        raise NotCompiled(call.name)
    if value.kind is Kind.TEXT:
        return NOTHING
    if call.name == "pct":
        return Facet(Kind.NUMBER, f"finite(quantile_cont({value.as_double}, {constants(call)[0] / 100!r}))")
    return Facet(Kind.NUMBER, f"finite({_NUMERIC[call.name].format(value.as_double)})")


def _by_time(function: str, value: Facet, key: str | None) -> Facet:
    if key is None:
        raise NotCompiled("an order of rows that have no time")
    shown = value.number if value.is_numeric else value.as_text
    found = f"{function}({shown}, {key}) filter (where {value.is_present})"
    return Facet(value.kind, found) if value.is_numeric else Facet(value.kind, None, found)
