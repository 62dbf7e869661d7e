"""What applying a program of many alarms costs: preview, first up, up again with nothing to do, refresh.

    python benchmarks/bench_deploy.py [alarms]

Wall time, and the CPU time of the command with the child it runs the program in; the engine is another
process. Most of it is Python importing the AWS package and the SDK registering resources: `up` runs the
program twice, first as a preview.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ALARMS = 300
BUDGETS_S = {"preview": 5.0, "up again": 5.0}
PROGRAM = """\
import pulumi_aws as aws

topic = aws.sns.Topic("topic")
for number in range({alarms}):
    aws.cloudwatch.MetricAlarm(
        f"alarm-{number}",
        namespace="LLM",
        metric_name="Latency",
        dimensions={"model": f"m{number}"},
        extended_statistic="p99",
        period=60,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        comparison_operator="GreaterThanThreshold",
        threshold=2_000,
        treat_missing_data="notBreaching",
        alarm_actions=[topic.arn],
    )
"""


def _measure(command: str, directory: Path) -> tuple[float, float, dict[str, int]]:
    """Wall and CPU seconds of one command, and what it counted."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "inferwatch", command, str(directory), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall_s, cpu_s, json.loads(run.stdout)["changes"]


def bench(title: str, program: str, steps: Sequence[str]) -> None:
    """Carry out the steps on a program at an engine of its own, and print what each one costs."""
    engine_command = [sys.executable, "-m", "inferwatch", "local", "--memory", "--port", "0", "--json"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(engine_command, stdout=subprocess.PIPE, text=True) as engine,
    ):
        assert engine.stdout is not None
        os.environ["AWS_ENDPOINT_URL"] = json.loads(engine.stdout.readline())["endpoint_url"]
        os.environ["INFERWATCH_STATE_DIR"] = str(Path(folder) / "state")
        project = Path(folder) / "many"
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: many\nruntime: python\n")
        (project / "__main__.py").write_text(program)
        print(f"{title}; {platform.machine()}, Python {platform.python_version()}")
        print(f"{'':<10}{'wall s':>8}{'CPU s':>8}{'budget':>8}  counted")
        for name in steps:
            wall_s, cpu_s, changes = _measure(name.removesuffix(" again"), project)
            counted = ", ".join(f"{count} {kind}" for kind, count in changes.items() if count)
            budget = f"{BUDGETS_S[name]:.1f}" if name in BUDGETS_S else ""
            print(f"{name:<10}{wall_s:>8.1f}{cpu_s:>8.1f}{budget:>8}  {counted}")
        engine.terminate()


def main() -> None:
    alarms = int(sys.argv[1]) if len(sys.argv) > 1 else ALARMS
    program = PROGRAM.replace("{alarms}", str(alarms))
    bench(f"{alarms} alarms and a topic", program, ("preview", "up", "up again", "refresh", "destroy"))


if __name__ == "__main__":
    main()
