"""Alarms of objectives: two windows for each pair, and one composite for each severity."""

from __future__ import annotations

from collections.abc import Iterator

from inferwatch.catalog.watches import SEVERITIES, Severity
from inferwatch.infra.plan.alarm import Rhythm, metric_alarm, told_by
from inferwatch.infra.plan.composite import any_of, composite_alarm, in_alarm
from inferwatch.infra.plan.resource import Resource
from inferwatch.infra.plan.scope import Scopes
from inferwatch.infra.plan.slo import Burn, Slo, burn_rate, burns, condition
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import Join, join
from inferwatch.infra.plan.words import description, short_span, span


def slo_alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """Two metric alarms for each pair of windows; they tell nobody: their composites do."""
    for slo in spec.slos:
        for burn in burns(slo):
            yield _window_alarm(spec, scopes, slo, burn, is_long=True)
            yield _window_alarm(spec, scopes, slo, burn, is_long=False)


def _window_key(slo: Slo, burn: Burn, *, is_long: bool) -> str:
    """`slo/availability/1h` and `slo/availability/1h-5m`."""
    long = short_span(burn.long_s)
    return f"slo/{slo.name}/{long}" if is_long else f"slo/{slo.name}/{long}-{short_span(burn.short_s)}"


def _window_alarm(spec: Spec, scopes: Scopes, slo: Slo, burn: Burn, *, is_long: bool) -> Resource:
    window_s = burn.long_s if is_long else burn.short_s
    words = (
        f"{slo.name}: over {span(window_s)}, bad inferences use up the budget {burn_rate(slo, burn):g} times "
        f"as fast as {100 * slo.objective:g} % over {slo.window} allows. One half of a pair of windows: "
        "nobody is told of it alone."
    )
    return metric_alarm(
        spec,
        _window_key(slo, burn, is_long=is_long),
        condition(slo, burn, is_long=is_long),
        scopes.of_all,
        Rhythm(window_s, 1, 1, "notBreaching"),
        words,
        (),
        label="Bad inferences (%)",
    )


def slo_composites(spec: Spec) -> Iterator[Resource]:
    """One for each objective and severity: some pair of windows is bad in both."""
    for slo in spec.slos:
        for severity in SEVERITIES:
            if rule := _pairs(slo, severity):
                key = f"slo/{slo.name}/{severity}"
                words = _words(spec, slo, severity)
                yield composite_alarm(spec, key, rule, words, told_by(spec, severity))


def _pairs(slo: Slo, severity: Severity) -> Join | None:
    """`(long AND short) OR (long AND short)`."""
    pairs = [
        join(
            "(",
            in_alarm(_window_key(slo, burn, is_long=True)),
            " AND ",
            in_alarm(_window_key(slo, burn, is_long=False)),
            ")",
        )
        for burn in burns(slo)
        if burn.severity == severity
    ]
    return any_of(pairs) if pairs else None


def _words(spec: Spec, slo: Slo, severity: Severity) -> str:
    fast = "so fast that it is gone in days" if severity == "critical" else "faster than the window allows"
    return description(
        f"The budget of errors of {slo.name} ({100 * slo.objective:g} % over {slo.window}) burns {fast}.",
        "It does so over a long window, and still within a short one.",
        "See on the dashboard which models and which kind of failure; if a release did it, roll it back.",
        spec.runbook("slo"),
    )
