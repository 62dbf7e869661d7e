"""What alarms went through: history items → changes of state, and a strip of them over a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inferwatch.console.contributors import named
from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.drawing.timerange import Window
from inferwatch.explain.past import document

_PAGES_MAX = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an alarm's history. `state` is set where the state changed."""

    alarm: str
    time_ms: int
    kind: str
    summary: str
    state: str | None = None
    was: str | None = None
    reason: str = ""

    @property
    def is_creation(self) -> bool:
        """Whether the alarm did not exist before."""
        return self.kind == "ConfigurationUpdate" and self.state == "created"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A state held for a while, as thousandths of the window's width."""

    state: str
    start: float
    width: float


async def read_history(
    api: Api, region: str, *, since_ms: int, alarm: str | None = None
) -> tuple[Change, ...]:
    """Read what happened to one alarm, or to all of a region, newest first."""
    params: Shape = {
        "AlarmTypes": ["MetricAlarm", "CompositeAlarm"],
        "StartDate": since_ms,
        "ScanBy": "TimestampDescending",
        "MaxRecords": 100,
    }
    if alarm is not None:
        params["AlarmName"] = alarm
    changes: list[Change] = []
    read = 0
    async for page in pages(api, region, "cloudwatch", "DescribeAlarmHistory", params):
        changes += [_change(item) for item in page.get("AlarmHistoryItems", [])]
        read += 1
        if read == _PAGES_MAX:
            break
    return tuple(changes)


def _change(item: Shape) -> Change:
    kind = item.get("HistoryItemType", "")
    data = document(item.get("HistoryData"))
    state = was = None
    reason, summary = "", item.get("HistorySummary", "")
    attributes = item.get("AlarmContributorAttributes")
    if attributes:
        summary = f"{summary}: {named(attributes)}"
    if kind == "AlarmContributorStateUpdate":
        reason = data.get("newState", {}).get("stateReason", "")
    elif kind == "StateUpdate":
        new = data.get("newState", {})
        state, was = new.get("stateValue"), data.get("oldState", {}).get("stateValue")
        reason = new.get("stateReason", "")
        held_back = new.get("actionsSuppressedReason")
        if was == state:
            reason = held_back or "Actions are no longer suppressed"
        elif held_back:
            reason = f"{reason}; {held_back}"
    elif kind == "ConfigurationUpdate" and data.get("type") == "Create":
        state = "created"
    elif kind.endswith("Action"):
        reason = data.get("error") or ""
    return Change(item.get("AlarmName", ""), item["Timestamp"], kind, summary, state, was, reason)


def strip(
    name: str, state: str, changes: Sequence[Change], window: Window, *, since_ms: int = 0
) -> tuple[Stretch, ...]:
    """Lay one alarm's states along a window; before its creation there is nothing.

    Args:
        state: The alarm's state now.
        changes: Newest first, of any alarms.
        since_ms: From when that state is known where the history says nothing.
    """
    stretches: list[Stretch] = []
    end_ms = window.to_ms

    def add(held: str, start_ms: int) -> None:
        start_ms = max(start_ms, window.from_ms)
        if start_ms < end_ms:
            scale = 1_000 / window.length_ms
            start = round((start_ms - window.from_ms) * scale, 1)
            stretches.append(Stretch(held, start, round((end_ms - start_ms) * scale, 1)))

    for change in changes:
        if change.alarm != name or change.state is None:
            continue
        add(state, change.time_ms)
        if change.is_creation:
            return tuple(reversed(stretches))
        end_ms, state = min(end_ms, change.time_ms), change.was or state
    add(state, window.from_ms if end_ms < window.to_ms else since_ms)
    return tuple(reversed(stretches))
