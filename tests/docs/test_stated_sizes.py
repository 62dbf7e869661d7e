"""The sizes that the README states are the ones that `make setup` states."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readme_states_the_sizes_of_setup() -> None:
    """The download, and what it takes on disk."""
    sizes = re.findall(r"[\d.]+ [MG]B", (ROOT / "requirements" / "size.txt").read_text())

    assert len(sizes) == 2
    assert re.findall(r"[\d.]+\s[MG]B", (ROOT / "README.md").read_text()) == sizes
