"""Which periods an alarm looks at, and what they hold.

Source: CloudWatch User Guide, "Alarm evaluation"; recorded timings, 2026-09.
Differs: AWS does not publish its evaluation range; recordings fit evaluation periods + 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.engine.alarms.alarm import Definition, MathSource
from inferwatch.engine.metricdata.query import MetricStat
from inferwatch.engine.metricdata.run import Window, read, run
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.model.limits import DAY_MS, HOUR_MS, MINUTE_MS

SETTLE_MS = 10_000
"""How long CloudWatch waits for late data before it looks at a minute."""

_RANGE_EXTRA = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """One period of the evaluation range; `value` is `None` where no data arrived."""

    start_ms: int
    value: float | None
    samples: float | None = None


def is_hourly(definition: Definition) -> bool:
    """Alarms over more than a day are looked at once an hour, on complete hours."""
    return definition.period_s * definition.evaluation_periods * 1_000 > DAY_MS


def evaluation_slots(definition: Definition, store: MetricStore, now_ms: int) -> list[Slot]:
    """The evaluation range, oldest first: sliding periods that end at the last settled minute (or hour)."""
    source = definition.source
    period_ms = definition.period_s * 1_000
    is_math = isinstance(source, MathSource) and source.is_math
    settled_ms = now_ms if is_math else now_ms - SETTLE_MS
    end_ms = settled_ms - settled_ms % (HOUR_MS if is_hourly(definition) else MINUTE_MS)
    count = definition.evaluation_periods + _RANGE_EXTRA
    window = Window(end_ms - count * period_ms, end_ms)
    if isinstance(source, MetricStat):
        result = read(source, store, window)
    else:
        result = run(source.queries, store, lambda _: window)[source.watched.id][0]
    return [
        Slot(at, result.values.get(at), result.samples.get(at))
        for at in range(window.start_ms, window.end_ms, period_ms)
    ]
