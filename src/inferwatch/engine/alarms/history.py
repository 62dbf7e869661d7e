"""What happened to each alarm, bounded.

Differs: AWS keeps thirty days of history, however much that is; here an alarm keeps its newest 1,000 actions,
the newest 1,000 actions and as many changes of its contributors, and its newest 1,000 other items of those
days.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from inferwatch.engine.alarms.state import Contributor
from inferwatch.model.limits import DAY_MS

KEPT_MS: Final = 30 * DAY_MS
ITEMS_PER_ALARM: Final = 1_000
_APART: Final = ("Action", "AlarmContributorAction", "AlarmContributorStateUpdate")


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of an alarm's history.

    Args:
        alarm_kind: MetricAlarm or CompositeAlarm.
        kind: ConfigurationUpdate, StateUpdate or Action; AlarmContributorStateUpdate or -Action.
        data: The JSON text of HistoryData.
        contributor: Whose it is, of an alarm with several.
        number: Counts all items, in the order in which they came.
    """

    alarm: str
    alarm_kind: str
    timestamp_ms: int
    kind: str
    summary: str
    data: str
    contributor: Contributor | None = None
    number: int = 0


class History:
    """Items by alarm; those of deleted alarms too.

    Actions have room of their own, for some repeat every minute; so have contributors, for there are many.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], deque[HistoryItem]] = {}
        self._count = 0

    def add(self, items: Iterable[HistoryItem]) -> None:
        for item in items:
            self._count += 1
            place = (item.alarm, item.kind if item.kind in _APART else "")
            kept = self._kept.setdefault(place, deque(maxlen=ITEMS_PER_ALARM))
            kept.append(replace(item, number=self._count))

    def items(self, alarm: str | None = None) -> list[HistoryItem]:
        """Newest first; of one alarm, or of all."""
        return sorted(self._of(alarm), key=lambda item: (item.timestamp_ms, item.number), reverse=True)

    def _of(self, alarm: str | None) -> Iterator[HistoryItem]:
        for (name, _), kept in self._kept.items():
            if alarm in (None, name):
                yield from kept

    def forget(self, now_ms: int) -> None:
        """Drop what is past its thirty days."""
        oldest_ms = now_ms - KEPT_MS
        for place, kept in list(self._kept.items()):
            while kept and kept[0].timestamp_ms < oldest_ms:
                kept.popleft()
            if not kept:
                del self._kept[place]
