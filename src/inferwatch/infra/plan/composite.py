"""Alarms over alarms: a pair of windows for each objective, and the one that pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from inferwatch.catalog.watches import SEVERITIES, Severity
from inferwatch.infra.plan.alarm import alarm_ends, alarm_words
from inferwatch.infra.plan.errors import refuse
from inferwatch.infra.plan.mute import Mute, duration_of
from inferwatch.infra.plan.notify import actions
from inferwatch.infra.plan.resource import COMPOSITE_ALARM, MUTE_RULE, Resource
from inferwatch.infra.plan.slo import Slo, burns
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import Join, Ref, Value, join
from inferwatch.infra.plan.watching import window_key

PAGE: Final = "all/page/critical"
# Source: CloudWatch API reference, "PutCompositeAlarm", "PutAlarmMuteRule".
_CHILDREN_MAX: Final = 100
_MUTED_MAX: Final = 100


def slo_composites(spec: Spec) -> Iterator[Resource]:
    """One for each objective and severity: some pair of windows is bad in both."""
    for slo in spec.slos:
        for severity in SEVERITIES:
            if rule := _pairs(slo, severity):
                told = actions(spec.notify, severity) if severity == "warning" else ()
                yield _composite(spec, slo_key(slo, severity), rule, _slo_words(spec, slo, severity), told)


def slo_key(slo: Slo, severity: Severity) -> str:
    return f"slo/{slo.name}/{severity}"


def _pairs(slo: Slo, severity: Severity) -> Join | None:
    """`(long AND short) OR (long AND short)`."""
    pairs = [
        join(
            "(",
            _in_alarm(window_key(slo, burn, is_long=True)),
            " AND ",
            _in_alarm(window_key(slo, burn, is_long=False)),
            ")",
        )
        for burn in burns(slo)
        if burn.severity == severity
    ]
    return _any_of(pairs) if pairs else None


def _slo_words(spec: Spec, slo: Slo, severity: Severity) -> str:
    fast = "so fast that it is gone in days" if severity == "critical" else "faster than the window allows"
    runbook = spec.runbooks.get("slo", spec.runbooks.get("default"))
    return (
        f"The budget of errors of {slo.name} ({100 * slo.objective:g} % over {slo.window}) burns {fast}, and "
        "still does. First: see on the dashboard which models and which kind of failure; if a release did "
        f"it, roll it back.{f' Runbook: {runbook}' if runbook else ''}"
    )


def page(spec: Spec, alarms: Sequence[Resource]) -> Iterator[Resource]:
    """The one that pages: any critical alarm rings."""
    children = [alarm for alarm in alarms if alarm.key.endswith("/critical")]
    if not children:
        return
    if len(children) > _CHILDREN_MAX:
        raise refuse(
            "models",
            f"{len(children)} critical alarms; one composite alarm takes at most {_CHILDREN_MAX}: name fewer "
            'models, or turn thresholds "off"',
        )
    rule = _any_of([_in_alarm(alarm.key, _name_of(alarm)) for alarm in children])
    description = (
        f"Somebody is needed: a critical alarm of {spec.name} rings. First: open the alarm that the state's "
        "reason names; its description says what it means and what to do. The dashboard shows them all."
    )
    yield _composite(spec, PAGE, rule, description, actions(spec.notify, "critical"))


def mute_resources(spec: Spec, alarms: Sequence[Resource]) -> Iterator[Resource]:
    """Rules that hold back the actions of the alarms that have any."""
    loud = [alarm for alarm in alarms if alarm.properties.get("alarm_actions")]
    for mute in spec.mutes:
        muted = [alarm for alarm in loud if mute.mutes_critical or alarm.key != PAGE]
        if len(muted) > _MUTED_MAX:
            raise refuse("mutes", f"{len(muted)} alarms; a mute rule takes at most {_MUTED_MAX}")
        if muted:
            yield _mute_rule(spec, mute, muted)


def _mute_rule(spec: Spec, mute: Mute, muted: Sequence[Resource]) -> Resource:
    key = f"mute/{mute.name}"
    names: list[Value] = [Ref(alarm.key, _name_of(alarm)) for alarm in muted]
    schedule: dict[str, Value] = {
        "expression": mute.schedule,
        "duration": duration_of(mute),
        "timezone": mute.timezone,
    }
    properties: dict[str, Value] = {
        "name": f"{spec.name}-{mute.name}",
        "rule": {"schedule": schedule},
        "mute_targets": {"alarm_names": names},
    }
    if spec.tags:
        properties["tags"] = dict(spec.tags)
    return Resource(MUTE_RULE, key, f"{spec.name}/{key}", properties)


def _name_of(alarm: Resource) -> str:
    """Where Pulumi has an alarm's name."""
    return "alarm_name" if alarm.type == COMPOSITE_ALARM else "name"


def _composite(spec: Spec, key: str, rule: Join, description: str, told: Sequence[Value]) -> Resource:
    words = alarm_words(spec, key, description)
    properties = {
        "alarm_name": words["name"],
        "alarm_description": words["alarm_description"],
        "alarm_rule": rule,
        **alarm_ends(spec, told),
    }
    return Resource(COMPOSITE_ALARM, key, f"{spec.name}/{key}", properties)


def _in_alarm(key: str, attribute: str = "name") -> Join:
    return join('ALARM("', Ref(key, attribute), '")')


def _any_of(rules: Sequence[Join]) -> Join:
    first, *rest = rules
    return join(first, *(part for rule in rest for part in (" OR ", rule)))
