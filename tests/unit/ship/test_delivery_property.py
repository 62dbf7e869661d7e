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
    """Fails as scripted, refuses batches that hold a bad record, and else keeps what it gets."""

    def __init__(self, script, bad):
        self.script = list(script)
        self.bad = bad
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
        if self.bad.intersection(numbers):
            return self.error("InvalidParameterException")
        self.kept += numbers
        return Answer(200, b"{}")

    def error(self, code):
        return Answer(400, json.dumps({"__type": code}).encode())

    def close(self):
        """Nothing to close."""


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 60),
    script=st.lists(st.sampled_from(FAILURES), max_size=30),
    bad=st.sets(st.integers(0, 59), max_size=5),
    room=st.integers(1, 80),
)
def test_every_record_is_delivered_once_in_order_or_counted(count, script, bad, room):
    """The oldest are dropped where there is no room, the bad ones are rejected, the rest arrive."""
    queue, wire = Queue(max_events=room, max_bytes=10_000), ScriptedWire(script, bad)
    delivery = Delivery(TARGET, queue, wire, monotonic_s=lambda: 0.0, chance=lambda: 0.0)
    for number in range(count):
        queue.put(LogEvent(number, b"%d" % number))

    while piece := queue.next_piece():
        assert delivery.settle(piece)

    waited = range(max(0, count - room), count)
    now = queue.counts()
    assert wire.kept == [number for number in waited if number not in bad]
    assert (now.accepted, now.waiting, now.dropped) == (count, 0, max(0, count - room))
    assert now.rejected == len(bad.intersection(waited))
    assert now.delivered == len(wire.kept)
