"""The store is a list that survives: random appends, reads, deletions, sweeps and restarts."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inferwatch.engine.store.control import Control
from inferwatch.engine.store.folder import MemoryFolder
from inferwatch.engine.store.store import Store

STREAMS = st.integers(1, 4)
TIMES = st.integers(0, 40)
BATCHES = st.lists(
    st.tuples(TIMES, st.text(st.characters(codec="utf-8"), max_size=20)), min_size=1, max_size=12
)
Row = tuple[int, int, int, int, str]


class StoreIsAList(RuleBasedStateMachine):
    """In memory, in segments of a few frames; a restart reads the same bytes again."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytearray] = {}
        self.rows: list[Row] = []
        self.next_sequence = 1
        self.gone: set[int] = set()
        self.added: list[tuple[int, str]] = []
        self.added_from = 0
        self.oldest = 0
        self.ingestion = 0
        self.store = self.opened()

    def opened(self) -> Store:
        return Store(MemoryFolder(self.files), Control(None), segment_bytes=400)

    @rule(stream=STREAMS, batch=BATCHES, ahead=st.none() | st.text(st.characters(codec="utf-8"), max_size=60))
    def append(self, stream: int, batch: list[tuple[int, str]], ahead: str | None) -> None:
        if stream in self.gone:
            return
        batch = sorted(batch, key=lambda event: event[0])
        self.ingestion += 1
        first = self.store.append(
            1,
            stream,
            [event[0] for event in batch],
            [event[1] for event in batch],
            self.ingestion,
            ahead=ahead,
        )
        if ahead is not None:
            self._add(ahead)
        assert first == self.next_sequence
        for timestamp, message in batch:
            self.rows.append((timestamp, self.next_sequence, self.ingestion, stream, message))
            self.next_sequence += 1

    def _add(self, text: str) -> None:
        self.added.append((self.next_sequence, text))
        self.next_sequence += 1

    @rule(text=st.text(max_size=60))
    def append_added(self, text: str) -> None:
        self.store.append_added(text, self.ingestion)
        self._add(text)

    @rule()
    def keep_added(self) -> None:
        self.added_from = self.next_sequence
        self.store.keep_added(self.added_from)

    @rule(
        streams=st.sets(STREAMS), start=TIMES, length=st.integers(0, 50), cut=st.integers(0, 60),
        descending=st.booleans(), limit=st.integers(1, 30),
    )  # fmt: skip
    def read(
        self, streams: set[int], start: int, length: int, cut: int, descending: bool, limit: int
    ) -> None:
        low = (max(start, self.oldest), cut)
        high = (start + length, cut)
        expected = sorted(row for row in self.rows if row[3] in streams - self.gone and low <= row[:2] < high)
        if descending:
            expected.reverse()
        found = self.store.scan(streams - self.gone, low, high, descending=descending)
        assert [tuple(event) for _, event in zip(range(limit), found, strict=False)] == expected[:limit]

    @precondition(lambda self: len(self.gone) < 3)
    @rule(stream=STREAMS)
    def delete(self, stream: int) -> None:
        self.gone.add(stream)

    @rule(later=st.integers(0, 10))
    def sweep(self, later: int) -> None:
        self.oldest += later
        self.store.sweep({stream: self.oldest for stream in range(1, 5) if stream not in self.gone})

    @rule()
    def restart(self) -> None:
        self.store.sync()
        self.store.close()
        self.store = self.opened()
        self.store.keep_added(self.added_from)

    @invariant()
    def what_was_added_is_there_until_it_is_not_needed(self) -> None:
        needed = [item for item in self.added if item[0] >= self.added_from]
        assert list(self.store.added(self.added_from)) == needed

    @invariant()
    def nothing_is_damaged(self) -> None:
        assert self.store.damages == []

    @invariant()
    def totals_cover_what_lives(self) -> None:
        for stream in {1, 2, 3, 4} - self.gone:
            times = [row[0] for row in self.rows if row[3] == stream and row[0] >= self.oldest]
            totals = self.store.totals(stream)
            if times:
                assert totals is not None
                assert totals.last_ms == max(times)
                assert totals.first_ms <= min(times)

    def teardown(self) -> None:
        self.store.close()


class StoreOnDiskIsAList(StoreIsAList):
    """The same in a folder, with segments becoming columns."""

    def opened(self) -> Store:
        if not hasattr(self, "folder"):
            self.folder = tempfile.TemporaryDirectory()
            first = Store.open(Path(self.folder.name))
            group_id = first.control.add_group("/g", 0, {})
            assert [first.control.add_stream(group_id, f"s{n}", 0) for n in range(4)] == [1, 2, 3, 4]
            first.close()
        return Store.open(Path(self.folder.name), segment_bytes=400)

    @rule()
    def seal(self) -> None:
        while self.store.seal(timeout_s=30):
            pass

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestStoreIsAList = StoreIsAList.TestCase
TestStoreIsAList.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestStoreOnDiskIsAList = pytest.mark.slow(StoreOnDiskIsAList.TestCase)
TestStoreOnDiskIsAList.settings = settings(max_examples=12, stateful_step_count=30, deadline=None)
