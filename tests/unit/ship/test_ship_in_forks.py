"""Forks at a bad moment, and children that end without `atexit`: each in a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from inferwatch.cli.app import run as run_cli

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX")

# The sender is held in the middle of an import until the fork has begun.
FORK_DURING_IMPORTS = """
import os, sys, threading, warnings
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target

warnings.simplefilter("ignore")
importing, forking = threading.Event(), threading.Event()

class Held:
    def find_spec(self, name, path=None, target=None):
        if name == "botocore.session" and not importing.is_set():
            importing.set()
            forking.wait(5)

sys.meta_path.insert(0, Held())
os.register_at_fork(before=forking.set)
shipper = Shipper(Target("/app", "r", "s", "s", sys.argv[1]), linger_s=0)
shipper.emit({"n": "parent"})
assert importing.wait(5)
child = os.fork()
if child == 0:
    shipper.emit({"n": "child"})
    os._exit(shipper.flush(60).sent)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

MULTIPROCESSING_CHILD = """
import multiprocessing, sys
import inferwatch
from inferwatch.capture.default import DEFAULT
from inferwatch.capture.draft import Request

class Owner: pass

def work():
    DEFAULT.recorder.watch(OWNER, DEFAULT.recorder.begin(Request("chat", "p", "still open", stream=True)))
    with inferwatch.inference("chat", provider="p", model="done"):
        pass

OWNER = Owner()
inferwatch.configure(log_group="/app", endpoint_url=sys.argv[1], region="r", linger_s=60, spool_dir=sys.argv[2])
context = multiprocessing.get_context("fork")
process = context.Process(target=work)
process.start()
process.join()
print(process.exitcode)
"""


def run(script, *arguments):
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)


def test_a_fork_while_the_sender_imports_does_not_lock_the_child(logs):
    """The module it was importing would stay locked there: nobody is left to finish it."""
    result = run(FORK_DURING_IMPORTS, logs.url)

    assert (result.stdout, result.stderr) == ("1\n", "")
    assert sorted(logs.numbers()) == ["child", "parent"]


def test_a_multiprocessing_child_sends_what_waits_before_it_ends(logs, tmp_path):
    """It ends with `os._exit`; the stream it left open is written first. What there was no time for is kept."""
    result = run(MULTIPROCESSING_CHILD, logs.url, str(tmp_path))

    assert result.stdout == "0\n"
    if result.stderr:
        assert result.stderr.startswith("2 records not delivered before closing: there was no time; kept in")
        assert run_cli(["ship", str(tmp_path), "--endpoint-url", logs.url, "--region", "r"]) == 0
    assert [(record["model"], record["status"]) for record in logs.records()] == [
        ("done", "ok"),
        ("still open", "abandoned"),
    ]
