"""Where records wait: bounded, counted, and safe to put into from anywhere."""

from __future__ import annotations

import threading

from inferwatch.ship.batch import LogEvent
from inferwatch.ship.queue import Loss, Queue


def put(queue, *messages):
    return [queue.put(LogEvent(index, message)) for index, message in enumerate(messages)]


def summary(queue):
    now = queue.counts()
    assert now.accepted == now.delivered + now.waiting + now.rejected + now.dropped
    return (now.accepted, now.delivered, now.waiting, now.rejected, now.dropped)


def test_the_first_event_wakes_the_sender_and_the_next_do_not():
    """Until there is a whole batch."""
    queue = Queue(max_events=20_000, max_bytes=10_000_000)

    assert put(queue, b"a", b"b", b"c") == [True, False, False]
    assert put(queue, *[b"x"] * 9_996) == [False] * 9_996
    assert put(queue, b"10,000th", b"after") == [True, False]


def test_overflow_drops_the_oldest_and_counts_it():
    """Two may wait; the third pushes the first out."""
    queue = Queue(max_events=2, max_bytes=1_000)
    put(queue, b"a", b"b", b"c")

    assert [event.message for event in queue.next_piece()] == [b"b", b"c"]
    assert summary(queue) == (3, 0, 2, 0, 1)
    assert "the queue is full (2 records or 1,000 bytes)" in queue.counts().loss


def test_bytes_are_bounded_too():
    """100 bytes hold two events of 10 and their 26 each."""
    queue = Queue(max_events=10, max_bytes=100)
    put(queue, b"a" * 10, b"b" * 10, b"c" * 10)

    assert [event.message[:1] for event in queue.next_piece()] == [b"b", b"c"]
    put(queue, b"d" * 101)
    assert summary(queue) == (4, 0, 2, 0, 2)


def test_what_is_in_flight_is_not_dropped():
    """It may already be at AWS."""
    queue = Queue(max_events=1, max_bytes=1_000)
    put(queue, b"a")
    queue.next_piece()
    put(queue, b"b", b"c")

    assert [event.message for event in queue.next_piece()] == [b"a"]
    queue.settle_piece()
    assert [event.message for event in queue.next_piece()] == [b"c"]
    assert summary(queue) == (3, 1, 1, 0, 1)


def test_an_event_no_batch_can_hold_is_rejected_with_its_size():
    """Never cut, never silent."""
    queue = Queue(max_events=10, max_bytes=10_000_000)
    put(queue, b"x" * 1_048_551)

    assert summary(queue) == (1, 0, 0, 1, 0)
    assert (
        queue.counts().loss
        == "a record of 1,048,577 bytes is larger than the 1,048,576 CloudWatch Logs takes"
    )


def test_a_piece_is_the_same_until_it_is_settled():
    """A fault between asking and settling loses nothing."""
    queue = Queue(max_events=10, max_bytes=1_000)
    put(queue, b"a", b"b", b"c")

    assert queue.next_piece() == queue.next_piece()
    queue.split_piece()
    assert [event.message for event in queue.next_piece()] == [b"a"]
    queue.settle_piece(rejected=1, reason="bad")
    assert [event.message for event in queue.next_piece()] == [b"b", b"c"]
    queue.settle_piece()
    assert summary(queue) == (3, 2, 0, 1, 0)
    assert queue.counts().loss == "bad"


def test_putting_while_the_lock_is_held_lies_aside_and_asks_to_look_again():
    """A finaliser may put in the middle of a put: it must neither wait nor be lost."""
    queue = Queue(max_events=10, max_bytes=1_000)
    with queue._locked():
        assert queue.put(LogEvent(1, b"a")) is True
        assert queue.lose(Loss("late", is_rejected=False)) is True

    assert summary(queue) == (2, 0, 1, 0, 1)


def test_in_the_middle_of_a_change_all_questions_are_answered():
    """As a signal handler or a finaliser asks them, on the same thread; nothing is sent meanwhile."""
    queue = Queue(max_events=10, max_bytes=1_000)
    put(queue, b"a")
    answers = []

    def interrupt():
        with queue._locked():
            answers.append((queue.is_interrupted(), queue.next_piece(), summary(queue)))
        answers.append((queue.is_interrupted(), len(queue.next_piece())))

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    thread.join(5)

    assert answers == [(True, (), (1, 0, 1, 0, 0)), (False, 1)]


def test_counts_add_up_while_threads_put_and_settle():
    """Four putters against a settler: every picture is consistent."""
    queue = Queue(max_events=50, max_bytes=100_000)
    done = threading.Event()

    def settle():
        while not done.is_set() or queue.next_piece():
            if queue.next_piece():
                queue.settle_piece()
            summary(queue)

    settler = threading.Thread(target=settle)
    putters = [threading.Thread(target=put, args=(queue, *[b"x"] * 500)) for _ in range(4)]
    for thread in (settler, *putters):
        thread.start()
    for thread in putters:
        thread.join()
    done.set()
    settler.join()

    accepted, delivered, waiting, rejected, dropped = summary(queue)
    assert (accepted, waiting, rejected) == (2_000, 0, 0)
    assert delivered + dropped == 2_000
