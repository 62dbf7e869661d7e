"""The mission's calls with boto3: `mission.py write|read NOW_MS`; the protocol of CloudWatch by MISSION_PROTOCOL."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
from botocore.exceptions import ClientError

GROUP, STREAM = "/mission/app", "worker-1"
MESSAGES = ['{"status":"ok"}', '{"status":"error","model":"é"}', '{"status":"error"}']
PATTERN = '{ $.status = "error" }'


def speak(protocol: str) -> None:
    """Clients of CloudWatch take the protocol that the service's model names: give them one that names one."""
    model = botocore.loaders.create_loader().load_service_model("cloudwatch", "service-2")
    model["metadata"] |= {"protocol": protocol, "protocols": [protocol]}
    folder = Path(tempfile.mkdtemp())
    place = folder / "cloudwatch" / model["metadata"]["apiVersion"]
    place.mkdir(parents=True)
    (place / "service-2.json").write_text(json.dumps(model))
    os.environ["AWS_DATA_PATH"] = str(folder)


def code(call: Any, **params: Any) -> str:
    """The code that a call is refused with."""
    try:
        call(**params)
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return "no error"


def furnish(logs: Any, cloudwatch: Any) -> None:
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=7)
    logs.put_metric_filter(
        logGroupName=GROUP,
        filterName="errors",
        filterPattern=PATTERN,
        metricTransformations=[{"metricNamespace": "Mission", "metricName": "Errors", "metricValue": "1"}],
    )
    cloudwatch.put_metric_alarm(
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


def write(logs: Any, cloudwatch: Any, now_ms: int) -> Any:
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    furnish(logs, cloudwatch)
    events = [{"timestamp": now_ms, "message": message} for message in MESSAGES]
    return logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=events).get(
        "rejectedLogEventsInfo"
    )


def read(logs: Any, cloudwatch: Any, now_ms: int) -> Any:
    found = cloudwatch.get_metric_data(
        StartTime=now_ms / 1_000 - 600,
        EndTime=now_ms / 1_000 + 600,
        MetricDataQueries=[
            {
                "Id": "errors",
                "MetricStat": {
                    "Metric": {"Namespace": "Mission", "MetricName": "Errors"},
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
        ],
    )
    matched = logs.filter_log_events(logGroupName=GROUP, filterPattern=PATTERN)["events"]
    pages = logs.get_paginator("describe_metric_filters").paginate(logGroupName=GROUP)
    return {
        "messages": [
            event["message"]
            for stream in logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
            for event in logs.get_log_events(
                logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ],
        "matched": len(matched),
        "filters": [each["filterName"] for page in pages for each in page["metricFilters"]],
        "state": cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"],
        "sum": sum(found["MetricDataResults"][0]["Values"]),
        "twice": code(logs.create_log_group, logGroupName=GROUP),
        "missing": code(cloudwatch.get_dashboard, DashboardName="none"),
        "invalid": code(cloudwatch.set_alarm_state, AlarmName="errors", StateValue="BAD", StateReason="r"),
    }


STAGES = {"write": write, "read": read}

if __name__ == "__main__":
    protocol = os.environ.get("MISSION_PROTOCOL")
    if protocol:
        speak(protocol)
    stage, now = sys.argv[1:]
    metrics = boto3.client("cloudwatch")
    if protocol:
        assert metrics.meta.service_model.resolved_protocol == protocol
    sys.stdout.write(json.dumps(STAGES[stage](boto3.client("logs"), metrics, int(now))))
