"""A label and what is known of its series → the text that is shown.

Where there is no datapoint, or the metric has no such property, `--` stands.

Source: CloudWatch User Guide, "Use dynamic labels"; answers that Grafana's users posted, 2023-04: an
expression's result has no property, whatever it reads.
Differs: how AWS writes numbers, and the time between two moments, was not recorded. Here a number has up to
15 digits, a whole one no point; time is `1d 2h 3m 4s` without the parts that are 0. Of equal values the
oldest is the highest, or the lowest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, assert_never

from inferwatch.engine.dynamiclabels.nodes import Label, Live, Part, Property, Text
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

NOTHING: Final = "--"
# As many as a double holds of a decimal: a sum of tenths is still one of tenths.
_DIGITS = 15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a label may say of its series.

    Args:
        label: What it is called without a label of its own.
        values: By period start, epoch ms.
        properties: Of the metric that it is, by the names PROP takes; none of an expression's result.
        zone_ms: What the clocks of the label are ahead of UTC.
    """

    label: str
    values: Mapping[int, float]
    now_ms: int
    properties: Mapping[str, str] = field(default_factory=dict)
    zone_ms: int = 0


def fill(label: Label, facts: Facts) -> str:
    """The label with its values."""
    return "".join(_shown(part, facts) for part in label.parts)


def _shown(part: Part, facts: Facts) -> str:
    match part:
        case Text(text):
            return text
        case Property(name):
            return facts.properties.get(name, NOTHING)
        case Live("LABEL"):
            return facts.label
        case Live(name):
            return _figure(name, facts)
        case _:
            assert_never(part)


def _figure(name: str, facts: Facts) -> str:
    if facts.values:
        return FIGURES[name](_Series(facts))
    return "0" if name == "DATAPOINT_COUNT" else NOTHING


class _Series:
    """The moments that figures speak of; there is a value."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.values = facts.values
        stamps = sorted(facts.values)
        self.first, self.last = stamps[0], stamps[-1]
        self.low, self.high = (pick(stamps, key=facts.values.__getitem__) for pick in (min, max))

    def value(self, at: int) -> str:
        return _number(self.values[at])

    def difference(self, start: int, end: int) -> str:
        return _number(self.values[end] - self.values[start])

    def total(self) -> float:
        try:
            return math.fsum(self.values.values())
        except OverflowError:
            return math.inf

    def moment(self, at: int) -> str:
        try:
            local = _EPOCH + timedelta(milliseconds=at + self.facts.zone_ms)
        except OverflowError:
            return NOTHING
        return f"{local:%Y-%m-%d %H:%M:%S}"

    def age(self, at: int) -> str:
        return _duration(self.facts.now_ms - at)


Figure: TypeAlias = Callable[[_Series], str]

FIGURES: Final[Mapping[str, Figure]] = {
    "AVG": lambda it: _number(it.total() / len(it.values)),
    "DATAPOINT_COUNT": lambda it: str(len(it.values)),
    "FIRST": lambda it: it.value(it.first),
    "FIRST_LAST_RANGE": lambda it: it.difference(it.first, it.last),
    "FIRST_LAST_TIME_RANGE": lambda it: _duration(it.last - it.first),
    "FIRST_TIME": lambda it: it.moment(it.first),
    "FIRST_TIME_RELATIVE": lambda it: it.age(it.first),
    "LAST": lambda it: it.value(it.last),
    "LAST_TIME": lambda it: it.moment(it.last),
    "LAST_TIME_RELATIVE": lambda it: it.age(it.last),
    "MAX": lambda it: it.value(it.high),
    "MAX_TIME": lambda it: it.moment(it.high),
    "MAX_TIME_RELATIVE": lambda it: it.age(it.high),
    "MIN": lambda it: it.value(it.low),
    "MIN_MAX_RANGE": lambda it: it.difference(it.low, it.high),
    "MIN_MAX_TIME_RANGE": lambda it: _duration(it.high - it.low),
    "MIN_TIME": lambda it: it.moment(it.low),
    "MIN_TIME_RELATIVE": lambda it: it.age(it.low),
    "SUM": lambda it: _number(it.total()),
}
"""Every value of a series that a label may show, by name."""


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}g}" if math.isfinite(value) else NOTHING


def _duration(length_ms: int) -> str:
    """However the two moments lie, the time between them."""
    rest_ms = abs(length_ms)
    parts = []
    for unit_ms, unit in ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s")):
        count, rest_ms = divmod(rest_ms, unit_ms)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"
