"""Every major of every SDK, in an environment of its own: `make test-sdks`.

The environments are made once, under pytest's cache, by `uv` from the package index at hand; where they cannot be,
the tests are skipped and say why.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOOPBACK = Path(__file__).parent / "loopback"
OURS = ("orjson", "urllib3", "botocore", "genai-prices")

# API, what is installed
MAJORS = [
    ("chat", "openai>=1.40,<2"),
    ("chat", "openai>=2,<3"),
    ("chat", "openai>=3,<4"),
    ("responses", "openai>=2,<3"),
    ("responses", "openai>=3,<4"),
    ("messages", "anthropic>=0.40,<1"),
    ("messages", "anthropic>=1,<2"),
    ("messages", "anthropic>=2,<3"),
    ("generate_content", "google-genai>=1,<2"),
    ("generate_content", "google-genai>=2,<3"),
    ("generate_content", "google-genai>=3,<4"),
    ("converse", "boto3"),
]
SLOWNESS = 600

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SLOWNESS + 60)]


@pytest.fixture
def python_with(request: pytest.FixtureRequest):
    """`python_with("openai<2")` is the Python of an environment that has it, and what we need ourselves."""

    def make(package: str) -> Path:
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        if uv is None:
            pytest.skip("uv is not installed")
        folder = Path(request.config.cache.mkdir("sdks")) / package.translate(str.maketrans("<>=,.", "_____"))
        python, stamp = folder / "bin" / "python", folder / "installed"
        if not stamp.exists():
            _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
            _run(uv, "pip", "install", "--quiet", "--python", str(python), package, *OURS)
            stamp.touch()
        return python

    return make


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SLOWNESS)
    if done.returncode != 0:
        pytest.skip(f"cannot be installed here: {done.stderr.strip().splitlines()[-1]}")


@pytest.mark.parametrize(("api", "package"), MAJORS)
def test_every_end_is_the_same_in_every_major(python_with, api, package):
    """Answers, retries, failures, streams that end well, break, just end, and are left; then async."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{LOOPBACK}"}

    done = subprocess.run(
        [python_with(package), "-m", "loopback_provider.majors", api],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SLOWNESS,
    )

    assert done.returncode == 0, done.stderr
    records = json.loads(done.stdout)
    seen = [
        (
            record["model"],
            record["stream"],
            record["status"],
            record.get("attempts"),
            record.get("output_tokens"),
        )
        for record in records
    ]
    expected = [
        ("plain", False, "ok", 1, 3),
        ("429-once", False, "ok", 2, 3),
        ("500", False, "error", 2, None),
        ("plain", True, "ok", 1, 3),
        ("cut", True, "cut", 1, None),
        ("short", True, "cut", 1, None),
        ("held", True, "abandoned", 1, None),
    ]
    assert seen == expected * (1 if api == "converse" else 2)
