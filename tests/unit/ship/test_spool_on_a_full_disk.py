"""A disk that is really full: a file system of a few megabytes, filled to its end."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys

import pytest

from inferwatch.ship.rescue import Rescuer
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target

TEXT = "x" * 900_000  # one record a slab
# Two records have found room when the disk is filled; a third waits in memory.
KILLED = """
import contextlib, os, signal, sys
from pathlib import Path
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target

disk = Path(sys.argv[1])
shipper = Shipper(Target("/app", "r", "s", "s", "http://127.0.0.1:9"), spool_dir=disk / "spool", linger_s=60)
for number in range(3):
    shipper.emit({"n": number, "text": "x" * 900_000})
    if number == 1:
        with (disk / "others").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(2**16))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def small_disk(tmp_path):
    """5 MiB: two slabs of 2 MiB, and their folder."""
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("a file system of a few megabytes is mounted here, which needs Linux's mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def shipper(logs, small_disk):
    shipper = Shipper(
        Target("/app", "r", "s", "s", logs.url),
        spool_dir=small_disk / "spool",
        linger_s=60,
        chance=lambda: 0.0,
    )
    yield shipper
    shipper.close(0)


def fill(disk):
    """To the last byte."""
    with (disk / "others").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(2**16))
    assert shutil.disk_usage(disk).free == 0


def emit(shipper, numbers):
    for number in numbers:
        shipper.emit({"n": number, "text": TEXT})


def test_what_finds_no_room_is_dropped_with_the_reason(logs, shipper, small_disk, caplog):
    """On a full disk memory takes four slabs; past that each record is counted. What was accepted arrives."""
    fill(small_disk)
    logs.script = ["hang"]

    emit(shipper, range(10))
    full = shipper.stats()
    logs.release.set()
    report = shipper.flush(30)

    assert full.accepted == full.spooled + full.dropped == 10
    assert full.dropped == 6
    assert "the spool cannot grow (No space left on device)" in full.last_error
    assert (report.sent, report.waiting, report.dropped) == (4, 0, 6)
    assert sorted(set(logs.numbers())) == [0, 1, 2, 3]
    assert "takes no records (No space left on device): they wait in memory" in caplog.text


def test_where_there_is_room_again_it_is_used(logs, shipper, small_disk):
    """Nothing has to be started anew."""
    fill(small_disk)
    logs.script = ["hang"]
    emit(shipper, range(2))
    (small_disk / "others").unlink()

    emit(shipper, range(2, 5))
    on_disk = list(small_disk.rglob("*.slab"))
    logs.release.set()
    report = shipper.flush(30)

    assert len(on_disk) >= 2
    assert (report.sent, report.dropped) == (5, 0)
    assert logs.numbers() == list(range(5))


def test_what_is_on_a_disk_that_fills_up_is_whole(logs, small_disk):
    """Its room was taken before the first record: when its process is gone, another delivers all of it."""
    spool = small_disk / "spool"
    assert subprocess.run([sys.executable, "-c", KILLED, str(small_disk)], check=False).returncode == -9

    found = Rescuer(endpoint_url=logs.url, chance=lambda: 0.0).rescue(spool)

    assert (found.delivered, found.left, found.damaged, found.rejected) == (2, 0, [], 0)
    assert logs.numbers() == [0, 1]
    assert list(spool.iterdir()) == []


def test_a_dead_letter_that_finds_no_room_raises_nothing(logs, shipper, small_disk):
    """It is counted all the same."""
    fill(small_disk)

    shipper.emit({"n": 0, "text": "poison"})
    shipper.emit({"n": 1})
    report = shipper.flush(30)

    assert (report.sent, report.rejected) == (1, 1)
    assert logs.numbers() == [1]
