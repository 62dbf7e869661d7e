"""One recorder and where its records go: with metrics embedded in them, where that is asked for.

In:  records, from `capture`.
Out: the same, to `ship`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol

from inferwatch.capture import Recorder
from inferwatch.capture.prices import Pricer
from inferwatch.model.errors import UsageError
from inferwatch.model.process import wall_ms
from inferwatch.ship.report import Report
from inferwatch.ship.report import Stats as ShipStats

# Source: CloudWatch API reference, "PutMetricData", Namespace: what it takes, the embedded format does.
_NAMESPACE: Final = re.compile(r"(?!AWS/)[.\-_/#A-Za-z0-9](?:[.\-_/# A-Za-z0-9]{0,253}[.\-_/#A-Za-z0-9])?")


class Sender(Protocol):
    """What takes records on their way: a `Shipper`, or `Lines` of the standard output."""

    def emit(self, record: dict[str, object]) -> None: ...

    def flush(self, timeout_s: float) -> Report: ...

    def stats(self) -> ShipStats: ...

    def before_closing(self, emit_the_last: Callable[[], object]) -> None: ...


class Pipeline(Recorder):
    """A recorder with a sender of its own.

    Args:
        emf: The namespace of the metrics that each inference's record says it holds; `None` is of none.
    """

    def __init__(
        self, shipper: Sender, *, service: str, pricer: Pricer | None = None, emf: str | None = None
    ) -> None:
        sink = shipper.emit if emf is None else _embedding(emf, shipper.emit)
        super().__init__(sink, service=service, pricer=pricer)
        self.shipper = shipper
        shipper.before_closing(self.abandon_open)

    def flush(self, timeout_s: float = 5.0) -> Report:
        """Send what waits, for at most `timeout_s`, and say what became of it."""
        return self.shipper.flush(timeout_s)


def check_namespace(emf: str | None) -> None:
    """Raises UsageError, where it is none that metrics can have."""
    if emf is not None and not _NAMESPACE.fullmatch(emf):
        raise UsageError(
            f"emf={emf!r}: expected a metric namespace, 1 to 255 characters a-z A-Z 0-9 . - _ / # and "
            "blanks between them, not beginning AWS/"
        )


def _embedding(
    namespace: str, emit: Callable[[dict[str, object]], None]
) -> Callable[[dict[str, object]], None]:
    """Emit each record with an `_aws` member, where it has a number that is a metric."""
    from inferwatch.catalog.emf import envelope

    def emit_with_metrics(record: dict[str, object]) -> None:
        embedded = envelope(namespace, record, wall_ms())
        emit(record if embedded is None else {"_aws": embedded, **record})

    return emit_with_metrics
