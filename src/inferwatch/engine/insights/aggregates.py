"""What `stats` makes of the values of a group.

Source: CloudWatch Logs User Guide, "stats".
Differs: AWS's percentiles are approximate; ours are exact, interpolated between neighbours. Of equal times
`earliest` takes the event that was stored first, `latest` the last.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from inferwatch.engine.insights.values import SortKey, Value, finite, number, sort_key, text

Key = tuple[int, int]
"""(epoch ms, sequence) of an event."""


class Accumulator(Protocol):
    def add(self, value: Value, key: Key) -> None: ...

    def result(self) -> Value: ...


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate.

    Args:
        make: An accumulator, of what stands after the first argument.
        constants: How many numbers stand there.
    """

    name: str
    about: str
    make: Callable[[Sequence[float]], Accumulator]
    fewest: int = 1
    constants: int = 0

    @property
    def most(self) -> int:
        return 1 + self.constants

    @property
    def arity(self) -> str:
        return "1 argument" if self.most == 1 else f"{self.most} arguments"


class _All:
    """`count(*)`, and `count(f)` of those that have it."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Value, _: Key) -> None:
        self._count += value is not None

    def result(self) -> Value:
        return self._count


class _Distinct:
    def __init__(self) -> None:
        self._seen: set[str] = set()

    def add(self, value: Value, _: Key) -> None:
        shown = text(value)
        if shown is not None:
            self._seen.add(shown)

    def result(self) -> Value:
        return len(self._seen)


class _Moments:
    """Sums; the compensated sum of `math.fsum` would have to keep every value."""

    def __init__(self, finish: Callable[[int, float, float, float], float]) -> None:
        self._finish = finish
        self._count, self._total, self._rest = 0, 0.0, 0.0
        self._mean = self._squares = 0.0

    def add(self, value: Value, _: Key) -> None:
        found = number(value)
        if found is None:
            return
        self._count += 1
        total = self._total + found
        larger, smaller = (self._total, found) if abs(self._total) >= abs(found) else (found, self._total)
        self._rest += (larger - total) + smaller
        self._total = total
        from_mean = found - self._mean
        self._mean += from_mean / self._count
        self._squares += from_mean * (found - self._mean)

    def result(self) -> Value:
        if not self._count:
            return None
        total = self._total + self._rest if math.isfinite(self._rest) else self._total
        return finite(self._finish(self._count, total, self._mean, max(self._squares, 0.0)))


class _Extreme:
    def __init__(self, choose: Callable[[float, float], float]) -> None:
        self._choose = choose
        self._found: float | None = None

    def add(self, value: Value, _: Key) -> None:
        found = number(value)
        if found is not None:
            self._found = found if self._found is None else self._choose(self._found, found)

    def result(self) -> Value:
        return self._found


class _Percentile:
    def __init__(self, percent: float) -> None:
        self._percent = percent
        self._values = array("d")

    def add(self, value: Value, _: Key) -> None:
        found = number(value)
        if found is not None:
            self._values.append(found)

    def result(self) -> Value:
        if not self._values:
            return None
        ordered = sorted(self._values)
        place = (len(ordered) - 1) * self._percent / 100
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return finite(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


class _ByTime:
    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._key: Key | None = None
        self._found: Value = None

    def add(self, value: Value, key: Key) -> None:
        if value is None:
            return
        signed = (self._sign * key[0], self._sign * key[1])
        if self._key is None or signed > self._key:
            self._key, self._found = signed, value

    def result(self) -> Value:
        return self._found


class _BySort:
    def __init__(self, *, last: bool) -> None:
        self._last = last
        self._key: SortKey | None = None
        self._found: Value = None

    def add(self, value: Value, _: Key) -> None:
        key = sort_key(value)
        if key is not None and (self._key is None or (key > self._key if self._last else key < self._key)):
            self._key, self._found = key, value

    def result(self) -> Value:
        return self._found


@dataclass(slots=True)
class _Values:
    """Differs: AWS does not say in which order `values` lists them, nor how; here sorted, as `[a,b]`."""

    most: int = 1_000
    seen: dict[str, SortKey] = field(default_factory=dict)

    def add(self, value: Value, _: Key) -> None:
        shown, key = text(value), sort_key(value)
        if shown is not None and key is not None and len(self.seen) < self.most:
            self.seen[shown] = key

    def result(self) -> Value:
        if not self.seen:
            return None
        return "[" + ",".join(sorted(self.seen, key=lambda shown: self.seen[shown])) + "]"


def _deviation(count: int, _total: float, _mean: float, squares: float) -> float:
    return math.sqrt(squares / count)


_TABLE: Final = (
    Aggregate("count", "events, or those that have the field", lambda _: _All(), fewest=0),
    Aggregate("count_distinct", "different values", lambda _: _Distinct()),
    Aggregate("countDistinct", "different values", lambda _: _Distinct()),
    Aggregate("sum", "the sum of the numbers", lambda _: _Moments(lambda _n, total, _m, _s: total)),
    Aggregate("avg", "their mean", lambda _: _Moments(lambda count, total, _m, _s: total / count)),
    Aggregate("min", "the smallest number", lambda _: _Extreme(min)),
    Aggregate("max", "the largest number", lambda _: _Extreme(max)),
    Aggregate("pct", "a percentile", lambda given: _Percentile(given[0]), fewest=2, constants=1),
    Aggregate("stddev", "the standard deviation of all", lambda _: _Moments(_deviation)),
    Aggregate("variance", "its square", lambda _: _Moments(lambda count, _t, _m, squares: squares / count)),
    Aggregate("earliest", "the value of the oldest event that has it", lambda _: _ByTime(-1)),
    Aggregate("latest", "the value of the newest event that has it", lambda _: _ByTime(1)),
    Aggregate("sortsFirst", "the value that sorts first", lambda _: _BySort(last=False)),
    Aggregate("sortsLast", "the value that sorts last", lambda _: _BySort(last=True)),
    Aggregate("values", "the different values, up to a thousand", lambda _: _Values()),
)
AGGREGATES: Final[Mapping[str, Aggregate]] = {item.name.lower(): item for item in _TABLE}
