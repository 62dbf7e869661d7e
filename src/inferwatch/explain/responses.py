"""What an alarm does when its state changes, and what keeps it from doing so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from inferwatch.drawing.api import Api, Shape, pages
from inferwatch.engine.alarms.mutes import MuteDefinition, Status
from inferwatch.engine.alarms.schedule import parse_schedule
from inferwatch.engine.alarms.zones import named_zone
from inferwatch.model.errors import AwsError, Unsupported

_MEMBERS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


@dataclass(frozen=True, slots=True)
class Mute:
    """A mute rule whose window is open, and when that closes."""

    rule: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Actions:
    """Actions by the state on whose entering they are taken.

    Args:
        suppressed_by: WaitPeriod, ExtensionPeriod or Alarm: what keeps a composite alarm's actions back.
        over: The mute rules that are never active from then on, and their schedules.
        problem: Why the mute rules could not be read.
    """

    enabled: bool
    by_state: dict[str, tuple[str, ...]]
    mutes: tuple[Mute, ...] = ()
    over: tuple[tuple[str, str], ...] = ()
    suppressed_by: str | None = None
    suppressed_reason: str | None = None
    problem: str | None = None


async def read_actions(api: Api, region: str, shape: Shape, at_ms: int) -> Actions:
    """Actions and what holds them back at a moment; a mute rule that cannot be read is said, and no more."""
    mutes: list[Mute] = []
    over: list[tuple[str, str]] = []
    problem = None
    try:
        async for name, rule in _rules(api, region, shape["AlarmName"]):
            definition = _definition(name, rule)
            until_ms = definition.muted_until(at_ms)
            if until_ms is not None:
                mutes.append(Mute(name, until_ms))
            elif definition.status(at_ms) is Status.EXPIRED:
                over.append((name, f"{definition.expression} for {definition.duration}"))
    except AwsError as error:
        problem = f"mute rules could not be read: {error.message or error.code}"
    return Actions(
        shape.get("ActionsEnabled", True),
        {state: tuple(shape[member]) for state, member in _MEMBERS.items() if shape.get(member)},
        tuple(mutes),
        tuple(over),
        shape.get("ActionsSuppressedBy"),
        shape.get("ActionsSuppressedReason"),
        problem,
    )


async def _rules(api: Api, region: str, alarm: str) -> AsyncIterator[tuple[str, Shape]]:
    async for page in pages(api, region, "cloudwatch", "ListAlarmMuteRules", {"AlarmName": alarm}):
        for summary in page.get("AlarmMuteRuleSummaries", []):
            name = summary["AlarmMuteRuleArn"].rpartition(":")[2]
            asked = {"AlarmMuteRuleName": name}
            yield name, await api.call(region, "cloudwatch", "GetAlarmMuteRule", asked)


def _definition(name: str, rule: Shape) -> MuteDefinition:
    schedule = rule["Rule"]["Schedule"]
    expression, duration = schedule["Expression"], schedule["Duration"]
    timezone = schedule.get("Timezone")
    zone = named_zone(timezone or "UTC")
    if zone is None:
        raise Unsupported(f"the time zone {timezone}", name)
    return MuteDefinition(
        name,
        parse_schedule(expression, duration, zone),
        expression,
        duration,
        timezone,
        start_ms=rule.get("StartDate"),
        expire_ms=rule.get("ExpireDate"),
    )
