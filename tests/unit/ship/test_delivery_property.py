"""Whatever the network does, every record is delivered in order or counted: no sockets, no waiting."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from inferwatch.ship.batch import LogEvent
from inferwatch.ship.delivery import Delivery
from inferwatch.ship.queue import Queue
from inferwatch.ship.send import Answer, NoAnswerError
from inferwatch.ship.target import Target

FAILURES = ("silence", 500, 429, "ThrottlingException", "AccessDeniedException", "ResourceNotFoundException")
TARGET = Target(log_group="/a", region="r", service="s", log_stream="s")


class ScriptedWire:
    """Fails as scripted, then refuses all, then batches that hold a bad record; else keeps what it gets."""

    def __init__(self, script, bad, refusals=0):
        self.script = list(script)
        self.bad = bad
        self.refusals = refusals
        self.kept = []

    def post(self, operation, body, *, timeout_s=None):
        step = self.script.pop(0) if self.script else None
        if step == "silence":
            raise NoAnswerError("nobody there")
        if isinstance(step, int):
            return Answer(step, b"")
        if step is not None:
            return self.error(step)
        if operation != "PutLogEvents":
            return Answer(200, b"")
        numbers = [int(event["message"]) for event in json.loads(body)["logEvents"]]
        self.refusals -= 1
        if self.refusals >= 0 or self.bad.intersection(numbers):
            return self.error("InvalidParameterException")
        self.kept += numbers
        return Answer(200, b"{}")

    def error(self, code):
        return Answer(400, json.dumps({"__type": code}).encode())

    def close(self):
        """Nothing to close."""


class InterruptedQueue(Queue):
    """While it admits some of its events, others are put and all is counted: signal handlers, finalisers."""

    def __init__(self, *, interruptions, **limits):
        super().__init__(**limits)
        self.interruptions = interruptions
        self.numbers = iter(())

    def put_all(self, count):
        self.numbers = iter(range(count))
        for number in self.numbers:
            self.put(LogEvent(number, b"%d" % number))

    def _admit(self, entry):
        if entry.timestamp_ms in self.interruptions:
            number = next(self.numbers, None)
            if number is not None:
                self.put(LogEvent(number, b"%d" % number))
            now = self.counts()
            assert now.accepted == now.delivered + now.waiting + now.rejected + now.dropped
            assert self.is_interrupted()
        super()._admit(entry)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 60),
    script=st.lists(st.sampled_from(FAILURES), max_size=30),
    bad=st.sets(st.integers(0, 59), max_size=5),
    room=st.integers(1, 80),
    interruptions=st.sets(st.integers(0, 59)),
)
def test_every_record_is_delivered_once_in_order_or_counted(count, script, bad, room, interruptions):
    """The oldest are dropped where there is no room, the bad ones are rejected, the rest arrive."""
    queue = InterruptedQueue(interruptions=interruptions, max_events=room, max_bytes=10_000)
    wire = ScriptedWire(script, bad)
    delivery = Delivery(TARGET, queue, wire, monotonic_s=lambda: 0.0, chance=lambda: 0.0)
    queue.put_all(count)

    while piece := queue.next_piece():
        assert delivery.settle(piece)

    waited = range(max(0, count - room), count)
    now = queue.counts()
    assert wire.kept == [number for number in waited if number not in bad]
    assert (now.accepted, now.waiting, now.dropped) == (count, 0, max(0, count - room))
    assert now.rejected == len(bad.intersection(waited))
    assert now.delivered == len(wire.kept)


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 60), bad=st.sets(st.integers(0, 59), max_size=20), refusals=st.integers(0, 200))
def test_an_endpoint_that_refuses_everything_for_a_while_costs_few_records(count, bad, refusals):
    """Eight alone in a row, and then one for twelve attempts, until it changes its mind; the rest arrive."""
    queue, wire = Queue(max_events=60, max_bytes=10_000), ScriptedWire([], bad, refusals)
    delivery = Delivery(TARGET, queue, wire, monotonic_s=lambda: 0.0, chance=lambda: 0.0)
    for number in range(count):
        queue.put(LogEvent(number, b"%d" % number))

    while piece := queue.next_piece():
        assert delivery.settle(piece)

    now = queue.counts()
    good = count - len(bad.intersection(range(count)))
    assert wire.kept == sorted(set(wire.kept) - bad)
    assert now.delivered == len(wire.kept) >= good - 8 - refusals // 12
    assert now.rejected == count - now.delivered


def test_two_thousand_records_do_not_become_a_storm():
    """Eight are lost, the ninth after twelve attempts; every request is followed by a pause."""
    waits = []
    queue, wire = Queue(max_events=3_000, max_bytes=1_000_000), ScriptedWire([], set(), 10_000)
    delivery = Delivery(TARGET, queue, wire, monotonic_s=lambda: 0.0, chance=lambda: waits.append(1) or 0.0)
    for number in range(2_000):
        queue.put(LogEvent(number, b"%d" % number))

    while delivery.requests < 30:
        delivery.settle(queue.next_piece())

    assert len(waits) == delivery.requests
    assert queue.counts().rejected == 9
    assert delivery.trouble == "CloudWatch Logs refuses every record (InvalidParameterException)"
