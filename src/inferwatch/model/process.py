"""What belongs to one process: its clock, its log, and what a forked child has to start afresh."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import weakref
from collections.abc import Callable
from types import MethodType
from typing import Final, cast

_log = logging.getLogger("inferwatch")
# Of the process, as its log is: a second sender, or one after a restart of it, does not say the same again.
_SAID: Final[set[str]] = set()
_FRESH: Final[dict[weakref.ref[object], Callable[[object], None]]] = {}


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
    # No `WeakMethod`: where its object lives as long as the process, the interpreter complains at its end.
    method = cast("MethodType", start_fresh)
    _FRESH[weakref.ref(method.__self__, _FRESH.pop)] = method.__func__


def _start_fresh() -> None:
    for reference, start_fresh in tuple(_FRESH.items()):
        owner = reference()
        if owner is not None:
            start_fresh(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_fresh)
