"""What an alarm's notification says to people: in a text message, and in an e-mail.

Source: alarm e-mails posted in public.
Differs: how AWS shortens names that are too long, or not ASCII, was not recorded, nor how its e-mails name a
contributor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from inferwatch.engine.alarms.alarm import CompositeAlarm, MetricAlarm, Transition
from inferwatch.engine.alarms.definition import Definition
from inferwatch.engine.alarms.moments import long_time
from inferwatch.engine.alarms.state import State
from inferwatch.engine.arn import Realm
from inferwatch.engine.metricdata.query import MetricStat
from inferwatch.model.limits import SNS_SUBJECT_MAX_CHARS

_SMS_NAME_MAX_CHARS: Final = 90
_DOTS: Final = "..."
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


def subject(transition: Transition, realm: Realm) -> str:
    """State, name and region; the name is shortened so that the whole fits."""
    around = len(_heading(transition, realm, ""))
    return _heading(transition, realm, _shown(transition, SNS_SUBJECT_MAX_CHARS - around))


def sms(transition: Transition, realm: Realm) -> str:
    return _heading(transition, realm, _shown(transition, _SMS_NAME_MAX_CHARS))


def _heading(transition: Transition, realm: Realm, name: str) -> str:
    return f'{transition.current.state}: "{name}" in {realm.region_label}'


def _shown(transition: Transition, most_chars: int) -> str:
    name = _NOT_ASCII.sub("_", transition.alarm.definition.name)
    return name if len(name) <= most_chars else name[: most_chars - len(_DOTS)] + _DOTS


def email(transition: Transition, realm: Realm) -> str:
    alarm = transition.alarm
    parts = [
        _opening(transition, realm),
        f"View this alarm in the AWS Management Console:\n{_console_url(transition, realm)}",
        _section("Alarm Details", 28, _details(transition, realm)),
    ]
    if isinstance(alarm, MetricAlarm):
        # Two empty lines come after the metric. Source: mails posted in 2020 and 2025.
        parts += [_threshold(alarm.definition), f"{_monitored(alarm.definition)}\n"]
    responses = alarm.definition.responses
    actions = [(state.value, _list(responses.to(state))) for state in (State.OK, State.ALARM)]
    actions.append((State.INSUFFICIENT_DATA.value, _list(responses.to(State.INSUFFICIENT_DATA))))
    parts.append(_section("State Change Actions", 0, actions))
    return "\n\n".join(parts) + "\n"


def _console_url(transition: Transition, realm: Realm) -> str:
    name = quote(transition.alarm.definition.name, safe="")
    page = f"https://{realm.region}.console.aws.amazon.com/cloudwatch/deeplink.js?region={realm.region}"
    return f"{page}#alarmsV2:alarm/{name}"


def _opening(transition: Transition, realm: Realm) -> str:
    return (
        "You are receiving this email because your Amazon CloudWatch Alarm "
        f'"{transition.alarm.definition.name}" in the {realm.region_label} region has entered the '
        f'{transition.current.state} state, because "{transition.current.reason}" at '
        f'"{long_time(transition.at_ms)}".'
    )


def _details(transition: Transition, realm: Realm) -> Iterator[tuple[str, str]]:
    alarm = transition.alarm
    yield "Name", alarm.definition.name
    yield "Description", alarm.definition.description or ""
    yield "State Change", f"{transition.previous.state} -> {transition.current.state}"
    if isinstance(alarm, CompositeAlarm):
        yield "Alarm Rule", alarm.definition.text
    if transition.contributor is not None:
        named = ", ".join(f"{key} = {value}" for key, value in transition.contributor.attributes)
        yield "Contributor", f"{transition.contributor.id} [{named}]"
    yield "Reason for State Change", transition.current.reason
    yield "Timestamp", long_time(transition.at_ms)
    yield "AWS Account", realm.account_id
    yield "Alarm Arn", alarm.arn


def _threshold(definition: Definition) -> str:
    return (
        f"Threshold:\n- The alarm is in the ALARM state when the metric is {definition.comparison} "
        f"{_limit(definition)} for at least {definition.needed} of the last "
        f"{definition.evaluation_periods} period(s) of {definition.period_s} seconds. "
    )


def _limit(definition: Definition) -> str:
    """Differs: how AWS's e-mails name a band was not recorded; here by its query's id."""
    return str(definition.threshold) if definition.band_id is None else definition.band_id


def _monitored(definition: Definition) -> str:
    source = definition.source
    if isinstance(source, MetricStat):
        dimensions = ", ".join(f"[{name} = {value}]" for name, value in source.metric.dimensions)
        lines = [
            ("MetricNamespace", source.metric.namespace),
            ("MetricName", source.metric.name),
            ("Dimensions", dimensions),
            ("Period", f"{source.period_s} seconds"),
            ("Statistic", source.statistic.name),
            ("Unit", source.unit or "not specified"),
            ("TreatMissingData", definition.treat_missing_data or ""),
        ]
        return _section("Monitored Metric", 37, lines)
    watched = source.watched
    text = watched.source.metric.name if isinstance(watched.source, MetricStat) else watched.source.text
    named = [] if watched.label is None else [("MetricLabel", watched.label)]
    return _section("Monitored Metrics", 28, [("MetricExpression", text), *named])


def _section(title: str, width: int, lines: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> str:
    """`width` is the column at which values begin."""
    written = [f"- {f'{name}: ':<{width}}{value}" for name, value in lines]
    return "\n".join([f"{title}:", *written])


def _list(arns: tuple[str, ...]) -> str:
    return f"[{', '.join(arns)}]" if arns else ""
