"""CloudWatch: anomaly detectors.

Differs: AWS's texts for detectors were not recorded; these are ours. The settings that tune AWS's own model
(adaptation speed, outlier filtering, periodic spikes) are refused, but for their defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from inferwatch.engine.alarms.zones import named_zone
from inferwatch.engine.anomaly.detector import (
    Detector,
    MetricMath,
    SingleMetric,
    Subject,
    Training,
    subject_of,
)
from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.query import MetricStat, Type, check_learnable, check_queries
from inferwatch.engine.metrics.statistics import parse_statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.model.errors import Unsupported, invalid_combination, invalid_value, missing_parameter
from inferwatch.wire.operations.metric_query import (
    describe_metric,
    describe_query,
    dimensions_of,
    queries_of,
    refuse_foreign,
)
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import invalid_next_token, page

_PAGE = 100
_EXCLUDED_MAX = 10
_SINGLE, _MATH = "SingleMetricAnomalyDetector", "MetricMathAnomalyDetector"
_METRIC_MEMBERS = ("Namespace", "MetricName", "Dimensions", "Stat")
_DEFAULTS = {"AdaptationSpeed": "NORMAL", "OutlierFilteringStrength": "MODERATE"}
_TYPES = {SingleMetric: "SINGLE_METRIC", MetricMath: "METRIC_MATH"}


def _put_detector(engine: Engine, params: Params) -> Params:
    if params.get("MetricCharacteristics", {}).get("PeriodicSpikes", False):
        raise Unsupported("periodic spikes", "MetricCharacteristics")
    subject, training = _subject(engine, params), _training(params.get("Configuration", {}))
    return {"AnomalyDetectorId": engine.bands.detectors.put(subject, training, engine.now_ms).id}


def _subject(engine: Engine, params: Params) -> Subject:
    """What a call names, in one of its three ways.

    Raises:
        AwsError: MissingRequiredParameterException, InvalidParameterCombinationException,
            InvalidParameterValueException; ValidationException of queries.
    """
    single, of_math = params.get(_SINGLE), params.get(_MATH)
    plain = [name for name in _METRIC_MEMBERS if params.get(name)]
    if (single is not None) + (of_math is not None) + bool(plain) > 1:
        raise invalid_combination(
            f"A detector is given by {_SINGLE}, by {_MATH}, or by a metric: by one of them"
        )
    if of_math is not None:
        refuse_foreign(of_math.get("MetricDataQueries", []), engine.realm.account_id)
        return _math(of_math)
    return _single(engine, params if single is None else single)


def _single(engine: Engine, given: dict[str, Any]) -> SingleMetric:
    if given.get("AccountId", engine.realm.account_id) != engine.realm.account_id:
        raise Unsupported("metrics of another account", "AccountId")
    for name in ("Namespace", "MetricName", "Stat"):
        if not given.get(name):
            raise missing_parameter(f"The parameter {name} is required.")
    if parse_statistic(given["Stat"]) is None:
        raise invalid_value(f"The value {given['Stat']} for parameter Stat is not supported.")
    return SingleMetric(
        Metric.of(given["Namespace"], given["MetricName"], dimensions_of(given)), given["Stat"]
    )


def _math(given: dict[str, Any]) -> Subject:
    queries = queries_of(given.get("MetricDataQueries", []), f"{_MATH}.MetricDataQueries")
    types = check_queries(queries)
    check_learnable(queries, _MATH)
    returned = [query for query in queries if query.returns]
    has_metric = any(isinstance(query.source, MetricStat) for query in queries)
    if len(returned) != 1 or types[returned[0].id] is not Type.SERIES or not has_metric:
        raise invalid_value(
            "A detector's queries are metrics, and expressions over them, of which one is returned: one time "
            "series"
        )
    return subject_of(queries)


def _training(given: dict[str, Any]) -> Training:
    for name, default in _DEFAULTS.items():
        if given.get(name, default) != default:
            raise Unsupported(f"{name} {given[name]}", f"Configuration.{name}")
    ranges = given.get("ExcludedTimeRanges", [])
    if len(ranges) > _EXCLUDED_MAX:
        raise invalid_value(f"At most {_EXCLUDED_MAX} time ranges can be excluded; {len(ranges)} are given")
    excluded = tuple((each["StartTime"], each["EndTime"]) for each in ranges)
    if any(start_ms >= end_ms for start_ms, end_ms in excluded):
        raise invalid_value("An excluded time range has a StartTime before its EndTime")
    timezone: str | None = given.get("MetricTimezone")
    zone = named_zone("UTC" if timezone is None else timezone)
    if zone is None:
        raise invalid_value(f"The MetricTimezone {timezone} is no name of the IANA database")
    return Training(excluded, zone, timezone)


def _describe_detectors(engine: Engine, params: Params) -> Params:
    shown, token = page(
        list(_matching(engine, params)),
        lambda detector: detector.id,
        params.get("NextToken"),
        min(params.get("MaxResults", _PAGE), _PAGE),
        invalid_next_token,
    )
    return {"AnomalyDetectors": [_describe(engine, detector) for detector in shown], "NextToken": token}


def _matching(engine: Engine, params: Params) -> Iterator[Detector]:
    """Without AnomalyDetectorTypes those of single metrics. Source: API reference.

    Differs: AWS does not say whether a metric may have more dimensions than were asked for; here it may.
    """
    ids = params.get("AnomalyDetectorIds")
    filters = [
        name for name in ("Namespace", "MetricName", "Dimensions", "AnomalyDetectorTypes") if name in params
    ]
    if ids is not None and filters:
        raise invalid_combination(f"AnomalyDetectorIds and {filters[0]} are mutually exclusive")
    kinds = params.get("AnomalyDetectorTypes") or ["SINGLE_METRIC"]
    for detector in engine.bands.detectors.all():
        if detector.id in ids if ids is not None else _is_asked(detector.subject, kinds, params):
            yield detector


def _is_asked(subject: Subject, kinds: list[str], params: Params) -> bool:
    if _TYPES[type(subject)] not in kinds:
        return False
    if not isinstance(subject, SingleMetric):
        return True
    metric = subject.metric
    return (
        params.get("Namespace", metric.namespace) == metric.namespace
        and params.get("MetricName", metric.name) == metric.name
        and dimensions_of(params).items() <= dict(metric.dimensions).items()
    )


def _describe(engine: Engine, detector: Detector) -> Params:
    """A single metric is described both ways. Source: API reference, "AnomalyDetector"."""
    subject = detector.subject
    described: Params = {
        "AnomalyDetectorId": detector.id,
        "Configuration": _describe_training(detector.training),
        "StateValue": engine.bands.status(detector, engine.now_ms),
    }
    if isinstance(subject, SingleMetric):
        single = describe_metric(subject.metric) | {"Stat": subject.stat}
        return described | single | {_SINGLE: single}
    queries = [describe_query(query) for query in subject.queries]
    return described | {_MATH: {"MetricDataQueries": queries}}


def _describe_training(training: Training) -> Params:
    ranges = [{"StartTime": start_ms, "EndTime": end_ms} for start_ms, end_ms in training.excluded]
    return {"ExcludedTimeRanges": ranges, "MetricTimezone": training.timezone}


def _delete_detector(engine: Engine, params: Params) -> Params:
    detectors = engine.bands.detectors
    detector_id = params.get("AnomalyDetectorId")
    if detector_id is None:
        found = detectors.find(_subject(engine, params))
    elif len(params) > 1:
        raise invalid_combination("AnomalyDetectorId and the metric of a detector are mutually exclusive")
    else:
        found = detectors.by_id(detector_id)
    detectors.delete(found)
    return {}


OPERATIONS: Final = {
    "PutAnomalyDetector": Operation(
        _put_detector,
        "Namespace MetricName Dimensions Stat Configuration MetricCharacteristics "
        "SingleMetricAnomalyDetector MetricMathAnomalyDetector",
        is_kept=True,
    ),
    "DescribeAnomalyDetectors": Operation(
        _describe_detectors,
        "AnomalyDetectorIds NextToken MaxResults Namespace MetricName Dimensions AnomalyDetectorTypes",
    ),
    "DeleteAnomalyDetector": Operation(
        _delete_detector,
        "AnomalyDetectorId Namespace MetricName Dimensions Stat SingleMetricAnomalyDetector "
        "MetricMathAnomalyDetector",
        is_kept=True,
    ),
}
