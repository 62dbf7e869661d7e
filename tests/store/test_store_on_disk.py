"""The store in a folder: kill -9, a full disk, a second process."""

from __future__ import annotations

import errno
import os
import random
import signal
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from inferwatch.engine.store.segment import name_of
from inferwatch.engine.store.store import Store
from inferwatch.model.errors import AwsError, UsageError

GROUP, STREAM = 1, 7
FIRST, LAST = (0, 0), (10**15, 0)
FullDisk = Callable[[], AbstractContextManager[None]]

WRITER = """
import sys
from pathlib import Path
from inferwatch.engine.store.store import Store

store = Store.open(Path(sys.argv[1]), segment_bytes=20_000)
number = int(sys.argv[2])
while True:
    stream_id = store.control.add_stream(1, f"s{number}", number)
    for _ in range(20):
        batch = range(number, number + 1 + number % 50)
        store.append(1, 1, [n // 3 for n in batch], [f"event {n}" for n in batch], number)
        store.sync()
        number = batch.stop
        print(number, stream_id, flush=True)
        store.seal()
"""


def _messages(store: Store) -> list[str]:
    return [event.message for event in store.scan([STREAM], FIRST, LAST)]


@pytest.mark.slow
def test_kill_9_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Five times at a moment of no choosing, on one folder, while segments roll and are sealed."""
    chance = random.Random(20261124)
    first = Store.open(tmp_path)
    assert first.control.add_stream(first.control.add_group("/g", 0, {}), "s", 0) == 1
    first.close()
    known = 0

    for _ in range(5):
        acknowledged, stream_id = known, 0
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(known)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(1, 300)):
                acknowledged, stream_id = map(int, writer.stdout.readline().split())
            # It goes on writing while it is being killed: the kill comes anywhere in the next steps.
            writer.send_signal(signal.SIGKILL)
            for line in writer.stdout.read().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    acknowledged, stream_id = map(int, line.split())

        store = Store.open(tmp_path)

        found = [event.message for event in store.scan([1], FIRST, LAST)]
        assert found == [f"event {n}" for n in range(len(found))]
        assert len(found) >= acknowledged
        assert stream_id in {row.id for row in store.control.streams()}
        assert store.damages == []
        known = len(found)
        store.close()
    store = Store.open(tmp_path)
    while store.seal(timeout_s=30):
        pass
    assert [event.message for event in store.scan([1], FIRST, LAST)] == [f"event {n}" for n in range(known)]
    store.close()
    assert any(name.endswith(".parquet") for name in os.listdir(tmp_path))


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    """By name, with the folder and who holds it."""
    store = Store.open(tmp_path)

    with pytest.raises(UsageError) as refused:
        Store.open(tmp_path)

    assert str(refused.value) == (
        f"another inferwatch is using {tmp_path} (pid {os.getpid()}): stop it, or give this one another folder"
    )
    store.close()
    Store.open(tmp_path).close()


def test_a_full_disk_fails_the_request_and_not_the_next(tmp_path: Path, full_disk: FullDisk) -> None:
    """Half a frame was written when the disk was full; nothing of it stays."""
    store = Store.open(tmp_path)
    store.append(GROUP, STREAM, [1], ["before"], 1)
    with full_disk(), pytest.raises(AwsError) as refused:
        store.append(GROUP, STREAM, [2], ["refused"], 2)
    sequence = store.append(GROUP, STREAM, [3], ["after"], 3)
    store.close()

    assert (refused.value.code, refused.value.status) == ("ServiceUnavailableException", 500)
    assert refused.value.message == "inferwatch cannot write to its log store: No space left on device"
    assert sequence == 2
    again = Store.open(tmp_path)
    assert (_messages(again), again.damages) == (["before", "after"], [])
    again.close()


def test_a_disk_full_at_the_roll_fails_the_request_and_not_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next segment cannot be made; the old one stays open."""
    store = Store.open(tmp_path, segment_bytes=100)
    store.append(GROUP, STREAM, [1], ["before"], 1)

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("inferwatch.engine.store.folder.os.write", full)
        with pytest.raises(AwsError):
            store.append(GROUP, STREAM, [2], ["refused"], 2)
    store.append(GROUP, STREAM, [3], ["after"], 3)

    assert _messages(store) == ["before", "after"]
    assert [name for name in os.listdir(tmp_path) if name.endswith(".tmp")] == []
    store.close()


def test_after_a_failed_sync_nothing_more_is_written_to_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel forgets what it could not write, and would call the next sync a success."""
    store = Store.open(tmp_path)
    store.append(GROUP, STREAM, [1], ["perhaps"], 1)

    def broken(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("inferwatch.engine.store.folder.os.fdatasync", broken)
        with pytest.raises(OSError, match="Input/output error"):
            store.sync()
    assert store.dirty
    store.append(GROUP, STREAM, [2], ["after"], 2)
    store.sync()

    assert not store.dirty
    assert (tmp_path / name_of(2)).exists()
    store.close()
    again = Store.open(tmp_path)
    assert _messages(again) == ["perhaps", "after"]
    again.close()


def test_a_file_that_never_syncs_fails_those_who_wait_for_it_and_nobody_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store goes on in the next segment."""
    store = Store.open(tmp_path)
    store.append(GROUP, STREAM, [1], ["perhaps"], 1)
    fdatasync, bad = os.fdatasync, (tmp_path / name_of(1)).stat().st_ino

    def broken(fd: int) -> None:
        if os.fstat(fd).st_ino == bad:
            raise OSError(errno.EIO, "Input/output error")
        fdatasync(fd)

    monkeypatch.setattr("inferwatch.engine.store.folder.os.fdatasync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        store.sync()
    store.append(GROUP, STREAM, [2], ["two"], 2)
    with pytest.raises(OSError, match="Input/output error"):
        store.sync()
    store.append(GROUP, STREAM, [3], ["three"], 3)
    store.sync()

    assert not store.dirty
    assert _messages(store) == ["perhaps", "two", "three"]
    store.close()


def test_what_was_written_while_a_sync_failed_is_not_called_durable_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went into the file whose bytes the kernel has forgotten; the one after it is sound."""
    store = Store.open(tmp_path)
    store.append(GROUP, STREAM, [1], ["one"], 1)

    def broken(fd: int) -> None:
        store.append(GROUP, STREAM, [2], ["meanwhile"], 2)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("inferwatch.engine.store.folder.os.fdatasync", broken)
        with pytest.raises(OSError, match="Input/output error"):
            store.sync()
    with pytest.raises(OSError, match="Input/output error"):
        store.sync()
    store.append(GROUP, STREAM, [3], ["after"], 3)
    store.sync()

    assert not store.dirty
    store.close()


def test_a_sync_in_another_thread_covers_what_was_appended_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appends and rolls go on while it runs; a second sync waits for the first."""
    store = Store.open(tmp_path, segment_bytes=100)
    store.append(GROUP, STREAM, [1], ["one"], 1)
    began, go = threading.Event(), threading.Event()
    fdatasync = os.fdatasync
    synced: list[int] = []

    def slow(fd: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            began.set()
            assert go.wait(10)
            synced.append(fd)
        fdatasync(fd)

    monkeypatch.setattr("inferwatch.engine.store.folder.os.fdatasync", slow)
    worker = threading.Thread(target=store.sync)
    worker.start()
    assert began.wait(10)
    store.append(GROUP, STREAM, [2], ["two"], 2)
    assert store.dirty
    go.set()
    worker.join(10)

    assert len(synced) == 1
    assert store.dirty
    store.sync()
    assert not store.dirty
    assert _messages(store) == ["one", "two"]
    store.close()


def test_damaged_control_state_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Without the names of groups and streams, opening would delete every event at the next sweep."""
    store = Store.open(tmp_path)
    store.control.add_group("/g", 0, {})
    store.close()
    (tmp_path / "control.db").write_bytes(b"not a database, but long enough to be read as one" * 100)

    with pytest.raises(UsageError, match="without it the events beside it have no names"):
        Store.open(tmp_path)

    assert (tmp_path / "control.db").read_bytes()[:14] == b"not a database"


def test_missing_control_state_is_refused_where_there_are_events(tmp_path: Path) -> None:
    """Begun again, it would show old events under new streams."""
    store = Store.open(tmp_path)
    store.append(1, 1, [0], ["an old event"], 0)
    store.close()
    (tmp_path / "control.db").unlink()

    with pytest.raises(UsageError, match="is missing: without it the events beside it"):
        Store.open(tmp_path)

    assert not (tmp_path / "control.db").exists()


def test_a_newer_version_s_segments_are_refused_and_left_alone(tmp_path: Path) -> None:
    """They are not damaged: somebody went back to an older release."""
    Store.open(tmp_path).close()
    header = struct.pack("<8sIIQQ", b"IWSEGMT\n", 2, 77, 1, 1)
    whole = (header + struct.pack("<I4x", zlib.crc32(header))) * 2
    (tmp_path / name_of(1)).write_bytes(whole)

    with pytest.raises(UsageError, match="segment 1 was written by another inferwatch"):
        Store.open(tmp_path)

    assert (tmp_path / name_of(1)).read_bytes() == whole
    (tmp_path / name_of(1)).unlink()
    Store.open(tmp_path).close()


def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    """The path names a file."""
    (tmp_path / "file").write_text("x")

    with pytest.raises(UsageError, match="cannot be used as a data folder"):
        Store.open(tmp_path / "file")
