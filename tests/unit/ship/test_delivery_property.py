"""Whatever the network does, every record is delivered in order or counted: no sockets, no waiting."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from inferwatch.ship.delivery import Delivery
from inferwatch.ship.send import Answer, NoAnswerError
from inferwatch.ship.slab import Place, Slab
from inferwatch.ship.spool import Spool

FAILURES = ("silence", 500, 429, "ThrottlingException", "AccessDeniedException", "ResourceNotFoundException")
PLACE = Place("/a", "r", None)


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
            return Answer(200, b"", "r")
        numbers = [int(event["message"]) for event in json.loads(body)["logEvents"]]
        self.refusals -= 1
        if self.refusals >= 0 or self.bad.intersection(numbers):
            return self.error("InvalidParameterException")
        self.kept += numbers
        return Answer(200, b"{}", "r")

    def error(self, code):
        return Answer(400, json.dumps({"__type": code}).encode())

    def close(self):
        """Nothing to close."""


def in_memory(size):
    return Slab.create(None, PLACE, size=size)


class InterruptedSpool(Spool):
    """While it admits some of its events, others are put and all is counted: signal handlers, finalisers."""

    def __init__(self, *, interruptions):
        super().__init__(in_memory, max_slabs=8)
        self.interruptions = interruptions
        self.numbers = iter(())

    def put_all(self, count):
        self.numbers = iter(range(count))
        for number in self.numbers:
            self.put_number(number)

    def put_number(self, number):
        self.put(number, b"%d" % number, b"s")

    def _admit(self, timestamp_ms, message, log_stream):
        if timestamp_ms in self.interruptions:
            number = next(self.numbers, None)
            if number is not None:
                self.put_number(number)
            now = self.counts()
            assert now.accepted == now.delivered + now.spooled + now.rejected + now.dropped
            assert self.is_interrupted()
        super()._admit(timestamp_ms, message, log_stream)


def deliver_to(spool, wire, chance=lambda: 0.0):
    buried = []
    delivery = Delivery(
        spool, wire, bury=lambda *letter: buried.append(letter), monotonic_s=lambda: 0.0, chance=chance
    )
    return delivery, buried


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 60),
    script=st.lists(st.sampled_from(FAILURES), max_size=30),
    bad=st.sets(st.integers(0, 59), max_size=5),
    interruptions=st.sets(st.integers(0, 59)),
)
def test_every_record_is_delivered_once_in_order_or_counted(count, script, bad, interruptions):
    """The bad ones are rejected and kept among the dead letters, the rest arrive."""
    spool = InterruptedSpool(interruptions=interruptions)
    wire = ScriptedWire(script, bad)
    delivery, buried = deliver_to(spool, wire)
    spool.put_all(count)

    while piece := spool.next_piece():
        assert delivery.settle(piece)

    now = spool.counts()
    assert wire.kept == [number for number in range(count) if number not in bad]
    assert (now.accepted, now.spooled, now.dropped) == (count, 0, 0)
    assert now.rejected == len(bad.intersection(range(count)))
    assert now.delivered == len(wire.kept)
    assert sorted(int(json.loads(event)["message"]) for _, (event,), _ in buried) == sorted(
        bad.intersection(range(count))
    )


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 60), bad=st.sets(st.integers(0, 59), max_size=20), refusals=st.integers(0, 200))
def test_an_endpoint_that_refuses_everything_for_a_while_costs_few_records(count, bad, refusals):
    """Eight alone in a row, and then one for twelve attempts, until it changes its mind; the rest arrive."""
    spool, wire = InterruptedSpool(interruptions=()), ScriptedWire([], bad, refusals)
    delivery, _ = deliver_to(spool, wire)
    spool.put_all(count)

    while piece := spool.next_piece():
        assert delivery.settle(piece)

    now = spool.counts()
    good = count - len(bad.intersection(range(count)))
    assert wire.kept == sorted(set(wire.kept) - bad)
    assert now.delivered == len(wire.kept) >= good - 8 - refusals // 12
    assert now.rejected == count - now.delivered


def test_two_thousand_records_do_not_become_a_storm():
    """Eight are lost, the ninth after twelve attempts; every request is followed by a pause."""
    waits = []
    spool, wire = InterruptedSpool(interruptions=()), ScriptedWire([], set(), 10_000)
    delivery, _ = deliver_to(spool, wire, chance=lambda: waits.append(1) or 0.0)
    spool.put_all(2_000)

    while delivery.requests < 30:
        delivery.settle(spool.next_piece())

    assert len(waits) == delivery.requests
    assert spool.counts().rejected == 9
    assert delivery.trouble == "CloudWatch Logs refuses every record (InvalidParameterException)"
