"""AWS Lambda freezes a process between two invocations: what waits then waits for the next one.

So the handler is wrapped, and each invocation ends with a flush in the time it has left.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

from inferwatch.wiring import flush

ResultT = TypeVar("ResultT")

# Left for the answer's own way back.
_RESERVE_S: Final = 0.25
_LONGEST_S: Final = 5.0


def lambda_handler(handler: Callable[[Any, Any], ResultT]) -> Callable[[Any, Any], ResultT]:
    """Send what an invocation has recorded before it ends: `@inferwatch.lambda_handler`.

    For at most five seconds, and no longer than the invocation has left but for a quarter of a second. What
    cannot be sent then stays in the spool, for the next invocation. The handler's answer or exception passes
    unchanged.

    Source: Lambda Developer Guide, "Execution environment lifecycle"; "context object", read 2026-11.
    """

    @functools.wraps(handler)
    def handle(event: Any, context: Any) -> ResultT:
        try:
            return handler(event, context)
        finally:
            flush(timeout_s=_time_left_s(context))

    return handle


def _time_left_s(context: Any) -> float:
    """All of the longest, where the context cannot say."""
    try:
        left_s = float(context.get_remaining_time_in_millis()) / 1_000 - _RESERVE_S
    except Exception:  # noqa: BLE001 (a test's context may be anything)
        return _LONGEST_S
    return min(max(left_s, 0.0), _LONGEST_S)
