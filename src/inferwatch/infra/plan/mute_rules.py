"""Mute rules over the alarms that tell somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from inferwatch.infra.plan.composite import PAGE, name_of
from inferwatch.infra.plan.errors import refuse
from inferwatch.infra.plan.mute import Mute, duration_of
from inferwatch.infra.plan.resource import MUTE_RULE, Resource
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import Ref, Value

# Source: CloudWatch API reference, "PutAlarmMuteRule".
_MUTED_MAX: Final = 100


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
    names: list[Value] = [Ref(alarm.key, name_of(alarm)) for alarm in muted]
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
