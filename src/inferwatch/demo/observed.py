"""What the demo reads back from CloudWatch, with plain boto3: nothing is taken from the sender's word."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3

_HOUR_S = 3_600


class Observed:
    """One stack, as anybody with an AWS client sees it.

    Args:
        alarm: The alarm that is followed.
    """

    def __init__(self, *, endpoint_url: str, region: str, log_group: str, alarm: str) -> None:
        self.alarm = alarm
        self._log_group = log_group
        self._logs: Any = boto3.client("logs", endpoint_url=endpoint_url, region_name=region)
        self._cloudwatch: Any = boto3.client("cloudwatch", endpoint_url=endpoint_url, region_name=region)

    def state(self) -> str:
        return str(self._describe()["StateValue"])

    def states(self) -> list[str]:
        """Every state the alarm was in, in order, from its history."""
        pages = self._cloudwatch.get_paginator("describe_alarm_history").paginate(
            AlarmName=self.alarm, HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
        )
        items = [json.loads(item["HistoryData"]) for page in pages for item in page["AlarmHistoryItems"]]
        entered = [item["newState"]["stateValue"] for item in items]
        return [items[0]["oldState"]["stateValue"], *entered] if items else [self.state()]

    def count_events(self) -> int:
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=self._log_group)
        return sum(len(page["events"]) for page in pages)

    def count_datapoints(self) -> int:
        """Datapoints, one a period, of the metric that the alarm watches."""
        alarm, now = self._describe(), time.time()
        statistics = self._cloudwatch.get_metric_statistics(
            Namespace=alarm["Namespace"],
            MetricName=alarm["MetricName"],
            Statistics=[alarm["Statistic"]],
            Period=alarm["Period"],
            StartTime=now - _HOUR_S,
            EndTime=now + alarm["Period"],
        )
        return len(statistics["Datapoints"])

    def _describe(self) -> dict[str, Any]:
        described: dict[str, Any] = self._cloudwatch.describe_alarms(AlarmNames=[self.alarm])["MetricAlarms"][
            0
        ]
        return described
