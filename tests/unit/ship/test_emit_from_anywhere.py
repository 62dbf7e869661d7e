"""Records come from threads, coroutines under uvloop, signal handlers and finalisers, all at once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, gc, itertools, signal, sys, threading
from pathlib import Path
import uvloop
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target

shipper = Shipper(Target("/app", "r", "s", "s", sys.argv[1]), spool_dir=Path(sys.argv[2]), linger_s=0.01)
alarms = itertools.count()

def emit(kind, number):
    shipper.emit({"kind": kind, "n": number})

class Cycle:
    def __init__(self, number):
        self.number, self.self = number, self
    def __del__(self):
        emit("finaliser", self.number)

def in_thread(first):
    for number in range(first, first + 500):
        emit("thread", number)
        Cycle(number)

async def coroutine(first):
    for number in range(first, first + 200):
        emit("coroutine", number)
        await asyncio.sleep(0)

async def work():
    await asyncio.gather(*(coroutine(n * 200) for n in range(20)))

signal.signal(signal.SIGALRM, lambda *_: emit("signal", next(alarms)))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
threads = [threading.Thread(target=in_thread, args=(n * 500,)) for n in range(16)]
for thread in threads:
    thread.start()
uvloop.run(work())
for thread in threads:
    thread.join()
gc.collect()
signal.setitimer(signal.ITIMER_REAL, 0)
report = shipper.flush(60)
print(next(alarms), report.sent, report.waiting, report.dropped, report.rejected)
"""


def test_each_arrives_once(logs, tmp_path):
    """Under throttling and a broken connection."""
    logs.script = [(400, "ThrottlingException"), 503, 429]

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, logs.url, str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    alarms, *rest = map(int, done.stdout.split())
    kinds = Counter(record["kind"] for record in logs.records())
    assert kinds == {"thread": 8_000, "finaliser": 8_000, "coroutine": 4_000, "signal": alarms}
    assert len({(record["kind"], record["n"]) for record in logs.records()}) == kinds.total()
    assert rest == [kinds.total(), 0, 0, 0]
    assert list(tmp_path.iterdir()) == []
