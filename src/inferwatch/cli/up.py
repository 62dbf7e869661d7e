"""`inferwatch up`: apply a Pulumi program to a local endpoint."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


def up(
    directory: Directory = Path(),
    *,
    endpoint_url: EndpointUrl = LOCAL_ENDPOINT_URL,
    stack: Stack = "dev",
    config: Config = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Apply a Pulumi program.

    To a local endpoint, without the Pulumi CLI, until all is as the program says.
    """
    from inferwatch import deploy

    carry_out(
        deploy.up,
        "applying",
        directory,
        endpoint_url=endpoint_url,
        stack=stack,
        config=config,
        as_json=as_json,
        debug=debug,
    )


def carry_out(
    operation: Callable[..., Result],
    doing: str,
    directory: Path,
    *,
    endpoint_url: str,
    stack: str,
    config: list[str] | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Run `up` or `destroy` and print what it did."""
    settings = {"endpoint_url": endpoint_url, "stack": stack, "config": parse_config(config), "debug": debug}
    if as_json:
        print(json.dumps(operation(directory, **settings).to_json()))
        return
    from rich.console import Console

    console = Console(highlight=False)
    with console.status(f"{doing} {os.path.relpath(directory.resolve())} ..."):
        result = operation(directory, on_event=lambda event: _print_event(console, event), **settings)
    _print_result(console, result)


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


_SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "magenta"),
    "delete": ("-", "red"),
    "read": (">", "cyan"),
    "info": ("i", "cyan"),
    "warning": ("!", "yellow"),
}


def _print_event(console: Console, event: Event) -> None:
    from rich.text import Text

    if event.kind not in _SIGNS:
        return
    sign, style = _SIGNS[event.kind]
    line = Text.assemble((f"  {sign} ", f"bold {style}"))
    if event.message:
        line.append(event.message)
    else:
        line.append(f"{event.type:<32} ", "dim").append(event.name)
        if event.changed:
            line.append(f"  ({', '.join(event.changed)})", "dim")
    console.print(line)


def _print_result(console: Console, result: Result) -> None:
    from rich.text import Text

    changes = result.changes
    words = [
        f"{count} {word}"
        for count, word in (
            (changes.create, "created"),
            (changes.update, "updated"),
            (changes.replace, "replaced"),
            (changes.delete, "deleted"),
            (changes.same, "unchanged"),
        )
        if count
    ]
    console.print(Text(", ".join(words) or "nothing to do", "bold"))
    _print_pairs(console, "outputs", result.outputs)
    _print_pairs(console, "console", result.console_urls)


def _print_pairs(console: Console, title: str, pairs: dict[str, object] | dict[str, str]) -> None:
    from rich.text import Text

    if not pairs:
        return
    width = max(len(name) for name in pairs)
    console.print(Text(f"\n{title}", "bold"))
    for name, value in pairs.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        # Not wrapped: an address must stay whole to be clicked or copied.
        console.print(Text.assemble((f"  {name:<{width}}  ", "dim"), shown), soft_wrap=True)


if TYPE_CHECKING:
    from rich.console import Console
