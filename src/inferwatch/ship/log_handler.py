"""Any structured log travels as the records do: a `logging.Handler` that never waits and never raises.

An entry is `type` "log", `ts`, `level`, `logger`, `message`, `exception` where there is one, and in `fields`
what the application gave as `extra` or as a dictionary instead of a text. Those stay in `fields`, so that a
`status` or `duration_ms` among them is not taken for an inference's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from inferwatch.model.moment import iso

TYPE: Final = "log"

_OURS: Final = "inferwatch"
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TRACEBACKS: Final = logging.Formatter()


class LogHandler(logging.Handler):
    """Gives each log record to a sink, as a flat record.

    What inferwatch itself logs is left to other handlers: it would never be done telling.

    Args:
        sink: Takes each; must not block.
    """

    def __init__(
        self, sink: Callable[[dict[str, object]], object], level: int | str = logging.NOTSET
    ) -> None:
        super().__init__(level)
        self._sink = sink

    def createLock(self) -> None:  # noqa: N802 (logging's name)
        """None is needed, and a signal handler or a fork cannot find it taken."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] != _OURS:
            self._sink(entry(record))


def entry(record: logging.LogRecord) -> dict[str, object]:
    """One log record as one of ours."""
    found: dict[str, object] = {
        "type": TYPE,
        "ts": iso(datetime.fromtimestamp(record.created, UTC)),
        "level": record.levelname,
        "logger": record.name,
    }
    fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if isinstance(record.msg, Mapping):
        fields = {**record.msg, **fields}
    else:
        found["message"] = _message(record)
    if record.exc_info and record.exc_info[0] is not None:
        found["exception"] = _TRACEBACKS.formatException(record.exc_info)
    if fields:
        found["fields"] = fields
    return found


def _message(record: logging.LogRecord) -> str:
    """The text; as it was written, where its arguments do not fit."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 (arguments may do anything when they are written)
        return record.msg if isinstance(record.msg, str) else f"<{type(record.msg).__name__}>"
