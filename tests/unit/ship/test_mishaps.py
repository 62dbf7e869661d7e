"""What may come between any two steps: another thread, a signal, another process, a damaged disk."""

from __future__ import annotations

import json
import logging
import os
import stat
import threading
from pathlib import Path

import orjson
import pytest

from inferwatch.ship.berth import Berth, hold
from inferwatch.ship.rescue import Rescuer
from inferwatch.ship.salvage import salvage
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.slab import DamagedSlab, Place, Slab
from inferwatch.ship.spool import Spool
from inferwatch.ship.target import Target

NOBODY = "http://127.0.0.1:9"
PLACE = Place("/app", "r", None)


def memory(size):
    return Slab.create(None, PLACE, size=size)


def summary(of):
    now = of.counts()
    return (now.accepted, now.delivered, now.spooled, now.rejected, now.dropped)


def run(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()


def ship_all(spool):
    found = []
    while piece := spool.next_piece():
        found += [orjson.loads(event)["message"] for event in piece.each()]
        spool.settle_piece()
    return found


def leave_behind(spool_dir, *messages, place=PLACE, writer="1-gone"):
    """The folder of a process that was killed, with one slab that waits and one that is empty."""
    berth = Berth(spool_dir, writer)
    slab, spare = (berth.new_slab(place) for _ in range(2))
    for message in messages:
        assert slab.append(b"s", 1, orjson.dumps(message), len(message) + 26)
    for each in (slab, spare):
        each.close()
    berth.forsake()
    return berth.path


def test_what_a_put_has_accepted_is_in_a_slab_though_another_thread_was_in_the_middle():
    """A process killed right after would have lost it from its own memory."""
    spool = Spool(memory, max_slabs=4)
    held, put = threading.Event(), threading.Event()

    def hold_the_lock():
        with spool._locked():
            held.set()
            put.wait(0.01)

    holder = threading.Thread(target=hold_the_lock)
    holder.start()
    held.wait(5)
    spool.put(1, b"a", b"s")
    in_slab = spool._current.count
    put.set()
    holder.join()

    assert in_slab == 1


def test_a_slab_that_is_dropped_while_it_is_put_to_rest_is_no_fault(tmp_path, monkeypatch):
    """The sender seals the oldest as a caller needs its room."""
    berth = Berth(tmp_path, "1-a")
    spool = Spool(lambda size: berth.new_slab(PLACE, size), max_slabs=2)
    big = b"x" * 1_000_000
    for _ in range(2):
        spool.put(1, big, b"s")
    checksum = Slab._checksum
    others = []

    def interrupted(slab):
        if not others:
            others.append(threading.Thread(target=spool.put, args=(1, big, b"s")))
            others[0].start()
            others[0].join(0.3)
        return checksum(slab)

    monkeypatch.setattr(Slab, "_checksum", interrupted)

    spool.prepare()

    others[0].join(5)
    assert summary(spool) == (3, 0, 2, 0, 1)


@pytest.mark.parametrize("after", ["append", "half"])
def test_an_interrupt_in_the_middle_of_a_put_leaves_the_counts_true(monkeypatch, after):
    """Ctrl-C raises between any two steps: afterwards as many are spooled as will be sent."""
    spool = Spool(memory, max_slabs=4)
    spool.put(1, b"1", b"s")
    append = Slab.append

    def interrupted(slab, *event):
        append(slab, *event)
        if after == "half":  # its bytes are there, its count is not yet
            slab.count -= 1
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Slab, "append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            spool.put(2, b"2", b"s")
    spool.put(3, b"3", b"s")

    assert summary(spool) == (3, 0, 3, 0, 0)
    assert ship_all(spool) == ["1", "2", "3"]
    assert summary(spool) == (3, 3, 0, 0, 0)


def test_a_record_that_comes_while_the_spool_is_left_is_counted():
    """It had passed the question whether the sender is closed: nothing is raised, nothing lies about it."""
    spool = Spool(memory, max_slabs=4)
    spool.put(1, b"1", b"s")
    ship_all(spool)
    spool.prepare()

    spool.leave()
    spool.put(1, b"late", b"s")

    assert summary(spool) == (2, 1, 0, 0, 1)
    assert spool.counts().loss == "a record came after closing"


def test_an_empty_slab_of_a_killed_process_is_no_loss(logs, tmp_path):
    """It had it ready for when the other is full."""
    leave_behind(tmp_path, "left", place=Place("/app", "r", logs.url))
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, linger_s=60)
    shipper.emit({"n": 1})
    report = shipper.flush()
    stats = shipper.stats()
    shipper.close()

    assert (report.sent, report.last_error, stats.last_error) == (2, None, None)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_for_another_endpoint_is_free_for_who_sends_there(logs, tmp_path):
    """A process that has no use for it does not hold it."""
    path = leave_behind(tmp_path, "left", place=Place("/app", "r", NOBODY))
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, linger_s=60)
    shipper.emit({"n": 1})
    shipper.flush()

    orphan = hold(path)
    shipper.close()

    assert orphan is not None
    orphan.leave()


@pytest.fixture
def damage(tmp_path):
    """A slab with one event, a bit of which the disk has changed."""
    path = tmp_path / "1.slab"
    slab = Slab.create(path, Place("/app/of/the/shop", "eu-west-1", None))
    slab.append(b"s", 1, b'"1"', 27)
    slab.close()

    def change(at):
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)
        return Slab.open(path)

    return change


@pytest.mark.parametrize("at", [40, 48, 64, 80, 90])
def test_a_slab_whose_place_is_damaged_is_delivered_nowhere(damage, at):
    """Never into a log group of a slightly different name."""
    with pytest.raises(DamagedSlab, match="its log group cannot be read"):
        damage(at)


@pytest.mark.parametrize("at", [16, 56])
def test_a_damaged_count_of_what_is_settled_skips_nothing(damage, at):
    """It is there twice: the smaller one is right, or sends again what was sent."""
    assert salvage(damage(at)).count == 1


def test_dead_letters_are_their_owners_alone(logs, tmp_path):
    """They hold what the records do."""
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, chance=lambda: 0.0)
    shipper.emit({"text": "poison"})
    shipper.flush()
    shipper.close()

    assert stat.S_IMODE((tmp_path / "dead-letters.jsonl").stat().st_mode) == 0o600


def test_a_fault_while_adopting_does_not_stop_the_sender(logs, tmp_path, monkeypatch, caplog):
    """Its own records are still delivered, and the fault is told."""

    def broken(_):
        raise ValueError("as told")

    monkeypatch.setattr("inferwatch.ship.shipper.orphans", broken)
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, linger_s=60)
    shipper.emit({"n": 1})
    report = shipper.flush()
    shipper.close()

    assert report.sent == 1
    assert "cannot be read (as told)" in caplog.text


def test_what_only_memory_held_at_the_end_is_not_said_to_be_kept(tmp_path, caplog, monkeypatch):
    """The disk had refused: those are lost, and counted as dropped."""

    def refuse(self, place, size):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("inferwatch.ship.berth.Berth.new_slab", refuse)
    shipper = Shipper(Target("/app", "r", "s", "s", NOBODY), spool_dir=tmp_path / "ro", linger_s=60)
    monkeypatch.setattr(threading.Thread, "start", lambda _: (_ for _ in ()).throw(RuntimeError("too late")))
    shipper.emit({"n": 1})
    report = shipper.close(0)

    assert (report.waiting, report.dropped) == (0, 1)
    assert "1 record not delivered before closing: there was no time; 1 record in memory only" in caplog.text
    assert "kept in" not in caplog.text


def test_a_read_only_folder_is_no_fault(logs, tmp_path, caplog):
    """Neither for records, nor for dead letters."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path / "x", linger_s=60)
    shipper.emit({"text": "poison"})
    report = shipper.flush()
    shipper.close()
    tmp_path.chmod(0o700)

    assert report.rejected == 1


def test_a_handler_of_the_application_that_emits_when_it_is_told_something_does_not_hang(tmp_path, logs):
    """The sender's own warning comes back as a record, on the very thread that is in the middle of one."""
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path / "a" / "file", linger_s=60)
    (tmp_path / "a").write_text("no folder")

    class Emitting(logging.Handler):
        def emit(self, record):
            shipper.emit({"log": record.getMessage()})

    handler = Emitting()
    logging.getLogger("inferwatch").addHandler(handler)
    try:
        run(lambda: shipper.emit({"n": 1}))
    finally:
        logging.getLogger("inferwatch").removeHandler(handler)
    shipper.flush()
    shipper.close()

    assert [next(iter(record)) for record in logs.records()][:1] == ["n"]
    assert json.dumps(logs.records()).count("takes no records") == 1


@pytest.mark.parametrize("step", ["posix_fallocate", "pwrite", "rename"])
def test_a_process_killed_while_it_makes_a_slab_leaves_none_that_is_damaged(
    logs, tmp_path, monkeypatch, step
):
    """Under its name there is a whole slab or none, and what was begun goes with the folder."""
    berth = Berth(tmp_path, "1-gone")
    berth.new_slab(Place("/app", "r", logs.url)).close()

    def killed(*_):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(os if step != "rename" else Path, step, killed)
        with pytest.raises(SystemExit):
            berth.new_slab(PLACE)
    berth.forsake()

    assert len(list(berth.path.glob("*.slab"))) == 1
    assert Rescuer().rescue(tmp_path).damaged == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_for_now_is_left_and_told(logs, tmp_path, monkeypatch):
    """Out of file descriptors is no reason to delete it."""
    path = leave_behind(tmp_path, "left", place=Place("/app", "r", logs.url))

    def refuse(_):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr("inferwatch.ship.spool.salvage", refuse)
        found = Rescuer().rescue(tmp_path)

    assert (found.delivered, found.left) == (0, 1)
    assert found.trouble is not None
    assert "Too many open files" in found.trouble
    assert path.exists()
    assert Rescuer().rescue(tmp_path).delivered == 1


def test_two_processes_that_adopt_at_once_share_nothing(logs, tmp_path):
    """Whoever holds a folder has all of it."""
    for number in range(6):
        leave_behind(tmp_path, f"left {number}", place=Place("/app", "r", logs.url), writer=f"{number}-gone")
    found = []
    both = [
        threading.Thread(target=lambda: found.append(Rescuer(patience_s=5).rescue(tmp_path).delivered))
        for _ in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert sum(found) == 6
    assert sorted(event["message"] for event in logs.delivered) == [f"left {n}" for n in range(6)]
    assert list(tmp_path.iterdir()) == []
