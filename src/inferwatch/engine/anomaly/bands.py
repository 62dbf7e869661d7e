"""Bands: what each hour of a series is expected to be, learned from the stretches of its past.

Both edges of an hour are learned, and between them the band goes straight from one to the other: what an hour
ends with the next begins with. Every hour is judged by what was known when it began, so a band never knows
what it judges, and drawing last week's gives what last week's was. What was learned is kept: data that comes
late counts from the next edge. Where there is none, it is looked for again.

Differs: a band needs no detector here, and has a point in every period up to the hour that runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from itertools import groupby, takewhile
from math import isfinite
from typing import Final, TypeAlias

from inferwatch.engine.anomaly.detector import (
    Detector,
    Detectors,
    SingleMetric,
    Status,
    Subject,
    Training,
    subject_of,
)
from inferwatch.engine.anomaly.expectation import HISTORY_MIN, Expectation, between, expect
from inferwatch.engine.anomaly.training import Pattern, cycles, recent
from inferwatch.engine.metricdata.query import Band, MetricQuery, MetricStat, returned
from inferwatch.engine.metricdata.run import Window, read, run
from inferwatch.engine.metricmath import Grid, Series
from inferwatch.engine.metrics.statistics import parse_statistic
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.model.limits import HOUR_MS

_KEPT_MAX: Final = 10_000
_STATUS_PERIOD_S: Final = 60


class Way(Enum):
    """What is looked at."""

    CYCLES = auto()
    RECENT = auto()


_Key: TypeAlias = tuple[tuple[MetricQuery, ...], Training, int, int, Way]


class Bands:
    """The bands over one store's metrics."""

    def __init__(self, store: MetricStore) -> None:
        self._store = store
        self.detectors = Detectors()
        self._kept: dict[_Key, Expectation] = {}

    def edges(self, band: Band, grid: Grid, now_ms: int) -> tuple[Series, Series]:
        """The upper and the lower edge in every period of a grid that there is an expectation for."""
        training = self.detectors.training(subject_of(band.queries))
        upper: Series = {}
        lower: Series = {}
        known = takewhile(lambda at: at - at % HOUR_MS <= now_ms, grid.stamps)
        for hour_ms, stamps in groupby(known, lambda at: at - at % HOUR_MS):
            expected = self._expected(band.queries, training, grid.period_s, hour_ms)
            if expected is None:
                continue
            for at in stamps:
                there = between(*expected, (at - hour_ms) / HOUR_MS)
                edges = there.upper(band.deviations), there.lower(band.deviations)
                if all(map(isfinite, edges)):
                    upper[at], lower[at] = edges
        return upper, lower

    def status(self, detector: Detector, now_ms: int) -> Status:
        """How far a detector is; a metric's own is judged by its minutes.

        Differs: AWS does not say when a detector is trained; here at once where there is enough to learn
        from, and it is pending for no longer than the hour in which it was made.
        """
        hour_ms = now_ms - now_ms % HOUR_MS
        queries, period_s = _asked(detector.subject)
        if self._expected(queries, detector.training, period_s, hour_ms) is not None:
            return Status.TRAINED
        return Status.PENDING if detector.created_ms >= hour_ms else Status.INSUFFICIENT

    def _expected(
        self, queries: tuple[MetricQuery, ...], training: Training, period_s: int, hour_ms: int
    ) -> tuple[Expectation, Expectation] | None:
        """What is expected at the beginning and at the end of an hour."""
        asked = queries, training, period_s
        start = self._learned(*asked, hour_ms, Way.CYCLES)
        end = self._learned(*asked, hour_ms + HOUR_MS, Way.CYCLES)
        if end is None:
            end = self._learned(*asked, hour_ms, Way.RECENT) or start
        if start is None:
            start = self._learned(*asked, hour_ms - HOUR_MS, Way.RECENT) or end
        return None if start is None or end is None else (start, end)

    def _learned(
        self,
        queries: tuple[MetricQuery, ...],
        training: Training,
        period_s: int,
        at_ms: int,
        way: Way,
    ) -> Expectation | None:
        key = (queries, training, period_s, at_ms, way)
        found = self._kept.get(key)
        if found is None and (found := self._learn(*key)) is not None:
            if len(self._kept) >= _KEPT_MAX:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return found

    def _learn(
        self, queries: tuple[MetricQuery, ...], training: Training, period_s: int, at_ms: int, way: Way
    ) -> Expectation | None:
        is_cyclic = way is Way.CYCLES
        for pattern in cycles(at_ms, period_s, training.zone) if is_cyclic else recent(at_ms, period_s):
            held: list[list[float]] = []
            for start_ms, end_ms in pattern.stretches:
                held.append(self._values(queries, training, start_ms, end_ms))
                if pattern.is_stepwise and _is_enough(held, pattern):
                    break
                if sum(not each for each in held) > len(pattern.stretches) - pattern.days:
                    break
            if _is_enough(held, pattern):
                return expect(held if is_cyclic else [[value for values in held for value in values]])
        return None

    def _values(
        self, queries: tuple[MetricQuery, ...], training: Training, start_ms: int, end_ms: int
    ) -> list[float]:
        series = self._series(queries, Window(start_ms, end_ms))
        return [value for at, value in series.items() if not training.is_excluded(at)]

    def _series(self, queries: tuple[MetricQuery, ...], window: Window) -> Series:
        if len(queries) == 1 and isinstance(queries[0].source, MetricStat):
            return read(queries[0].source, self._store, window).values
        return run(queries, self._store, lambda _: window)[returned(queries).id][0].values


def _is_enough(held: Sequence[Sequence[float]], pattern: Pattern) -> bool:
    return sum(map(len, held)) >= HISTORY_MIN and sum(map(bool, held)) >= pattern.days


def _asked(subject: Subject) -> tuple[tuple[MetricQuery, ...], int]:
    """The queries to learn from, and their period in seconds."""
    if not isinstance(subject, SingleMetric):
        return subject.queries, min(stat.period_s for stat in subject.metrics)
    statistic = parse_statistic(subject.stat)
    assert statistic is not None
    stat = MetricStat(subject.metric, _STATUS_PERIOD_S, statistic)
    return (MetricQuery("m", stat),), stat.period_s
