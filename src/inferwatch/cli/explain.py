"""`inferwatch explain`: why an alarm is in its state, and what would change that."""

from __future__ import annotations

import asyncio
import difflib
import json
import re
from typing import TYPE_CHECKING, Annotated

import typer

from inferwatch.cli.asking import Asked, EndpointUrl, Region, asked_of, one_line
from inferwatch.cli.up import AsJson, Debug

if TYPE_CHECKING:
    from inferwatch.drawing.api import Api
    from inferwatch.explain.explanation import Explanation

_NEAR_MAX = 5
# Periods that the chart shows before the evaluation range.
_BEFORE = 30
_AGO = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def explain(
    alarm: Annotated[str, typer.Argument(metavar="ALARM", help="The alarm's name.")],
    *,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="How it was then: 2026-11-24T12:03:00Z, 12:03 (UTC), 15m ago."
        ),
    ] = None,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say why an alarm is in its state.

    The evaluation window with every period, M of N, missing data, what would change it; of a composite alarm
    its rule with each alarm's state. From an engine on this computer or from Amazon CloudWatch. Exits with 1
    where the alarm is in ALARM.
    """
    from inferwatch.cli.explained import print_explanation
    from inferwatch.cli.paper import paper
    from inferwatch.model.process import wall_ms

    now_ms = wall_ms()
    at_ms = None if at is None else parse_moment(at, now_ms)
    one_line("ALARM", alarm)
    asked = asked_of(endpoint_url, region)
    with asked.answering():
        found = asyncio.run(_explain(asked.connect(), asked, alarm, now_ms, at_ms))
    if as_json:
        print(json.dumps(found.to_json()))
    else:
        print_explanation(paper(), found)
    raise typer.Exit(1 if found.state == "ALARM" else 0)


async def _explain(api: Api, asked: Asked, name: str, now_ms: int, at_ms: int | None) -> Explanation:
    from inferwatch.drawing.alarms import read_alarms
    from inferwatch.explain.read import explain as explain_alarm
    from inferwatch.model.errors import UsageError

    found = await read_alarms(api, asked.region, {"AlarmNames": [name]})
    if not found:
        others = [alarm.name for alarm in await read_alarms(api, asked.region)]
        raise UsageError(_not_here(name, others, asked.region))
    return await explain_alarm(api, found[0], now_ms, at_ms=at_ms, before=_BEFORE)


def _not_here(name: str, others: list[str], region: str) -> str:
    if not others:
        return f'there is no alarm "{name}": there are none at all in {region}'
    by_form = {other.lower(): other for other in others}
    near = [by_form[form] for form in difflib.get_close_matches(name.lower(), by_form, _NEAR_MAX)]
    near += [other for other in others if name.lower() in other.lower() and other not in near]
    if near:
        return f'there is no alarm "{name}" in {region}; did you mean {" or ".join(near[:_NEAR_MAX])}?'
    return f'there is no alarm "{name}" in {region}; `inferwatch alarms` lists the {len(others)} there are'


def parse_moment(text: str, now_ms: int) -> int:
    """Read a moment of before, in epoch ms.

    Raises:
        UsageError: It is none, or it is not over yet.
    """
    from inferwatch.drawing.timerange import moment_ms
    from inferwatch.model.errors import UsageError

    found = moment_ms(text)
    if found is None:
        found = _ago_ms(text, now_ms)
    if found is None:
        raise UsageError(
            f'--at "{text}": expected a moment as 2026-11-24T12:03:00Z (UTC unless it says otherwise), a '
            "time of day as 12:03 (UTC, the last there was), or how long ago as 90s, 15m, 2h or 1d"
        )
    if found > now_ms:
        raise UsageError(f'--at "{text}": expected a moment of before, this one is still to come')
    return found


def _ago_ms(text: str, now_ms: int) -> int | None:
    from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

    ago = _AGO.fullmatch(text.removesuffix("ago").strip())
    if ago is not None:
        return now_ms - int(ago[1]) * {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}[ago[2]]
    time = _TIME_OF_DAY.fullmatch(text)
    if time is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in time.groups())
    today_ms = now_ms - now_ms % DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS
    return today_ms if today_ms <= now_ms else today_ms - DAY_MS
