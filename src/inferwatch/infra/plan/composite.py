"""Alarms over alarms, and the one that pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from inferwatch.infra.plan.alarm import alarm_ends, alarm_words
from inferwatch.infra.plan.errors import refuse
from inferwatch.infra.plan.notify import actions
from inferwatch.infra.plan.resource import COMPOSITE_ALARM, Resource
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import Join, Leaf, Ref, Value, join
from inferwatch.infra.plan.words import description

PAGE: Final = "all/page/critical"
# Source: CloudWatch API reference, "PutCompositeAlarm".
_CHILDREN_MAX: Final = 100
_RULE_MAX_CHARS: Final = 10_240


def page(spec: Spec, alarms: Sequence[Resource]) -> Iterator[Resource]:
    """The one that pages: any critical alarm rings."""
    children = [alarm for alarm in alarms if alarm.key.endswith("/critical")]
    if not children:
        return
    if len(children) > _CHILDREN_MAX:
        problem = f"{len(children)} critical alarms; a composite alarm takes at most {_CHILDREN_MAX}"
        raise refuse(PAGE, f"{problem}: make fewer of them critical")
    rule = any_of([in_alarm(alarm.key, name_of(alarm)) for alarm in children])
    words = description(
        f"Somebody is needed: a critical alarm of {spec.name} rings.",
        "The reason of the state names it; its own description says what it means.",
        "Open that alarm and do what it says first; the dashboard shows them all.",
        spec.runbook(),
    )
    yield composite_alarm(spec, PAGE, rule, words, actions(spec.notify, "critical"))


def name_of(alarm: Resource) -> str:
    """Where Pulumi has an alarm's name."""
    return "alarm_name" if alarm.type == COMPOSITE_ALARM else "name"


def composite_alarm(spec: Spec, key: str, rule: Join, about: str, told: Sequence[Value]) -> Resource:
    """An alarm over others; `told` as for a metric alarm.

    Raises:
        UsageError: AWS would refuse it.
    """
    words = alarm_words(spec, key, about)
    length = sum(len(part) if isinstance(part, str) else _name_length(spec, part) for part in rule.parts)
    if length > _RULE_MAX_CHARS:
        problem = f"its rule would have {length:,} characters; a rule has at most {_RULE_MAX_CHARS:,}"
        raise refuse(key, f"{problem}: make fewer alarms critical, or their names shorter")
    properties = {
        "alarm_name": words["name"],
        "alarm_description": words["alarm_description"],
        "alarm_rule": rule,
        **alarm_ends(spec, told),
    }
    return Resource(COMPOSITE_ALARM, key, f"{spec.name}/{key}", properties)


def _name_length(spec: Spec, leaf: Leaf) -> int:
    assert isinstance(leaf, Ref)
    return len(f"{spec.name}/{leaf.key}")


def in_alarm(key: str, attribute: str = "name") -> Join:
    """The part of a rule that is true while an alarm rings; `attribute` is what Pulumi calls its name."""
    return join('ALARM("', Ref(key, attribute), '")')


def any_of(rules: Sequence[Join]) -> Join:
    """True while any of some rules is; at least one is given."""
    first, *rest = rules
    return join(first, *(part for rule in rest for part in (" OR ", rule)))
