"""The queries of one account and region, and what they can be asked.

Source: CloudWatch Logs API reference, "StartQuery", "GetQueryResults", "StopQuery", "DescribeQueries",
"GetLogRecord", "GetLogGroupFields".
Differs: an ended query is forgotten, before its seven days are over, where the results kept exceed a million
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from inferwatch.engine.arn import Realm
from inferwatch.engine.dataprotection.protection import DataProtection
from inferwatch.engine.insights import Context, Query
from inferwatch.engine.logs.groups import LogGroup, LogGroups
from inferwatch.engine.queries.evaluation import Evaluation, Slices
from inferwatch.engine.queries.events import HIDDEN, decode_pointer, record_of
from inferwatch.engine.queries.handed import Handed
from inferwatch.engine.queries.request import QueryRequest, request_of
from inferwatch.engine.queries.run import Asked, Run, Status
from inferwatch.engine.queries.scope import Scan, scope_of
from inferwatch.engine.store.worker import Worker
from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.limits import MINUTE_MS, QUERIES_AT_ONCE, QUERY_KEPT_MS

_KEPT_ROWS = 1_000_000
# GetLogGroupFields looks so far to both sides of a moment, or back from now. Source: API reference.
_AROUND_MS = 8 * MINUTE_MS
_BACK_MS = 15 * MINUTE_MS
_SAMPLE_EVENTS = 10_000
# Some ten thousand events: less is read here before a process has started.
_COLUMNS_FROM_BYTES = 2**20


class Queries:
    """Every query that runs, and those that ended lately.

    Args:
        new_id: Makes their ids.
        columns_from_bytes: From so many bytes of segments on a process reads them as columns.
    """

    def __init__(
        self,
        realm: Realm,
        logs: LogGroups,
        protection: DataProtection,
        new_id: Callable[[], str],
        *,
        columns_from_bytes: int = _COLUMNS_FROM_BYTES,
    ) -> None:
        self._realm = realm
        self._logs = logs
        self._protection = protection
        self._new_id = new_id
        self._columns_from_bytes = columns_from_bytes
        self._worker: Worker | None = None
        self._runs: dict[str, Run] = {}

    def start(self, query: Query, asked: Asked, groups: list[LogGroup], most: int, now_ms: int) -> Run:
        """Take a query on.

        Args:
            most: Rows of the result.

        Raises:
            AwsError: LimitExceededException, where too many run already.
        """
        if sum(not run.status.is_ended for run in self._runs.values()) >= QUERIES_AT_ONCE:
            raise AwsError("LimitExceededException", "The maximum number of concurrent queries is reached.")
        start_ms, end_ms = asked.start_s * 1_000, asked.end_s * 1_000 + 999
        context = Context(now_ms // 1_000, start_ms, end_ms)
        scope = scope_of(groups, self._realm.account_id, start_ms, end_ms, now_ms)

        def in_slices() -> Evaluation:
            scan = Scan(self._logs.store, self._protection, scope, query.unmasked)
            return Slices(query, scan, context, most)

        id = self._new_id()
        evaluation = in_slices()
        if self._is_for_columns(groups):
            evaluation = Handed(
                self._worker_of_folder(),
                id,
                lambda: self._request(query.text, context, groups, most),
                in_slices,
            )
        run = self._runs[id] = Run(id, asked, evaluation, now_ms)
        return run

    def _is_for_columns(self, groups: Sequence[LogGroup]) -> bool:
        """Is there so much on disk that a process pays, and nothing to be masked?"""
        layout = self._logs.store.layout
        if layout is None or any(self._protection.status(group.name) is not None for group in groups):
            return False
        return bool(layout.files) or sum(layout.segments.values()) >= self._columns_from_bytes

    def _worker_of_folder(self) -> Worker:
        layout = self._logs.store.layout
        assert layout is not None
        if self._worker is None:
            self._worker = Worker(layout.path, "inferwatch.engine.queries.worker")
        return self._worker

    def _request(self, text: str, context: Context, groups: Sequence[LogGroup], most: int) -> QueryRequest:
        layout = self._logs.store.layout
        assert layout is not None
        return request_of(layout, text, context, groups, self._logs, self._realm.account_id, most)

    def close(self) -> None:
        """End the process that reads columns, if there is one."""
        if self._worker is not None:
            self._worker.stop()

    def __getitem__(self, id: str) -> Run:
        """Raises AwsError (ResourceNotFoundException) for an id nobody has."""
        run = self._runs.get(id)
        if run is None:
            raise AwsError("ResourceNotFoundException", f"The specified query does not exist: {id}")
        return run

    def __iter__(self) -> Iterator[Run]:
        """The newest first."""
        return reversed(list(self._runs.values()))

    @property
    def are_running(self) -> bool:
        return any(not run.status.is_ended for run in self._runs.values())

    def step(self, now_ms: int) -> bool:
        """Get every query that runs a little further; is there more to do than to wait?"""
        for run in self._runs.values():
            run.step(now_ms)
        return any(run.works_here for run in self._runs.values())

    def stop(self, id: str, now_ms: int) -> None:
        """Raises AwsError: InvalidParameterException, where it has ended already."""
        run = self[id]
        if run.status.is_ended:
            raise invalid_parameter(f"Query {id} has ended: its status is {run.status.value}.")
        run.end(Status.CANCELLED, now_ms)

    def forget(self, now_ms: int) -> None:
        """Let go of what ended long ago, and of the oldest results where there are too many."""
        rows = 0
        for run in self:
            if run.ended_ms is None:
                continue
            rows += len(run.rows())
            if rows > _KEPT_ROWS or now_ms - run.ended_ms > QUERY_KEPT_MS:
                del self._runs[run.id]

    def record(self, pointer: str, now_ms: int, *, unmask: bool) -> dict[str, str]:
        """Every field of the event that a result's `@ptr` names.

        Raises:
            AwsError: InvalidParameterException for what is no pointer, ResourceNotFoundException.
        """
        found = decode_pointer(pointer)
        if found is None:
            raise invalid_parameter("The specified log record pointer is invalid.")
        stream_id, (at_ms, sequence) = found
        scope = scope_of(list(self._logs), self._realm.account_id, at_ms, at_ms, now_ms)
        if stream_id in scope.origins:
            store = self._logs.store
            event = next(store.scan([stream_id], (at_ms, sequence), (at_ms, sequence + 1)), None)
            if event is not None:
                origin = scope.origins[stream_id]
                shown = event.message
                if not unmask:
                    shown = self._protection.shown(origin.group, event.message, event.ingestion_ms)
                return record_of(event._replace(message=shown), origin)
        raise AwsError("ResourceNotFoundException", "The specified log record does not exist.")

    def fields(self, group: LogGroup, around_ms: int | None, now_ms: int) -> list[tuple[str, int]]:
        """(field, per cent of the events that have it), the most frequent first."""
        start_ms, end_ms = now_ms - _BACK_MS, now_ms
        if around_ms is not None:
            start_ms, end_ms = around_ms - _AROUND_MS, around_ms + _AROUND_MS
        scope = scope_of([group], self._realm.account_id, max(start_ms, 0), end_ms, now_ms)
        scan = Scan(self._logs.store, self._protection, scope, frozenset())
        rows = scan.next(_SAMPLE_EVENTS)
        counts: dict[str, int] = {}
        for row in rows:
            for name in row:
                if name not in HIDDEN:
                    counts[name] = counts.get(name, 0) + 1
        shares = [(name, round(100 * count / len(rows))) for name, count in counts.items()]
        return sorted(shares, key=lambda share: (-share[1], share[0]))
