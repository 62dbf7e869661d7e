"""Both forms of Pulumi program that the README shows are those that the tests apply."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
SNIPPETS = [
    dedent(found)
    for found in re.findall(r"  ```python\n(.*?)  ```", (ROOT / "README.md").read_text(), re.DOTALL)
]


def test_the_component_is_the_quickstart() -> None:
    """To the letter."""
    assert (ROOT / "examples" / "quickstart" / "__main__.py").read_text() in SNIPPETS


def test_plain_resources_are_those_of_the_published_program() -> None:
    """But for its options."""
    program = (ROOT / "examples" / "published" / "__main__.py").read_text().replace(", opts=keep)", ")")

    (plain,) = [snippet for snippet in SNIPPETS if "aws.cloudwatch" in snippet]

    assert plain in program
