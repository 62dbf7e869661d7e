"""One query on its way: Scheduled → Running → Complete, Failed, Cancelled or Timeout."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum

from inferwatch.engine.insights.interpret import Shown
from inferwatch.engine.queries.evaluation import Evaluation, Statistics
from inferwatch.model.limits import QUERY_MAX_MS

_LOGGER = logging.getLogger("inferwatch.queries")


class Status(Enum):
    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMEOUT = "Timeout"

    @property
    def is_ended(self) -> bool:
        return self not in (Status.SCHEDULED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Asked:
    """What StartQuery was told; the bounds are seconds, both inclusive."""

    text: str
    groups: tuple[str, ...]
    start_s: int
    end_s: int

    @property
    def described(self) -> str:
        """As DescribeQueries writes it. Source: recorded, 2026-02.

        Differs: how AWS writes several log groups is not known; here one after the other.
        """
        groups = " ".join(f'"{group}"' for group in self.groups)
        return f"SOURCE {groups} START={self.start_s}000 END={self.end_s}999 | {self.text}"


class Run:
    """A query that gets a little further whenever somebody calls `step`."""

    def __init__(self, id: str, asked: Asked, evaluation: Evaluation, now_ms: int) -> None:
        self.id = id
        self.asked = asked
        self.created_ms = now_ms
        self.ended_ms: int | None = None
        self.status = Status.SCHEDULED
        self._evaluation: Evaluation | None = evaluation
        self._rows: list[Shown] = []
        self._statistics = Statistics()

    @property
    def works_here(self) -> bool:
        """Is there anything to do but to wait?"""
        return self._evaluation is not None and not self._evaluation.works_elsewhere

    def step(self, now_ms: int) -> None:
        """Go on; nothing, where the query has ended."""
        evaluation = self._evaluation
        if evaluation is None:
            return
        if now_ms - self.created_ms > QUERY_MAX_MS:
            self.end(Status.TIMEOUT, now_ms)
            return
        try:
            evaluation.step()
            if evaluation.is_done:
                self.end(Status.COMPLETE, now_ms)
            elif evaluation.is_started:
                self.status = Status.RUNNING
        except Exception:
            _LOGGER.exception("the query %s failed: %s", self.id, self.asked.text)
            self._evaluation = None
            self.status, self.ended_ms = Status.FAILED, now_ms

    def end(self, status: Status, now_ms: int) -> None:
        """Keep what there is, and go no further."""
        self._rows, self._statistics = self.rows(), self.statistics
        if self._evaluation is not None:
            self._evaluation.stop()
        self._evaluation = None
        self.status, self.ended_ms = status, now_ms

    def rows(self) -> list[Shown]:
        """The result so far."""
        return self._rows if self._evaluation is None else self._evaluation.rows()

    @property
    def statistics(self) -> Statistics:
        return self._statistics if self._evaluation is None else self._evaluation.statistics
