"""Alarms over alarms, and the one that pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from inferwatch.infra.plan.alarm import alarm_ends, alarm_words
from inferwatch.infra.plan.errors import refuse
from inferwatch.infra.plan.notify import actions
from inferwatch.infra.plan.resource import COMPOSITE_ALARM, Resource
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import Join, Ref, Value, join

PAGE: Final = "all/page/critical"
# Source: CloudWatch API reference, "PutCompositeAlarm".
_CHILDREN_MAX: Final = 100


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
    rule = any_of([in_alarm(alarm.key, name_of(alarm)) for alarm in children])
    description = (
        f"Somebody is needed: a critical alarm of {spec.name} rings. First: open the alarm that the state's "
        "reason names; its description says what it means and what to do. The dashboard shows them all."
    )
    yield composite_alarm(spec, PAGE, rule, description, actions(spec.notify, "critical"))


def name_of(alarm: Resource) -> str:
    """Where Pulumi has an alarm's name."""
    return "alarm_name" if alarm.type == COMPOSITE_ALARM else "name"


def composite_alarm(spec: Spec, key: str, rule: Join, description: str, told: Sequence[Value]) -> Resource:
    """An alarm over others; `told` as for a metric alarm."""
    words = alarm_words(spec, key, description)
    properties = {
        "alarm_name": words["name"],
        "alarm_description": words["alarm_description"],
        "alarm_rule": rule,
        **alarm_ends(spec, told),
    }
    return Resource(COMPOSITE_ALARM, key, f"{spec.name}/{key}", properties)


def in_alarm(key: str, attribute: str = "name") -> Join:
    """The part of a rule that is true while an alarm rings; `attribute` is what Pulumi calls its name."""
    return join('ALARM("', Ref(key, attribute), '")')


def any_of(rules: Sequence[Join]) -> Join:
    """True while any of some rules is; at least one is given."""
    first, *rest = rules
    return join(first, *(part for rule in rest for part in (" OR ", rule)))
