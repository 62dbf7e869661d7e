"""Publish an hour of three models and put the gallery: `python examples/gallery/publish.py [ENDPOINT_URL]`.

The dashboard has every kind of widget. Without an endpoint it goes to `inferwatch local`'s.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NAMESPACE = "Gallery/LLM"
# Model → (milliseconds an inference takes, inferences a minute, tokens each writes)
MODELS = {"small": (320, 40, 90), "medium": (760, 18, 260), "large": (2_100, 6, 610)}
_DAY = 1_440


def body() -> str:
    """The dashboard's body."""
    return (Path(__file__).parent / "dashboard.json").read_text(encoding="utf-8")


def publish(cloudwatch: Any, now: datetime, minutes: int = 180) -> None:
    """Publish everything up to now, raise one of two alarms, and put the dashboard."""
    batch: list[dict[str, Any]] = []
    for ago in range(minutes, -1, -1):
        at = now.replace(second=0, microsecond=0) - timedelta(minutes=ago)
        batch += [{**datum, "Timestamp": at} for datum in minute(int(at.timestamp()) // 60 % _DAY, ago)]
    for start in range(0, len(batch), 500):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=batch[start : start + 500])
    alarm = {
        "Namespace": NAMESPACE,
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(
        **alarm,
        AlarmName="gallery-latency",
        MetricName="Latency",
        Dimensions=[{"Name": "Model", "Value": "large"}],
        ExtendedStatistic="p90",
        Threshold=2_200,
    )
    cloudwatch.put_metric_alarm(
        **alarm, AlarmName="gallery-errors", MetricName="Errors", Statistic="Sum", Threshold=6
    )
    cloudwatch.put_dashboard(DashboardName="gallery", DashboardBody=body())


def minute(number: int, ago: int) -> Iterator[dict[str, Any]]:
    """What one minute of the day brings; the same for the same minute. `ago`: how many minutes it is past."""
    wave, ripple = math.sin(number / 17), math.sin(number / 3.1)
    slow = 1.6 if 14 <= ago <= 22 else 1.0
    total = 0
    for model, (duration_ms, count, tokens) in MODELS.items():
        calls = max(1, round(count * (1 + 0.3 * wave + 0.1 * ripple)))
        total += calls
        durations = [round(duration_ms * slow * (0.7 + 0.05 * n + 0.08 * ripple), 1) for n in range(10)]
        dimensions = [{"Name": "Model", "Value": model}]
        yield _datum("Latency", "Milliseconds", dimensions, Values=durations, Counts=[calls / 10] * 10)
        yield _datum("OutputTokens", "Count", dimensions, Value=round(calls * tokens * (1 + 0.2 * ripple)))
    yield _datum("Inferences", "Count", [], Value=total)
    yield _datum("Errors", "Count", [], Value=max(0, round(2 + 2 * wave + ripple + 6 * (slow - 1))))
    yield _datum("CostUsd", "None", [], Value=round(0.004 * total * (1 + 0.2 * ripple), 4))
    yield _datum("BudgetUsed", "Percent", [], Value=round(74 - ago / 12, 1))
    if ago > 100:
        yield _datum("Cancelled", "Count", [], Value=number % 3)


def _datum(name: str, unit: str, dimensions: list[dict[str, str]], **values: Any) -> dict[str, Any]:
    return {"MetricName": name, "Unit": unit, "Dimensions": dimensions, **values}


def main() -> None:
    import boto3
    from botocore.exceptions import EndpointConnectionError

    parser = argparse.ArgumentParser(description="Publish an hour of three models and put the gallery.")
    parser.add_argument("endpoint", nargs="?", default="http://127.0.0.1:4586", metavar="ENDPOINT_URL")
    endpoint = parser.parse_args().endpoint
    try:
        client = boto3.client(
            "cloudwatch",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        publish(client, datetime.now(UTC))
    except ValueError as refused:
        parser.error(str(refused))
    except EndpointConnectionError:
        parser.error(f"no engine answers at {endpoint}: start `inferwatch local`, or name another")
    print(f"{endpoint}/dashboards/gallery")


if __name__ == "__main__":
    main()
