"""Where records wait: bounded, counted, and safe to put into from anywhere."""

from __future__ import annotations

import threading

import orjson

from inferwatch.ship.entries import Loss
from inferwatch.ship.salvage import salvage
from inferwatch.ship.slab import Place, Slab
from inferwatch.ship.spool import Spool


def spool(max_slabs=8):
    return Spool(lambda size: Slab.create(None, Place("/app", "r", None), size=size), max_slabs=max_slabs)


def put(to, *messages, stream=b"s"):
    return [to.put(1, message, stream) for message in messages]


def messages(piece):
    return [orjson.loads(event)["message"] for event in piece.each()]


def summary(of):
    now = of.counts()
    assert now.accepted == now.delivered + now.spooled + now.rejected + now.dropped
    return (now.accepted, now.delivered, now.spooled, now.rejected, now.dropped)


def test_the_first_event_wakes_the_sender_and_the_next_do_not():
    """Until there is a whole batch: the 10,001st event begins the next."""
    events = spool()

    assert put(events, b"a", b"b", b"c") == [True, False, False]
    assert put(events, *[b"x"] * 9_997) == [False] * 9_997
    assert put(events, b"10,001st", b"after") == [True, False]


def test_overflow_drops_the_oldest_slab_and_counts_it():
    """Each of a million bytes fills one; two may be in use."""
    events = spool(max_slabs=2)
    put(events, *[b"%d" % number * 1_000_000 for number in range(3)])

    assert summary(events) == (3, 0, 2, 0, 1)
    assert events.counts().loss == "the spool is full (2 slabs): the oldest records were dropped"
    assert [messages(events.next_piece())[0][0]] == ["1"]


def test_what_is_in_flight_is_not_dropped():
    """It may already be at AWS: the one that comes when there is no room at all is dropped instead."""
    events = spool(max_slabs=1)
    put(events, b"a")
    events.next_piece()
    put(events, b"b")

    assert messages(events.next_piece()) == ["a"]
    events.settle_piece()
    assert summary(events) == (2, 1, 0, 0, 1)
    assert events.counts().loss == "the spool is full, and all of it is under way"


def test_an_event_no_batch_can_hold_is_rejected_with_its_size():
    """Never cut, never silent."""
    events = spool()
    put(events, b"x" * 1_048_551)

    assert summary(events) == (1, 0, 0, 1, 0)
    assert (
        events.counts().loss
        == "a record of 1,048,577 bytes is larger than the 1,048,576 CloudWatch Logs takes"
    )


def test_the_largest_event_fits_however_its_json_swells():
    """A megabyte of quotes takes two of them as a JSON string."""
    events = spool()
    put(events, b'"' * 1_048_550)

    assert messages(events.next_piece()) == ['"' * 1_048_550]


def test_each_log_stream_gets_a_request_of_its_own():
    """In the order in which they first came; each keeps its events' order."""
    events = spool()
    for number, stream in enumerate([b"a", b"b", b"a", b"c", b"b"]):
        put(events, b"%d" % number, stream=stream)

    found = []
    while piece := events.next_piece():
        found.append((piece.log_stream, messages(piece)))
        events.settle_piece()

    assert found == [("a", ["0", "2"]), ("b", ["1", "4"]), ("c", ["3"])]
    assert summary(events) == (5, 5, 0, 0, 0)


def test_a_piece_is_the_same_until_it_is_settled():
    """A fault between asking and settling loses nothing."""
    events = spool()
    put(events, b"a", b"b", b"c")

    assert events.next_piece() == events.next_piece()
    events.split_piece()
    assert messages(events.next_piece()) == ["a"]
    events.settle_piece(rejected=1, reason="bad")
    assert messages(events.next_piece()) == ["b", "c"]
    events.settle_piece()
    assert summary(events) == (3, 2, 0, 1, 0)
    assert events.counts().loss == "bad"


def test_putting_while_the_lock_is_held_lies_aside_and_asks_to_look_again():
    """A finaliser may put in the middle of a put: it must neither wait nor be lost."""
    events = spool()
    with events._locked():
        assert put(events, b"a") == [True]
        assert events.lose(Loss("late", is_rejected=False)) is True

    assert summary(events) == (2, 0, 1, 0, 1)


def test_in_the_middle_of_a_change_all_questions_are_answered():
    """As a signal handler or a finaliser asks them, on the same thread; nothing is sent meanwhile."""
    events = spool()
    put(events, b"a")
    answers = []

    def interrupt():
        with events._locked():
            answers.append((events.is_interrupted(), events.next_piece(), summary(events)))
        answers.append((events.is_interrupted(), events.next_piece().count))

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    thread.join(5)

    assert answers == [(True, None, (1, 0, 1, 0, 0)), (False, 1)]


def test_counts_add_up_while_threads_put_and_settle():
    """Four putters against a settler: every picture is consistent."""
    events = spool()
    done = threading.Event()

    def settle():
        while not done.is_set() or events.next_piece():
            if events.next_piece():
                events.settle_piece()
            summary(events)

    settler = threading.Thread(target=settle)
    putters = [threading.Thread(target=put, args=(events, *[b"x"] * 500)) for _ in range(4)]
    for thread in (settler, *putters):
        thread.start()
    for thread in putters:
        thread.join()
    done.set()
    settler.join()

    assert summary(events) == (2_000, 2_000, 0, 0, 0)


def test_a_slab_left_half_sent_is_adopted_from_there(tmp_path):
    """Sealed or not; what was settled before the kill is not sent again."""
    for is_sealed in (False, True):
        path = tmp_path / f"{is_sealed}.slab"
        left = Slab.create(path, Place("/app", "r", None))
        for number in range(4):
            left.append(b"s", number, orjson.dumps(str(number)), 27)
        left.settle(3)
        if is_sealed:
            left.seal()
        events = spool()

        found = Slab.open(path)
        events.adopt(found, salvage(found))

        assert summary(events) == (1, 0, 1, 0, 0)
        assert messages(events.next_piece()) == ["3"]
        events.settle_piece()
        assert events.next_piece() is None
        assert summary(events) == (1, 1, 0, 0, 0)
        assert not path.exists()
