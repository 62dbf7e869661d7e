"""What shipping a record costs, and what is lost on a bad day: ours beside the ways people ship today.

    python benchmarks/bench_ship.py [--events 100000] [--only NAME …] [--peers DIR] [--json FILE]
        [--chart FILE]

Every way sends the same record to one counting stub, a process of its own, and runs in a process of its own,
in one throw-away environment that is installed first (`--peers` keeps it; without a package index ours alone
is measured). Costs are CPU time, one way after the other; each fault strikes all of them at once. Exits 1
where ours lost a record.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from ship.chart import drawn

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src"
PACKAGES = (
    "orjson", "urllib3", "boto3==1.44.8", "watchtower==3.4.0", "opentelemetry-sdk==1.45.2",
    "opentelemetry-exporter-otlp-proto-http==1.45.2", "aws-embedded-metrics==3.5.0",
    "aws-lambda-powertools==3.37.0", "isal==1.9.1",
)  # fmt: skip
OURS = "inferwatch"
TO_STDOUT = ("aws_embedded_metrics", "powertools")
NAMES = (OURS, "watchtower", "watchtower_tuned", "boto3", "otel", *TO_STDOUT)
LONGEST_EXIT_S = 90.0
BUDGETS = (
    ("caller CPU, µs a record", "caller_us", "≤ 5, goal 3.5"),
    ("CPU s a million delivered", "s_per_million", "≤ 7, goal 5.5"),
    ("delivered a second", "per_second", ""),
    ("bytes an event on the wire", "bytes_per_event", ""),
    ("peak memory over imports, MB", "peak_mb", "≤ 16"),
    ("event loop late at 1,000 records a second, p99, ms", "lag_ms", "as without"),
    ("the same loop without records", "lag_alone_ms", ""),
)
FAULTS = (
    ("lost at kill -9", "kill", "0"),
    ("lost in a 20 s outage", "outage", "0"),
    ("lost at 50 % throttling", "throttle", "0"),
    ("lost where the server hangs, then exit", "hang", "0"),
    ("that exit took, s", "hang_exit_s", "≤ 2.5"),
)

Row = dict[str, float]


class Bench:
    """One stub, one environment, one folder."""

    def __init__(self, python: str, names: list[str], folder: Path, url: str) -> None:
        self.python = python
        self.names = names
        self.folder = folder
        self.url = url
        self.rows: dict[str, Row] = {name: {} for name in names}

    def ask(self, path: str) -> dict[str, dict[str, int]]:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            found: dict[str, dict[str, int]] = json.load(answer)
            return found

    def spool(self, name: str) -> Path:
        return self.folder / f"spool-{name}"

    def result(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def told(self, name: str) -> Path:
        """What a process says while it lives: records accepted, and when the last one was."""
        return self.folder / f"{name}.told"

    def start(self, task: str, name: str, *numbers: object) -> subprocess.Popen[bytes]:
        self.result(name).unlink(missing_ok=True)
        paths = [str(self.spool(name)), str(self.result(name))]
        with (self.folder / f"{name}.out").open("wb") as stdout:
            return subprocess.Popen(
                [
                    self.python,
                    str(HERE / "ship" / "sender.py"),
                    task,
                    name,
                    self.url,
                    *paths,
                    *map(str, numbers),
                ],
                env={**os.environ, "PYTHONPATH": str(SOURCE)},
                stdout=stdout,
                stderr=(self.folder / f"{name}.err").open("wb"),
            )

    def measure(self, name: str, events: int) -> None:
        """Costs, with nothing in the way."""
        self.ask("/forget")
        if self.start("measure", name, events).wait():
            sys.exit((self.folder / f"{name}.err").read_text())
        row: Row = json.loads(self.result(name).read_text())
        counted = self.ask("/counts").get(name, {"distinct": 0, "wire_bytes": 0})
        delivered, sent_bytes = counted["distinct"], counted["wire_bytes"]
        if name in TO_STDOUT:
            delivered, sent_bytes = events, (self.folder / f"{name}.out").stat().st_size
        self.rows[name] = {
            **row,
            "delivered": delivered,
            "s_per_million": row["cpu_s"] / max(delivered, 1) * 1e6,
            "per_second": delivered / row["wall_s"],
            "bytes_per_event": sent_bytes / max(delivered, 1),
        }

    def lag(self, name: str) -> None:
        """How late an event loop is that records from a coroutine."""
        if self.start("lag", name, 1_000, 5).wait():
            sys.exit((self.folder / f"{name}.err").read_text())
        self.rows[name] |= json.loads(self.result(name).read_text())

    def fault(self, name: str, rate: int, seconds: float, script: list[tuple[float, str]]) -> None:
        """Let all send at once while the stub does as the script says: (after seconds, mode or `kill`)."""
        self.ask("/mode/ok")
        self.ask("/forget")
        for each in self.faulted():
            self.told(each).unlink(missing_ok=True)
        running = {each: self.start("pace", each, rate, seconds) for each in self.faulted()}
        while not all(self.told(each).exists() for each in running):
            time.sleep(0.05)
        began_s = time.monotonic()
        for after_s, order in script:
            time.sleep(max(0.0, began_s + after_s - time.monotonic()))
            if order == "kill":
                for process in running.values():
                    process.send_signal(signal.SIGKILL)
            else:
                self.ask(f"/mode/{order}")
        ended = self.wait_all(running)
        self.ask("/mode/ok")
        if OURS in running and self.spool(OURS).exists():
            self.start("rescue", OURS).wait()
        counts = self.ask("/counts")
        for each in running:
            accepted, last_s = struct.unpack("Qd", self.told(each).read_bytes())
            delivered = counts.get(each, {"distinct": 0})["distinct"]
            self.rows[each][name] = max(0, accepted - delivered) / accepted
            self.rows[each][f"{name}_exit_s"] = ended[each] - last_s

    def faulted(self) -> list[str]:
        return [name for name in self.names if name not in TO_STDOUT]

    def wait_all(self, running: dict[str, subprocess.Popen[bytes]]) -> dict[str, float]:
        """When each ended; who takes longer than anyone would wait is killed."""
        ended: dict[str, float] = {}
        last_s = time.monotonic() + LONGEST_EXIT_S
        while len(ended) < len(running):
            for name, process in running.items():
                if name not in ended and process.poll() is not None:
                    ended[name] = time.monotonic()
                elif name not in ended and time.monotonic() > last_s:
                    process.kill()
            time.sleep(0.01)
        return ended


@contextlib.contextmanager
def running_stub() -> Iterator[str]:
    command = [sys.executable, str(HERE / "ship" / "stub.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def install(folder: Path) -> str | None:
    """The Python of an environment with all peers in it; `None` where they cannot be had."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        uv = Path(sys.executable).with_name("uv")
        pip = (
            [str(uv), "pip", "install", "--python", str(python)]
            if uv.exists()
            else [str(python), "-m", "pip", "install"]
        )
        done = subprocess.run([*pip, "--quiet", *PACKAGES], check=False)
        if done.returncode:
            shutil.rmtree(folder)
            return None
    return str(python)


def shown(key: str, value: float | None) -> str:
    if value is None:
        return ""
    if key in ("kill", "outage", "throttle", "hang"):
        return "0" if value == 0 else f"{value:.1%}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def table(rows: dict[str, Row], parts: tuple[tuple[str, str, str], ...]) -> str:
    lines = [
        f"| | budget | {' | '.join(name.replace('_', ' ') for name in rows)} |",
        "|---|---|" + "---|" * len(rows),
    ]
    for label, key, budget in parts:
        cells = " | ".join(shown(key, row.get(key)) for row in rows.values())
        lines.append(f"| {label} | {budget} | {cells} |")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--peers", type=Path, help="an environment to use, or to make and keep")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--chart", type=Path, help="draw the budgets there, as SVG")
    parser.add_argument("--no-faults", action="store_true")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory() as temporary, running_stub() as url:
        python = install(given.peers or Path(temporary) / "peers")
        names = given.only if python else [OURS]
        if python is None:
            print("the peers cannot be installed here: ours alone", file=sys.stderr)
        bench = Bench(python or sys.executable, names, Path(temporary), url)
        for name in names:
            bench.measure(name, given.events)
            bench.lag(name)
        if not given.no_faults:
            bench.fault("kill", 2_000, 60, [(4.3, "kill")])
            bench.fault("outage", 500, 32, [(4, "down"), (24, "ok")])
            bench.fault("throttle", 500, 15, [(0, "throttle")])
            bench.fault("hang", 500, 6, [(3, "hang")])
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{given.events} records of {bench.rows[names[0]]['record_bytes']:.0f} bytes; {machine}")
    print(table(bench.rows, BUDGETS if given.no_faults else BUDGETS + FAULTS))
    if given.json:
        given.json.write_text(json.dumps(bench.rows, indent=2))
    if given.chart:
        given.chart.write_text(drawn(bench.rows))
    sys.exit(any(bench.rows.get(OURS, {}).get(key, 0) for _, key, _ in FAULTS[:4]))


if __name__ == "__main__":
    main()
