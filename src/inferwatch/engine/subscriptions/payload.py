"""The payload of a subscription, and the post that carries it, as each kind of destination gets it.

- Lambda: the function's event, `{"awslogs": {"data": "<base64 of gzip>"}}`, as an asynchronous invocation;
- Kinesis: a PutRecord call, its Data base64 of gzip;
- Firehose: a delivery to an HTTP endpoint, its record's data base64 of gzip.

Source: CloudWatch Logs User Guide, "Log group-level subscription filters"; Kinesis API reference,
"PutRecord"; Firehose Developer Guide, "HTTP endpoint delivery request and response specifications".
Differs: calls are not signed; of a Firehose endpoint's answer only the status counts.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from inferwatch.engine.notify.envelope import Post
from inferwatch.engine.subscriptions.destination import Destination, Vendor
from inferwatch.engine.subscriptions.filter import RANDOM, SubscriptionFilter

DATA: Final = "DATA_MESSAGE"
CONTROL: Final = "CONTROL_MESSAGE"
_COMPRESSION_LEVEL = 1  # the receiver is near: speed before size
_DESTINATION_NAMES = {Vendor.KINESIS: "Kinesis stream", Vendor.FIREHOSE: "Firehose"}


@dataclass(frozen=True, slots=True)
class ForwardedEvent:
    """A log event as it leaves.

    Args:
        id: 56 digits, as FilterLogEvents shows it.
        message: Masked, where the group has a data protection policy.
        extracted: Fields that a space-delimited pattern read.
    """

    id: str
    timestamp_ms: int
    message: str
    extracted: dict[str, str] | None = None


def data_message(
    owner: str, group: str, stream: str, filter_name: str, events: Sequence[ForwardedEvent]
) -> dict[str, Any]:
    return {
        "messageType": DATA,
        "owner": owner,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": [filter_name],
        "logEvents": [_event(event) for event in events],
    }


def control_message(vendor: Vendor, now_ms: int) -> dict[str, Any] | None:
    """The first message to a stream, which asks whether it is there; functions get none.

    Source: messages that users of the real service received and posted.
    """
    name = _DESTINATION_NAMES.get(vendor)
    if name is None:
        return None
    text = f"CWL CONTROL MESSAGE: Checking health of destination {name}."
    return {
        "messageType": CONTROL,
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [{"id": "", "timestamp": now_ms, "message": text}],
    }


def _event(event: ForwardedEvent) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": event.id, "timestamp": event.timestamp_ms, "message": event.message}
    if event.extracted:
        shown["extractedFields"] = event.extracted
    return shown


def make_post(
    made: SubscriptionFilter, message: dict[str, Any], now_ms: int, new_id: Callable[[], str]
) -> Post:
    """The HTTP request that brings a message to a filter's destination."""
    packed = gzip.compress(orjson.dumps(message), _COMPRESSION_LEVEL, mtime=0)
    data = base64.b64encode(packed).decode()
    destination = made.destination
    match destination.vendor:
        case Vendor.LAMBDA:
            headers = {"Content-Type": "application/json", "X-Amz-Invocation-Type": "Event"}
            return _post(destination, headers, {"awslogs": {"data": data}})
        case Vendor.KINESIS:
            headers = {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "Kinesis_20131202.PutRecord",
            }
            key = new_id() if made.distribution == RANDOM else _key_of(message["logStream"])
            return _post(
                destination, headers, {"StreamName": destination.name, "Data": data, "PartitionKey": key}
            )
        case Vendor.FIREHOSE:
            request_id = new_id()
            headers = {
                "Content-Type": "application/json",
                "X-Amz-Firehose-Protocol-Version": "1.0",
                "X-Amz-Firehose-Request-Id": request_id,
                "X-Amz-Firehose-Source-Arn": destination.arn,
            }
            body = {"requestId": request_id, "timestamp": now_ms, "records": [{"data": data}]}
            return _post(destination, headers, body)


def _post(destination: Destination, headers: dict[str, str], body: dict[str, Any]) -> Post:
    return Post(destination.url, headers, orjson.dumps(body))


def _key_of(stream: str) -> str:
    """One key per stream; a stream's name may be longer than a key."""
    return hashlib.md5(stream.encode(), usedforsecurity=False).hexdigest()
