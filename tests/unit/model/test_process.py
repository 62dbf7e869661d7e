"""What belongs to one process."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys

from inferwatch.model import process


class Fresh:
    """Something a forked child starts afresh."""

    def start_fresh(self):
        """Nothing to do."""


def test_waiting_for_forks_keeps_nothing_alive():
    """Neither the object nor anything registered for it."""
    before = len(process._FRESH)
    fresh = Fresh()
    process.in_forked_children(fresh.start_fresh)
    assert len(process._FRESH) == before + 1

    del fresh
    gc.collect()

    assert len(process._FRESH) <= before


def test_a_handler_that_raises_is_none_of_our_business(monkeypatch):
    """The warning is lost, and what we were doing goes on."""

    class Broken(logging.Handler):
        def emit(self, record):
            raise OSError("no space left")

    monkeypatch.setattr(logging.getLogger("inferwatch"), "handlers", [Broken()])

    process.warn("something")


# As a shipper of a program's own does.
LIVES_TO_THE_END = """
from inferwatch.model.process import in_forked_children

class Fresh:
    def start_fresh(self): pass

fresh = Fresh()
in_forked_children(fresh.start_fresh)
"""


def test_what_lives_as_long_as_the_process_ends_silently():
    """The interpreter has nothing to say on stderr."""
    command = [sys.executable, "-c", LIVES_TO_THE_END]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (0, "")
