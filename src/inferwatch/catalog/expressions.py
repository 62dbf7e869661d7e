"""Arithmetic over the catalog's metrics, as alarms and dashboards need it.

    M.cache_read / (M.cache_read + M.cache_write) < 0.5
    M.duration.p(99) > 4_000
    (100 * M.failed / M.ended).when(M.ended >= 20) > 5
    M.cost.fill(0) > 10

An expression is a value: nothing is computed until CloudWatch does. `M` has one term for every metric of
`metrics.py`; a misspelt one is refused with the names there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, TypeAlias

from inferwatch.catalog.metrics import METRICS
from inferwatch.model.errors import UsageError
from inferwatch.model.statistics import is_statistic

Comparison = Literal[">", ">=", "<", "<="]
Sign = Literal["+", "-", "*", "/"]

OPERATORS: Final[dict[Comparison, str]] = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
"""CloudWatch's name of each comparison."""


class Arithmetic:
    """What every expression can do."""

    __slots__ = ()

    def __add__(self, other: Operand) -> Operation:
        return Operation("+", self, _read(other))

    def __radd__(self, other: Operand) -> Operation:
        return Operation("+", _read(other), self)

    def __sub__(self, other: Operand) -> Operation:
        return Operation("-", self, _read(other))

    def __rsub__(self, other: Operand) -> Operation:
        return Operation("-", _read(other), self)

    def __mul__(self, other: Operand) -> Operation:
        return Operation("*", self, _read(other))

    def __rmul__(self, other: Operand) -> Operation:
        return Operation("*", _read(other), self)

    def __truediv__(self, other: Operand) -> Operation:
        return Operation("/", self, _read(other))

    def __rtruediv__(self, other: Operand) -> Operation:
        return Operation("/", _read(other), self)

    def __gt__(self, other: Operand) -> Condition:
        return _compare(self, ">", other)

    def __ge__(self, other: Operand) -> Condition:
        return _compare(self, ">=", other)

    def __lt__(self, other: Operand) -> Condition:
        return _compare(self, "<", other)

    def __le__(self, other: Operand) -> Condition:
        return _compare(self, "<=", other)

    def when(self, condition: Condition) -> Choice:
        """This in the periods in which the condition holds, and no datapoint in the others."""
        return Choice(condition, self)

    def fill(self, value: float) -> Filled:
        """This, and a number in the periods in which it has no datapoint.

        An alarm otherwise looks further back where a period is empty, and rings on for periods gone by.
        Periods of less than five minutes are better left empty: the newest one often is, for a moment.
        """
        return Filled(self, _number(value))


@dataclass(frozen=True, slots=True)
class Constant(Arithmetic):
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Term(Arithmetic):
    """One statistic of one metric, in the metric's own unit."""

    metric: str
    statistic: str

    def stat(self, statistic: str) -> Term:
        """Another statistic, as CloudWatch spells it: `Maximum`, `tm90`, `PR(:4000)`."""
        if not is_statistic(statistic):
            raise UsageError(
                f"M.{self.metric}: expected a statistic such as Maximum, p99, tm90, TM(2%:98%) or PR(:4000), "
                f"got {statistic!r}"
            )
        return Term(self.metric, statistic)

    def p(self, percentile: float) -> Term:
        """A percentile: `M.duration.p(99.9)`."""
        return self.stat(f"p{percentile:g}")

    @property
    def samples(self) -> Term:
        """How many numbers there were."""
        return self.stat("SampleCount")


@dataclass(frozen=True, slots=True)
class Operation(Arithmetic):
    """Two expressions joined by a sign."""

    sign: Sign
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Choice(Arithmetic):
    """An expression, where a condition holds."""

    condition: Condition
    then: Expression


@dataclass(frozen=True, slots=True)
class Filled(Arithmetic):
    """An expression, and a number where it has no datapoint."""

    expression: Expression
    value: float


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression compared with a number."""

    expression: Expression
    comparison: Comparison
    threshold: float

    def __bool__(self) -> NoReturn:
        raise UsageError(
            "a condition over metrics is neither true nor false here: CloudWatch decides it later, so it "
            "cannot be joined by `and`, `or` or a chain like 1 < M.failed < 5"
        )


Expression: TypeAlias = Arithmetic
Operand: TypeAlias = Arithmetic | float | int


class Metrics:
    """A term for each metric: `M.failed`."""

    def __getattr__(self, key: str) -> Term:
        metric = METRICS.get(key)
        if metric is None:
            if key.startswith("__"):
                raise AttributeError(key)
            raise UsageError(f"M.{key}: there is no such metric; expected one of {', '.join(METRICS)}")
        return Term(key, metric.statistics[0])

    def __dir__(self) -> list[str]:
        return list(METRICS)


M: Final = Metrics()


def terms(expression: Expression) -> Iterator[Term]:
    """Every term of an expression, from left to right; one that stands twice, twice."""
    match expression:
        case Term():
            yield expression
        case Operation(_, left, right):
            yield from terms(left)
            yield from terms(right)
        case Choice(condition, then):
            yield from terms(condition.expression)
            yield from terms(then)
        case Filled(inner):
            yield from terms(inner)


def _read(operand: Operand) -> Expression:
    if isinstance(operand, Arithmetic):
        return operand
    return Constant(_number(operand))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"expected a number or an expression over M, got {value!r}")
    return float(value)


def _compare(left: Expression, comparison: Comparison, right: Operand) -> Condition:
    other = _read(right)
    if isinstance(other, Constant):
        return Condition(left, comparison, other.value)
    return Condition(left - other, comparison, 0.0)
