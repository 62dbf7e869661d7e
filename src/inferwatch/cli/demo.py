"""`inferwatch demo`: the main job, whole."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from inferwatch.cli.extras import require_demo
from inferwatch.cli.local import Port
from inferwatch.cli.up import Debug
from inferwatch.model.limits import LOCAL_PORT


def demo(
    *,
    llm: Annotated[
        Literal["real", "simulated"],
        typer.Option(help="The LLM to watch; simulated needs no model, and says so."),
    ] = "real",
    once: Annotated[
        bool, typer.Option("--once", help="End after the story; else serve until Ctrl-C.")
    ] = False,
    port: Port = LOCAL_PORT,
    as_json: Annotated[
        bool, typer.Option("--json", help="End stdout with one JSON object; the story goes to stderr.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Watch a real LLM until an alarm fires.

    The whole chain on this machine: inferences, log events, metrics, an alarm, a notification, a dashboard.
    """
    require_demo(model=llm == "real")

    from contextlib import ExitStack, suppress

    from rich.console import Console

    from inferwatch.demo.llm import Choice
    from inferwatch.demo.screen import Screen
    from inferwatch.demo.story import linger, play, set_stage

    screen = Screen(Console(stderr=as_json))
    choice = Choice.SIMULATED if llm == "simulated" else Choice.REAL
    with ExitStack() as ends:
        stage = set_stage(choice, port=port, screen=screen, ends=ends)
        summary = play(stage)
        screen.summary(summary)
        if as_json:
            print(summary.to_json(), flush=True)
        if not once and sys.stdout.isatty():
            screen.title(f"still serving {stage.console_url}   (Ctrl-C ends it)")
            with suppress(KeyboardInterrupt):  # that is how it is meant to end
                linger(stage)
