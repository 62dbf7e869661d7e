"""`inferwatch up`: apply a Pulumi program to a local endpoint."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inferwatch.model.limits import LOCAL_ENDPOINT_URL

if TYPE_CHECKING:
    from inferwatch.deploy import Event, Result

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a Pulumi project.")]
EndpointUrl = Annotated[
    str,
    typer.Option(
        "--endpoint-url",
        envvar="AWS_ENDPOINT_URL",
        help="An engine on this computer, as `inferwatch local` prints it.",
    ),
]
Stack = Annotated[str, typer.Option("--stack", "-s", help="The stack's name.")]
Config = Annotated[
    list[str] | None,
    typer.Option("--config", "-c", metavar="KEY=VALUE", help="Pulumi config for this run; may be repeated."),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", "-t", metavar="NAME", help="Change only this (name or URN); may be repeated."),
]
Start = Annotated[bool, typer.Option("--start", help="Start an engine in the background if none answers.")]
ExpectNoChanges = Annotated[
    bool, typer.Option("--expect-no-changes", help="Exit with status 1 if there are any.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


def up(
    directory: Directory = Path(),
    *,
    endpoint_url: EndpointUrl = LOCAL_ENDPOINT_URL,
    stack: Stack = "dev",
    config: Config = None,
    target: Targets = None,
    start: Start = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Apply a Pulumi program.

    To a local endpoint, without the Pulumi CLI, until all is as the program says.
    """
    from inferwatch import deploy

    if start:
        from inferwatch.cli.background import start_engine

        start_engine(endpoint_url)
    carry_out(
        deploy.up,
        "up",
        directory,
        as_json=as_json,
        endpoint_url=endpoint_url,
        stack=stack,
        config=config,
        targets=target,
        debug=debug,
    )


def carry_out(
    operation: Callable[..., Result],
    command: str,
    directory: Path,
    *,
    as_json: bool,
    config: list[str] | None,
    targets: list[str] | None,
    expect_no_changes: bool = False,
    **settings: Any,
) -> None:
    """Run an operation and print what it did.

    Args:
        command: Words the counts: `up`, `preview` or `refresh`; `--json` of the last two lists each step.
        expect_no_changes: End with status 1 if there are any.
    """
    operate = partial(operation, directory, config=parse_config(config), targets=targets or (), **settings)
    if as_json:
        result = _as_json(operate, with_steps=command != "up")
    else:
        result = _as_text(operate, operation.__name__, command, directory)
    if expect_no_changes and result.changes.total:
        raise typer.Exit(1)


def _as_json(operate: Callable[..., Result], *, with_steps: bool) -> Result:
    steps: list[Event] = []
    result = operate(on_event=steps.append)
    document = result.to_json()
    if with_steps:
        document["steps"] = [_step(event) for event in steps if event.type and event.kind != "same"]
    print(json.dumps(document))
    return result


def _as_text(operate: Callable[..., Result], name: str, command: str, directory: Path) -> Result:
    from rich.console import Console

    from inferwatch.cli.progress import print_event, print_result

    console = Console(highlight=False)
    with console.status(f"{name} of {os.path.relpath(directory.resolve())} ..."):
        result = operate(on_event=lambda event: print_event(console, event))
    print_result(console, result, command)
    return result


def _step(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "type": event.type,
        "name": event.name,
        "id": event.id,
        "differences": [asdict(difference) for difference in event.differences],
    }


def parse_config(pairs: list[str] | None) -> dict[str, str]:
    """Read `KEY=VALUE` arguments."""
    from inferwatch.model.errors import UsageError

    config = {}
    for pair in pairs or ():
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise UsageError(f"--config {pair}: expected KEY=VALUE")
        config[key] = value
    return config
