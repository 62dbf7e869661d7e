"""What `LlmMonitoring` costs with three hundred alarms: preview, up, up again with nothing to do, destroy.

    python benchmarks/bench_component.py

Wall time, and the CPU time of the command with the child it runs the program in; the engine is another
process. Twenty named models with filters and alarms of their own, and alarms over the catalog beside them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_deploy import measure

BUDGETS_S = {"preview": 5.0, "up again": 5.0}
PROGRAM = """\
from inferwatch.infra import Alarm, LlmMonitoring, M, Model

mon = LlmMonitoring(
    "many",
    models={f"model-{number}": Model() for number in range(20)},
    alarms=[Alarm(f"over-{number}", when=M.failed > number + 1, means="Many fail.") for number in range(125)],
)
assert len(mon.alarms) == 301, len(mon.alarms)
"""


def main() -> None:
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
        (project / "__main__.py").write_text(PROGRAM)
        print(f"LlmMonitoring, 300 metric alarms; {platform.machine()}, Python {platform.python_version()}")
        print(f"{'':<10}{'wall s':>8}{'CPU s':>8}{'budget':>8}  counted")
        for name in ("preview", "up", "up again", "destroy"):
            wall_s, cpu_s, changes = measure(name.removesuffix(" again"), project)
            counted = ", ".join(f"{count} {kind}" for kind, count in changes.items() if count)
            budget = f"{BUDGETS_S[name]:.1f}" if name in BUDGETS_S else ""
            print(f"{name:<10}{wall_s:>8.1f}{cpu_s:>8.1f}{budget:>8}  {counted}")
        engine.terminate()


if __name__ == "__main__":
    main()
