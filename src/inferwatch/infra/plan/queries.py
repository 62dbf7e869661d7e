"""Expressions → CloudWatch's metric queries: each series once, under an id that says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from inferwatch.catalog.expressions import Choice, Constant, Expression, Filled, Operation, Term
from inferwatch.catalog.metrics import METRICS
from inferwatch.infra.plan.scope import Series
from inferwatch.infra.plan.words import plain

_PRECEDENCE: Final = {"+": 1, "-": 1, "*": 2, "/": 2}
_ATOM: Final = 3
_ODD: Final = re.compile(r"[^a-zA-Z0-9]+")


class Queries:
    """The series that some expressions read, by id, in order of first use.

    Args:
        series_of: Which series a term means.
    """

    def __init__(self, series_of: Callable[[Term], Series], *, suffix: str = "") -> None:
        self._series_of = series_of
        self._suffix = suffix
        self.series: dict[str, Series] = {}

    def text(self, expression: Expression) -> str:
        """The expression in metric math, over the ids."""
        return self._print(expression, 0)

    def _print(self, expression: Expression, outer: int) -> str:
        match expression:
            case Constant(value):
                return plain(value)
            case Term():
                return self._term(expression, outer)
            case Operation(sign, left, right):
                own = _PRECEDENCE[sign]
                # `a - (b + c)`: the right side binds closer than its own sign.
                text = f"{self._print(left, own)} {sign} {self._print(right, own + 1)}"
                return f"({text})" if own < outer else text
            case Choice(condition, then):
                compared = f"{self._print(condition.expression, _ATOM)} {condition.comparison}"
                return f"IF({compared} {plain(condition.threshold)}, {self._print(then, 0)})"
            case Filled(inner, value):
                return f"FILL({self._print(inner, 0)}, {plain(value)})"
            case _:
                raise TypeError(f"no expression: {expression!r}")

    def _term(self, term: Term, outer: int) -> str:
        series = self._series_of(term)
        query_id = self._id(term)
        self.series.setdefault(query_id, series)
        if series.scale == 1:
            return query_id
        text = f"{query_id} * {plain(series.scale)}"
        if series.scale < 1:
            text = f"{query_id} / {plain(1 / series.scale)}"
        return f"({text})" if outer > _PRECEDENCE["*"] else text

    def _id(self, term: Term) -> str:
        """`failed`, `duration_p99`, `duration_pr_4000`."""
        metric = METRICS[term.metric]
        if term.statistic == metric.statistics[0] and len(metric.statistics) == 1:
            return f"{term.metric}{self._suffix}"
        word = (
            "samples" if term.statistic == "SampleCount" else _ODD.sub("_", term.statistic).strip("_").lower()
        )
        return f"{term.metric}_{word}{self._suffix}"
