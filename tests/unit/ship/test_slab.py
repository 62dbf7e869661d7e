"""A slab outlives its process: whatever byte it was killed at, whatever byte the disk has changed."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inferwatch.ship.salvage import salvage
from inferwatch.ship.slab import DamagedSlab, Place, Slab

PLACE = Place("/app", "eu-west-1", None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def fill(slab, *texts, stream=b"s", at_ms=1_000):
    for text in texts:
        message = orjson.dumps(text)
        assert slab.append(stream, at_ms, orjson.dumps(message.decode()), len(message) + 26)


def texts_in(pieces):
    return [
        (piece.log_stream, orjson.loads(orjson.loads(event)["message"]))
        for piece in pieces
        for event in piece.each()
    ]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "1.slab"


def test_what_was_appended_is_there_without_a_close(path):
    """Another process finds it, with where it was to go."""
    slab = Slab.create(path, PLACE)
    fill(slab, "one", "two")

    found = Slab.open(path)

    assert found.place == PLACE
    assert texts_in(salvage(found).pieces) == [("s", "one"), ("s", "two")]


def test_what_is_settled_is_not_found_again(path):
    """In the order in which it is sent: by log stream."""
    slab = Slab.create(path, PLACE)
    fill(slab, 1, stream=b"a")
    fill(slab, 2, stream=b"b")
    fill(slab, 3, stream=b"a")
    slab.settle(2)

    assert texts_in(salvage(Slab.open(path)).pieces) == [("b", 2)]


def test_a_slab_used_again_is_empty_until_it_is_filled(path):
    """Nothing of what it held before is sent twice."""
    slab = Slab.create(path, PLACE)
    fill(slab, "old", "old")
    slab.settle(2)
    slab.reset(2)

    assert salvage(Slab.open(path)).pieces == []
    fill(slab, "new")
    assert texts_in(salvage(Slab.open(path)).pieces) == [("s", "new")]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cannot mmap an empty file"),
        (b"short", "does not begin as a slab does"),
        (b"x" * 4_096, "does not begin as a slab does"),
    ],
)
def test_a_file_that_is_no_slab_is_named(path, data, why):
    """And nothing of it is sent."""
    path.write_bytes(data)

    with pytest.raises(DamagedSlab, match=why):
        Slab.open(path)


@settings(max_examples=100, deadline=None)
@given(records=st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), TEXTS), max_size=20))
def test_every_text_comes_back_in_its_streams_order(tmp_path_factory, records):
    """Quotes, control characters and braces too."""
    slab = Slab.create(None, PLACE)
    for stream, text in records:
        fill(slab, text, stream=stream)

    found = texts_in(slab.pieces())

    for stream in {stream for stream, _ in records}:
        expected = [text for name, text in records if name == stream]
        assert [text for name, text in found if name == stream.decode()] == expected
    assert len(found) == len(records)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_one_changed_byte_costs_two_events_at_most(tmp_path_factory, data):
    """Wherever in the events it is: the others are whole, nothing raises, and the slab is not taken for whole."""
    path = tmp_path_factory.mktemp("slab") / "1.slab"
    slab = Slab.create(path, PLACE)
    texts = [f"record {number}" for number in range(20)]
    fill(slab, *texts[:10], stream=b"a")
    fill(slab, *texts[10:], stream=b"b")
    slab.seal()
    begin, end = slab._begin, slab._end
    slab.close()
    raw = bytearray(path.read_bytes())
    raw[data.draw(st.integers(begin, end - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)

    found = salvage(Slab.open(path))

    sent = [orjson.loads(event)["message"] for piece in found.pieces for event in piece.each()]
    assert len({f'"{text}"' for text in texts}.intersection(sent)) >= 18
    assert found.count + len(found.damaged) >= 19
    assert not Slab.open(path).is_whole()
