"""A generated function's text in the making: lines, and the values that its names are bound to.

Nothing that a user wrote ever stands in the text: names, texts and numbers of patterns are constants, reached
by names made here.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any


class Writer:
    """Collects lines and constants; `namespace` is what the text is run with."""

    def __init__(self) -> None:
        self.namespace: dict[str, object] = {}
        self._lines: list[str] = []
        self._indent = 0
        self._known: dict[tuple[type, Hashable], str] = {}
        self._count = 0

    def constant(self, value: Hashable) -> str:
        """A name for a value; equal values of one type share it."""
        key = (type(value), value)
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = self.bind(value)
        return name

    def bind(self, value: object) -> str:
        """A new name for a value."""
        name = self.fresh("K")
        self.namespace[name] = value
        return name

    def fresh(self, prefix: str) -> str:
        """A local name not used before."""
        self._count += 1
        return f"{prefix}{self._count}"

    def line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    def indent(self) -> None:
        self._indent += 1

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def function(self, name: str) -> Any:
        """Run the text; what it defines under this name."""
        exec(compile(self.text, "<filter patterns>", "exec"), self.namespace)
        return self.namespace[name]
