"""The series in ALARM of an alarm that watches several."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inferwatch.drawing.alarms import Alarm
from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.drawing.rows import ExpressionRow
from inferwatch.model.errors import AwsError

_GROUPED = re.compile(r"\s*SELECT\b.*\bGROUP\s+BY\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Contributor:
    """One of them, called by the values of its group."""

    id: str
    attributes: dict[str, str]
    reason: str
    since_ms: int

    @property
    def name(self) -> str:
        return named(self.attributes)


def named(attributes: dict[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in attributes.items())


def has_contributors(alarm: Alarm) -> bool:
    """Does it watch every series of a query for itself?"""
    return any(
        row.visible and isinstance(row, ExpressionRow) and _GROUPED.match(row.expression)
        for row in alarm.rows
    )


async def read_contributors(api: Api, alarm: Alarm) -> tuple[Contributor, ...]:
    """The newest first; none where the endpoint has no such call."""
    found: list[Contributor] = []
    try:
        async for page in pages(
            api, alarm.region, "cloudwatch", "DescribeAlarmContributors", {"AlarmName": alarm.name}
        ):
            found += map(_contributor, page.get("AlarmContributors", []))
    except AwsError:
        return ()
    return tuple(sorted(found, key=lambda one: (-one.since_ms, one.name)))


def _contributor(shape: Shape) -> Contributor:
    return Contributor(
        shape["ContributorId"],
        dict(shape["ContributorAttributes"]),
        shape.get("StateReason", ""),
        int(shape.get("StateTransitionedTimestamp") or 0),
    )
