"""The same week worked out from its raw events alone: plain lists and the rules of the User Guide, no engine.

Source of the rules: CloudWatch User Guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat
missing data"; the reach of two more periods (a minute's worth for short ones) is as recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from golden_week.traffic import MINUTE_MS, MINUTES, MONDAY_MS, Event, at
from golden_week.watching import INPUT_USD, OUTPUT_USD

TICK_MS: Final = 10_000
SETTLE_MS: Final = 10_000

# When Berlin's days begin, in minutes of the week: two hours before UTC's, one hour once the clocks are back.
BERLIN_MIDNIGHTS: Final = (
    -120,
    *(at(day, 22) for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")),
    at("Sun", 23),
)

Change = tuple[int, str]
Value = Callable[[int, int], float | None]


@dataclass(slots=True)
class Minutes:
    """What a counting person would note down of every minute; lists have an entry a minute."""

    requests: list[int] = field(default_factory=lambda: [0] * MINUTES)
    errors: list[int] = field(default_factory=lambda: [0] * MINUTES)
    throttled: list[int] = field(default_factory=lambda: [0] * MINUTES)
    input_tokens: list[int] = field(default_factory=lambda: [0] * MINUTES)
    output_tokens: list[int] = field(default_factory=lambda: [0] * MINUTES)
    severities: list[int] = field(default_factory=lambda: [0] * MINUTES)
    durations: dict[str, list[list[float]]] = field(
        default_factory=lambda: {name: [[] for _ in range(MINUTES)] for name in ("large", "small", "legacy")}
    )
    depths: dict[int, float] = field(default_factory=dict)

    def note(self, minute: int, event: Event) -> None:
        seen = event.members
        if "model" in seen:
            self.requests[minute] += 1
            self.errors[minute] += seen["status"] == "error"
            self.throttled[minute] += seen["status"] == "throttled"
            self.input_tokens[minute] += seen.get("input_tokens", 0)
            self.output_tokens[minute] += seen.get("output_tokens", 0)
            self.durations[seen["model"]][minute].append(seen["duration_ms"])
        elif "severity" in seen:
            self.severities[minute] = max(self.severities[minute], seen["severity"])
        else:
            self.depths[(event.timestamp_ms - MONDAY_MS) // TICK_MS] = seen["QueueDepth"]

    def of(self, model: str, first: int, last: int) -> list[float]:
        return [value for minute in self.durations[model][first:last] for value in minute]

    def all(self, first: int, last: int) -> list[float]:
        return [value for model in self.durations for value in self.of(model, first, last)]


def count(week: Sequence[Sequence[Event]]) -> Minutes:
    counted = Minutes()
    for minute, events in enumerate(week):
        for event in events:
            counted.note(minute, event)
    return counted


@dataclass(frozen=True, slots=True)
class Watched:
    """An alarm as the rules need it.

    Args:
        value: Of the steps [first, last); `None` where there is no datapoint.
        is_bad: Does a value breach?
        steps: Length of a period.
        wanted: Evaluation periods.
        needed: Datapoints to alarm.
        missing: How missing data counts.
    """

    value: Value
    is_bad: Callable[[float], bool]
    steps: int
    wanted: int = 1
    needed: int = 1
    missing: str = "missing"


def watched(of: Minutes) -> dict[str, Watched]:
    """Alarms with windows of whole minutes, ending with the last one."""
    quiet = "notBreaching"
    return {
        "slow-answer": Watched(lambda a, b: max(of.of("large", a, b), default=None), lambda ms: ms > 30_000, 1, missing=quiet),
        "throttles": Watched(lambda a, b: sum(of.throttled[a:b]) or None, lambda calls: calls > 15, 1, 5, 3, quiet),
        "error-rate": Watched(lambda a, b: _error_rate(of, a, b), lambda percent: percent > 5, 1, 3, 3, quiet),
        "no-traffic": Watched(lambda a, b: len(of.of("legacy", a, b)) or None, lambda calls: calls < 1, 5, 3, 3, "breaching"),
        "pace": Watched(lambda a, b: _pace(of, a, b), lambda times: times > 12, 5, 2, 2),
        "hourly-cost": Watched(lambda a, b: _cost(of, a, b), lambda usd: usd > 60, 60, missing=quiet),
        "provider-outage": Watched(lambda a, b: max(of.severities[a:b]) or None, lambda grade: grade > 1, 1, missing=quiet),
    }  # fmt: skip


def _error_rate(of: Minutes, first: int, last: int) -> float | None:
    requests, errors = sum(of.requests[first:last]), sum(of.errors[first:last])
    if not requests:
        return None
    return 100 * errors / requests if requests > 20 else 0.0


def _pace(of: Minutes, first: int, last: int) -> float | None:
    """A metric that is missing counts as 0, and nothing can be divided by that."""
    large, small = of.of("large", first, last), of.of("small", first, last)
    return _mean(large) / _mean(small) if small else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _cost(of: Minutes, first: int, last: int) -> float | None:
    usd = sum(of.input_tokens[first:last]) * INPUT_USD + sum(of.output_tokens[first:last]) * OUTPUT_USD
    return usd or None


def changes(alarm: Watched) -> list[Change]:
    """(epoch ms, state) of every change, looked at ten seconds after each minute."""
    reach = alarm.wanted + 2
    windows = (
        [(end - back * alarm.steps, end - (back - 1) * alarm.steps) for back in range(reach, 0, -1)]
        for end in range(MINUTES)
    )
    looks = (
        (MONDAY_MS + end * MINUTE_MS + SETTLE_MS, _points(alarm, found)) for end, found in enumerate(windows)
    )
    return list(_follow(alarm, looks))


def backlog_changes(of: Minutes) -> list[Change]:
    """The queue's depth, looked at every ten seconds, each ten seconds after they ended."""
    alarm = Watched(lambda a, _: of.depths.get(a), lambda calls: calls > 50, 1, 3, 3, "notBreaching")
    looks = (
        (MONDAY_MS + tick * TICK_MS, _points(alarm, [(end, end + 1) for end in range(tick - 10, tick - 1)]))
        for tick in range(1, MINUTES * 6 + 1)
    )
    return list(_follow(alarm, looks))


def daily_changes(of: Minutes) -> list[Change]:
    """The tokens of Berlin's last three whole days, of which the newest with data counts."""
    alarm = Watched(
        lambda a, b: sum(of.input_tokens[max(a, 0) : b]) or None, lambda tokens: tokens > 100e6, 0
    )
    days = list(pairwise(BERLIN_MIDNIGHTS))
    looks = (
        (MONDAY_MS + now * MINUTE_MS + SETTLE_MS, _points(alarm, [day for day in days if day[1] <= now][-3:]))
        for now in range(MINUTES)
    )
    return list(_follow(alarm, looks))


def _points(alarm: Watched, windows: Sequence[tuple[int, int]]) -> list[bool | None]:
    """Is each window bad? `None` where it holds nothing."""
    values = [alarm.value(max(first, 0), last) if last > 0 else None for first, last in windows]
    return [None if value is None else alarm.is_bad(value) for value in values]


def _follow(alarm: Watched, looks: Iterator[tuple[int, list[bool | None]]]) -> Iterator[Change]:
    state = "INSUFFICIENT_DATA"
    for at_ms, points in looks:
        found = decide(points, alarm.wanted, alarm.needed, alarm.missing)
        if found is not None and found != state:
            state = found
            yield at_ms, state


def decide(points: Sequence[bool | None], wanted: int, needed: int, missing: str) -> str | None:
    """The guide's rules in their order; `None` keeps the state."""
    real = [point for point in points if point is not None][-wanted:]
    bad, good, absent = real.count(True), real.count(False), wanted - len(real)
    if bad >= needed:
        return "ALARM"
    if good >= wanted - needed + 1 or missing == "notBreaching":
        return "OK"
    if missing == "breaching":
        return "ALARM" if bad + absent >= needed else "OK"
    if not real:
        return "INSUFFICIENT_DATA"
    if good:
        return "OK"
    oldest_bad = len(points) - list(points).index(True)
    return "ALARM" if oldest_bad >= needed else None


def tail_bounds(of: Minutes, end: int) -> tuple[int, float]:
    """Calls of the half hour before a minute, and the true p99 of their durations, in ms."""
    durations = sorted(of.all(max(end - 30, 0), end))
    return len(durations), durations[int(len(durations) * 0.99)] if durations else 0.0


def engine_changes(history: Sequence[dict[str, Any]], name: str) -> list[Change]:
    """The engine's side of the comparison, as DescribeAlarmHistory tells it."""
    summaries = (
        (round(item["Timestamp"].timestamp() * 1_000), item["HistorySummary"])
        for item in history
        if item["AlarmName"] == name and item["HistoryItemType"] == "StateUpdate"
    )
    return [
        (at_ms, text.rsplit(" to ", 1)[1]) for at_ms, text in summaries if text.startswith("Alarm updated")
    ]
