"""CloudWatch: tags of whatever has an ARN."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.alarms.store import check_tags
from inferwatch.engine.engine import Engine
from inferwatch.model.errors import AwsError
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.tags import describe_tags, tags_of, untag


def _tags_of_resource(engine: Engine, arn: str) -> dict[str, str] | None:
    """The tags themselves, to be changed; `None` where nothing has that ARN."""
    alarm = engine.alarms.by_arn(arn)
    if alarm is not None:
        return alarm.tags
    dashboard = engine.dashboards.by_arn(arn)
    if dashboard is not None:
        return dashboard.tags
    return next((rule.tags for rule in engine.alarms.mutes.all() if rule.arn == arn), None)


def _list_tags(engine: Engine, params: Params) -> Params:
    """Tags of an alarm that is gone are an empty list. Source: recorded, 2026-09."""
    return describe_tags(_tags_of_resource(engine, params["ResourceARN"]) or {})


def _tag(engine: Engine, params: Params) -> Params:
    present, added = _existing(engine, params), tags_of(params)
    check_tags(added, present)
    present |= added
    return {}


def _untag(engine: Engine, params: Params) -> Params:
    untag(_existing(engine, params), params)
    return {}


def _existing(engine: Engine, params: Params) -> dict[str, str]:
    tags = _tags_of_resource(engine, params["ResourceARN"])
    if tags is None:
        # The text is ours: AWS's was not recorded.
        raise AwsError(
            "ResourceNotFoundException", f"No alarm or dashboard has the ARN {params['ResourceARN']}"
        )
    return tags


OPERATIONS: Final = {
    "ListTagsForResource": Operation(_list_tags, "ResourceARN"),
    "TagResource": Operation(_tag, "ResourceARN Tags", is_kept=True),
    "UntagResource": Operation(_untag, "ResourceARN TagKeys", is_kept=True),
}
