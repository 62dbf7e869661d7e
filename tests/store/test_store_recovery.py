"""A store after a crash or a bent byte: nothing acknowledged is lost, and nothing damaged passes for data."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inferwatch.engine.store.control import Control
from inferwatch.engine.store.folder import AppendFile, MemoryFolder
from inferwatch.engine.store.segment import HEADER_BYTES, name_of
from inferwatch.engine.store.store import Store

GROUP, STREAM = 1, 7
FIRST, LAST = (0, 0), (10**15, 0)
Files = dict[str, bytearray]


def _store(files: Files, *, segment_bytes: int = 2**20) -> Store:
    return Store(MemoryFolder(files), Control(None), segment_bytes=segment_bytes, new_seed=lambda: 77)


def _messages(store: Store, stream: int = STREAM) -> list[str]:
    return [event.message for event in store.scan([stream], FIRST, LAST)]


def _copy(files: Files) -> Files:
    return {name: bytearray(content) for name, content in files.items()}


def _three_frames() -> Files:
    """Two events in each of two streams' frames, then one more frame of the first stream."""
    files: Files = {}
    store = _store(files)
    store.append(GROUP, STREAM, [10, 20], ["a", "b"], 100)
    store.append(GROUP, 8, [15, 15], ["other", "märchen"], 100)
    store.append(GROUP, STREAM, [30], ["c"], 101)
    return files


def test_what_was_appended_is_read_after_a_restart() -> None:
    """Every field of every event."""
    store = _store(_three_frames())

    assert [tuple(event) for event in store.scan([STREAM, 8], FIRST, LAST)] == [
        (10, 1, 100, STREAM, "a"),
        (15, 3, 100, 8, "other"),
        (15, 4, 100, 8, "märchen"),
        (20, 2, 100, STREAM, "b"),
        (30, 5, 101, STREAM, "c"),
    ]
    assert store.damages == []


def test_sequences_go_on_where_they_stopped() -> None:
    """An event's id is never used twice."""
    store = _store(_three_frames())

    assert store.append(GROUP, STREAM, [40], ["d"], 102) == 6


def test_a_frame_cut_at_any_byte_is_cut_off_whole() -> None:
    """The process died while it wrote the last frame; what came before it stays, and is not called damaged."""
    files = _three_frames()
    before = _three_frames_but_the_last()
    whole = len(files[name_of(1)])

    for size in range(before, whole):
        torn = _copy(files)
        del torn[name_of(1)][size:]
        store = _store(torn)

        assert _messages(store) == ["a", "b"], size
        assert _messages(store, 8) == ["other", "märchen"], size
        assert store.damages == [], size
        store.append(GROUP, STREAM, [40], ["d"], 102)
        assert _messages(_store(torn)) == ["a", "b", "d"], size


def test_what_events_add_to_metrics_is_there_with_them_or_not_at_all() -> None:
    """Cut at any byte of the two: both are gone, and what was added by itself before is not."""
    files: Files = {}
    store = _store(files)
    store.append_added("before", 100)
    before = len(files[name_of(1)])
    assert store.append(GROUP, STREAM, [10, 20], ["a", "b"], 101, ahead="with a and b") == 3
    whole = len(files[name_of(1)])

    for size in range(before, whole):
        torn = _copy(files)
        del torn[name_of(1)][size:]
        store = _store(torn)

        assert (list(store.added(0)), _messages(store)) == ([(1, "before")], []), size
        assert store.damages == [], size
        assert store.append(GROUP, STREAM, [40], ["d"], 102, ahead="with d") == 3
        again = _store(torn)
        assert (list(again.added(0)), _messages(again)) == ([(1, "before"), (2, "with d")], ["d"]), size
    again = _store(files)
    assert (list(again.added(2)), _messages(again)) == ([(2, "with a and b")], ["a", "b"])


def test_damage_of_events_costs_what_they_added_only_at_the_end() -> None:
    """In the middle the record is whole, and serves; at the end it cannot be told from half a write."""
    for position, kept in ((0, ["with a", "with b"]), (1, ["with a"])):
        files: Files = {}
        store = _store(files)
        ends = []
        for message in ("a", "b"):
            store.append(GROUP, STREAM, [10], [message], 101, ahead=f"with {message}")
            ends.append(len(files[name_of(1)]))
        files[name_of(1)][ends[position] - 1] ^= 1

        store = _store(files)

        assert [text for _, text in store.added(0)] == kept
        assert len(store.damages) == 1


def test_a_sequence_that_was_given_is_not_given_again() -> None:
    """Though what had it is gone."""
    store = _store({})

    store.skip_to(40)

    assert store.append(GROUP, STREAM, [1], ["a"], 1) == 40
    store.skip_to(7)
    assert store.append(GROUP, STREAM, [1], ["b"], 1) == 41


def _three_frames_but_the_last() -> int:
    files: Files = {}
    store = _store(files)
    store.append(GROUP, STREAM, [10, 20], ["a", "b"], 100)
    store.append(GROUP, 8, [15, 15], ["other", "märchen"], 100)
    return len(files[name_of(1)])


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 10_000), mask=st.integers(1, 255))
@example(at=HEADER_BYTES, mask=1)
def test_a_flipped_byte_is_named_or_harms_nothing(at: int, mask: int) -> None:
    """Whatever byte of the file it is, no event reads otherwise than it was written."""
    files = _three_frames()
    content = files[name_of(1)]
    at %= len(content)
    content[at] ^= mask

    store = _store(files)

    found = {event.sequence: event.message for event in store.scan([STREAM, 8], FIRST, LAST)}
    written = {1: "a", 2: "b", 3: "other", 4: "märchen", 5: "c"}
    assert found.items() <= written.items()
    if found != written:
        assert store.damages[0].file == name_of(1)
        assert store.damages[0].set_aside == f"{name_of(1)}.damaged"
        assert f"{name_of(1)}.damaged" in files


def test_frames_beyond_the_damage_are_kept() -> None:
    """One bad frame costs its own events, and the report says where it was."""
    files = _three_frames()
    files[name_of(1)][HEADER_BYTES + 90] ^= 1

    store = _store(files)

    assert (_messages(store), _messages(store, 8)) == (["c"], ["other", "märchen"])
    (damage,) = store.damages
    assert str(damage) == (
        "segment-00000001.log, byte 80: a frame does not match its checksum; "
        "set aside as segment-00000001.log.damaged, the rest is served"
    )


def test_a_message_cannot_pass_for_a_frame() -> None:
    """Bytes of another file's frames inside a message mean nothing: checksums are seeded by file."""
    foreign: Files = {}
    other = Store(MemoryFolder(foreign), Control(None), new_seed=lambda: 78)
    other.append(GROUP, STREAM, [1], ["forged"], 1)
    files = _three_frames()
    files[name_of(1)] += foreign[name_of(1)][HEADER_BYTES:]

    store = _store(files)

    assert "forged" not in _messages(store)
    assert len(store.damages) == 1


@pytest.fixture
def rolled() -> Files:
    """Twenty frames in many small segments."""
    files: Files = {}
    store = _store(files, segment_bytes=300)
    for number in range(20):
        store.append(GROUP, STREAM, [number], [f"event {number}"], number)
    return files


ALL = [f"event {number}" for number in range(20)]


def test_segments_roll_and_are_read_as_one(rolled: Files) -> None:
    """Across footers, before and after a restart, both ways."""
    store = _store(rolled, segment_bytes=300)

    backwards = [event.message for event in store.scan([STREAM], FIRST, LAST, descending=True)]

    assert len(rolled) == 7
    assert _messages(store) == ALL
    assert backwards == ALL[::-1]


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 10_000), mask=st.integers(1, 255))
def test_a_flipped_byte_in_a_rolled_segment_is_named_or_harms_nothing(at: int, mask: int) -> None:
    """Frames are checked when they are read, footers when they are used."""
    files: Files = {}
    first = _store(files, segment_bytes=300)
    for number in range(6):
        first.append(GROUP, STREAM, [number], [f"event {number}"], number)
    content = files[name_of(1)]
    at %= len(content)
    content[at] ^= mask

    store = _store(files, segment_bytes=300)

    found = {event.sequence: event.message for event in store.scan([STREAM], FIRST, LAST)}
    written = {number + 1: f"event {number}" for number in range(6)}
    assert found.items() <= written.items()
    if found != written:
        assert [damage.file for damage in store.damages] == [name_of(1)]
        assert f"{name_of(1)}.damaged" in files


class Journal(MemoryFolder):
    """Remembers every state its files were in, half-done writes included."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[tuple[int, Files]] = []
        self.acknowledged = 0

    def note(self) -> None:
        self.states.append((self.acknowledged, _copy(self.files)))

    def resume(self, name: str, size: int) -> AppendFile:
        file = super().resume(name, size)
        self.note()
        return _JournalFile(self, name, file)

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        whole = b"".join(chunks)
        self.files[f"{name}.tmp"] = bytearray(whole[: len(whole) // 2])
        self.note()
        del self.files[f"{name}.tmp"]
        super().replace(name, [whole])
        self.note()

    def rename(self, name: str, to: str) -> None:
        super().rename(name, to)
        self.note()

    def remove(self, name: str) -> None:
        super().remove(name)
        self.note()


class _JournalFile:
    def __init__(self, journal: Journal, name: str, file: AppendFile) -> None:
        self._journal, self._name, self._file = journal, name, file

    @property
    def size(self) -> int:
        return self._file.size

    def append(self, data: bytes) -> None:
        content = self._journal.files[self._name]
        for size in (1, len(data) // 2, len(data) - 1):
            content += data[:size]
            self._journal.note()
            del content[len(content) - size :]
        self._file.append(data)
        self._journal.note()

    def sync(self) -> None:
        self._file.sync()

    def close(self) -> None:
        self._file.close()


def _all_states(act: Callable[[Store, Journal], None]) -> Journal:
    journal = Journal()
    store = Store(journal, Control(None), segment_bytes=300)
    act(store, journal)
    return journal


def test_a_crash_between_any_two_steps_loses_nothing_acknowledged() -> None:
    """Appending, rolling, writing footers: each state the folder was ever in opens whole."""

    def append_many(store: Store, journal: Journal) -> None:
        for number in range(20):
            store.append(GROUP, STREAM, [number], [f"event {number}"], number)
            store.sync()
            journal.acknowledged = number + 1

    journal = _all_states(append_many)

    assert len(journal.states) > 100
    for acknowledged, files in journal.states:
        store = _store(files, segment_bytes=300)
        found = _messages(store)
        assert found == ALL[: len(found)]
        assert len(found) in (acknowledged, acknowledged + 1)
        assert store.damages == []
        assert store.append(GROUP, STREAM, [99], ["next"], 99) == len(found) + 1
        assert _messages(_store(files, segment_bytes=300)) == [*found, "next"]


def test_a_crash_in_the_middle_of_a_sweep_loses_nothing_that_lives() -> None:
    """Deleting and rewriting segments: the live stream is whole in every state."""

    def append_and_sweep(store: Store, journal: Journal) -> None:
        for number in range(10):
            store.append(GROUP, STREAM, [number], [f"event {number}"], number)
            store.append(GROUP, 8, [number] * 3, [f"{number} gone soon"] * 3, number)
            store.append(GROUP, 9, [number] * 3, [f"{number} gone soon"] * 3, number)
        journal.states.clear()
        store.sweep({STREAM: 0})

    journal = _all_states(append_and_sweep)

    assert len(journal.states) > 5
    for _, files in journal.states:
        store = _store(files, segment_bytes=300)
        assert _messages(store) == ALL[:10]
        assert store.damages == []


def test_a_swept_store_gives_its_space_back() -> None:
    """Deleted streams, and events past their retention."""
    files: Files = {}
    store = _store(files, segment_bytes=2_000)
    for number in range(100):
        store.append(GROUP, STREAM, [number], [f"event {number}"], number)
        store.append(GROUP, 8, [number] * 9, [f"{number} gone soon"] * 9, number)
    before = sum(map(len, files.values()))

    store.sweep({STREAM: 90})

    assert sum(map(len, files.values())) < before / 4
    assert [event.message for event in store.scan([STREAM], (90, 0), LAST)] == [
        f"event {number}" for number in range(90, 100)
    ]
    assert _messages(_store(files), 8) == []
    totals = store.totals(8)
    assert totals is None


def test_a_file_without_header_is_set_aside_and_the_rest_served(rolled: Files) -> None:
    """A whole file lost its beginning."""
    rolled[name_of(3)][:HEADER_BYTES] = bytes(HEADER_BYTES)

    store = _store(rolled, segment_bytes=300)

    assert _messages(store) == ALL[:6] + ALL[9:]
    assert [(damage.file, damage.what) for damage in store.damages] == [
        (name_of(3), "both headers are damaged")
    ]
    assert f"{name_of(3)}.damaged" in rolled
