"""What is wrong with a spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from inferwatch.catalog.expressions import Condition, terms
from inferwatch.catalog.metrics import METRICS
from inferwatch.catalog.readings import Absent, Source
from inferwatch.catalog.sources import SOURCES
from inferwatch.catalog.watches import HOUR_S, MINUTE_S, OF_ALL, OF_MODELS, SEVERITIES, Missing
from inferwatch.infra.plan.anomaly_alarms import PERIODS
from inferwatch.infra.plan.budget import Budget, check_budget
from inferwatch.infra.plan.errors import (
    check_known,
    check_number,
    check_text,
    check_unique,
    check_whole,
    refuse,
)
from inferwatch.infra.plan.model import check_models
from inferwatch.infra.plan.mute import Mute, check_mute
from inferwatch.infra.plan.notify import Notify, check_notify
from inferwatch.infra.plan.slo import BURNS, Slo, check_slo, condition
from inferwatch.infra.plan.spec import Alarm, Anomaly, Spec
from inferwatch.infra.plan.values import Given
from inferwatch.model.limits import ALARM_WINDOW_LONG_MAX_S, ALARM_WINDOW_SHORT_MAX_S, RETENTION_DAYS

NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_GROUP_NAME: Final = r"[.\-_/#A-Za-z0-9]{1,512}"
_INDEXES_MAX: Final = 20
_TAGS_MAX: Final = 50
_SILENCES: Final[tuple[Missing, ...]] = ("breaching", "notBreaching")
_LISTS: Final[Mapping[str, type]] = {
    "slos": Slo,
    "alarms": Alarm,
    "anomalies": Anomaly,
    "mutes": Mute,
    "without": str,
    "indexes": str,
    "masks": str,
}
_OBJECTS: Final[Mapping[str, type]] = {
    "models": Mapping,
    "runbooks": Mapping,
    "tags": Mapping,
    "notify": Notify,
}


def check_spec(spec: Spec) -> None:
    """Raises UsageError for the first thing that is wrong."""
    _check_kinds(spec)
    _check_logs(spec)
    check_models(spec.models)
    _check_each(spec)
    check_notify(spec.notify)
    check_whole("minimum_samples", spec.minimum_samples, least=1)
    _check_period("period_s", spec.period_s, 5)
    check_known("without", spec.without, [*OF_MODELS, *OF_ALL])
    check_known("runbooks", spec.runbooks, ["default", *OF_MODELS, *OF_ALL, "slo"])
    for what, url in spec.runbooks.items():
        check_text(f"runbooks[{what!r}]", url, r"https?://\S{1,200}", "a URL of at most 200 characters")
    _check_tags(spec.tags)


def _check_kinds(spec: Spec) -> None:
    """A text is a sequence of letters to Python, and nobody's list of names."""
    for argument, kind in _LISTS.items():
        values = getattr(spec, argument)
        if isinstance(values, str) or not isinstance(values, Sequence):
            raise refuse(argument, f"expected a list, got {values!r}")
        for value in values:
            if not isinstance(value, kind):
                raise refuse(argument, f"expected a list of {kind.__name__}, got {value!r} in it")
    for argument, kind in _OBJECTS.items():
        value = getattr(spec, argument)
        if not isinstance(value, kind):
            raise refuse(argument, f"expected a {kind.__name__}, got {value!r}")


def _check_logs(spec: Spec) -> None:
    check_text(
        "name", spec.name, NAME, "1-64 letters, digits, dashes or underscores, a letter or digit first"
    )
    check_known("source", [spec.source], SOURCES)
    if spec.adopt_log_group is not None and not isinstance(spec.adopt_log_group, Given):
        check_group_name(spec.adopt_log_group)
    days = spec.retention_days
    if days is not None and (isinstance(days, bool) or days not in RETENTION_DAYS):
        allowed = ", ".join(map(str, RETENTION_DAYS))
        raise refuse("retention_days", f"expected None or one of {allowed}; got {days!r}")
    if len(spec.indexes) > _INDEXES_MAX:
        raise refuse("indexes", f"{len(spec.indexes)} fields; CloudWatch Logs indexes at most {_INDEXES_MAX}")
    for index in spec.indexes:
        check_text("indexes", index, r"[A-Za-z0-9_.@]{1,100}", "a field's name")
    for mask in spec.masks:
        check_text(
            "masks", mask, r"[A-Za-z][A-Za-z-]{0,63}", "a managed data identifier such as EmailAddress"
        )
    check_unique("indexes", spec.indexes)
    check_unique("masks", spec.masks)


def check_group_name(name: object) -> None:
    """Raises UsageError."""
    check_text("adopt_log_group", name, _GROUP_NAME, "a log group's name")


def _check_each(spec: Spec) -> None:
    source = SOURCES[spec.source]
    if spec.budget is not None:
        if not isinstance(spec.budget, Budget):
            raise refuse("budget", f"expected a Budget or None, got {spec.budget!r}")
        check_budget(spec.budget)
    for slo in spec.slos:
        check_slo(slo)
        for term in terms(condition(slo, BURNS[0], is_long=True).expression):
            _check_given(f"slos[{slo.name!r}]", term.metric, source)
    for alarm in spec.alarms:
        _check_alarm(alarm, source)
        _check_model(alarm, spec.named_models)
    for anomaly in spec.anomalies:
        _check_anomaly(anomaly, source)
    for mute in spec.mutes:
        check_mute(mute)
    check_unique("slos", [slo.name for slo in spec.slos])
    check_unique("alarms", [alarm.name for alarm in spec.alarms])
    check_unique("anomalies", [anomaly.metric for anomaly in spec.anomalies])
    check_unique("mutes", [mute.name for mute in spec.mutes])


def _check_alarm(alarm: Alarm, source: Source) -> None:
    check_text("alarms.name", alarm.name, NAME, "1-64 letters, digits, dashes or underscores")
    where = f"alarms[{alarm.name!r}]"
    if not isinstance(alarm.when, Condition):
        raise refuse(f"{where}.when", f"expected a comparison such as M.failed > 10, got {alarm.when!r}")
    named = list(terms(alarm.when.expression))
    if not named:
        raise refuse(f"{where}.when", "names no metric")
    for term in named:
        _check_given(f"{where}.when", term.metric, source)
    check_number(f"{where}.when", alarm.when.threshold)
    check_text(f"{where}.means", alarm.means, r"(?s).{1,400}", "a sentence of at most 400 characters")
    check_text(f"{where}.first", alarm.first, r"(?s).{0,300}", "at most 300 characters")
    check_known(f"{where}.severity", [alarm.severity], SEVERITIES)
    check_known(f"{where}.silence", [alarm.silence], _SILENCES)
    check_whole(f"{where}.datapoints", alarm.datapoints, least=1)
    check_whole(f"{where}.periods", alarm.periods, least=1)
    if alarm.datapoints > alarm.periods:
        raise refuse(f"{where}.datapoints", f"{alarm.datapoints} of {alarm.periods} periods can never be bad")
    _check_period(f"{where}.period_s", alarm.period_s, alarm.periods)


def _check_model(alarm: Alarm, models: Sequence[str]) -> None:
    if alarm.model is None:
        return
    where = f"alarms[{alarm.name!r}]"
    if alarm.model not in models:
        raise refuse(f"{where}.model", f"{alarm.model!r} is not among models; name it there too")
    by_model = [metric.key for metric in METRICS.values() if metric.by_model]
    check_known(
        f"{where}.when (of one model)", [term.metric for term in terms(alarm.when.expression)], by_model
    )


def _check_anomaly(anomaly: Anomaly, source: Source) -> None:
    check_known("anomalies.metric", [anomaly.metric], METRICS)
    where = f"anomalies[{anomaly.metric!r}]"
    _check_given(where, anomaly.metric, source)
    check_number(f"{where}.deviations", anomaly.deviations, above=0)
    check_known(f"{where}.direction", [anomaly.direction], ("above", "below", "both"))
    check_known(f"{where}.severity", [anomaly.severity], SEVERITIES)
    _check_period(f"{where}.period_s", anomaly.period_s, PERIODS)


def _check_given(where: str, metric: str, source: Source) -> None:
    reading = source.readings[metric]
    if isinstance(reading, Absent):
        raise refuse(where, f"logs of the source {source.name!r} cannot give {metric}: {reading.why}")


def _check_period(where: str, period_s: int, periods: int) -> None:
    """Source: CloudWatch API reference, "PutMetricAlarm"."""
    if (
        isinstance(period_s, bool)
        or not isinstance(period_s, int)
        or period_s < MINUTE_S
        or period_s % MINUTE_S
    ):
        raise refuse(where, f"expected a multiple of 60 seconds, got {period_s!r}")
    longest_s = ALARM_WINDOW_SHORT_MAX_S if period_s < HOUR_S else ALARM_WINDOW_LONG_MAX_S
    if period_s * periods > longest_s:
        raise refuse(where, f"{periods} periods of {period_s} s are longer than {longest_s:,} s")


def _check_tags(tags: Mapping[str, str | Given]) -> None:
    """Source: AWS General Reference, "Tagging"."""
    if len(tags) > _TAGS_MAX:
        raise refuse("tags", f"{len(tags)} tags; AWS takes at most {_TAGS_MAX}")
    for key, value in tags.items():
        check_text(
            "tags", key, r"(?!aws:)[\w .:/=+@-]{1,128}", "a key of 1-128 characters, not beginning aws:"
        )
        if not isinstance(value, Given):
            check_tag(tag_argument(key), value)


def tag_argument(key: str) -> str:
    """What a tag's value is called in an error."""
    return f"tags[{key!r}]"


def check_tag(argument: str, value: object) -> None:
    """Raises UsageError."""
    check_text(argument, value, r"[\w .:/=+@-]{0,256}", "a value of at most 256 characters")
