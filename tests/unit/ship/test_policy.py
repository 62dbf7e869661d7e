"""More records than can go: which of them are kept, and that the rest is counted."""

from __future__ import annotations

import itertools
import os
import threading
from pathlib import Path

import orjson
import pytest

import inferwatch
from inferwatch.model.errors import UsageError
from inferwatch.ship.durable import sync
from inferwatch.ship.policy import Policy, is_error
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.slab import Place, Slab
from inferwatch.ship.spool import Spool
from inferwatch.ship.target import Target

NOBODY = "http://127.0.0.1:9"
FILL = "x" * 500_000  # two of them fill a slab


def spool(full, max_slabs=8):
    return Spool(
        lambda size: Slab.create(None, Place("/app", "r", None), size=size), max_slabs=max_slabs, full=full
    )


def put(to, number, *, status="ok", text=FILL):
    to.put(1, orjson.dumps({"n": number, "status": status, "text": text}), b"s")


def drain(of):
    now = of.counts()
    assert now.accepted == now.delivered + now.spooled + now.rejected + now.dropped
    found = []
    while piece := of.next_piece():
        found += [orjson.loads(orjson.loads(event)["message"])["n"] for event in piece.each()]
        of.settle_piece()
    after = of.counts()
    assert (after.spooled, after.accepted, after.delivered - now.delivered) == (0, now.accepted, len(found))
    return found


def test_the_oldest_are_dropped_but_for_their_errors():
    """Of forty, sixteen fit; the errors among the others come first, in their order."""
    events = spool("drop_oldest")
    for number in range(40):
        put(
            events,
            number,
            status="error" if number in (3, 10, 39) else "ok",
            text=FILL if number != 3 else "",
        )

    found = drain(events)

    assert found[:2] == [3, 10]
    assert found[2:] == list(range(found[2], 40))
    assert len(found) >= 14
    assert events.counts().dropped == 40 - len(found)


def test_errors_that_are_too_many_are_dropped_too():
    """A slab of them is kept, and everything is counted."""
    events = spool("drop_oldest", max_slabs=4)
    for number in range(40):
        put(events, number, status="error")

    found = drain(events)

    assert found[:2] == [0, 1]
    assert found[-1] == 39
    assert events.counts().dropped == 40 - len(found)


def test_a_spool_that_was_deleted_while_it_overflows_is_no_fault(tmp_path):
    """Nothing is raised into the caller, and everything is counted."""
    numbers = iter(range(99))
    place = Place("/app", "r", None)
    events = Spool(
        lambda size: Slab.create(tmp_path / f"{next(numbers)}.slab", place, size=size), max_slabs=4
    )
    for number in range(40):
        put(events, number, status="error")
        if number in (15, 25):
            for path in tmp_path.iterdir():
                path.unlink()

    found = drain(events)

    now = events.counts()
    assert found[-1] == 39
    assert now.accepted == 40
    assert now.delivered + now.dropped == 40


@pytest.mark.parametrize("full", ["drop_newest", "block"])
def test_the_newest_are_dropped_and_an_eighth_is_for_errors(full):
    """Seven slabs of fourteen records, and one that holds errors but for the record that began it."""
    events = spool(full)
    for number in range(40):
        put(events, number)
    put(events, 40, status="throttled")
    put(events, 41)

    found = drain(events)

    assert found == [*range(len(found) - 1), 40]
    assert 14 <= len(found) - 1 <= 15
    assert events.counts().loss == "the spool is full (8 slabs): the newest records are dropped"


def test_from_the_half_on_one_in_ten_is_taken():
    """Errors always."""
    events = spool("sample", max_slabs=16)
    for number in range(60):
        put(events, number, status="error" if number == 33 else "ok")

    found = drain(events)

    assert found[:16] == list(range(16))
    assert 33 in found
    assert 3 <= len(found) - 17 <= 5


def test_room_that_comes_back_is_used():
    """Nothing is dropped any more."""
    events = spool("drop_newest")
    for number in range(40):
        put(events, number)
    drain(events)
    dropped = events.counts().dropped
    put(events, 41)

    assert drain(events) == [41]
    assert events.counts().dropped == dropped


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (b'{"status":"ok"}', False),
        (b'{"status":"cut"}', True),
        (b'{"message":"{\\"status\\":\\"error\\"}"}', True),
        (b'{"message":"{\\"status\\":\\"ok\\"}"}', False),
        (b'{"n":1}', False),
    ],
)
def test_an_error_is_a_status_other_than_ok(message, found):
    """In a record, and in the event that holds it."""
    assert is_error(message) == found


def test_who_blocks_waits_until_there_is_room(logs, tmp_path):
    """Nothing is dropped, though far more comes than the spool holds."""
    policy = Policy(full="block", block_timeout_s=30, max_bytes=2**22)
    target = Target("/app", "r", "s", "s", logs.url)
    shipper = Shipper(target, spool_dir=tmp_path, linger_s=0, policy=policy)
    for number in range(20):
        shipper.emit({"n": number, "text": FILL})
    report = shipper.flush(30)
    shipper.close()

    assert (report.sent, report.dropped) == (20, 0)
    assert logs.numbers() == list(range(20))


def test_who_blocks_waits_no_longer_than_told(tmp_path):
    """Then the newest is dropped, and counted."""
    policy = Policy(full="block", block_timeout_s=0.01, max_bytes=2**22)
    shipper = Shipper(Target("/app", "r", "s", "s", NOBODY), spool_dir=tmp_path, policy=policy)
    for number in range(10):
        shipper.emit({"n": number, "text": FILL})
    stats = shipper.stats()
    shipper.close(0)

    assert stats.accepted == 10
    assert stats.spooled + stats.dropped == 10
    assert 4 <= stats.dropped <= 8


@pytest.fixture
def synced(monkeypatch):
    """The files and folders that are put onto the disk, one after the other."""
    found = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (found.append(os.readlink(f"/proc/self/fd/{fd}")), fsync(fd)))
    return found


def slabs(synced):
    return [Path(path).name for path in synced if path.endswith(".slab")]


def on_disk(folder, **options):
    numbers, place = itertools.count(), Place("/app", "r", None)
    return Spool(lambda size: Slab.create(folder / f"{next(numbers)}.slab", place, size=size), **options)


def test_power_puts_every_slab_on_the_disk(tmp_path, synced):
    """The file and its name; one that is full is not asked for again."""
    events = on_disk(tmp_path, max_slabs=8)
    for number in range(3):
        put(events, number)

    sync(events)
    sync(events)

    assert slabs(synced) == ["0.slab", "1.slab", "1.slab"]
    assert synced.count(str(tmp_path)) == 3


def test_power_is_for_what_is_under_way_too(tmp_path, synced):
    """A slab is sent as soon as it has lingered, and an outage may then last for hours."""
    events = on_disk(tmp_path, max_slabs=8)
    put(events, 0)
    events.next_piece()

    sync(events)
    sync(events)

    assert slabs(synced) == ["0.slab"]


def test_power_is_for_each_error_that_is_kept_of_dropped_slabs(tmp_path, synced):
    """They share a slab, which takes more of them after it has been put onto the disk."""
    events = on_disk(tmp_path, max_slabs=3)
    for number in range(0, 8, 2):
        put(events, number, status="error", text="")
        put(events, number + 1, text=FILL * 2)
    sync(events)
    assert slabs(synced) == ["0.slab", "2.slab", "3.slab"]

    put(events, 8, text=FILL * 2)
    sync(events)

    assert slabs(synced)[3:] == ["0.slab", "3.slab", "4.slab"]
    assert drain(events) == [0, 2, 4, 6, 7, 8]


def test_a_slab_that_the_disk_refuses_is_asked_for_again(tmp_path, synced, monkeypatch):
    """The next second."""
    events = on_disk(tmp_path, max_slabs=8)
    put(events, 0)
    events.next_piece()
    with monkeypatch.context() as patch:
        patch.setattr(Slab, "sync", lambda _: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        with pytest.raises(OSError, match="Input/output error"):
            sync(events)

    sync(events)

    assert slabs(synced) == ["0.slab"]


def test_power_is_asked_for_each_second_while_the_sender_lives(tmp_path, monkeypatch):
    """In a thread of its own, that ends with it."""
    asked = threading.Event()
    monkeypatch.setattr("inferwatch.ship.shipper.SYNC_EVERY_S", 0.01)
    monkeypatch.setattr("inferwatch.ship.durable.sync", lambda _: asked.set())
    shipper = Shipper(
        Target("/app", "r", "s", "s", NOBODY), spool_dir=tmp_path, policy=Policy(durability="power")
    )
    shipper.emit({"n": 1})

    assert asked.wait(5)
    (thread,) = [each for each in threading.enumerate() if each.name == "inferwatch-sync"]
    shipper.close(0)
    thread.join(5)
    assert not thread.is_alive()


def test_memory_leaves_nothing_on_the_disk_and_says_so(logs, tmp_path, caplog):
    """For file systems that cannot be written."""
    shipper = Shipper(
        Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, policy=Policy(durability="memory")
    )
    shipper.emit({"n": 1})
    assert shipper.flush().sent == 1
    shipper.close()

    assert list(tmp_path.iterdir()) == []
    assert "records wait in memory only, as configured" in caplog.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"full": "drop"}, "full='drop': expected one of drop_oldest, drop_newest, block, sample"),
        ({"durability": "disk"}, "durability='disk': expected one of kill, power, memory"),
        ({"spool_max_bytes": 1}, "spool_max_bytes=1: expected 4,194,304 or more"),
        ({"block_timeout_s": -1}, "block_timeout_s=-1: expected seconds, zero or more"),
        ({"block_timeout_s": float("nan")}, "block_timeout_s=nan: expected seconds, zero or more"),
    ],
    ids=str,
)
def test_what_cannot_be_configured_is_said(wrong, sentence):
    """At once, with what can."""
    with pytest.raises(UsageError) as refused:
        inferwatch.configure(log_group="/app", region="r", **wrong)

    assert str(refused.value) == sentence
