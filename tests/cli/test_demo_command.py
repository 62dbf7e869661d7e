"""`inferwatch demo`: the main job, whole, as a process."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]


def _demo(*arguments: str) -> dict[str, Any]:
    """Run it from an empty directory; the JSON object on the last line of stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "inferwatch", "demo", "--once", "--json", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def _check(summary: dict[str, Any]) -> None:
    assert summary["lost"] == 0
    assert summary["records"] == summary["delivered"] > 10
    assert summary["metric_datapoints"] >= 2
    assert summary["notifications"] >= 1
    states = summary["alarm"]["states"]
    assert (states[0], states[-1]) == ("INSUFFICIENT_DATA", "ALARM")
    assert "OK" in states
    assert set(summary["outputs"]) == {"log_group_name", "log_stream_name", "dashboard_url"}
    assert summary["outputs"]["dashboard_url"].endswith("#dashboards:name=LLMInferences-dev")


def test_the_simulated_demo_keeps_its_contract() -> None:
    """Inferences, an alarm through its states, a notification; nothing lost."""
    summary = _demo("--llm", "simulated")

    assert summary["llm"] == "simulated"
    _check(summary)


@pytest.mark.llm
def test_the_real_demo_keeps_its_contract() -> None:
    """The same with a real LLM."""
    summary = _demo()

    assert summary["llm"] == "gemma-3-270m"
    _check(summary)


def test_the_program_travels_in_the_wheel(tmp_path: Path) -> None:
    """An installed package finds its own copy, not the checkout's."""
    built = tmp_path / "built"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = built.glob("*.whl")
    installed = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(installed)
    script = "from inferwatch.demo.program import published_program; print(published_program())"

    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    program = Path(found.stdout.strip())
    assert program == installed / "inferwatch" / "examples" / "published"
    names = {path.name for path in program.iterdir()}
    assert {"Pulumi.yaml", "__main__.py", "push.py", "README.md"} <= names
    assert (installed / "inferwatch" / "console" / "pages").is_dir()
    assert (installed / "inferwatch" / "py.typed").is_file()
