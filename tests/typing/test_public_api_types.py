"""The public API has the types that its users see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.slow
def test_an_application_type_checks_strictly():
    """`public_api.py` uses every public name; mypy finds nothing."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-version=3.11"]

    result = subprocess.run(
        [*command, str(HERE / "public_api.py")], cwd=HERE, capture_output=True, text=True, check=False
    )

    assert result.stdout.startswith("Success"), result.stdout + result.stderr
