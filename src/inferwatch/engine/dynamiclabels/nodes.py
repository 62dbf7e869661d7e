"""What a label is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """What stands there as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Live:
    """`${MAX}`: a figure of the series; `${LABEL}`: what it is called without a label of its own."""

    name: str


@dataclass(frozen=True, slots=True)
class Property:
    """`${PROP('Dim.Model')}`: what the metric is."""

    name: str


Part: TypeAlias = Text | Live | Property


@dataclass(frozen=True, slots=True)
class Label:
    parts: tuple[Part, ...]

    @property
    def has_default(self) -> bool:
        """Does `${LABEL}` stand in it?"""
        return Live("LABEL") in self.parts

    @property
    def has_figures(self) -> bool:
        """Does it say anything of the series' values?"""
        return any(isinstance(part, Live) and part.name != "LABEL" for part in self.parts)
