"""Each fuzzer for half a minute; `make soak` gives them ten."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SECONDS = int(os.environ.get("INFERWATCH_FUZZ_SECONDS", "30"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(SECONDS + 120),
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine"
    ),
]


@pytest.mark.parametrize("fuzzer", sorted(HERE.glob("fuzz_*.py")), ids=lambda path: path.stem)
def test_a_fuzzer_finds_nothing(fuzzer: Path, tmp_path: Path) -> None:
    """No exception but our typed errors, and every promise the fuzzer states."""
    done = subprocess.run(
        [sys.executable, str(fuzzer), f"-max_total_time={SECONDS}", "-timeout=20", "-seed=1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, (done.stdout + done.stderr)[-4_000:]
    assert "DONE" in done.stderr
