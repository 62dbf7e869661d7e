"""What `LlmMonitoring` costs with three hundred alarms: preview, up, up again with nothing to do, destroy.

    python benchmarks/bench_component.py

Wall time, and the CPU time of the command with the child it runs the program in; the engine is another
process. Twenty named models with filters and alarms of their own, and alarms over the catalog beside them.
"""

from __future__ import annotations

from bench_deploy import bench

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
    bench("LlmMonitoring, 300 metric alarms", PROGRAM, ("preview", "up", "up again", "destroy"))


if __name__ == "__main__":
    main()
