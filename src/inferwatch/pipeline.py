"""One recorder and where its records go: with metrics embedded in them, where that is asked for.

In:  records, from `capture`.
Out: the same, to `ship`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from inferwatch.capture import Recorder
from inferwatch.capture.prices import Pricer
from inferwatch.model.process import wall_ms
from inferwatch.ship.report import Report
from inferwatch.ship.report import Stats as ShipStats


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


def _embedding(
    namespace: str, emit: Callable[[dict[str, object]], None]
) -> Callable[[dict[str, object]], None]:
    """Emit each record with an `_aws` member, where it has a number that is a metric."""
    from inferwatch.catalog.emf import envelope

    def emit_with_metrics(record: dict[str, object]) -> None:
        embedded = envelope(namespace, record, wall_ms())
        emit(record if embedded is None else {"_aws": embedded, **record})

    return emit_with_metrics
