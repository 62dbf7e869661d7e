"""A checkpoint on disk: only what changed is written, all of it comes back, and damage is one sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.metrics.store import Metric, MetricStore
from inferwatch.model.errors import UsageError
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

NOON_MS = 1_795_521_600_000
LATENCY = Metric.of("NS", "latency", {"model": "m"})
OTHER = Metric.of("NS", "other", {})
TWENTY_DAYS = (NOON_MS - 20 * DAY_MS, NOON_MS + MINUTE_MS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.db"


@pytest.fixture
def checkpoint(path: Path) -> Iterator[Checkpoint]:
    made = Checkpoint(path)
    yield made
    made.close()


def _filled() -> MetricStore:
    """Two days of minutes twenty days ago, seconds, a set, a negative value: every length, three units."""
    store = MetricStore()
    for minute in range(3_000):
        store.add(LATENCY, NOON_MS - 20 * DAY_MS + minute * MINUTE_MS, minute + 0.1, "None")
    store.add_values(LATENCY, NOON_MS, "Milliseconds", [0.0, 0.1, 250.5], resolution_s=1)
    store.add_set(LATENCY, NOON_MS, "Bytes", count=3, total=9, minimum=1, maximum=5)
    store.add(OTHER, NOON_MS, -1.0, "None")
    return store


def _reloaded(checkpoint: Checkpoint) -> MetricStore:
    store = MetricStore()
    checkpoint.load(store)
    return store


def _figures(store: MetricStore) -> list[Any]:
    return [
        (metric, unit, deepcopy(store.periods(metric, 60, *TWENTY_DAYS, unit)))
        for metric in store.visible(NOON_MS + DAY_MS, 30 * DAY_MS)
        for unit in store.units(metric, *TWENTY_DAYS)
    ]


def _count(path: Path, table: str) -> int:
    with sqlite3.connect(path) as database:
        (rows,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    database.close()
    return int(rows)


def test_everything_comes_back(checkpoint: Checkpoint) -> None:
    """Open and packed, of every length and unit, to the bit, before points are rolled up and after."""
    store = _filled()
    checkpoint.save(store.take_changes(), 7)
    before = _figures(store)

    again = _figures(_reloaded(checkpoint))
    store.forget(NOON_MS)
    checkpoint.save(store.take_changes(), 8)
    rolled_up = _figures(_reloaded(checkpoint))

    assert len(before) == 4
    assert again == before
    assert rolled_up == _figures(store)
    assert rolled_up != before
    assert checkpoint.position == 8


def test_a_store_that_came_back_goes_on_as_the_first(checkpoint: Checkpoint) -> None:
    """Points that come after it are added to the same summaries, and packed with them."""
    store = _filled()
    checkpoint.save(store.take_changes(), 1)
    again = _reloaded(checkpoint)

    for each in (store, again):
        for minute in range(1_000):
            each.add(LATENCY, NOON_MS - DAY_MS + minute * MINUTE_MS, minute * 0.1, "None")
        each.add(LATENCY, NOON_MS - 20 * DAY_MS, 0.3, "None")
        each.forget(NOON_MS + HOUR_MS)

    assert _figures(again) == _figures(store)
    checkpoint.save(again.take_changes(), 2)
    assert _figures(_reloaded(checkpoint)) == _figures(store)


def test_only_what_changed_is_taken(checkpoint: Checkpoint) -> None:
    """One point is one summary; nothing is nothing."""
    store = _filled()
    checkpoint.save(store.take_changes(), 1)
    assert not store.has_changes

    store.add(OTHER, NOON_MS + 5, 1.0, "None")
    taken = store.take_changes()

    assert [(change.metric, len(change.summaries)) for change in taken] == [(OTHER, 1)]
    assert store.take_changes() == []


def test_what_was_loaded_is_not_saved_again(checkpoint: Checkpoint) -> None:
    """A start writes nothing."""
    checkpoint.save(_filled().take_changes(), 1)

    again = _reloaded(checkpoint)

    assert not again.has_changes
    assert again.take_changes() == []


def test_the_newest_point_is_known_to_the_millisecond(checkpoint: Checkpoint) -> None:
    """ListMetrics goes by it."""
    store = MetricStore()
    store.add(OTHER, NOON_MS + 30_123, 1.0, "None")
    checkpoint.save(store.take_changes(), 1)

    again = _reloaded(checkpoint)

    assert list(again.visible(NOON_MS + 30_122, 0)) == [OTHER]
    assert list(again.visible(NOON_MS + 30_123, 0)) == []


def test_packed_and_expired_summaries_leave_the_file(checkpoint: Checkpoint, path: Path) -> None:
    """Its size follows what there is; a metric without any summary is gone, and may come again."""
    store = MetricStore()
    for minute in range(400):
        store.add(OTHER, NOON_MS + minute * MINUTE_MS, 1.0, "None")
    checkpoint.save(store.take_changes(), 1)
    open_rows = _count(path, "summaries")
    for minute in range(400, 600):
        store.add(OTHER, NOON_MS + minute * MINUTE_MS, 1.0, "None")
    checkpoint.save(store.take_changes(), 2)
    packed_rows = _count(path, "summaries")

    store.forget(NOON_MS + 500 * DAY_MS)
    checkpoint.save(store.take_changes(), 3)

    assert open_rows == 400
    assert packed_rows < 400
    assert (_count(path, "summaries"), _count(path, "series")) == (0, 0)
    assert list(store.visible(0)) == []
    store.add(OTHER, NOON_MS + 500 * DAY_MS, 1.0, "None")
    checkpoint.save(store.take_changes(), 4)
    assert _figures(_reloaded(checkpoint)) == _figures(store)


def test_a_metric_that_comes_again_before_its_end_was_saved_is_the_new_one(checkpoint: Checkpoint) -> None:
    """Nothing of the old one is left in the file."""
    store = MetricStore()
    store.add(OTHER, NOON_MS - 500 * DAY_MS, 1.0, "None")
    checkpoint.save(store.take_changes(), 1)
    store.forget(NOON_MS)

    store.add(OTHER, NOON_MS, 2.0, "Seconds")
    checkpoint.save(store.take_changes(), 2)

    window = (NOON_MS - 600 * DAY_MS, NOON_MS + MINUTE_MS)
    again = _reloaded(checkpoint)
    assert again.units(OTHER, *window) == ["Seconds"]
    assert [summary.sum for summary in again.periods(OTHER, 60, *window, "Seconds").values()] == [2.0]


def test_a_disk_that_refuses_leaves_the_file_as_it_was(checkpoint: Checkpoint, path: Path) -> None:
    """One transaction: all of it or none."""
    store = _filled()
    checkpoint.save(store.take_changes(), 1)
    before = _figures(store)
    store.add(OTHER, NOON_MS, 5.0, "None")
    checkpoint._database.execute("PRAGMA query_only = ON")

    with pytest.raises(OSError, match=r"metrics\.db cannot be written: Read-only file system"):
        checkpoint.save(store.take_changes(), 2)

    checkpoint._database.execute("PRAGMA query_only = OFF")
    assert _figures(_reloaded(checkpoint)) == before
    assert checkpoint.position == 1


@pytest.mark.parametrize("what", ["the file", "a page", "a summary", "a block", "the position", "a length"])
def test_damage_is_one_sentence(path: Path, what: str) -> None:
    """Which file, what is lost with it, and what to do; the file stays as it is."""
    first = Checkpoint(path)
    first.save(_filled().take_changes(), 1)
    first._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    changed = {
        "a summary": "UPDATE summaries SET data = x'00' || substr(data, 2) WHERE is_open",
        "a block": "UPDATE summaries SET data = substr(data, 1, 100) WHERE NOT is_open",
        "the position": "DELETE FROM position",
        "a length": "UPDATE summaries SET step_ms = 7000",
    }
    if what in changed:
        first._database.execute(changed[what])
    first.close()
    data = path.read_bytes()
    if what == "the file":
        path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    elif what == "a page":
        path.write_bytes(data[:8_192] + bytes(4_096) + data[12_288:])
    before = path.read_bytes()

    with pytest.raises(UsageError) as refused:
        Checkpoint(path).load(MetricStore())

    assert str(refused.value).startswith(f"{path} is damaged (")
    assert str(refused.value).endswith(
        "): put back a copy, or delete it to begin again without the metrics it holds; log events and alarms are "
        "not in it"
    )
    assert path.read_bytes() == before


def test_a_newer_version_is_refused(path: Path) -> None:
    """It is not damaged."""
    first = Checkpoint(path)
    first._database.execute("PRAGMA user_version = 9")
    first.close()

    with pytest.raises(UsageError, match="was written by a newer inferwatch"):
        Checkpoint(path)


def test_a_path_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    """A folder of that name."""
    (tmp_path / "metrics.db").mkdir()

    with pytest.raises(UsageError, match=r"metrics\.db cannot be opened: unable to open database file"):
        Checkpoint(tmp_path / "metrics.db")
