"""The alarms of a plan: those of the catalog for each scope, budgets, objectives, anomalies, one's own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from inferwatch.catalog.expressions import Condition, Term, terms
from inferwatch.catalog.metrics import METRICS
from inferwatch.catalog.watches import (
    COST_DAY,
    COST_HOUR,
    MINUTE_S,
    OF_ALL,
    OF_MODELS,
    SEVERITIES,
    Levels,
    Watch,
)
from inferwatch.infra.plan.alarm import Rhythm, alarm_ends, alarm_words, metric_alarm, metric_stat, told_by
from inferwatch.infra.plan.model import DEFAULT, levels_of
from inferwatch.infra.plan.resource import METRIC_ALARM, Resource
from inferwatch.infra.plan.scope import Scopes
from inferwatch.infra.plan.slo import Burn, Slo, burn_rate, burns, condition, short_span, span
from inferwatch.infra.plan.spec import Anomaly, Spec
from inferwatch.infra.plan.values import Value

_BAND_OPERATORS: Final = {
    "above": "GreaterThanUpperThreshold",
    "below": "LessThanLowerThreshold",
    "both": "LessThanLowerOrGreaterThanUpperThreshold",
}


def model_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """For every model that is not named, then for each named one."""
    for model in (DEFAULT, *scopes.models):
        for watch in watches_of_models(spec, scopes):
            levels = levels_of(spec.models, model, watch)
            yield from _of_watch(spec, scopes, watch, levels, model)


def watches_of_models(spec: Spec, scopes: Scopes) -> list[Watch]:
    """Those wanted, and that the log has the metrics for."""
    return [watch for watch in OF_MODELS.values() if _is_wanted(spec, scopes, watch)]


def stack_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """Of all inferences together."""
    for watch in OF_ALL.values():
        if _is_wanted(spec, scopes, watch):
            yield from _of_watch(spec, scopes, watch, _stack_levels(spec, watch), None)


def _stack_levels(spec: Spec, watch: Watch) -> Levels:
    limits = {COST_HOUR.what: "usd_per_hour", COST_DAY.what: "usd_per_day"}
    if watch.what not in limits:
        return watch.levels
    limit = None if spec.budget is None else getattr(spec.budget, limits[watch.what])
    if spec.budget is None or limit is None:
        return Levels()
    return Levels(warning=round(limit * spec.budget.warn_at, 9), critical=limit)


def _is_wanted(spec: Spec, scopes: Scopes, watch: Watch) -> bool:
    given = all(scopes.source.gives(term.metric) for term in terms(watch.expression))
    return given and watch.what not in spec.without


def _of_watch(
    spec: Spec, scopes: Scopes, watch: Watch, levels: Levels, model: str | None
) -> Iterator[Resource]:
    expression = watch.expression
    if watch.samples is not None:
        expression = expression.when(watch.samples >= spec.minimum_samples)
    period_s = watch.period_s or spec.period_s
    rhythm = Rhythm(period_s, watch.datapoints, watch.periods, watch.missing)
    series_of = scopes.of_all if model is None else partial(scopes.of_model, model=model)
    for severity in SEVERITIES:
        level = levels.of(severity)
        if level is None:
            continue
        threshold = round(level * watch.factor, 9)
        yield metric_alarm(
            spec,
            f"{model or 'all'}/{watch.what}/{severity}",
            Condition(expression, watch.comparison, threshold),
            series_of,
            rhythm,
            _words(spec, watch, threshold, model, rhythm),
            told_by(spec, severity),
            label=watch.what,
        )


def _words(spec: Spec, watch: Watch, threshold: float, model: str | None, rhythm: Rhythm) -> str:
    limit = f"{threshold:,.12g} {watch.unit}"
    said = watch.said.format(limit=limit, time=how_long(rhythm))
    return _description(f"{_whose(spec, model)}{said}.", watch.means, watch.first, _runbook(spec, watch.what))


def _whose(spec: Spec, model: str | None) -> str:
    """Whom the alarm is about, where it is not about all."""
    if model == DEFAULT and spec.named_models:
        return "Models that are not named: "
    return "" if model in (None, DEFAULT) else f"{model}: "


def how_long(rhythm: Rhythm) -> str:
    """`3 of 5 minutes`, `30 minutes`, `1 hour`."""
    if rhythm.datapoints == rhythm.periods:
        return span(rhythm.period_s * rhythm.periods)
    if rhythm.period_s == MINUTE_S:
        return f"{rhythm.datapoints} of {rhythm.periods} minutes"
    return f"{rhythm.datapoints} of {rhythm.periods} times {span(rhythm.period_s)}"


def _runbook(spec: Spec, what: str) -> str | None:
    return spec.runbooks.get(what, spec.runbooks.get(DEFAULT))


def _description(said: str, means: str, first: str, runbook: str | None) -> str:
    """What is so, what it means, what to do: in the order in which somebody just woken needs it."""
    said = said[0].upper() + said[1:] if means else said
    parts = [said, means, f"First: {first}" if first else "", f"Runbook: {runbook}" if runbook else ""]
    return " ".join(part for part in parts if part)


def slo_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """Two metric alarms for each pair of windows; they tell nobody: the composites of `composite` do."""
    for slo in spec.slos:
        for burn in burns(slo):
            yield _window_alarm(spec, scopes, slo, burn, is_long=True)
            yield _window_alarm(spec, scopes, slo, burn, is_long=False)


def window_key(slo: Slo, burn: Burn, *, is_long: bool) -> str:
    """`slo/availability/1h` and `slo/availability/1h-5m`."""
    long = short_span(burn.long_s)
    return f"slo/{slo.name}/{long}" if is_long else f"slo/{slo.name}/{long}-{short_span(burn.short_s)}"


def _window_alarm(spec: Spec, scopes: Scopes, slo: Slo, burn: Burn, *, is_long: bool) -> Resource:
    window_s = burn.long_s if is_long else burn.short_s
    description = (
        f"{slo.name}: over {span(window_s)}, bad inferences use up the budget {burn_rate(slo, burn):g} times "
        f"as fast as {100 * slo.objective:g} % over {slo.window} allows. One half of a pair of windows: "
        "nobody is told of it alone."
    )
    return metric_alarm(
        spec,
        window_key(slo, burn, is_long=is_long),
        condition(slo, burn, is_long=is_long),
        scopes.of_all,
        Rhythm(window_s, 1, 1, "notBreaching"),
        description,
        (),
        label="Bad inferences (%)",
    )


def own_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """Those of the spec."""
    for alarm in spec.alarms:
        of_one = scopes.of_all if alarm.model is None else partial(scopes.of_model, model=alarm.model)
        yield metric_alarm(
            spec,
            f"custom/{alarm.name}/{alarm.severity}",
            alarm.when,
            of_one,
            Rhythm(alarm.period_s, alarm.datapoints, alarm.periods, alarm.silence),
            _description(alarm.means, "", alarm.first, _runbook(spec, DEFAULT)),
            told_by(spec, alarm.severity),
            label=alarm.name,
        )


def anomaly_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """Source: CloudWatch User Guide, "Using CloudWatch anomaly detection"."""
    for anomaly in spec.anomalies:
        yield _anomaly_alarm(spec, scopes, anomaly)


def _anomaly_alarm(spec: Spec, scopes: Scopes, anomaly: Anomaly) -> Resource:
    key, metric = f"anomaly/{anomaly.metric}/{anomaly.severity}", METRICS[anomaly.metric]
    term = Term(metric.key, metric.statistics[0])
    where = {"above": "above", "below": "below", "both": "outside of"}[anomaly.direction]
    series = scopes.of_all(term)
    description = _description(
        f"{series.name} ({term.statistic}) {where} what is usual for the hour and the weekday, for "
        f"{span(3 * anomaly.period_s)}.",
        f"Unusual is not bad by itself. {metric.about}",
        "Compare with the same hour of last week on the dashboard; look for a release or a campaign.",
        _runbook(spec, DEFAULT),
    )
    watched: list[Value] = [
        {"id": "m1", "metric": metric_stat(series, anomaly.period_s), "return_data": True},
        {
            "id": "band",
            "expression": f"ANOMALY_DETECTION_BAND(m1, {anomaly.deviations:g})",
            "label": f"{series.name}, as usual",
            "return_data": True,
        },
    ]
    properties: dict[str, Value] = {
        **alarm_words(spec, key, description),
        "metric_queries": watched,
        "threshold_metric_id": "band",
        "comparison_operator": _BAND_OPERATORS[anomaly.direction],
        "evaluation_periods": 3,
        "datapoints_to_alarm": 3,
        "treat_missing_data": "notBreaching",
        **alarm_ends(spec, told_by(spec, anomaly.severity)),
    }
    return Resource(METRIC_ALARM, key, f"{spec.name}/{key}", properties)
