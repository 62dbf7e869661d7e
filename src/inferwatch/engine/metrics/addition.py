"""What one request adds to the metrics, as values that are kept and, after a crash, added again.

Added again in the same order to the same summaries, they give the same figures to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import msgspec

from inferwatch.engine.metrics.store import Metric, MetricStore


class Values(msgspec.Struct, frozen=True, array_like=True, tag="v"):
    """Values of one metric in one minute (or second), each counted once, in their order."""

    metric: Metric
    timestamp_ms: int
    unit: str
    values: list[float]
    resolution_s: int = 60

    def add_to(self, store: MetricStore) -> None:
        store.add_values(
            self.metric, self.timestamp_ms, self.unit, self.values, resolution_s=self.resolution_s
        )


class CountedValues(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """Each value as many times as its count says."""

    metric: Metric
    timestamp_ms: int
    unit: str
    values: list[float]
    counts: list[float]
    resolution_s: int = 60

    def add_to(self, store: MetricStore) -> None:
        for value, count in zip(self.values, self.counts, strict=True):
            store.add(self.metric, self.timestamp_ms, value, self.unit, count, resolution_s=self.resolution_s)


class StatisticSet(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """A summary as PutMetricData's caller made it."""

    metric: Metric
    timestamp_ms: int
    unit: str
    count: float
    total: float
    minimum: float
    maximum: float
    resolution_s: int = 60

    def add_to(self, store: MetricStore) -> None:
        store.add_set(
            self.metric,
            self.timestamp_ms,
            self.unit,
            count=self.count,
            total=self.total,
            minimum=self.minimum,
            maximum=self.maximum,
            resolution_s=self.resolution_s,
        )


Addition: TypeAlias = Values | CountedValues | StatisticSet


def add_all(additions: Iterable[Addition], store: MetricStore) -> None:
    for addition in additions:
        addition.add_to(store)


_DECODER: Final = msgspec.json.Decoder(list[Addition])


def encode(additions: Sequence[Addition]) -> str:
    """A request's additions as one text."""
    return msgspec.json.encode(additions).decode()


def decode(text: str) -> list[Addition]:
    """Raises msgspec.DecodeError, for text that is not `encode`'s."""
    return _DECODER.decode(text)
