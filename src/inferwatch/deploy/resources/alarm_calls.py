"""What the calls of metric alarms, composite alarms and mute rules have in common.

Source: API reference, "DescribeAlarms", "TagResource".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import pairs, tag_changes, unpaired
from inferwatch.deploy.values import Properties


def sent(inputs: Properties, members: Mapping[str, str]) -> dict[str, Any]:
    """What goes over as it is; `members` says how the call spells each property."""
    return {member: value for key, member in members.items() if (value := inputs.get(key)) is not None}


def find_alarm(
    clients: Clients, id: str, state: Properties, *, kind: str, members: Mapping[str, str]
) -> tuple[dict[str, Any], Properties] | None:
    """An alarm as AWS answers it, and those of its outputs that every kind has; its name is for the kind.

    Args:
        kind: `MetricAlarm` or `CompositeAlarm`.
    """
    cloudwatch = clients.cloudwatch(state.get("region"))
    found = cloudwatch.describe_alarms(AlarmNames=[id], AlarmTypes=[kind])[f"{kind}s"]
    if not found:
        return None
    alarm = found[0]
    outputs = placed(clients, alarm["AlarmArn"], state)
    for key, member in members.items():
        if (value := alarm.get(member)) not in (None, [], ""):
            outputs[key] = value
    return alarm, outputs


def placed(clients: Clients, arn: str, state: Properties) -> Properties:
    """ARN, region and tags of what is there."""
    cloudwatch = clients.cloudwatch(state.get("region"))
    tags = unpaired(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], "Key")
    return {"arn": arn, "region": state.get("region") or clients.region, "tags": tags, "tagsAll": tags}


def retag(cloudwatch: Any, arn: str, old: Properties, inputs: Properties) -> bool:
    """Change the tags, where they change: the calls that put an alarm take tags only when they create it."""
    tags, gone = tag_changes(old, inputs)
    if gone:
        cloudwatch.untag_resource(ResourceARN=arn, TagKeys=gone)
    if tags:
        cloudwatch.tag_resource(ResourceARN=arn, Tags=pairs(tags, "Key"))
    return bool(tags or gone)
