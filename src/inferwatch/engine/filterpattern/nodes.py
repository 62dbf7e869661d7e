"""The JSON pattern's grammar as values; `parser.py` builds them, `evaluate.py` asks them, neither is here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from inferwatch.lang.source import Span


@dataclass(frozen=True, slots=True)
class Member:
    """`.name`, or `.['any key']` where `name` is not a bare name."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`[n]`."""

    position: int


class Wildcard(Enum):
    """Both walk the elements of an array and the values of an object."""

    MEMBERS = ".*"
    ELEMENTS = "[*]"


Step: TypeAlias = Member | Index | Wildcard


@dataclass(frozen=True, slots=True)
class Selector:
    """`$.a.b[0]`: a way from the root to some nodes; at most one wildcard."""

    steps: tuple[Step, ...]
    span: Span

    @property
    def wildcard(self) -> int | None:
        """Position of the wildcard among the steps."""
        return next((i for i, step in enumerate(self.steps) if isinstance(step, Wildcard)), None)


@dataclass(frozen=True, slots=True)
class Number:
    """An unquoted number, kept as written too: strings are compared with the text."""

    text: str
    value: Decimal
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted or bare word; `*` at either end stands for anything."""

    text: str
    quoted: bool
    span: Span


Literal: TypeAlias = Number | Text


class Operator(Enum):
    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class Truth(Enum):
    NULL = "NULL"
    TRUE = "TRUE"
    FALSE = "FALSE"


@dataclass(frozen=True, slots=True)
class Compare:
    selector: Selector
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True)
class Is:
    selector: Selector
    truth: Truth


@dataclass(frozen=True, slots=True)
class NotExists:
    selector: Selector


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Condition, ...]


Condition: TypeAlias = Compare | Is | NotExists | And | Or
