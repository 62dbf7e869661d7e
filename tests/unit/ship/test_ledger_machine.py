"""Emit, seal, send, crash and restart in any order: accepted = delivered + spooled + rejected + dropped, always."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inferwatch.ship.adopt import adopt
from inferwatch.ship.berth import Berth, orphans
from inferwatch.ship.delivery import Delivery
from inferwatch.ship.send import Answer, NoAnswerError
from inferwatch.ship.slab import Place
from inferwatch.ship.spool import Spool

PLACE = Place("/a", "r", None)
SMALL, LARGE = 10, 400_000  # two large ones fill a slab


class Wire:
    """Takes what it is told to take; poison never."""

    def __init__(self):
        self.step = "take"
        self.kept = []

    def post(self, operation, body, *, timeout_s=None):
        numbers = [json.loads(event["message"])["n"] for event in json.loads(body)["logEvents"]]
        if self.step == "silence":
            raise NoAnswerError("nobody there")
        if self.step == "lost":  # taken, but the answer is not heard
            self.kept += numbers
            raise NoAnswerError("cut off", is_ambiguous=True)
        if any(number % 7 == 6 for number in numbers):
            return Answer(400, b'{"__type":"InvalidParameterException"}', "r")
        self.kept += numbers
        return Answer(200, b"{}", "r")

    def close(self):
        """Nothing to close."""


class Ledger(RuleBasedStateMachine):
    """One process after the other over one spool's folder, each ended by a crash or a close."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.wire = Wire()
        self.numbers = itertools.count()
        self.processes = itertools.count()
        self.buried = []
        self.dropped = 0
        self.accepted = 0
        self.begin()

    def begin(self):
        root = Path(self.folder.name)
        self.berth = Berth(root, f"{next(self.processes)}-p")
        self.spool = Spool(lambda size: self.berth.new_slab(PLACE, size), max_slabs=4)
        self.delivery = Delivery(
            self.spool, self.wire, bury=lambda _, events, __: self.buried.extend(events),
            monotonic_s=lambda: self.now_s, chance=lambda: 0.0,
        )  # fmt: skip
        self.now_s = 0.0
        self.held = []
        for orphan in orphans(root):
            self.held.append(orphan)
            adopt(orphan, self.spool, lambda _: True, lambda *_: None)
        self.adopted = self.spool.counts().spooled

    @rule(size=st.sampled_from([SMALL, SMALL, SMALL, LARGE]), status=st.sampled_from(["ok", "error"]))
    def emit(self, size, status):
        message = json.dumps({"n": next(self.numbers), "status": status, "text": "x" * size}).encode()
        self.spool.put(self.accepted, message, b"s")
        self.accepted += 1

    @rule()
    def prepare(self):
        self.spool.prepare()

    @rule()
    def seal(self):
        self.spool.next_piece()

    @rule(step=st.sampled_from(["take", "take", "silence", "lost"]))
    def send(self, step):
        self.wire.step = step
        attempts = iter([0.0, 0.0])  # one attempt, then the time is over
        self.delivery._deadline_s = 1.0
        self.delivery._monotonic_s = lambda: next(attempts, 2.0)
        piece = self.spool.next_piece()
        if piece is not None:
            self.delivery.settle(piece)

    @rule()
    def crash(self):
        """What the kernel does: locks and mappings go, files stay."""
        self.dropped += self.spool.counts().dropped
        self.spool.forsake()
        for each in (self.berth, *self.held):
            each.forsake()
        self.begin()

    @rule()
    def restart(self):
        self.dropped += self.spool.counts().dropped
        self.spool.leave()
        for each in (self.berth, *self.held):
            each.leave()
        self.begin()

    @invariant()
    def the_books_of_this_process_balance(self):
        now = self.spool.counts()
        assert now.accepted == now.delivered + now.spooled + now.rejected + now.dropped
        assert min(now.delivered, now.spooled, now.rejected, now.dropped) >= 0

    @precondition(lambda self: self.accepted)
    @invariant()
    def every_record_is_accounted_for(self):
        """Delivered, waiting, buried or counted as dropped: none is missing. Some may be in two places."""
        now = self.spool.counts()
        buried = {json.loads(json.loads(event)["message"])["n"] for event in self.buried}
        delivered = set(self.wire.kept)
        assert len(delivered | buried) + now.spooled + self.dropped + now.dropped >= self.accepted

    def teardown(self):
        self.wire.step = "take"
        while (piece := self.spool.next_piece()) is not None:
            self.delivery._deadline_s = None
            assert self.delivery.settle(piece)
        self.restart()
        buried = {json.loads(json.loads(event)["message"])["n"] for event in self.buried}
        found = set(self.wire.kept) | buried
        assert self.accepted - len(found) <= self.dropped
        assert self.spool.counts().spooled == 0
        self.spool.leave()
        self.berth.leave()
        assert list(Path(self.folder.name).iterdir()) == []
        self.folder.cleanup()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
