"""Reading is lazy: what is asked for decides how much is opened."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from inferwatch.engine.store.control import Control
from inferwatch.engine.store.folder import MemoryFolder
from inferwatch.engine.store.store import Store

FIRST, LAST = (0, 0), (10**15, 0)


class Counting(MemoryFolder):
    """Counts reads: one is one frame, or one footer."""

    reads = 0

    def read(self, name: str, offset: int, length: int) -> bytes:
        self.reads += 1
        return super().read(name, offset, length)


@pytest.fixture
def folder() -> Counting:
    """Two streams of 3,000 lone events each, a little out of order, in several segments."""
    folder = Counting()
    store = Store(folder, Control(None), segment_bytes=100_000)
    chance = random.Random(7)
    for number in range(3_000):
        for stream in (1, 2):
            store.append(1, stream, [number + chance.randrange(20)], [f"{stream}:{number}"], number)
    return folder


@pytest.mark.parametrize("descending", [False, True])
def test_a_hundred_events_open_little_more_than_a_hundred_frames(folder: Counting, descending: bool) -> None:
    """From either end of a stream of thousands of frames."""
    store = Store(folder, Control(None), segment_bytes=100_000)
    every = list(store.scan([1], FIRST, LAST, descending=descending))
    store = Store(folder, Control(None), segment_bytes=100_000)
    folder.reads = 0

    found = list(islice(store.scan([1], FIRST, LAST, descending=descending), 100))

    assert found == every[:100]
    assert len(every) == 3_000
    assert every == sorted(every, reverse=descending)
    assert folder.reads < 150


def test_a_range_of_time_opens_what_lies_in_it(folder: Counting) -> None:
    """Segments and frames outside are never read."""
    store = Store(folder, Control(None), segment_bytes=100_000)
    folder.reads = 0

    found = list(store.scan([1, 2], (1_000, 0), (1_020, 0)))

    assert [1_000 <= event.timestamp_ms < 1_020 for event in found] == [True] * len(found)
    assert {event.stream_id for event in found} == {1, 2}
    assert 30 < len(found) < 60
    assert folder.reads < len(found) + 10


def test_reading_the_same_again_reads_no_file(folder: Counting) -> None:
    """Whoever follows a stream asks for its end again and again."""
    store = Store(folder, Control(None), segment_bytes=100_000)
    first = list(islice(store.scan([1], FIRST, LAST, descending=True), 100))
    folder.reads = 0

    again = list(islice(store.scan([1], FIRST, LAST, descending=True), 100))

    assert (again, folder.reads) == (first, 0)


def test_events_appended_while_somebody_reads_are_not_torn(folder: Counting) -> None:
    """A reader that began earlier sees a whole, older state, or whole new events."""
    store = Store(folder, Control(None), segment_bytes=100_000)
    reader = store.scan([1], FIRST, LAST)
    seen = list(islice(reader, 10))

    store.append(1, 1, [5_000], ["new"], 5_000)
    seen += reader

    assert [event.message for event in seen if event.message != "new"] == [
        event.message for event in store.scan([1], FIRST, (5_000, 0))
    ]
