"""CloudWatch Logs: groups, streams and events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.filterpattern import compile_matcher, compile_pattern
from inferwatch.engine.logs.batch import InputEvent
from inferwatch.engine.logs.events import LogEvent
from inferwatch.engine.logs.groups import LogGroup
from inferwatch.engine.logs.reading import BAD_TOKEN, filter_events, read_stream
from inferwatch.engine.logs.stream import LogStream
from inferwatch.engine.tags import merge_tags
from inferwatch.model.errors import AwsError, Unsupported, invalid_parameter
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import numbered_page, page

_PAGE = 50
# AWS still answers with a sequence token, and ignores it on the way in. Source: "PutLogEvents".
_SEQUENCE_TOKEN = "0" * 56


def bad_token() -> AwsError:
    return invalid_parameter(BAD_TOKEN)


def _create_log_group(engine: Engine, params: Params) -> Params:
    """Differs: classes other than STANDARD are refused, so whether DELIVERY keeps events for the one day of
    AWS's service model or the two of its user guide does not arise."""
    if params.get("logGroupClass", "STANDARD") != "STANDARD":
        raise Unsupported(f"the log group class {params['logGroupClass']}", code="InvalidParameterException")
    name = params["logGroupName"]
    tags = merge_tags({}, params.get("tags", {}), engine.realm.log_group(name))
    engine.logs.create(name, engine.now_ms, tags, is_protected=params.get("deletionProtectionEnabled", False))
    return {}


def _protect_log_group(engine: Engine, params: Params) -> Params:
    name = group_of_arn(engine, params["logGroupIdentifier"])
    engine.logs.protect(name, params["deletionProtectionEnabled"])
    return {}


def _delete_log_group(engine: Engine, params: Params) -> Params:
    engine.delete_log_group(params["logGroupName"])
    return {}


def _describe_log_groups(engine: Engine, params: Params) -> Params:
    """Differs: no account is linked to another, so linked ones add nothing."""
    prefix, pattern = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
    if prefix is not None and pattern is not None:
        raise invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        )
    is_asked = params.get("logGroupClass", "STANDARD") == "STANDARD"  # there are no others
    groups = [
        group
        for group in engine.logs
        if is_asked and group.name.startswith(prefix or "") and (pattern or "") in group.name
    ]
    limit = params.get("limit", _PAGE)
    shown, token = page(groups, lambda group: group.name, params.get("nextToken"), limit, bad_token)
    described = [_describe_group(engine, group, by_pattern=pattern is not None) for group in shown]
    return {"logGroups": described, "nextToken": token}


def _describe_group(engine: Engine, group: LogGroup, *, by_pattern: bool) -> Params:
    """With a pattern the entry lacks two members. Source: recorded, 2026-02."""
    arn = engine.realm.log_group(group.name)
    entry: Params = {
        "logGroupName": group.name,
        "creationTime": group.created_ms,
        "retentionInDays": group.retention_days,
        "dataProtectionStatus": engine.protection.status(group.name),
        "metricFilterCount": len(engine.filters.of_group(group.name)),
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "logGroupClass": "STANDARD",
    }
    if not by_pattern:
        entry |= {"storedBytes": group.stored_bytes, "deletionProtectionEnabled": group.is_protected}
    return entry


def _put_retention_policy(engine: Engine, params: Params) -> Params:
    engine.logs.retain(params["logGroupName"], params["retentionInDays"])
    return {}


def _delete_retention_policy(engine: Engine, params: Params) -> Params:
    engine.logs.retain(params["logGroupName"], None)
    return {}


def _create_log_stream(engine: Engine, params: Params) -> Params:
    engine.logs.create_stream(params["logGroupName"], params["logStreamName"], engine.now_ms)
    return {}


def _delete_log_stream(engine: Engine, params: Params) -> Params:
    engine.logs.delete_stream(params["logGroupName"], params["logStreamName"])
    return {}


def _describe_log_streams(engine: Engine, params: Params) -> Params:
    """Differs: AWS brings the time of a stream's last event up to date within about an hour; we do at once.

    Differs: the text for a prefix beside the order by time is known from users' reports.
    """
    group = find_group(engine, params)
    prefix = params.get("logStreamNamePrefix")
    by_time = params.get("orderBy") == "LastEventTime"
    if by_time and prefix is not None:
        raise AwsError(
            "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."
        )
    streams = [stream for stream in group.streams.values() if stream.name.startswith(prefix or "")]
    streams.sort(key=_last_event_time if by_time else _stream_name, reverse=params.get("descending", False))
    limit = params.get("limit", _PAGE)
    shown, token = numbered_page(streams, params.get("nextToken"), limit, bad_token)
    return {
        "logStreams": [_describe_stream(engine, group, stream) for stream in shown],
        "nextToken": token,
    }


def _stream_name(stream: LogStream) -> Any:
    return stream.name


def _last_event_time(stream: LogStream) -> Any:
    return (stream.last.timestamp_ms if stream.last else 0, stream.name)


def _describe_stream(engine: Engine, group: LogGroup, stream: LogStream) -> Params:
    entry: Params = {
        "logStreamName": stream.name,
        "creationTime": stream.created_ms,
        "arn": engine.realm.log_stream(group.name, stream.name),
        "storedBytes": 0,  # AWS reports no bytes for streams since 2019.
    }
    if stream.first is not None and stream.last is not None:
        entry |= {
            "firstEventTimestamp": stream.first.timestamp_ms,
            "lastEventTimestamp": stream.last.timestamp_ms,
            "lastIngestionTime": stream.last_ingestion_ms,
            "uploadSequenceToken": _SEQUENCE_TOKEN,
        }
    return entry


def _put_log_events(engine: Engine, params: Params) -> Params:
    events = [InputEvent(event["timestamp"], event["message"]) for event in params["logEvents"]]
    rejected = engine.put_log_events(params["logGroupName"], params["logStreamName"], events)
    result: Params = {"nextSequenceToken": _SEQUENCE_TOKEN}
    if rejected:
        result["rejectedLogEventsInfo"] = {
            "tooNewLogEventStartIndex": rejected.too_new_start,
            "tooOldLogEventEndIndex": rejected.too_old_end,
            "expiredLogEventEndIndex": rejected.expired_end,
        }
    return result


def _get_log_events(engine: Engine, params: Params) -> Params:
    group = find_group(engine, params)
    shown = _shown(engine, group, params)
    found = read_stream(
        group.stream(params["logStreamName"]),
        start_ms=params.get("startTime"),
        end_ms=params.get("endTime"),
        oldest_ms=group.oldest_ms(engine.now_ms),
        limit=params.get("limit"),
        from_head=params.get("startFromHead", False),
        token=params.get("nextToken"),
    )
    return {
        "events": [_event(shown(event)) for event in found.events],
        "nextForwardToken": found.forward_token,
        "nextBackwardToken": found.backward_token,
    }


def _filter_log_events(engine: Engine, params: Params) -> Params:
    group = find_group(engine, params)
    names: list[str] | None = params.get("logStreamNames")
    prefix = params.get("logStreamNamePrefix")
    if names is not None and prefix is not None:
        raise invalid_parameter(
            "LogStream name prefix and LogStream names are mutually exclusive parameters."
        )
    if params.get("startFromHead") is False:
        raise Unsupported("startFromHead false in FilterLogEvents", code="InvalidParameterException")
    if names is not None:
        streams = [group.stream(name) for name in dict.fromkeys(names)]
    else:
        streams = [stream for stream in group.streams.values() if stream.name.startswith(prefix or "")]
    found = filter_events(
        streams,
        compile_matcher(compile_pattern(params.get("filterPattern", ""))),
        start_ms=params.get("startTime"),
        end_ms=params.get("endTime"),
        oldest_ms=group.oldest_ms(engine.now_ms),
        limit=params.get("limit"),
        token=params.get("nextToken"),
        shown=_shown(engine, group, params),
    )
    return {
        "events": [
            {"logStreamName": event.stream, **_event(event), "eventId": event.id} for event in found.events
        ],
        "searchedLogStreams": [],
        "nextToken": found.next_token,
    }


def _shown(engine: Engine, group: LogGroup, params: Params) -> Callable[[LogEvent], LogEvent]:
    """An event as this reader may see it: masked, unless `unmask` is asked for."""
    if params.get("unmask", False) or engine.protection.status(group.name) is None:
        return lambda event: event
    return lambda event: replace(
        event, message=engine.protection.shown(group.name, event.message, event.ingestion_ms)
    )


def _event(event: LogEvent) -> Params:
    return {
        "timestamp": event.timestamp_ms,
        "message": event.message,
        "ingestionTime": event.ingestion_ms,
    }


def find_group(engine: Engine, params: Params) -> LogGroup:
    """The group by name, or by name or ARN in `logGroupIdentifier`."""
    name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
    if name is not None and identifier is not None:
        raise AwsError(
            "ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters."
        )
    if name is None and identifier is None:
        raise AwsError(
            "InvalidParameterException", "Either logGroupName or logGroupIdentifier must be specified."
        )
    return engine.logs[name if name is not None else group_of_arn(engine, str(identifier))]


def group_of_arn(engine: Engine, identifier: str) -> str:
    """A group's name from its ARN (with or without `:*`), or from its name."""
    return identifier.removeprefix(engine.realm.log_group("")).removesuffix(":*")


def group_named(engine: Engine, identifier: str) -> str:
    """The name of the group that has this name or ARN; it must exist."""
    return engine.logs[group_of_arn(engine, identifier)].name


def _list_tags(engine: Engine, params: Params) -> Params:
    return {"tags": dict(_tagged(engine, params).tags)}


def _tag(engine: Engine, params: Params) -> Params:
    group = _tagged(engine, params)
    group.tags |= merge_tags(group.tags, params["tags"], engine.realm.log_group(group.name))
    return {}


def _untag(engine: Engine, params: Params) -> Params:
    group = _tagged(engine, params)
    for key in params["tagKeys"] if "tagKeys" in params else params["tags"]:
        group.tags.pop(key, None)
    return {}


def _tagged(engine: Engine, params: Params) -> LogGroup:
    """Old tag calls name the group, new ones its ARN; both edit one set. Source: recorded, 2026-02."""
    if "logGroupName" in params:
        return engine.logs[params["logGroupName"]]
    return engine.logs[group_of_arn(engine, params["resourceArn"])]


OPERATIONS: Final = {
    "CreateLogGroup": Operation(
        _create_log_group, "logGroupName tags logGroupClass deletionProtectionEnabled"
    ),
    "PutLogGroupDeletionProtection": Operation(
        _protect_log_group, "logGroupIdentifier deletionProtectionEnabled"
    ),
    "DeleteLogGroup": Operation(_delete_log_group, "logGroupName"),
    "DescribeLogGroups": Operation(
        _describe_log_groups,
        "logGroupNamePrefix logGroupNamePattern logGroupClass includeLinkedAccounts nextToken limit",
    ),
    "PutRetentionPolicy": Operation(_put_retention_policy, "logGroupName retentionInDays"),
    "DeleteRetentionPolicy": Operation(_delete_retention_policy, "logGroupName"),
    "CreateLogStream": Operation(_create_log_stream, "logGroupName logStreamName"),
    "DeleteLogStream": Operation(_delete_log_stream, "logGroupName logStreamName"),
    "DescribeLogStreams": Operation(
        _describe_log_streams,
        "logGroupName logGroupIdentifier logStreamNamePrefix orderBy descending nextToken limit",
    ),
    "PutLogEvents": Operation(_put_log_events, "logGroupName logStreamName logEvents sequenceToken"),
    "GetLogEvents": Operation(
        _get_log_events,
        "logGroupName logGroupIdentifier logStreamName startTime endTime nextToken limit startFromHead "
        "unmask",
    ),
    "FilterLogEvents": Operation(
        _filter_log_events,
        "logGroupName logGroupIdentifier logStreamNames logStreamNamePrefix startTime endTime filterPattern "
        "nextToken limit startFromHead interleaved unmask",
    ),
    "ListTagsForResource": Operation(_list_tags, "resourceArn"),
    "TagResource": Operation(_tag, "resourceArn tags"),
    "UntagResource": Operation(_untag, "resourceArn tagKeys"),
    "ListTagsLogGroup": Operation(_list_tags, "logGroupName"),
    "TagLogGroup": Operation(_tag, "logGroupName tags"),
    "UntagLogGroup": Operation(_untag, "logGroupName tags"),
}
