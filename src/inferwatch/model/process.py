"""What belongs to one process: its clock, its log, and what a forked child has to start afresh."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import weakref
from collections.abc import Callable
from typing import Final

_log = logging.getLogger("inferwatch")
# Of the process, as its log is: a second sender, or one after a restart of it, does not say the same again.
_SAID: Final[set[str]] = set()
_FRESH: Final[set[weakref.WeakMethod[Callable[[], None]]]] = set()


def wall_ms() -> int:
    """Milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def warn(text: str) -> None:
    """Log a warning; a handler of the application that raises does not break what we were doing."""
    with contextlib.suppress(Exception):
        _log.warning("%s", text)


def warn_once(text: str) -> None:
    """Log a warning that this process has not logged before."""
    if text not in _SAID:
        _SAID.add(text)
        warn(text)


def in_forked_children(start_fresh: Callable[[], None]) -> None:
    """Call this method of an object in every forked child, for as long as the object lives."""
    _FRESH.add(weakref.WeakMethod(start_fresh, _FRESH.discard))


def _start_fresh() -> None:
    for method in tuple(_FRESH):
        start_fresh = method()
        if start_fresh is not None:
            start_fresh()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_fresh)
