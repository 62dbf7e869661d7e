"""The events of one made-up week, minute by minute, from one seed.

Weekdays are busy by day and quiet by night, weekends are quiet; `INCIDENTS` says what goes wrong, and when.
All times are UTC. The week holds the Sunday on which Berlin's clocks go back.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import pi, sin
from typing import Any, Final

MINUTE_MS: Final = 60_000
MINUTES: Final = 7 * 24 * 60
MONDAY_MS: Final = int(datetime(2026, 10, 19, tzinfo=UTC).timestamp()) * 1_000
SEED: Final = 20261019
GATEWAY: Final = "LLM/Gateway"
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# Calls a minute on a weekday, by the hour.
_BY_HOUR: Final = (5, 5, 5, 5, 5, 6, 10, 16, 28, 38, 40, 38, 36, 38, 40, 38, 34, 26, 18, 12, 10, 8, 6, 5)
_WEEKEND_SHARE: Final = 0.5
_ERROR_SHARE: Final = 0.005


@dataclass(frozen=True, slots=True)
class Model:
    """How one model answers on a good day.

    Args:
        share: Of all calls.
        middle_ms: Half of the calls are quicker.
        longest_ms: No call takes longer.
    """

    name: str
    share: float
    middle_ms: float
    longest_ms: float


MODELS: Final = (
    Model("large", 0.4, 4_000, 20_000),
    Model("small", 0.5, 1_200, 8_000),
    Model("legacy", 0.1, 2_500, 12_000),
)


@dataclass(frozen=True, slots=True)
class Incident:
    """From when to when, in minutes of the week, and how that is said in the margin of the golden file."""

    first: int
    last: int
    begins: str
    ends: str


def at(day: str, hour: int, minute: int = 0) -> int:
    """A minute of the week."""
    return (DAYS.index(day) * 24 + hour) * 60 + minute


INCIDENTS: Final = {
    "outage": Incident(at("Mon", 16, 10), at("Mon", 16, 40), "the provider fails seven calls in ten", "the provider answers again"),
    "declared": Incident(at("Mon", 16, 13), at("Mon", 16, 52), "the provider's status page admits an outage", "the status page says: resolved"),
    "slow": Incident(at("Tue", 14), at("Tue", 15, 20), "large takes eight times as long", "large is as quick as before"),
    "throttles": Incident(at("Wed", 10), at("Wed", 10, 40), "two minutes of three, six calls in ten are throttled", "no more throttling"),
    "batch": Incident(at("Wed", 18), at("Wed", 19, 30), "a batch job sends thirty huge prompts a minute to large", "the batch job is done"),
    "queue": Incident(at("Wed", 18), at("Wed", 18, 20), "the gateway's queue fills up, and says so every ten seconds", "the queue is empty and silent"),
    "slow night": Incident(at("Thu", 2), at("Thu", 4, 30), "at night, with few calls, large takes sixteen times as long", "large is as quick as before"),
    "idle": Incident(at("Fri", 0), at("Fri", 5), "no call at all: the callers are being moved", "the callers are back"),
    "slow sunday": Incident(at("Sun", 20, 30), at("Sun", 20, 40), "large takes sixteen times as long, half past nine in Berlin's winter time", "large is as quick as before"),
    "late batch": Incident(at("Sun", 22), at("Sun", 22, 55), "the batch job again, in Berlin's last hour of Sunday", "the batch job is done"),
    "vanished": Incident(at("Sat", 9), MINUTES, "nobody calls legacy any more, for good", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One log event: when, and its members."""

    timestamp_ms: int
    members: dict[str, Any]

    @property
    def text(self) -> str:
        return json.dumps(self.members, separators=(",", ":"))


def is_on(name: str, minute: int) -> bool:
    return INCIDENTS[name].first <= minute < INCIDENTS[name].last


def week() -> list[list[Event]]:
    """The events of each minute, oldest first."""
    chance = random.Random(SEED)
    return [
        sorted(_of_minute(minute, chance), key=lambda event: event.timestamp_ms) for minute in range(MINUTES)
    ]


def _of_minute(minute: int, chance: random.Random) -> Iterator[Event]:
    at_ms = MONDAY_MS + minute * MINUTE_MS
    for _ in range(_calls(minute, chance)):
        model = chance.choices(MODELS, [model.share for model in MODELS])[0]
        if not (model.name == "legacy" and is_on("vanished", minute)):
            yield _call(minute, at_ms + chance.randrange(MINUTE_MS), model, chance)
    if is_on("batch", minute) or is_on("late batch", minute):
        for _ in range(30):
            yield _call(minute, at_ms + chance.randrange(MINUTE_MS), MODELS[0], chance, task="batch")
    if is_on("declared", minute):
        yield Event(at_ms + 5_000, {"status_page": "major_outage", "severity": 2})
    if is_on("queue", minute):
        for second in range(0, 60, 10):
            yield _depth(at_ms + second * 1_000, minute + second / 60 - INCIDENTS["queue"].first, chance)


def _calls(minute: int, chance: random.Random) -> int:
    if is_on("idle", minute):
        return 0
    usual = _BY_HOUR[minute // 60 % 24] * (_WEEKEND_SHARE if minute >= at("Sat", 0) else 1.0)
    return int(usual * chance.uniform(0.8, 1.2) + chance.random())


def _call(minute: int, at_ms: int, model: Model, chance: random.Random, task: str = "answer") -> Event:
    """One inference record, as `inferwatch.capture` writes it."""
    status = _status(minute, chance)
    duration_ms = min(model.middle_ms * chance.lognormvariate(0, 0.45), model.longest_ms)
    if status != "ok":
        duration_ms = chance.uniform(50, 400)
    elif model.name == "large":
        duration_ms *= _slowness(minute)
    members: dict[str, Any] = {
        "v": 1,
        "ts": datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "id": f"01K7{chance.getrandbits(80):022X}",
        "writer": "w1",
        "seq": at_ms - MONDAY_MS,
        "service": "assistant",
        "task": task,
        "operation": "chat",
        "provider": "openai",
        "model": model.name,
        "stream": False,
        "status": status,
        "duration_ms": round(duration_ms, 1),
    }  # fmt: skip
    if status == "ok":
        input_tokens = 60_000 if task == "batch" else chance.randrange(500, 2_500)
        members |= {"input_tokens": input_tokens, "output_tokens": chance.randrange(100, 700)}
    return Event(at_ms, members)


def _slowness(minute: int) -> int:
    if is_on("slow", minute):
        return 8
    return 16 if is_on("slow night", minute) or is_on("slow sunday", minute) else 1


def _status(minute: int, chance: random.Random) -> str:
    if is_on("outage", minute) and chance.random() < 0.7:
        return "error"
    if is_on("throttles", minute) and minute % 3 and chance.random() < 0.6:
        return "throttled"
    return "error" if chance.random() < _ERROR_SHARE else "ok"


def _depth(at_ms: int, minutes_in: float, chance: random.Random) -> Event:
    """The queue's depth as an embedded metric of one second's resolution: up to about 80, and down again."""
    whole = INCIDENTS["queue"].last - INCIDENTS["queue"].first
    depth = max(0, round(80 * sin(pi * minutes_in / whole) + chance.gauss(0, 4)))
    directive = {
        "Namespace": GATEWAY,
        "Dimensions": [[]],
        "Metrics": [{"Name": "QueueDepth", "Unit": "Count", "StorageResolution": 1}],
    }
    return Event(at_ms, {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}, "QueueDepth": depth})
