"""For who has asked for `power`: what waits is put onto the disk itself, once a second."""

from __future__ import annotations

import contextlib
import threading
from typing import Final

from inferwatch.model.process import warn_once
from inferwatch.ship.spool import Spool

SYNC_EVERY_S: Final = 1.0


def keep_synced(spool: Spool, over: threading.Event, every_s: float) -> None:
    """Until it is over; what cannot be synced is said once."""
    while not over.wait(every_s):
        try:
            sync(spool)
        except OSError as refused:
            warn_once(f"records are not safe from a loss of power ({refused.strerror or refused})")


def sync(spool: Spool) -> None:
    """Raises OSError, where the disk refuses."""
    slabs = spool.to_sync()
    try:
        for slab in slabs:
            with contextlib.suppress(FileNotFoundError):  # delivered meanwhile
                slab.sync()
    except OSError:
        for slab in slabs:
            slab.is_synced = False
        raise
