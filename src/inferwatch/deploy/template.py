"""The project `inferwatch init` writes: the component, with its defaults."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from inferwatch.model.errors import UsageError

# Room for the stack's name behind it.
_NAME_MAX_CHARS: Final = 48
_PROJECT: Final = """\
name: {quoted}
runtime: python
description: Monitors LLM inferences with Amazon CloudWatch
"""
_REQUIREMENTS: Final = """\
inferwatch[infra]
"""
_PROGRAM: Final = '''\
"""Monitor LLM inferences. Apply: inferwatch up --start (this computer) or pulumi up (AWS)."""

import pulumi
from inferwatch.infra import LlmMonitoring

mon = LlmMonitoring("{name}")

for key in ("log_group_name", "log_stream_name", "dashboard_url"):
    pulumi.export(key, getattr(mon, key))
'''


def write_project(directory: Path) -> list[Path]:
    """Write a project; returns its files.

    Raises:
        UsageError: one of its files is there already, and then none is written; or the folder cannot be made.
    """
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", directory.resolve().name)[:_NAME_MAX_CHARS].strip("-_") or "llm"
    files = {
        directory / "Pulumi.yaml": _PROJECT.format(quoted=json.dumps(name)),
        directory / "__main__.py": _PROGRAM.format(name=name),
        directory / "requirements.txt": _REQUIREMENTS,
    }
    present = [path for path in files if path.exists()]
    if present:
        raise UsageError(f"{present[0]} is there already: choose a folder without it")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            with path.open("x") as file:
                file.write(text)
    except OSError as refused:
        raise UsageError(f"{directory} cannot be written to: {refused.strerror}") from None
    return list(files)
