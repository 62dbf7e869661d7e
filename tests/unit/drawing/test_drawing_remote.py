"""The AWS API through a boto3 client: times both ways, refusals, operations that botocore lacks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from inferwatch.drawing.remote import RemoteApi
from inferwatch.model.errors import AwsError

NOON_MS = 1_795_521_600_000
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class _Client:
    """Answers one operation as boto3 does; keeps what was sent."""

    sent: dict[str, Any]

    def describe_alarm_history(self, **sent: Any) -> dict[str, Any]:
        self.sent = sent
        return {"AlarmHistoryItems": [{"Timestamp": NOON}]}

    def list_metrics(self, **sent: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "ListMetrics")

    def get_dashboard(self, **sent: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


def _call(operation: str, client: _Client, **params: object) -> Any:
    api = RemoteApi(lambda service, region: client)
    return asyncio.run(api.call("us-east-1", "cloudwatch", operation, params))


def test_times_are_epoch_milliseconds_both_ways() -> None:
    """boto3 takes and gives datetimes."""
    client = _Client()

    answer = _call("DescribeAlarmHistory", client, StartDate=NOON_MS, AlarmName="a")

    assert client.sent == {"StartDate": NOON, "AlarmName": "a"}
    assert answer == {"AlarmHistoryItems": [{"Timestamp": NOON_MS}]}


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        ("ListMetrics", "AccessDenied", "not you"),
        ("GetDashboard", "ConnectionError", 'Could not connect to the endpoint URL: "http://127.0.0.1:9"'),
        ("ListAlarmMuteRules", "UnknownOperation", "the installed botocore does not know ListAlarmMuteRules"),
    ],
)
def test_whatever_fails_is_one_kind_of_error(operation: str, code: str, message: str) -> None:
    """Refusals, silence, and operations newer than the library."""
    with pytest.raises(AwsError) as refused:
        _call(operation, _Client())

    assert (refused.value.code, refused.value.message) == (code, message)
