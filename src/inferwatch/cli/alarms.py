"""`inferwatch alarms`: every alarm with its state, the worst first."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from inferwatch.cli.asking import Asked, EndpointUrl, Region, asked_of, one_line
from inferwatch.cli.up import AsJson, Debug

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from inferwatch.drawing.alarms import Alarm
    from inferwatch.drawing.api import Api

State = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]

# The first two columns; then how much of a rule is shown, and of a reason at least.
_STATE_WIDTH, _RULE_MAX, _REASON_MIN = 27, 60, 30
_LOOK_LOCAL_S, _LOOK_AWS_S = 1, 10
_NONE = (
    "There are no alarms here. A Pulumi program declares them: `inferwatch up DIR` applies one, and "
    "examples/published of the repository is one to begin with."
)


def alarms(
    *,
    state: Annotated[State | None, typer.Option("--state", help="Only alarms in this state.")] = None,
    prefix: Annotated[str | None, typer.Option("--prefix", help="Only alarms whose name begins so.")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="On a terminal: keep looking, until Ctrl-C.")
    ] = False,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List alarms with their states, the worst first.

    Metric and composite alarms, of an engine on this computer or of Amazon CloudWatch. Exits with 1 where any
    of them is in ALARM.
    """
    from inferwatch.cli.paper import is_terminal, paper

    asked = asked_of(endpoint_url, region)
    wanted: dict[str, object] = {}
    if state is not None:
        wanted["StateValue"] = state
    if prefix is not None:
        wanted["AlarmNamePrefix"] = one_line("--prefix", prefix)
    if watch and is_terminal() and not as_json:
        found = _keep_looking(asked, wanted)
    else:
        found = _look(asked, asked.connect(), wanted)
        if as_json:
            print(json.dumps(_document(asked, found)))
        else:
            console = paper()
            console.print(_listed(console, found, wanted))
    raise typer.Exit(1 if any(alarm.state == "ALARM" for alarm in found) else 0)


def _look(asked: Asked, api: Api, wanted: dict[str, object]) -> tuple[Alarm, ...]:
    from inferwatch.drawing.alarms import read_alarms

    with asked.answering():
        return asyncio.run(read_alarms(api, asked.region, wanted))


def _keep_looking(asked: Asked, wanted: dict[str, object]) -> tuple[Alarm, ...]:
    """Show the alarms as they are, again and again; what does not answer is said, and asked again."""
    from rich.live import Live

    from inferwatch.cli.paper import paper, written
    from inferwatch.model.errors import UsageError

    console = paper()
    pause_s = _LOOK_AWS_S if asked.endpoint_url is None else _LOOK_LOCAL_S
    api = asked.connect()
    found = _look(asked, api, wanted)
    try:
        with Live(_listed(console, found, wanted), console=console, auto_refresh=False) as live:
            while True:
                time.sleep(pause_s)
                try:
                    found = _look(asked, api, wanted)
                    live.update(_listed(console, found, wanted), refresh=True)
                except UsageError as silent:
                    live.update(written(console, str(silent), "red"), refresh=True)
    except KeyboardInterrupt:
        return found


def _document(asked: Asked, found: Sequence[Alarm]) -> dict[str, object]:
    return {
        "region": asked.region,
        "in_alarm": sum(alarm.state == "ALARM" for alarm in found),
        "alarms": [
            {
                "name": alarm.name,
                "arn": alarm.arn,
                "kind": "composite" if "AlarmRule" in alarm.shape else "metric",
                "state": alarm.state,
                "since_ms": alarm.since_ms,
                "watches": alarm.condition,
                "reason": alarm.reason,
                "actions_enabled": alarm.actions_enabled,
            }
            for alarm in found
        ],
    }


def _listed(console: Console, found: Sequence[Alarm], wanted: dict[str, object]) -> RenderableType:
    """A table as wide as there is room: without it the rule moves below the name, and the reason goes."""
    from rich.table import Table

    from inferwatch.cli.paper import STYLES, written
    from inferwatch.drawing import wording
    from inferwatch.drawing.alarms import in_short
    from inferwatch.model.process import wall_ms

    if not found:
        return written(console, "No alarm is like that." if wanted else _NONE)
    rules = [in_short(alarm) for alarm in found]
    room = console.width - _STATE_WIDTH - max(len(alarm.name) for alarm in found) - 2
    longest = min(_RULE_MAX, max(map(len, rules)))
    has_rule = room >= longest
    reason_room = room - longest - 2 if has_rule else 0
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("STATE", "FOR"):
        table.add_column(title, no_wrap=True)
    for title in (
        "ALARM",
        *(["WATCHES"] if has_rule else []),
        *(["REASON"] if reason_room >= _REASON_MIN else []),
    ):
        table.add_column(title, overflow="fold")
    now_ms = wall_ms()
    for alarm, text in zip(found, rules, strict=True):
        name = written(console, alarm.name)
        rule = written(console, text, "" if has_rule else "dim")
        rule.truncate(_RULE_MAX, overflow="ellipsis")
        reason = written(console, alarm.reason, "dim")
        reason.truncate(max(reason_room, 0), overflow="ellipsis")
        table.add_row(
            written(console, alarm.state, STYLES.get(alarm.state, "")),
            written(console, wording.age(now_ms - alarm.since_ms)),
            *((name, rule) if has_rule else (name.append("\n").append_text(rule),)),
            *((reason,) if reason_room >= _REASON_MIN else ()),
        )
    return table
