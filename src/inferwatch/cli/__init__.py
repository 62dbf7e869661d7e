"""The `inferwatch` command: one file per subcommand.

In:  arguments, from a person or a script.
Out: text for people, or one JSON object with `--json`; exit 0 good, 1 found something, 2 misuse.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; a known error is one sentence, and its traceback only with `--debug`."""
    try:
        from inferwatch.cli.app import run
    except ModuleNotFoundError as missing:
        if missing.name not in ("typer", "rich", "click"):
            raise
        sys.stderr.write(
            'inferwatch: the command line needs more packages: pip install "inferwatch[local]"\n'
        )
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))
