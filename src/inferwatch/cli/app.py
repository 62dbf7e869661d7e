"""The subcommands, joined; what a command raises on purpose becomes one sentence on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from inferwatch.cli import (
    alarms,
    demo,
    destroy,
    env,
    explain,
    image,
    init,
    local,
    match,
    preview,
    query,
    refresh,
    ship,
    up,
)
from inferwatch.cli.extras import explain_missing
from inferwatch.cli.pulumi_config import pulumi_config
from inferwatch.cli.stack import stack_commands
from inferwatch.model.errors import InferwatchError
from inferwatch.model.text import whole_text
from inferwatch.model.visible import visible

app = typer.Typer(
    name="inferwatch",
    help="Monitor LLM inferences with Amazon CloudWatch: on AWS, on your laptop, in CI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"inferwatch {version('inferwatch')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that stand before a command."""


app.command("demo")(demo.demo)
app.command("local")(local.local)
app.command("match")(match.match)
app.command("query")(query.query)
app.command("image")(image.image)
app.command("init")(init.init)
app.command("preview")(preview.preview)
app.command("up")(up.up)
app.command("refresh")(refresh.refresh)
app.command("destroy")(destroy.destroy)
app.command("env")(env.env)
app.add_typer(stack_commands, name="stack")
app.command("pulumi-config")(pulumi_config)
app.command("ship")(ship.ship)
app.command("alarms")(alarms.alarms)
app.command("explain")(explain.explain)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit status."""
    try:
        app(list(arguments), prog_name="inferwatch")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except InferwatchError as error:
        return _say(error, arguments, str(error))
    except ModuleNotFoundError as missing:
        sentence = explain_missing(missing.name or "")
        if sentence is None:
            raise
        return _say(missing, arguments, sentence)
    except KeyboardInterrupt:
        return 130
    return 0


def _say(error: Exception, arguments: Sequence[str], sentence: str) -> int:
    if "--debug" in arguments:
        raise error
    sys.stderr.write(f"inferwatch: {visible(whole_text(sentence))}\n")
    return 2
