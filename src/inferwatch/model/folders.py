"""Where inferwatch keeps what outlives a process, on this user's account."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def state_root(environ: Mapping[str, str]) -> Path:
    """`INFERWATCH_STATE_DIR`, else `$XDG_STATE_HOME/inferwatch`, else `~/.local/state/inferwatch`.

    Raises:
        RuntimeError: Nobody's home is known.
    """
    if given := environ.get("INFERWATCH_STATE_DIR"):
        return Path(given).expanduser()
    return Path(environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "inferwatch"
