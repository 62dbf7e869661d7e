"""GetLogEvents and FilterLogEvents: bounds, pages and tokens.

Source: CloudWatch Logs API reference, "GetLogEvents" (end exclusive, both tokens always, the same token back
at an end) and "FilterLogEvents" (end inclusive, no token at the end).

Differs: AWS's tokens die after 24 hours; ours do not.
"""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from inferwatch.engine.logs.events import LAST_KEY, Key, LogEvent, after, decode_key, encode_key
from inferwatch.engine.logs.stream import LogStream, scan_streams
from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.limits import EVENT_OVERHEAD_BYTES, PAGE_MAX_BYTES, PAGE_MAX_EVENTS

BAD_TOKEN = "The specified nextToken is invalid."
# One call looks at no more events than this, so that it never holds the engine up for long; AWS, too, may
# answer with an empty page and a token. Source: API reference, "FilterLogEvents".
_SCAN_MAX_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class StreamPage:
    events: Sequence[LogEvent]
    forward_token: str
    backward_token: str


@dataclass(frozen=True, slots=True)
class FilterPage:
    events: Sequence[LogEvent]
    next_token: str | None


def read_stream(
    stream: LogStream,
    *,
    start_ms: int | None,
    end_ms: int | None,
    oldest_ms: int,
    limit: int | None,
    from_head: bool,
    token: str | None,
) -> StreamPage:
    """One page of a stream: `start_ms` inclusive, `end_ms` exclusive, oldest first within the page.

    Raises:
        AwsError: InvalidParameterException, for a token this engine did not make.
    """
    first: Key = (max(start_ms or 0, oldest_ms), 0)
    last: Key = LAST_KEY if end_ms is None else (end_ms, 0)
    size = limit or PAGE_MAX_EVENTS
    if token is None:
        events = _head(stream, first, last, size) if from_head else _tail(stream, first, last, size)
        at = encode_key(first if from_head or last == LAST_KEY else last)
    else:
        direction, key = _stream_token(token)
        if direction == "f":
            events = _head(stream, max(after(key), first), last, size)
        else:
            events = _tail(stream, first, min(key, last), size)
        at = token[2:]
    return StreamPage(
        events,
        forward_token=f"f/{events[-1].id if events else at}",
        backward_token=f"b/{events[0].id if events else at}",
    )


def filter_events(
    streams: Iterable[LogStream],
    matches: Callable[[str], bool],
    *,
    start_ms: int | None,
    end_ms: int | None,
    oldest_ms: int,
    limit: int | None,
    token: str | None,
    shown: Callable[[LogEvent], LogEvent] = lambda event: event,
) -> FilterPage:
    """One page over several streams, both bounds inclusive, oldest first; it may be empty and not the last.

    Args:
        matches: Is a message wanted?
        shown: An event as the reader may see it; `matches` is asked of it so too.

    Raises:
        AwsError: InvalidParameterException, for a token this engine did not make.
    """
    first: Key = (max(start_ms or 0, oldest_ms), 0)
    last: Key = LAST_KEY if end_ms is None else (end_ms, sys.maxsize)
    if token is not None:
        first = max(after(_filter_token(token)), first)
    page: list[LogEvent] = []
    size_bytes = 0
    scanned: LogEvent | None = None
    for count, event in enumerate(map(shown, scan_streams(streams, first, last))):
        if scanned is not None and count == _SCAN_MAX_EVENTS:
            return FilterPage(page, _filter_token_after(scanned))
        if matches(event.message):
            size_bytes += len(event.message.encode()) + EVENT_OVERHEAD_BYTES
            is_full = len(page) == (limit or PAGE_MAX_EVENTS) or size_bytes > PAGE_MAX_BYTES
            if scanned is not None and is_full:
                return FilterPage(page, _filter_token_after(scanned))
            page.append(event)
        scanned = event
    return FilterPage(page, None)


def _filter_token_after(event: LogEvent) -> str:
    return base64.urlsafe_b64encode(event.id.encode()).decode()


def _head(stream: LogStream, start: Key, end: Key, limit: int) -> Sequence[LogEvent]:
    events = stream.head(start, end, limit)
    return events[: _fitting(events)]


def _tail(stream: LogStream, start: Key, end: Key, limit: int) -> Sequence[LogEvent]:
    events = stream.tail(start, end, limit)
    return events[len(events) - _fitting(events[::-1]) :]


def _fitting(events: Sequence[LogEvent]) -> int:
    """How many of these, from the first, fit one page's bytes; one always does."""
    size_bytes = 0
    for count, event in enumerate(events):
        size_bytes += len(event.message.encode()) + EVENT_OVERHEAD_BYTES
        if count and size_bytes > PAGE_MAX_BYTES:
            return count
    return len(events)


def _stream_token(token: str) -> tuple[str, Key]:
    key = decode_key(token[2:])
    if token[:2] not in ("f/", "b/") or key is None:
        raise _bad_token()
    return token[0], key


def _filter_token(token: str) -> Key:
    try:
        digits = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise _bad_token() from None
    key = decode_key(digits)
    if key is None:
        raise _bad_token()
    return key


def _bad_token() -> AwsError:
    return invalid_parameter(BAD_TOKEN)
