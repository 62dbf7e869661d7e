"""A Logs Insights query asked of whatever API answers, until it is answered.

Source: CloudWatch Logs API reference, "StartQuery", "GetQueryResults", "MalformedQueryException".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from inferwatch.drawing.api import Api, Shape
from inferwatch.model.errors import AwsError, InferwatchError

Row: TypeAlias = Mapping[str, str]

_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.5)
_UNDER_WAY: Final = frozenset({"Scheduled", "Running"})
# A reference to the event, for GetLogRecord: not for people.
_POINTER: Final = "@ptr"
_STATISTICS: Final = ("recordsMatched", "recordsScanned", "bytesScanned")


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask.

    Args:
        groups: Names or ARNs; none where the text begins with SOURCE.
        limit: Of rows; `None` for the service's own.
    """

    text: str
    groups: Sequence[str]
    from_s: int
    to_s: int
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as they are so far.

    Args:
        columns: Names in the order in which rows bring them.
        statistics: `recordsMatched`, `recordsScanned`, `bytesScanned`.
    """

    status: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    statistics: Mapping[str, int]

    @property
    def is_under_way(self) -> bool:
        return self.status in _UNDER_WAY


class QueryRefused(InferwatchError):
    """A query that the service cannot read.

    Args:
        offset: Where in the text, from 0; `None` where that is not said.
    """

    def __init__(self, message: str, text: str, offset: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.offset = offset

    @property
    def line(self) -> int:
        """From 1."""
        return self.text.count("\n", 0, self.offset or 0) + 1

    @property
    def column(self) -> int:
        """From 1, in its line."""
        offset = self.offset or 0
        return offset - self.text.rfind("\n", 0, offset)


class QueryFailed(InferwatchError):
    """A query that ended without being answered."""


def _ignore(_: Answer) -> None:
    pass


async def ask(
    api: Api, region: str, question: Question, on_progress: Callable[[Answer], None] = _ignore
) -> Answer:
    """Start a query and wait for its end; whoever gives up waiting stops it.

    Raises:
        QueryRefused: The text is no query.
        QueryFailed: It failed, was stopped, or took too long.
        AwsError: The endpoint refused the call.
    """
    query_id = await _start(api, region, question)
    try:
        return await _wait(api, region, query_id, on_progress)
    except asyncio.CancelledError:
        await api.call(region, "logs", "StopQuery", {"queryId": query_id})
        raise


async def _start(api: Api, region: str, question: Question) -> object:
    params: dict[str, object] = {
        "queryString": question.text,
        "startTime": question.from_s,
        "endTime": question.to_s,
    }
    if question.groups:
        params["logGroupIdentifiers"] = list(question.groups)
    if question.limit is not None:
        params["limit"] = question.limit
    try:
        return (await api.call(region, "logs", "StartQuery", params))["queryId"]
    except AwsError as error:
        if error.code != "MalformedQueryException":
            raise
        raise _refusal(error, question.text) from None


def _refusal(error: AwsError, text: str) -> QueryRefused:
    compiled: Any = error.details.get("queryCompileError") or {}
    offset = (compiled.get("location") or {}).get("startCharOffset")
    return QueryRefused(compiled.get("message") or error.message, text, offset)


async def _wait(api: Api, region: str, query_id: object, on_progress: Callable[[Answer], None]) -> Answer:
    for pause_s in _pauses():
        answer = _read(await api.call(region, "logs", "GetQueryResults", {"queryId": query_id}))
        on_progress(answer)
        if not answer.is_under_way:
            break
        await asyncio.sleep(pause_s)
    if answer.status != "Complete":
        raise QueryFailed(f"the query ended as {answer.status}, not as Complete")
    return answer


def _pauses() -> Iterator[float]:
    yield from _PAUSES_S
    while True:
        yield 1.0


def _read(answer: Shape) -> Answer:
    rows = tuple(
        {field["field"]: field.get("value", "") for field in row if field["field"] != _POINTER}
        for row in answer.get("results", ())
    )
    counted = answer.get("statistics", {})
    statistics = {name: int(counted.get(name, 0)) for name in _STATISTICS}
    return Answer(answer.get("status", "Unknown"), _columns(rows), rows, statistics)


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    """In the order of the rows, each of which may lack some."""
    columns: list[str] = []
    for row in rows:
        place = 0
        for name in row.keys() if row.keys() - columns else ():
            place = columns.index(name) + 1 if name in columns else place
            if name not in columns:
                columns.insert(place, name)
                place += 1
    return tuple(columns)
