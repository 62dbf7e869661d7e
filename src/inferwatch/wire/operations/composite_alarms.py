"""CloudWatch: composite alarms, put and described."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.alarmrules import compile_rule
from inferwatch.engine.alarms.alarm import CompositeAlarm
from inferwatch.engine.alarms.composite import CompositeDefinition, Suppressor
from inferwatch.engine.engine import Engine
from inferwatch.model.errors import validation_failure
from inferwatch.wire.operations.metric_alarms import describe_responses, responses_of
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.tags import tags_of

_SUPPRESSOR_MEMBERS = (
    "ActionsSuppressor",
    "ActionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod",
)


def _put_composite_alarm(engine: Engine, params: Params) -> Params:
    text = params["AlarmRule"]
    if text != text.strip():
        # Source: an answer posted in public.
        raise validation_failure("AlarmRule must not contain leading or trailing whitespace or be null")
    definition = CompositeDefinition(
        name=params["AlarmName"],
        text=text,
        rule=compile_rule(text),
        description=params.get("AlarmDescription"),
        responses=responses_of(params),
        suppressor=_suppressor(params),
    )
    engine.alarms.put_composite(definition, tags_of(params), engine.now_ms)
    return {}


def _suppressor(params: Params) -> Suppressor | None:
    given = [name for name in _SUPPRESSOR_MEMBERS if name in params]
    if not given:
        return None
    if len(given) < len(_SUPPRESSOR_MEMBERS):
        # The text is ours: AWS's was not recorded.
        raise validation_failure(f"{', '.join(_SUPPRESSOR_MEMBERS)} are given together or not at all")
    alarm, wait_s, extension_s = (params[name] for name in _SUPPRESSOR_MEMBERS)
    return Suppressor(alarm, wait_s, extension_s)


def describe_composite_alarm(alarm: CompositeAlarm) -> Params:
    """What PutCompositeAlarm gave, and what keeps its actions back."""
    definition = alarm.definition
    suppressor, suppressed = definition.suppressor, alarm.suppression
    described = {
        "AlarmName": definition.name,
        "AlarmArn": alarm.arn,
        "AlarmDescription": definition.description,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured_ms,
        **describe_responses(definition.responses),
        "AlarmRule": definition.text,
        "StateValue": alarm.state,
        "StateReason": alarm.evaluation.reason,
        "StateReasonData": alarm.evaluation.reason_data,
        "StateUpdatedTimestamp": alarm.state_updated_ms,
        "StateTransitionedTimestamp": alarm.transitioned_ms,
    }
    if suppressor is not None:
        described["ActionsSuppressor"] = suppressor.alarm
        described["ActionsSuppressorWaitPeriod"] = suppressor.wait_s
        described["ActionsSuppressorExtensionPeriod"] = suppressor.extension_s
    if suppressed is not None:
        described["ActionsSuppressedBy"] = suppressed.phase
        described["ActionsSuppressedReason"] = suppressed.reason
    return described


OPERATIONS: Final = {
    "PutCompositeAlarm": Operation(
        _put_composite_alarm,
        "AlarmName AlarmRule AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions "
        "Tags ActionsSuppressor ActionsSuppressorWaitPeriod ActionsSuppressorExtensionPeriod",
        is_kept=True,
    ),
}
