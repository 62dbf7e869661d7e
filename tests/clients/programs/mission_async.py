"""As mission.py, with aiobotocore."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

from aiobotocore.session import get_session
from botocore.exceptions import ClientError

GROUP, STREAM = "/mission/app", "worker-1"
MESSAGES = ['{"status":"ok"}', '{"status":"error","model":"é"}', '{"status":"error"}']
PATTERN = '{ $.status = "error" }'


async def code(asked: Any) -> str:
    """The code that a call is refused with."""
    try:
        await asked
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return "no error"


async def write(logs: Any, cloudwatch: Any, now_ms: int) -> Any:
    await logs.create_log_group(logGroupName=GROUP)
    await logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    await logs.put_metric_filter(
        logGroupName=GROUP,
        filterName="errors",
        filterPattern=PATTERN,
        metricTransformations=[{"metricNamespace": "Mission", "metricName": "Errors", "metricValue": "1"}],
    )
    await cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="Mission",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
    )
    # At once, over several connections.
    await asyncio.gather(
        *(
            logs.put_log_events(
                logGroupName=GROUP,
                logStreamName=STREAM,
                logEvents=[{"timestamp": now_ms + number, "message": message}],
            )
            for number, message in enumerate(MESSAGES)
        )
    )


async def read(logs: Any, cloudwatch: Any, now_ms: int) -> Any:
    found = await cloudwatch.get_metric_statistics(
        Namespace="Mission",
        MetricName="Errors",
        StartTime=now_ms / 1_000 - 600,
        EndTime=now_ms / 1_000 + 600,
        Period=60,
        Statistics=["Sum"],
    )
    events = await logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, startFromHead=True)
    matched = await logs.filter_log_events(logGroupName=GROUP, filterPattern=PATTERN)
    alarms = await cloudwatch.describe_alarms(AlarmNames=["errors"])
    pages = logs.get_paginator("describe_metric_filters").paginate(logGroupName=GROUP)
    return {
        "messages": [event["message"] for event in events["events"]],
        "matched": len(matched["events"]),
        "filters": [each["filterName"] async for page in pages for each in page["metricFilters"]],
        "state": alarms["MetricAlarms"][0]["StateValue"],
        "sum": sum(point["Sum"] for point in found["Datapoints"]),
        "twice": await code(logs.create_log_group(logGroupName=GROUP)),
        "missing": await code(cloudwatch.get_dashboard(DashboardName="none")),
        "invalid": await code(
            cloudwatch.set_alarm_state(AlarmName="errors", StateValue="BAD", StateReason="r")
        ),
    }


async def main(stage: str, now_ms: int) -> Any:
    async with AsyncExitStack() as open_clients:
        logs, cloudwatch = [
            await open_clients.enter_async_context(get_session().create_client(service))
            for service in ("logs", "cloudwatch")
        ]
        return await {"write": write, "read": read}[stage](logs, cloudwatch, now_ms)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(sys.argv[1], int(sys.argv[2])))))
