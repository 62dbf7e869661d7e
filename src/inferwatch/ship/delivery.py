"""One piece of a batch at a time, to its end: delivered, split, rejected, or out of time at closing."""

from __future__ import annotations

import contextlib
import queue as stdlib_queue
from collections.abc import Callable
from typing import Final, Protocol, assert_never

import orjson

from inferwatch.model.process import warn, warn_once
from inferwatch.ship.report import counted
from inferwatch.ship.retry import (
    Delivered,
    Later,
    Missing,
    Refused,
    Verdict,
    backoff_s,
    explain,
    is_created,
    is_missing,
    judge,
)
from inferwatch.ship.send import Answer, NoAnswerError
from inferwatch.ship.slab import Piece
from inferwatch.ship.spool import Spool

_SHORTEST_TIMEOUT_S: Final = 0.05
_SAY_EVERY_S: Final = 60.0
# So many events in a row are not at fault, something else is: the next ones are given time until it passes.
_LONE_REFUSALS_MAX: Final = 8
_PATIENT_ATTEMPTS: Final = 12


class Wire(Protocol):
    """What delivery needs of a transport; see `send.Transport`."""

    def post(self, operation: str, body: bytes, *, timeout_s: float | None = None) -> Answer: ...

    def close(self) -> None: ...


class Delivery:
    """The sender's hands, used by one thread at a time. Others may `close_at`, `hurry` and read the counts.

    Args:
        bury: Keeps (log stream, events, reason) of what CloudWatch Logs will never take.
        chance: A random number from 0 to below 1.
    """

    def __init__(
        self,
        spool: Spool,
        wire: Wire,
        *,
        bury: Callable[[str, list[bytes], str], None],
        monotonic_s: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self.requests = 0
        self.retries = 0
        self.resent = 0  # events
        self.trouble: str | None = None  # why records wait
        self._spool = spool
        self._wire = wire
        self._bury = bury
        self._monotonic_s = monotonic_s
        self._chance = chance
        self._deadline_s: float | None = None
        self._interrupts: stdlib_queue.SimpleQueue[None] = stdlib_queue.SimpleQueue()  # put may be re-entered
        self._lone_refusals = 0  # since something was delivered
        self._gives_ids: bool | None = None  # does this endpoint? Not known yet
        self._said_s: dict[str, float] = {}
        self._lost = 0

    def close_at(self, deadline_s: float) -> None:
        """Try no longer than until then."""
        self._deadline_s = deadline_s
        self.hurry()

    def hurry(self) -> None:
        """Cut a wait between attempts short, once."""
        if self._interrupts.empty():
            self._interrupts.put(None)

    def settle(self, piece: Piece) -> bool:
        """Deliver, split or reject the spool's next piece; False when closing leaves no time for it."""
        body = self._body(piece)
        attempt = 0
        while self._deadline_s is None or self._monotonic_s() < self._deadline_s:
            attempt += 1
            verdict = self._put(body, piece.count, is_first=attempt == 1)
            match verdict:
                case Delivered():
                    self.trouble = None
                    self._lone_refusals = 0
                    self._settle(piece, verdict)
                    return True
                case Refused(reason) if (
                    piece.count > 1
                    or self._lone_refusals < _LONE_REFUSALS_MAX
                    or attempt >= _PATIENT_ATTEMPTS
                ):
                    if self._lone_refusals < _LONE_REFUSALS_MAX:
                        self.trouble = None
                    self._refuse(piece, reason)
                    return True
                case Refused(reason):
                    self._wait_because(f"CloudWatch Logs refuses every record ({reason})")
                    self.pause(attempt)
                case Missing():
                    if not self._create_missing(piece) or attempt > 1:
                        self.pause(attempt)
                case Later(reason, is_ambiguous):
                    self.resent += piece.count if is_ambiguous else 0
                    self._wait_because(reason)
                    self.pause(attempt)
                case _:
                    assert_never(verdict)
            self.retries += 1
        return False

    def pause(self, attempt: int) -> None:
        """Wait before trying again; a flush or closing ends the wait early."""
        self._spool.prepare()
        wait_s = backoff_s(attempt, self._chance())
        left_s = self._time_left_s()
        with contextlib.suppress(stdlib_queue.Empty):
            self._interrupts.get(timeout=wait_s if left_s is None else min(wait_s, left_s))

    def say(self, topic: str, text: str) -> None:
        """Log about one topic at most once a minute."""
        now_s = self._monotonic_s()
        if now_s - self._said_s.get(topic, now_s - _SAY_EVERY_S) >= _SAY_EVERY_S:
            self._said_s[topic] = now_s
            warn(text)

    def say_losses(self) -> None:
        """Say when records were rejected or dropped since this was last asked."""
        now = self._spool.counts()
        lost = now.rejected + now.dropped
        if lost > self._lost:
            self._lost = lost
            self.say("losses", f"rejected {counted(now.rejected)}, dropped {now.dropped} so far: {now.loss}")

    def _settle(self, piece: Piece, delivered: Delivered) -> None:
        if delivered.reason is not None:
            events = piece.each()
            rejected = events[: delivered.too_old] + events[len(events) - delivered.too_new :]
            self._bury(piece.log_stream, rejected, delivered.reason)
        self._spool.settle_piece(rejected=delivered.rejected, reason=delivered.reason)

    def _refuse(self, piece: Piece, reason: str) -> None:
        """Look for the event at fault in the halves, never in a storm; alone, it is rejected."""
        if piece.count > 1:
            self._spool.split_piece()
        else:
            self._lone_refusals += 1
            reason = f"CloudWatch Logs refused a record ({reason})"
            self._bury(piece.log_stream, piece.each(), reason)
            self._spool.settle_piece(rejected=1, reason=reason)
        if self._spool.is_in_flight():
            self.pause(1)

    def _put(self, body: bytes, events: int, *, is_first: bool) -> Verdict:
        self.requests += 1
        try:
            answer = self._wire.post("PutLogEvents", body, timeout_s=self._time_left_s())
        except NoAnswerError as fault:
            return Later(str(fault), fault.is_ambiguous)
        verdict = judge(answer.status, answer.body, events)
        if isinstance(verdict, Delivered) and not self._is_answered_by_aws(answer, is_first):
            return Later("HTTP 200 without a request id", is_ambiguous=True)
        return verdict

    def _is_answered_by_aws(self, answer: Answer, is_first: bool) -> bool:
        """Success without a request id is asked for again, once; an endpoint that gives none is believed."""
        if answer.request_id is not None:
            self._gives_ids = True
        elif self._gives_ids is None and not is_first:
            self._gives_ids = False
        return answer.request_id is not None or self._gives_ids is False or not is_first

    def _create_missing(self, piece: Piece) -> bool:
        """Create the log stream, and the group when it is missing too; whether both exist now."""
        group, stream = self._spool.place.log_group, piece.log_stream
        try:
            answer = self._call("CreateLogStream", logGroupName=group, logStreamName=stream)
            if is_missing(answer.status, answer.body):
                answer = self._call("CreateLogGroup", logGroupName=group)
                if answer.status == 200:
                    _say_created(group)
                if is_created(answer.status, answer.body):
                    answer = self._call("CreateLogStream", logGroupName=group, logStreamName=stream)
        except NoAnswerError as fault:
            self._wait_because(str(fault))
            return False
        if is_created(answer.status, answer.body):
            return True
        self._wait_because(
            f"log group {group}, stream {stream}, cannot be created ({explain(answer.status, answer.body)})"
        )
        return False

    def _call(self, operation: str, **members: str) -> Answer:
        return self._wire.post(operation, orjson.dumps(members), timeout_s=self._time_left_s())

    def _body(self, piece: Piece) -> bytes:
        group, stream = orjson.dumps(self._spool.place.log_group), orjson.dumps(piece.log_stream)
        head = b'{"logGroupName":%b,"logStreamName":%b,"logEvents":[' % (group, stream)
        return b"".join((head, memoryview(piece.events)[:-1], b"]}"))  # a megabyte, copied once

    def _wait_because(self, reason: str) -> None:
        self.trouble = reason
        self.say("waiting", f"{counted(self._spool.counts().spooled)} waiting: {reason}")

    def _time_left_s(self) -> float | None:
        if self._deadline_s is None:
            return None
        return max(_SHORTEST_TIMEOUT_S, self._deadline_s - self._monotonic_s())


def _say_created(group: str) -> None:
    """Told once, since the group will cost money for as long as it keeps its events."""
    warn_once(
        f"log group {group} was missing: it is created here, without a retention, so its events are kept for "
        "ever; a Pulumi program, applied with `pulumi up` or `inferwatch up`, would set one"
    )
