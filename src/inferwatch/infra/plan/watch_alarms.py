"""Alarms of a plan: the catalog's for each scope, those of the budget, and one's own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from inferwatch.catalog.expressions import Condition, terms
from inferwatch.catalog.watches import COST_DAY, COST_HOUR, OF_ALL, OF_MODELS, SEVERITIES, Levels, Watch
from inferwatch.infra.plan.alarm import Rhythm, metric_alarm, told_by
from inferwatch.infra.plan.model import DEFAULT, levels_of
from inferwatch.infra.plan.resource import Resource
from inferwatch.infra.plan.scope import Scopes
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.words import description, sentence


def model_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """For every model that is not named, then for each named one."""
    for model in (DEFAULT, *scopes.models):
        for watch in OF_MODELS.values():
            if _is_wanted(spec, scopes, watch):
                yield from _of_watch(spec, scopes, watch, levels_of(spec.models, model, watch), model)


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
    """Does the log have its metrics, and nobody leaves it out?"""
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
    said = watch.said.format(limit=limit, time=rhythm)
    return description(
        sentence(f"{_whose(spec, model)}{said}"), watch.means, watch.first, spec.runbook(watch.what)
    )


def _whose(spec: Spec, model: str | None) -> str:
    """Whom the alarm is about, where it is not about all."""
    if model == DEFAULT and spec.named_models:
        return "Models that are not named: "
    return "" if model in (None, DEFAULT) else f"{model}: "


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
            description(alarm.means, "", alarm.first, spec.runbook()),
            told_by(spec, alarm.severity),
            label=alarm.name,
        )
