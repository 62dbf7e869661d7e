"""Nodes → text: `parse(write(query)) == query` for every query that a text can make."""

from __future__ import annotations

from inferwatch.engine.metricinsights.nodes import Condition, Query
from inferwatch.engine.metricinsights.parser import BARE, RESERVED
from inferwatch.lang.quotes import quoted


def write(query: Query) -> str:
    """The query in its usual form."""
    clauses = [f"SELECT {query.function}({_name(query.metric)}) FROM {_source(query)}"]
    if query.where:
        clauses.append("WHERE " + " AND ".join(map(_condition, query.where)))
    if query.group:
        clauses.append("GROUP BY " + ", ".join(map(_name, query.group)))
    if query.order is not None:
        clauses.append(f"ORDER BY {query.order.function}() {'DESC' if query.order.descending else 'ASC'}")
    if query.limit is not None:
        clauses.append(f"LIMIT {query.limit}")
    return " ".join(clauses)


def _source(query: Query) -> str:
    if query.schema is None:
        return _name(query.namespace)
    return f"SCHEMA({', '.join(map(_name, (query.namespace, *sorted(query.schema))))})"


def _condition(condition: Condition) -> str:
    value = "CURRENT_ACCOUNT_ID()" if condition.value is None else quoted(condition.value, "'")
    return f"{_name(condition.key)} {'=' if condition.equal else '!='} {value}"


def _name(name: str) -> str:
    bare = BARE.fullmatch(name) and name.upper() not in RESERVED
    return name if bare else quoted(name)
