"""Docs that cannot go stale: the reference pages are those the code makes, and every link leads somewhere."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES: dict[str, Callable[[], str]] = runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"]
WRITTEN = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_reference_page_is_what_the_code_makes(name: str) -> None:
    """`make docs` renews it."""
    assert (ROOT / name).read_text() == PAGES[name]()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    """Relative links of README, docs and examples."""
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())

    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert dead == []
