"""CloudWatch: GetMetricData.

Source: CloudWatch API reference, "GetMetricData"; recorded answers, 2026-02, 2026-09; the text for too many
queries is known from users' reports.
Differs: a token fits only the request that it was given to, however much later; whether AWS lets other
parameters change was not recorded. The texts about MaxDatapoints, about no query and about time zones are
ours. Of an expression, the id of another account is refused.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.metricdata.answer import Answered, Message, Request, answer
from inferwatch.engine.metricdata.naming import Scene
from inferwatch.engine.metricdata.page import Place
from inferwatch.engine.metricdata.query import check_queries
from inferwatch.engine.metricdata.window import Window
from inferwatch.model.errors import validation_failure
from inferwatch.model.limits import DATAPOINTS_MAX, QUERIES_PER_GET
from inferwatch.model.zone import zone_offset_ms
from inferwatch.wire.operations.metric_query import queries_of, refuse_foreign
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import invalid_next_token, read_token, write_token


def _get_metric_data(engine: Engine, params: Params) -> Params:
    start_ms, end_ms = params["StartTime"], params["EndTime"]
    if start_ms == end_ms:
        raise validation_failure("The parameter StartTime must not equal parameter EndTime.")
    if end_ms < start_ms:
        raise validation_failure("The parameter EndTime must be greater than StartTime.")
    limit = params.get("MaxDatapoints", DATAPOINTS_MAX)
    if not 1 <= limit <= DATAPOINTS_MAX:
        raise validation_failure(
            f"The parameter MaxDatapoints must be between 1 and {DATAPOINTS_MAX}, not {limit}."
        )
    given = params["MetricDataQueries"]
    if not given:
        raise validation_failure("The parameter MetricDataQueries must hold a query.")
    if len(given) > QUERIES_PER_GET:
        raise validation_failure(
            f"The collection MetricDataQueries must not have a size greater than {QUERIES_PER_GET}."
        )
    refuse_foreign((each for each in given if "MetricStat" not in each), engine.realm.account_id)
    queries = queries_of(given)
    check_queries(queries)
    request = Request(
        queries,
        Window(start_ms, end_ms),
        limit,
        newest_first=params.get("ScanBy", "TimestampDescending") == "TimestampDescending",
        start=_read_token(params),
    )
    scene = Scene(engine.realm.account_id, engine.realm.region, engine.now_ms, _zone_ms(params))
    answered = answer(request, engine.metrics, scene, partial(engine.bands.edges, now_ms=engine.now_ms))
    return {
        "MetricDataResults": [_describe_series(each) for each in answered.series],
        "Messages": [_describe_message(each) for each in answered.messages],
        "NextToken": None if answered.next is None else _write_token(answered.next, params),
    }


def _zone_ms(params: Params) -> int:
    name = params.get("LabelOptions", {}).get("Timezone", "+0000")
    zone_ms = zone_offset_ms(name)
    if zone_ms is None:
        raise validation_failure(
            f"The value {name} for parameter LabelOptions.Timezone must be + or - and four digits, as +0130."
        )
    return zone_ms


def _describe_series(series: Answered) -> Params:
    entry: Params = {
        "Id": series.id,
        "Label": series.label,
        "Timestamps": [at for at, _ in series.points],
        "Values": [value for _, value in series.points],
        "StatusCode": series.status,
    }
    if series.messages:
        entry["Messages"] = [_describe_message(each) for each in series.messages]
    return entry


def _describe_message(message: Message) -> Params:
    return {"Code": message.code, "Value": message.text}


def _write_token(place: Place, params: Params) -> str:
    """Where the next page begins, sealed with a digest of that and of the request.

    Nobody gains by a token of his own: it names a place in what he may read anyway.
    """
    body = f"{place.moment} {place.index}"
    return write_token(f"{body} {_seal(body, params)}")


def _read_token(params: Params) -> Place | None:
    """Raises AwsError (InvalidNextToken) for a token that was not given to this very request."""
    token = params.get("NextToken")
    if token is None:
        return None
    body, _, seal = read_token(token, invalid_next_token).rpartition(" ")
    if seal != _seal(body, params):
        raise invalid_next_token()
    try:
        moment, index = map(int, body.split())
    except ValueError:
        raise invalid_next_token() from None
    return Place(moment, index)


def _seal(body: str, params: Params) -> str:
    asked = {name: value for name, value in params.items() if name != "NextToken"}
    return hashlib.sha256(f"{body} {json.dumps(asked, sort_keys=True)}".encode()).hexdigest()[:32]


OPERATIONS: Final = {
    "GetMetricData": Operation(
        _get_metric_data, "MetricDataQueries StartTime EndTime ScanBy MaxDatapoints NextToken LabelOptions"
    )
}
