"""Any AWS client works: each does the mission's calls end to end.

A log group, a stream, a metric filter and an alarm; three events, two of them errors; the alarm goes off; all
is read back, and what is wrong is refused with the code that the client knows.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from .conftest import PROGRAMS, Served

pytestmark = pytest.mark.slow
BOTO3 = "boto3==1.44.8"
GROUP, STREAM = "/mission/app", "worker-1"
MESSAGES = ['{"status":"ok"}', '{"status":"error","model":"é"}', '{"status":"error"}']
READ = {
    "messages": MESSAGES,
    "matched": 2,
    "filters": ["errors"],
    "state": "ALARM",
    "sum": 2,
    "twice": "ResourceAlreadyExistsException",
    "missing": "ResourceNotFound",
    "invalid": "ValidationError",
}


def _fly(served: Served, tell: Callable[..., Any], *program: Any, **more: str) -> Any:
    """Write, let time pass, and read."""
    now = str(served.clock.now_ms())
    assert tell(*program, "write", now, **more) is None
    served.let_minutes_pass()
    return tell(*program, "read", now, **more)


@pytest.mark.parametrize("protocol", ["", "json", "query", "smithy-rpc-v2-cbor"])
def test_boto3(
    served: Served, tell: Callable[..., Any], python_with: Callable[..., Path], protocol: str
) -> None:
    """In the protocol that it chooses, and in each that it can be told."""
    python = python_with(BOTO3) / "python"

    assert _fly(served, tell, python, "mission.py", MISSION_PROTOCOL=protocol) == READ


def test_aiobotocore(served: Served, tell: Callable[..., Any], python_with: Callable[..., Path]) -> None:
    """Which pins an older botocore."""
    python = python_with("aiobotocore==3.10.0") / "python"

    assert _fly(served, tell, python, "mission_async.py") == READ


def test_the_aws_sdk_for_javascript(
    served: Served, run: Callable[..., str], node_with: Callable[..., Path]
) -> None:
    """Version 3, on Node."""
    folder = node_with("@aws-sdk/client-cloudwatch@3", "@aws-sdk/client-cloudwatch-logs@3")
    now = str(served.clock.now_ms())

    run("node", PROGRAMS / "mission.mjs", "write", now, cwd=folder)
    served.let_minutes_pass()
    told = json.loads(run("node", PROGRAMS / "mission.mjs", "read", now, cwd=folder))

    # The SDK names an error as the model does, where boto3 gives the code of the query protocol.
    assert told == READ | {"invalid": "ValidationException"}


def _cli_mission(served: Served, run: Callable[..., str], aws: Path) -> dict[str, Any]:
    """The mission as a shell script would have it."""

    def ask(*arguments: str) -> Any:
        printed = run(aws, *arguments, "--output", "json", AWS_PAGER="")
        return json.loads(printed) if printed.strip() else None

    def code(*arguments: str) -> str:
        with pytest.raises(AssertionError) as refused:
            ask(*arguments)
        found = re.search(r"An error occurred \((\w+)\)", str(refused.value))
        assert found is not None, refused.value
        return found[1]

    now_ms = served.clock.now_ms()
    group, here = ("--log-group-name", GROUP), ("--log-stream-name", STREAM)
    transformation = "metricNamespace=Mission,metricName=Errors,metricValue=1"
    pattern = '{ $.status = "error" }'
    events = json.dumps([{"timestamp": now_ms, "message": message} for message in MESSAGES])
    ask("logs", "create-log-group", *group)
    ask("logs", "create-log-stream", *group, *here)
    named = ("--filter-name", "errors", "--filter-pattern", pattern)
    ask("logs", "put-metric-filter", *group, *named, "--metric-transformations", transformation)
    ask(
        *"cloudwatch put-metric-alarm --alarm-name errors --namespace Mission --metric-name Errors".split(),
        *"--statistic Sum --period 60 --evaluation-periods 1 --threshold 1".split(),
        *"--comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data ignore".split(),
    )
    ask("logs", "put-log-events", *group, *here, "--log-events", events)
    served.let_minutes_pass()
    window = ("--start-time", str(now_ms // 1_000 - 600), "--end-time", str(now_ms // 1_000 + 600))
    statistics = ask(
        *"cloudwatch get-metric-statistics --namespace Mission --metric-name Errors".split(),
        *"--period 60 --statistics Sum".split(),
        *window,
    )
    read = ask("logs", "get-log-events", *group, *here, "--start-from-head")
    filters = ask("logs", "describe-metric-filters", *group)["metricFilters"]
    alarms = ask("cloudwatch", "describe-alarms", "--alarm-names", "errors")["MetricAlarms"]
    bad_state = ("--state-value", "BAD", "--state-reason", "r")
    return {
        "messages": [event["message"] for event in read["events"]],
        "matched": len(ask("logs", "filter-log-events", *group, "--filter-pattern", pattern)["events"]),
        "filters": [each["filterName"] for each in filters],
        "state": alarms[0]["StateValue"],
        "sum": sum(point["Sum"] for point in statistics["Datapoints"]),
        "twice": code("logs", "create-log-group", *group),
        "missing": code("cloudwatch", "get-dashboard", "--dashboard-name", "none"),
        "invalid": code("cloudwatch", "set-alarm-state", "--alarm-name", "errors", *bad_state),
    }


def test_the_aws_cli_of_pypi(
    served: Served, run: Callable[..., str], python_with: Callable[..., Path]
) -> None:
    """Version 1."""
    assert _cli_mission(served, run, python_with("awscli==1.46.3") / "aws") == READ


def test_the_aws_cli_of_the_system(served: Served, run: Callable[..., str]) -> None:
    """Version 2, which speaks to CloudWatch with a botocore of its own."""
    aws = shutil.which("aws")
    shown = subprocess.run([aws, "--version"], capture_output=True, text=True, check=False) if aws else None
    if aws is None or shown is None or not shown.stdout.startswith("aws-cli/2"):
        pytest.skip("the AWS CLI v2 is not installed here (Debian: apt install awscli)")

    assert _cli_mission(served, run, Path(aws)) == READ


def test_watchtower(
    served: Served, run: Callable[..., str], tell: Callable[..., Any], python_with: Callable[..., Path]
) -> None:
    """A logging handler's batches, at its own times."""
    python = python_with("watchtower==3.4.0") / "python"
    now = str(served.clock.now_ms())

    run(python, PROGRAMS / "tower.py")
    served.let_minutes_pass()

    assert tell(python, "mission.py", "read", now) == READ


def test_awslogs(
    served: Served, run: Callable[..., str], tell: Callable[..., Any], python_with: Callable[..., Path]
) -> None:
    """Groups, streams and events as its users see them."""
    tools = python_with("awslogs==0.15.0", "setuptools<81")
    tell(tools / "python", "mission.py", "write", str(served.clock.now_ms()))
    where = ("--aws-endpoint-url", served.server.endpoint_url, "--aws-region", "eu-west-1")

    groups = run(tools / "awslogs", "groups", *where)
    streams = run(tools / "awslogs", "streams", *where, GROUP)
    shown = run(tools / "awslogs", "get", *where, "--no-group", "--no-stream", "-s", "1h", GROUP, "ALL")

    assert groups.split() == [GROUP]
    assert streams.split() == [STREAM]
    assert shown.splitlines() == MESSAGES


@pytest.mark.parametrize(
    ("package", "program", "dimensions"),
    [
        ("aws-embedded-metrics==3.5.0", "embedded.py", {"Model": "m"}),
        ("aws-lambda-powertools==3.37.0", "powertools.py", {"Model": "m", "service": "app"}),
    ],
)
def test_embedded_metrics(
    served: Served,
    run: Callable[..., str],
    python_with: Callable[..., Path],
    package: str,
    program: str,
    dimensions: dict[str, str],
) -> None:
    """What the library prints for CloudWatch Logs becomes metrics once it is put there."""
    printed = run(python_with(package) / "python", PROGRAMS / program, AWS_EMF_ENVIRONMENT="local")
    environment = served.environment
    logs, cloudwatch = (
        boto3.client(
            service,
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name=environment["AWS_REGION"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment["AWS_SESSION_TOKEN"],
        )
        for service in ("logs", "cloudwatch")
    )
    now_ms = served.clock.now_ms()
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    events = [{"timestamp": now_ms, "message": line} for line in printed.splitlines()]
    logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=events)

    found = {
        name: cloudwatch.get_metric_statistics(
            Namespace="Mission",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now_ms / 1_000 - 600,
            EndTime=now_ms / 1_000 + 600,
            Period=60,
            Statistics=["Sum", "SampleCount"],
        )["Datapoints"]
        for name in ("Errors", "Duration")
    }

    assert [(point["Sum"], point["Unit"]) for point in found["Errors"]] == [(2, "Count")]
    assert [(point["SampleCount"], point["Unit"]) for point in found["Duration"]] == [(3, "Milliseconds")]


def test_the_cloudwatch_mcp_server(
    served: Served, tell: Callable[..., Any], python_with: Callable[..., Path]
) -> None:
    """What an assistant asks through it, in its own paginators."""
    python = python_with("awslabs.cloudwatch-mcp-server==0.3.1") / "python"
    now = str(served.clock.now_ms())
    tell(python, "mission.py", "write", now)
    served.let_minutes_pass()

    told = tell(python, "assistant.py", now)

    assert [group["logGroupName"] for group in told["groups"]["log_group_metadata"]] == [GROUP]
    assert [alarm["alarm_name"] for alarm in told["alarms"]["metric_alarms"]] == ["errors"]
    assert [point["value"] for point in told["metric"]["metricDataResults"][0]["datapoints"]] == [2]
    assert "errors" in json.dumps(told["history"])
