"""What happened in the week, as text: every change of state, what became of its actions, and the incidents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from golden_week.chain import Outcome
from golden_week.traffic import DAYS, INCIDENTS, MINUTE_MS, MINUTES, MONDAY_MS

HEADING: Final = """\
A week of inferences, and what every alarm made of it. Times are UTC; the week begins on Monday 2026-10-19, and
in its last night Berlin's clocks go back. Lines with | are what happens to the traffic; the others are what was
seen from outside: a change of state, what became of its notification, and AWS's reason under it.
"""

Line = tuple[int, str]


def tell(outcome: Outcome) -> str:
    lines = [*_margin(), *_history(outcome.history)]
    lines.sort(key=lambda line: line[0])
    return HEADING + "\n" + "".join(f"{_moment(at_ms)}  {text}\n" for at_ms, text in lines)


def _moment(at_ms: int) -> str:
    seconds = (at_ms - MONDAY_MS) // 1_000
    minute = seconds // 60
    return f"{DAYS[minute // 1440]} {minute // 60 % 24:02d}:{minute % 60:02d}:{seconds % 60:02d}"


def _margin() -> Iterator[Line]:
    for incident in INCIDENTS.values():
        yield MONDAY_MS + incident.first * MINUTE_MS, f"| {incident.begins}"
        if incident.last < MINUTES:
            yield MONDAY_MS + incident.last * MINUTE_MS, f"| {incident.ends}"


def _history(items: Sequence[dict[str, Any]]) -> Iterator[Line]:
    actions = [item for item in items if item["HistoryItemType"] == "Action"]
    for item in items:
        at_ms, data = _ms(item["Timestamp"]), json.loads(item["HistoryData"])
        if item["HistoryItemType"] == "StateUpdate":
            yield at_ms, _change(item, data, actions)
        elif _is_late(item, data):
            yield at_ms, f"{item['AlarmName']:<16}{_late(data)}"


def _is_late(item: dict[str, Any], data: dict[str, Any]) -> bool:
    is_sent = item["HistoryItemType"] == "Action" and data["actionState"] == "Succeeded"
    return is_sent and data["stateUpdateTimestamp"] != _ms(item["Timestamp"])


def _change(item: dict[str, Any], data: dict[str, Any], actions: Sequence[dict[str, Any]]) -> str:
    old, new = data["oldState"], data["newState"]
    name = f"{item['AlarmName']:<16}"
    if old["stateValue"] == new["stateValue"]:
        return f"{name}is still {new['stateValue']}, {_kept_back(new)}"
    fate = _fate(item, new, actions)
    return f"{name}{old['stateValue']} -> {new['stateValue']}, {fate}\n{'':15}{new['stateReason']}"


def _fate(item: dict[str, Any], new: dict[str, Any], actions: Sequence[dict[str, Any]]) -> str:
    """What became of the notification at the moment of the change."""
    if "actionsSuppressedBy" in new:
        return _kept_back(new)
    for action in actions:
        data = json.loads(action["HistoryData"])
        is_its = (action["AlarmName"], data["stateUpdateTimestamp"]) == (
            item["AlarmName"],
            _ms(item["Timestamp"]),
        )
        if is_its and data["actionState"] == "Muted":
            return f"muted until {_moment(data['muteWindowEndTimestamp'])}"
        if is_its and data["actionState"] == "Succeeded" and action["Timestamp"] == item["Timestamp"]:
            return "notified"
    return "not notified"


def _kept_back(state: dict[str, Any]) -> str:
    by = state.get("actionsSuppressedBy")
    return "nothing keeps its actions back any more" if by is None else f"kept back by {by}"


def _late(data: dict[str, Any]) -> str:
    message = json.loads(json.loads(data["publishedMessage"])["default"])
    after = "after the mute window" if message.get("ActionExecutedAfterMuteWindow") else "late"
    return f"notified {after}: {message['NewStateValue']} since {_moment(data['stateUpdateTimestamp'])}"


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)
