"""Collect records instead of shipping them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from inferwatch.capture.default import DEFAULT, Recording


@contextmanager
def recording(*, raise_faults: bool = False) -> Iterator[list[dict[str, object]]]:
    """Collect every record made in this block, in order, whoever makes it: threads and tasks too.

    Nothing is shipped and nothing needs to be configured. Blocks may be nested; each gets every record.

    Args:
        raise_faults: Raise faults of inferwatch itself instead of counting them.
    """
    mine = Recording(raise_faults=raise_faults)
    with DEFAULT.lock:
        DEFAULT.recordings = (*DEFAULT.recordings, mine)
    try:
        yield mine.records
    finally:
        with DEFAULT.lock:
            DEFAULT.recordings = tuple(each for each in DEFAULT.recordings if each is not mine)
