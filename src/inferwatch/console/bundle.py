"""The browser's copy of Vega, Vega-Lite and vega-embed: made once per version by vl-convert, kept on disk.

Making it takes some two seconds and holds Python's lock, so a process of its own does it; it writes beside
the file and renames, so that several servers starting at once each see a whole file or none.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from inferwatch.model.errors import InferwatchError

_TIMEOUT_S = 120
_MAKE = """
import os, sys, vl_convert
path = sys.argv[1]
part = f"{path}.{os.getpid()}"
with open(part, "w", encoding="utf-8") as file:
    file.write(vl_convert.javascript_bundle())
os.replace(part, path)
"""


def user_cache_dir() -> Path:
    """Where this user's caches live: `$XDG_CACHE_HOME/inferwatch`, else `~/.cache/inferwatch`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "inferwatch"


class BundleError(InferwatchError):
    """The chart library cannot be made here and now."""


class Bundle:
    """The bundle of the installed vl-convert; `ready` makes it when it is not there yet."""

    def __init__(self, cache_dir: Path) -> None:
        self.version = version("vl-convert-python")
        self._path = cache_dir / f"vega.{self.version}.js"
        self._making: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the console serves it; a new version has a new address, so browsers keep it for good."""
        return f"/static/vega.{self.version}.js"

    def start(self) -> None:
        """Begin to make the bundle in the background unless it exists or is being made."""
        if self._making is None and not self._path.exists():
            self._making = asyncio.create_task(asyncio.to_thread(_make, self._path))
            # Whoever waits hears of a failure; without a waiter it must not be reported as forgotten.
            self._making.add_done_callback(
                lambda task: None if task.cancelled() else task.exception() and None
            )

    async def ready(self) -> Path:
        """Wait until the bundle is there, and say where.

        Raises:
            BundleError: It cannot be made; the next call tries again.
        """
        self.start()
        making = self._making
        if making is not None:
            try:
                # A reader who goes away must not end the making for the others.
                await asyncio.shield(making)
            finally:
                if making.done():
                    self._making = None
        return self._path


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A session of its own: Ctrl-C at the server's terminal is not meant for it.
        done = subprocess.run(
            [sys.executable, "-c", _MAKE, str(path)],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BundleError(f"the chart library cannot be made in {path.parent}: {error}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BundleError(f"the chart library cannot be made in {path.parent}: {last}")
