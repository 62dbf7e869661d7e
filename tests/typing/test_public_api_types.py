"""The public API has the types that its users see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# pulumi_aws alone takes mypy minutes: our settings leave it out.
OURS = f"--config-file={HERE.parents[1] / 'pyproject.toml'}"


@pytest.mark.slow
@pytest.mark.parametrize(("program", "config"), [("public_api.py", "--config-file="), ("infra_api.py", OURS)])
def test_a_program_type_checks_strictly(program: str, config: str) -> None:
    """It uses every public name; mypy finds nothing."""
    command = [sys.executable, "-m", "mypy", "--strict", config, "--python-version=3.11"]

    result = subprocess.run(
        [*command, str(HERE / program)], cwd=HERE, capture_output=True, text=True, check=False
    )

    assert result.stdout.startswith("Success"), result.stdout + result.stderr
