"""Anomaly detectors: what is expected to do as it did before, and what not to learn from.

Source: CloudWatch API reference, "PutAnomalyDetector", "AnomalyDetector".
Differs: how AWS makes identifiers is not known; here one follows from what the detector is of. How many
detectors an account may have is not limited here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Final, TypeAlias

from inferwatch.engine.metricdata.query import MetricQuery, MetricStat
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import AwsError


@dataclass(frozen=True, slots=True)
class SingleMetric:
    """One statistic of one metric, of whatever period."""

    metric: Metric
    stat: str


@dataclass(frozen=True, slots=True)
class MetricMath:
    """Queries of which exactly one is returned: the one with the band."""

    queries: tuple[MetricQuery, ...]

    @property
    def metrics(self) -> list[MetricStat]:
        return [query.source for query in self.queries if isinstance(query.source, MetricStat)]


Subject: TypeAlias = SingleMetric | MetricMath


class Status(StrEnum):
    PENDING = "PENDING_TRAINING"
    INSUFFICIENT = "TRAINED_INSUFFICIENT_DATA"
    TRAINED = "TRAINED"


@dataclass(frozen=True, slots=True)
class Training:
    """How a detector learns.

    Args:
        excluded: Half-open [start, end) in epoch ms, not to learn from.
        timezone: The name of `zone`, where one was given.
    """

    excluded: tuple[tuple[int, int], ...] = ()
    zone: tzinfo = UTC
    timezone: str | None = None

    def is_excluded(self, timestamp_ms: int) -> bool:
        return any(start_ms <= timestamp_ms < end_ms for start_ms, end_ms in self.excluded)


DEFAULT_TRAINING: Final = Training()


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector as it was last put; `created_ms` is when it was first."""

    subject: Subject
    training: Training
    created_ms: int

    @property
    def id(self) -> str:
        written = json.dumps(_identity(self.subject), separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()[:32]


def _identity(subject: Subject) -> list[object]:
    if isinstance(subject, SingleMetric):
        return [*_metric(subject.metric), subject.stat]
    return [[query.id, query.returns, *_source(query)] for query in subject.queries]


def _source(query: MetricQuery) -> list[object]:
    source = query.source
    if isinstance(source, MetricStat):
        return [*_metric(source.metric), source.period_s, source.statistic.name, source.unit]
    return [source.text, source.period_s]


def _metric(metric: Metric) -> list[object]:
    return [metric.namespace, metric.name, metric.dimensions]


def subject_of(queries: Iterable[MetricQuery]) -> Subject:
    """What a band is of: queries of which exactly one is returned. Labels and accounts are no part of it."""
    known = tuple(replace(query, label=None, account_id=None) for query in queries)
    match known:
        case (MetricQuery(source=MetricStat() as stat),):
            return SingleMetric(stat.metric, stat.statistic.name)
        case _:
            return MetricMath(known)


class Detectors:
    """The anomaly detectors of one account and region."""

    def __init__(self) -> None:
        self._detectors: dict[Subject, Detector] = {}

    def put(self, subject: Subject, training: Training, now_ms: int) -> Detector:
        """Make a detector, or replace how it learns."""
        known = self._detectors.get(subject)
        made = Detector(subject, training, now_ms if known is None else known.created_ms)
        self._detectors[subject] = made
        return made

    def ensure(self, subject: Subject, now_ms: int) -> None:
        """Make a detector unless there is one."""
        if subject not in self._detectors:
            self.put(subject, DEFAULT_TRAINING, now_ms)

    def training(self, subject: Subject) -> Training:
        """How the band of a metric learns, with or without a detector."""
        known = self._detectors.get(subject)
        return DEFAULT_TRAINING if known is None else known.training

    def all(self) -> list[Detector]:
        """Sorted by id."""
        return sorted(self._detectors.values(), key=lambda detector: detector.id)

    def delete(self, detector: Detector) -> None:
        del self._detectors[detector.subject]

    def find(self, subject: Subject) -> Detector:
        """Raises AwsError (ResourceNotFoundException)."""
        found = self._detectors.get(subject)
        if found is None:
            raise no_detector()
        return found

    def by_id(self, detector_id: str) -> Detector:
        """Raises AwsError (ResourceNotFoundException)."""
        found = next((each for each in self._detectors.values() if each.id == detector_id), None)
        if found is None:
            raise no_detector()
        return found


def no_detector() -> AwsError:
    """The text is ours: AWS's was not recorded."""
    return AwsError("ResourceNotFoundException", "There is no such anomaly detector")
