"""Everything an explanation needs, asked of the AWS API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from inferwatch.drawing import wording
from inferwatch.drawing.alarms import Alarm, read_alarms
from inferwatch.drawing.api import Api
from inferwatch.engine.alarmrules import RuleError
from inferwatch.engine.alarms.composite import name_of
from inferwatch.engine.alarms.definition import Definition
from inferwatch.engine.alarms.window import periods
from inferwatch.engine.metrics.retention import on_grid
from inferwatch.explain.assembly import explain_composite, explain_metric
from inferwatch.explain.explanation import Explanation
from inferwatch.explain.judged import rounds
from inferwatch.explain.past import Held, held_at, held_now
from inferwatch.explain.points import read_before, read_points
from inferwatch.explain.responses import read_actions
from inferwatch.explain.rule import Standing, alarms_in
from inferwatch.explain.watched import watched_of
from inferwatch.model.errors import AwsError, Unsupported
from inferwatch.model.limits import SECOND_MS

# Source: CloudWatch API reference, "DescribeAlarms", AlarmNames.
_NAMES_PER_CALL = 100


async def explain(
    api: Api, alarm: Alarm, now_ms: int, *, at_ms: int | None = None, before: int = 0
) -> Explanation:
    """Why an alarm is in its state, or was at a moment of before.

    Args:
        before: How many periods before the evaluation range are read too, for a picture.

    Raises:
        AwsError: The endpoint refuses.
        UsageError: Its history does not reach back to that moment.
    """
    held = await _held(api, alarm, at_ms)
    if "AlarmRule" in alarm.shape:
        return await _composite(api, alarm, held, now_ms, at_ms)
    return await _metric(api, alarm, held, now_ms, now_ms if at_ms is None else at_ms, before)


async def _held(api: Api, alarm: Alarm, at_ms: int | None) -> Held:
    return held_now(alarm.shape) if at_ms is None else await held_at(api, alarm.region, alarm.shape, at_ms)


async def _metric(api: Api, alarm: Alarm, held: Held, now_ms: int, at_ms: int, before: int) -> Explanation:
    actions = await read_actions(api, alarm.region, alarm.shape, at_ms)
    try:
        watched = watched_of(alarm.shape)
        round_ms, _ = rounds(watched.definition, at_ms)
        _check_kept(watched.definition, round_ms, now_ms)
        series, said = await read_points(api, alarm.region, watched, round_ms)
    except AwsError as error:
        refused = f"its datapoints cannot be shown: {error.message or error.code}"
        return explain_metric(alarm, held, actions, at_ms, said=(refused,))
    first = next(iter(series.values()))[0]
    earlier = await read_before(api, alarm.region, watched, first, before)
    return explain_metric(
        alarm, held, actions, at_ms, watched=watched, series=series, before=earlier, said=said
    )


def _check_kept(definition: Definition, round_ms: int, now_ms: int) -> None:
    """Raises AwsError where periods so short are not kept so long."""
    grid = periods(definition, round_ms)
    if on_grid(grid[0][0], grid[-1][1], definition.period_s, now_ms) is None:
        length = wording.duration(definition.period_s * SECOND_MS)
        raise AwsError("NotKept", f"periods of {length} are not kept so long")


async def _composite(api: Api, alarm: Alarm, held: Held, now_ms: int, at_ms: int | None) -> Explanation:
    moment_ms = now_ms if at_ms is None else at_ms
    actions = await read_actions(api, alarm.region, alarm.shape, moment_ms)
    actions = replace(actions, suppressed_by=held.suppressed_by, suppressed_reason=held.suppressed_reason)
    try:
        names = [*alarms_in(alarm.shape["AlarmRule"])]
    except RuleError as error:
        raise Unsupported(f"the rule {alarm.shape['AlarmRule']}", error.message) from None
    if alarm.shape.get("ActionsSuppressor"):
        names.append(name_of(alarm.shape["ActionsSuppressor"]))
    standings = await _standings(api, alarm.region, names, at_ms)
    return explain_composite(alarm, held, actions, moment_ms, standings)


async def _standings(api: Api, region: str, names: Iterable[str], at_ms: int | None) -> dict[str, Standing]:
    """The states of the alarms of these names, as far as there are such."""
    wanted = list(dict.fromkeys(names))
    found: list[Alarm] = []
    for first in range(0, len(wanted), _NAMES_PER_CALL):
        some = wanted[first : first + _NAMES_PER_CALL]
        found += await read_alarms(api, region, {"AlarmNames": some})
    held = await asyncio.gather(*(_held(api, one, at_ms) for one in found))
    return {one.name: Standing(each.state, each.since_ms) for one, each in zip(found, held, strict=True)}
