"""The grammar of filter patterns as values; the parsers build them, the evaluators ask them, neither is here.

A span says where a node stood in the text; it takes no part in equality.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from inferwatch.lang.source import Span

_NOWHERE = Span(0, 0)


# --- Values: what JSON selectors and space-delimited fields are compared with.
@dataclass(frozen=True, slots=True)
class Number:
    """An unquoted number, kept as written too: strings are compared with the text."""

    text: str
    value: Decimal
    span: Span = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted or bare word; `*` at either end stands for anything."""

    text: str
    quoted: bool
    span: Span = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Regex:
    """`%text%`: a regular expression sought anywhere; `found_in` is its machine, made when it was read."""

    text: str
    found_in: Callable[[str], bool] = field(compare=False, repr=False)
    span: Span = field(default=_NOWHERE, compare=False, repr=False)


Literal: TypeAlias = Number | Text | Regex


class Operator(Enum):
    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


# --- Terms: `ERROR ?WARN -timeout "two words"`.
class Need(Enum):
    REQUIRED = ""
    OPTIONAL = "?"
    EXCLUDED = "-"


@dataclass(frozen=True, slots=True)
class Term:
    need: Need
    text: str
    span: Span = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """No term at all is the empty pattern, which matches everything."""

    items: tuple[Term, ...]


# --- JSON patterns: `{ $.a.b[0] = 1 && $.c IS TRUE }`.
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
    span: Span = field(default=_NOWHERE, compare=False, repr=False)

    @property
    def wildcard(self) -> int | None:
        """Position of the wildcard among the steps."""
        return next((i for i, step in enumerate(self.steps) if isinstance(step, Wildcard)), None)


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


# --- Space-delimited patterns: `[ip, ..., status = 4* || status = 5*, size]`.
@dataclass(frozen=True, slots=True)
class Test:
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True)
class Field:
    """One slot. `alternatives` is an "or" of "and"s; none means that anything is accepted."""

    name: str | None = None
    alternatives: tuple[tuple[Test, ...], ...] = ()
    span: Span = field(default=_NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fields:
    """The slots before `...` and, where there is one, those after it; `[]` is `[...]` and prints as it."""

    head: tuple[Field, ...]
    tail: tuple[Field, ...] | None = None


Tree: TypeAlias = Terms | Regex | Condition | Fields
