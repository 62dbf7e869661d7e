"""Sealing: segments become columns, in a process of their own, and read as before."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from inferwatch.engine.store.catalogue import is_sealed_name
from inferwatch.engine.store.sealer import answer
from inferwatch.engine.store.segment import name_of
from inferwatch.engine.store.store import Store

FIRST, LAST = (0, 0), (10**15, 0)


def _fill(path: Path) -> tuple[Store, list[int]]:
    """Two groups, three streams, events out of order across requests, several segments."""
    store = Store.open(path, segment_bytes=4_000)
    groups = [store.control.add_group(name, 0, {}) for name in ("/a", "/b")]
    streams = [
        store.control.add_stream(groups[0], "one", 0),
        store.control.add_stream(groups[0], "two", 0),
        store.control.add_stream(groups[1], "one", 0),
    ]
    for number in range(90):
        stream = number % 3
        times = [1_000 - 10 * number + k for k in range(10)]
        messages = [json.dumps({"n": number * 10 + k, "é": "ü" * (k % 4)}) for k in range(10)]
        store.append(groups[stream // 2], streams[stream], times, messages, number)
    return store, streams


def _all(store: Store, streams: list[int]) -> list[tuple[Any, ...]]:
    return [tuple(event) for event in store.scan(streams, FIRST, LAST)]


def _seal_all(store: Store) -> None:
    while store.seal(timeout_s=30):
        pass


def _names(path: Path) -> tuple[list[str], list[str]]:
    """Segments, sealed files."""
    names = sorted(os.listdir(path))
    return [name for name in names if name.startswith("segment-")], list(filter(is_sealed_name, names))


@pytest.mark.slow
def test_sealed_events_read_as_before(tmp_path: Path) -> None:
    """Every field, both ways, any range; after a restart too; and the store goes on."""
    store, streams = _fill(tmp_path)
    before = _all(store, streams)
    some = [tuple(event) for event in store.scan([streams[1]], (300, 5), (800, 300), descending=True)]
    totals = [store.totals(stream) for stream in streams]
    segments, _ = _names(tmp_path)

    _seal_all(store)

    left, sealed = _names(tmp_path)
    assert (len(segments) > 3, len(left), len(sealed)) == (True, 1, 2 * (len(segments) - 1))
    assert _all(store, streams) == before
    assert [tuple(event) for event in store.scan([streams[1]], (300, 5), (800, 300), descending=True)] == some
    assert [store.totals(stream) for stream in streams] == totals
    store.close()
    store = Store.open(tmp_path, segment_bytes=4_000)
    assert _all(store, streams) == before
    assert store.damages == []
    assert store.append(1, streams[0], [5], ["next"], 1) == 901
    store.close()
    assert [name for name in os.listdir(tmp_path) if name.endswith(".tmp")] == []


@pytest.mark.slow
def test_a_sealed_file_tells_what_is_in_it(tmp_path: Path) -> None:
    """Columns by path with one kind each, and the kinds in the metadata."""
    store, _ = _fill(tmp_path)
    _seal_all(store)
    store.close()

    _, (name, *_) = _names(tmp_path)
    table = pq.read_table(tmp_path / name)
    about = json.loads(table.schema.metadata[b"inferwatch"])

    assert about["kinds"] == {"n": "I", "é": "S"}
    assert (about["version"], about["segment"], about["group"]) == (1, 1, 1)
    assert table.column_names == [
        "@timestamp", "@ingestionTime", "@sequence", "@streamId", "@message", "@logStream", "@json", "n", "é",
    ]  # fmt: skip
    first = table.slice(0, 1).to_pylist()[0]
    assert json.loads(first["@message"])["n"] == first["n"]
    assert first["@logStream"] == "one"


@pytest.mark.slow
def test_files_of_deleted_streams_and_expired_events_are_removed(tmp_path: Path) -> None:
    """A sealed file holds one group, so a deleted group's files go whole."""
    store, streams = _fill(tmp_path)
    _seal_all(store)
    before = len(_names(tmp_path)[1])
    left = _all(store, streams[:2])

    store.sweep({streams[0]: 0, streams[1]: 0})

    assert len(_names(tmp_path)[1]) == before / 2
    assert _all(store, streams[:2]) == left
    store.close()
    store = Store.open(tmp_path)
    assert _all(store, streams[:2]) == left
    store.close()


def _request(path: Path, store: Store, number: int) -> dict[str, Any]:
    names = {str(row.id): row.name for row in store.control.streams()}
    return {"segment": str(path / name_of(number)), "streams": names, "attempt": "cafe"}


def test_a_crash_at_any_step_of_sealing_leaves_every_event_once(tmp_path: Path) -> None:
    """Half a file; all files and no row; the row, and the segment still there."""
    data = tmp_path / "data"
    store, streams = _fill(data)
    before = _all(store, streams)
    result = answer(_request(data, store, 1))
    store.close()
    half, no_row = tmp_path / "half", tmp_path / "no_row"
    shutil.copytree(data, no_row)
    shutil.copytree(data, half)
    for name, *_ in result["files"]:
        (half / name).rename(half / (name + ".tmp"))

    for folder in (half, no_row):
        store = Store.open(folder, segment_bytes=4_000)
        assert _all(store, streams) == before
        assert _names(folder)[1] == []
        assert store.damages == []
        store.close()

    store = Store.open(no_row)
    again = answer(_request(no_row, store, 1))
    store.control.add_sealed([_row(*row) for row in again["files"]])
    store.close()
    store = Store.open(no_row, segment_bytes=4_000)
    assert _all(store, streams) == before
    assert name_of(1) not in _names(no_row)[0]
    assert store.damages == []
    store.close()


def _row(name: str, segment: int, group_id: int, catalogue: str) -> Any:
    from inferwatch.engine.store.control import SealedRow

    return SealedRow(name, segment, group_id, catalogue)


@pytest.mark.slow
def test_a_damaged_segment_is_not_sealed(tmp_path: Path) -> None:
    """It stays as it is, and what is whole in it stays readable."""
    store, streams = _fill(tmp_path)
    whole = _all(store, streams)
    content = bytearray((tmp_path / name_of(1)).read_bytes())
    content[200] ^= 1
    (tmp_path / name_of(1)).write_bytes(content)

    _seal_all(store)

    assert name_of(1) in _names(tmp_path)[0]
    store.close()
    store = Store.open(tmp_path)
    found = _all(store, streams)
    assert len(found) == len(whole) - 10
    assert set(found) <= set(whole)
    assert [damage.file for damage in store.damages] == [name_of(1)]
    store.close()


@pytest.mark.slow
def test_a_flipped_byte_in_a_sealed_file_is_named(tmp_path: Path) -> None:
    """Wherever it is; the other files are served."""
    store, streams = _fill(tmp_path)
    whole = _all(store, streams)
    _seal_all(store)
    store.close()
    _, (name, *_) = _names(tmp_path)
    content = (tmp_path / name).read_bytes()

    for at in range(0, len(content), len(content) // 40):
        bent = bytearray(content)
        bent[at] ^= 1 << at % 8
        (tmp_path / name).write_bytes(bent)
        store = Store.open(tmp_path)
        found = _all(store, streams)

        assert set(found) < set(whole), at
        (damage,) = store.damages
        assert (damage.file, damage.set_aside) == (name, f"{name}.damaged"), at
        store.close()


@pytest.mark.slow
def test_a_missing_sealed_file_is_named(tmp_path: Path) -> None:
    """Somebody removed it; the rest is served."""
    store, streams = _fill(tmp_path)
    _seal_all(store)
    store.close()
    _, (name, *_) = _names(tmp_path)
    (tmp_path / name).unlink()

    store = Store.open(tmp_path)

    assert [str(damage) for damage in store.damages] == [
        f"{name}, byte 0: the file is missing; nothing is set aside, the rest is served"
    ]
    assert len(_all(store, streams)) > 500
    store.close()


def test_a_segment_waits_for_the_checkpoint_of_what_it_adds_to_metrics(tmp_path: Path) -> None:
    """Sealed away or swept, it could not be added again after a crash."""
    store = Store.open(tmp_path, segment_bytes=1)
    stream = store.control.add_stream(store.control.add_group("/g", 0, {}), "s", 0)
    for number in range(3):
        store.append(1, stream, [number], [f"event {number}"], number, ahead=f"added {number}")
    store.append(1, stream, [3], ["event 3"], 3)

    store.keep_added(3)
    while store.seal(timeout_s=30):
        pass
    store.sweep({stream: 0})
    waiting = list(store.added(0))
    store.keep_added(7)
    while store.seal(timeout_s=30):
        pass

    assert waiting == [(3, "added 1"), (5, "added 2")]
    assert list(store.added(0)) == []
    assert [event.message for event in store.scan([stream], FIRST, LAST)] == [f"event {n}" for n in range(4)]
    assert sum(name.endswith(".parquet") for name in os.listdir(tmp_path)) == 3
    store.close()
