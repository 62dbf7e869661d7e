"""A query handed to the process that reads columns; what that one cannot do is done here."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from inferwatch.engine.insights.interpret import Shown
from inferwatch.engine.queries.evaluation import Evaluation, Statistics
from inferwatch.engine.queries.request import QueryAnswer, QueryRequest
from inferwatch.engine.store.worker import Worker, WorkerDied

_LOGGER = logging.getLogger("inferwatch.queries")
_ATTEMPTS = 3


class Handed:
    """Waits for its turn, then for the answer.

    Args:
        request: Where the events lie now: a segment may be sealed, and gone, before it is read.
        instead: How else to evaluate the query, where a file is damaged or the process dies.

    Differs: there are no partial results while the process is at work.
    """

    def __init__(
        self,
        worker: Worker,
        id: str,
        request: Callable[[], QueryRequest],
        instead: Callable[[], Evaluation],
    ) -> None:
        self._worker = worker
        self._id = id
        self._request = request
        self._instead = instead
        self._attempts = 0
        self._is_asking = False
        self._answer: QueryAnswer | None = None
        self._other: Evaluation | None = None

    @property
    def is_started(self) -> bool:
        return self._attempts > 0

    @property
    def is_done(self) -> bool:
        return self._answer is not None if self._other is None else self._other.is_done

    @property
    def works_elsewhere(self) -> bool:
        return self._other is None

    @property
    def statistics(self) -> Statistics:
        if self._other is not None:
            return self._other.statistics
        found = self._answer or QueryAnswer()
        return Statistics(found.matched, found.scanned, found.size_bytes, found.skipped)

    def rows(self) -> list[Shown]:
        if self._other is not None:
            return self._other.rows()
        return [] if self._answer is None else self._answer.rows

    def step(self) -> None:
        if self._other is not None:
            self._other.step()
            return
        try:
            if self._is_asking:
                self._take_answer()
            elif not self._worker.is_busy:
                self._ask()
        except (OSError, WorkerDied, msgspec.DecodeError) as failed:
            self._is_asking = False
            self._go_on(str(failed))

    def _ask(self) -> None:
        self._attempts += 1
        request = msgspec.json.encode(self._request())
        self._worker.start(f"query-{self._id}-{self._attempts}", request)
        self._is_asking = True

    def _take_answer(self) -> None:
        found = self._worker.answer()
        if found is None:
            return
        self._is_asking = False
        answer = msgspec.json.decode(found, type=QueryAnswer)
        if answer.error is None:
            self._answer = answer
        else:
            self._go_on(answer.error)

    def _go_on(self, problem: str) -> None:
        """Ask once more, or do without."""
        _LOGGER.warning("a query over columns failed: %s", problem)
        if self._attempts >= _ATTEMPTS:
            self._other = self._instead()

    def stop(self) -> None:
        if self._is_asking:
            self._worker.stop()
            self._is_asking = False
