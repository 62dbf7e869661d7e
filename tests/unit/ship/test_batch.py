"""Batches keep PutLogEvents' limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferwatch.ship.batch import LogEvent, chronological, halves, is_too_large, prefix_length

DAY_MS = 86_400_000


def events(*timestamps_ms, size=1):
    return [LogEvent(timestamp_ms, b"x" * size) for timestamp_ms in timestamps_ms]


@pytest.mark.parametrize(
    ("waiting", "length"),
    [
        ([], 0),
        (events(*[0] * 10_001), 10_000),
        (events(0, 0, size=524_288 - 26), 2),
        (events(0, 0, size=524_288 - 25), 1),
        (events(0, DAY_MS), 2),
        (events(0, DAY_MS + 1), 1),
        (events(DAY_MS + 1, 0), 1),
        (events(5, 3, 4), 3),
    ],
)
def test_a_batch_ends_where_aws_would_refuse_more(waiting, length):
    """10,000 events; 1,048,576 bytes with 26 an event; 24 hours, whichever way the clock went."""
    assert prefix_length(waiting) == length


def test_an_event_counts_26_bytes_more_than_its_text():
    """1,048,576 is the limit of one event too."""
    assert not is_too_large(LogEvent(0, b"x" * 1_048_550))
    assert is_too_large(LogEvent(0, b"x" * 1_048_551))


def test_events_go_out_in_order_of_time():
    """A clock stepped back; equal times keep their order."""
    waiting = [LogEvent(2, b"a"), LogEvent(1, b"b"), LogEvent(2, b"c")]

    assert [event.message for event in chronological(waiting)] == [b"b", b"a", b"c"]


def test_halves_lose_nothing():
    """Three become one and two."""
    assert halves(events(1, 2, 3)) == (events(1), events(2, 3))


@given(st.lists(st.tuples(st.integers(0, 3 * DAY_MS), st.integers(1, 400_000)), max_size=40))
def test_no_batch_breaks_a_limit(pairs):
    """Whatever comes, cut into prefixes, each is legal and together they are everything."""
    waiting = [LogEvent(timestamp_ms, b"x" * size) for timestamp_ms, size in pairs]
    total = 0
    while waiting:
        length = prefix_length(waiting)
        batch, waiting = chronological(waiting[:length]), waiting[length:]
        total += length

        assert length >= 1
        assert sum(len(event.message) + 26 for event in batch) <= 1_048_576
        assert batch[-1].timestamp_ms - batch[0].timestamp_ms <= DAY_MS
    assert total == len(pairs)
