"""The project `inferwatch init` writes: a log group, two metrics, an alarm and a dashboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from inferwatch.model.errors import UsageError

_PROJECT: Final = """\
name: {name}
runtime: python
description: Monitors LLM inferences with Amazon CloudWatch
"""
_REQUIREMENTS: Final = """\
inferwatch[infra]
"""
_PROGRAM: Final = '''\
"""Monitor LLM inferences. Apply: inferwatch up (this computer) or pulumi up (AWS)."""

import pulumi
from monitoring import LlmMonitoring

monitoring = LlmMonitoring("{name}")

pulumi.export("log_group_name", monitoring.log_group_name)
pulumi.export("log_stream_name", monitoring.log_stream_name)
pulumi.export("dashboard_url", monitoring.dashboard_url)
'''
_MONITORING: Final = '''\
"""What is watched: each inference is one JSON log event; metrics, an alarm and a dashboard are made of it."""

import json

import pulumi
import pulumi_aws as aws


class LlmMonitoring(pulumi.ComponentResource):
    """A log group to write inferences to, and what tells when they are slow or fail."""

    def __init__(
        self, name: str, *, slow_ms: int = 4_000, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("app:index:LlmMonitoring", name, opts=opts)
        of_mine = pulumi.ResourceOptions(parent=self)
        namespace = f"LLM/{name}/{pulumi.get_stack()}"
        region = aws.get_region().region

        group = aws.cloudwatch.LogGroup(name, retention_in_days=14, opts=of_mine)
        stream = aws.cloudwatch.LogStream(f"{name}-inferences", log_group_name=group.name, opts=of_mine)

        def metric(metric_name: str, pattern: str, value: str, unit: str) -> None:
            aws.cloudwatch.LogMetricFilter(
                f"{name}-{metric_name.lower()}",
                log_group_name=group.name,
                pattern=pattern,
                metric_transformation={
                    "name": metric_name,
                    "namespace": namespace,
                    "value": value,
                    "unit": unit,
                },
                opts=of_mine,
            )

        metric("Duration", "{ $.duration_ms >= 0 }", "$.duration_ms", "Milliseconds")
        metric("Failures", '{ $.status = "error" || $.status = "timeout" }', "1", "Count")

        # No traffic is no trouble.
        aws.cloudwatch.MetricAlarm(
            f"{name}-slow",
            alarm_description=f"The p99 of inferences was above {slow_ms:,} ms in 2 of 3 minutes.",
            namespace=namespace,
            metric_name="Duration",
            extended_statistic="p99",
            period=60,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            comparison_operator="GreaterThanThreshold",
            threshold=slow_ms,
            treat_missing_data="notBreaching",
            opts=of_mine,
        )

        def widget(x: int, title: str, metrics: list[list[object]]) -> dict[str, object]:
            properties = {"title": title, "region": region, "metrics": metrics, "period": 60}
            return {"type": "metric", "x": x, "y": 0, "width": 12, "height": 6, "properties": properties}

        durations = [[namespace, "Duration", {"stat": "p50"}], ["...", {"stat": "p99"}]]
        failures = [[namespace, "Failures", {"stat": "Sum"}]]
        dashboard = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=f"{name}-{pulumi.get_stack()}",
            dashboard_body=json.dumps(
                {"widgets": [widget(0, "Duration", durations), widget(12, "Failures", failures)]}
            ),
            opts=of_mine,
        )

        self.log_group_name = group.name
        self.log_stream_name = stream.name
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        self.dashboard_url = pulumi.Output.concat(console, "#dashboards:name=", dashboard.dashboard_name)
        self.register_outputs({})
'''


def write_project(directory: Path) -> list[Path]:
    """Write a project; returns its files.

    Raises:
        UsageError: one of its files is there already, and then none is written; or the folder cannot be made.
    """
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", directory.resolve().name).strip("-") or "llm"
    files = {
        directory / "Pulumi.yaml": _PROJECT.format(name=name),
        directory / "__main__.py": _PROGRAM.replace("{name}", name),
        directory / "monitoring.py": _MONITORING,
        directory / "requirements.txt": _REQUIREMENTS,
    }
    present = [path for path in files if path.exists()]
    if present:
        raise UsageError(f"{present[0]} is there already: choose a folder without it")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            with path.open("x") as file:
                file.write(text)
    except OSError as refused:
        raise UsageError(f"{directory} cannot be written to: {refused.strerror}") from None
    return list(files)
