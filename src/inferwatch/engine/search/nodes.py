"""What a search is made of, and whether it finds a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from inferwatch.engine.search.tokens import is_found

Dimensions: TypeAlias = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a text in quotes that is `exact`; in any name, or only in what `designator` names."""

    text: str
    exact: bool = False
    designator: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    operand: Condition


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Condition, ...]


Condition: TypeAlias = Term | Not | And | Or


@dataclass(frozen=True, slots=True)
class Schema:
    """A namespace, and the names of all dimensions a metric has; of any, where none is named."""

    namespace: str
    dimensions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Search:
    schema: Schema | None = None
    condition: Condition | None = None

    def matches(self, namespace: str, name: str, dimensions: Dimensions, account_id: str) -> bool:
        """Is the metric found?"""
        schema = self.schema
        if schema is not None:
            if schema.namespace != namespace:
                return False
            if schema.dimensions and schema.dimensions != {key for key, _ in dimensions}:
                return False
        if self.condition is None:
            return True
        return _is_met(self.condition, _Names(namespace, name, dimensions, account_id))


@dataclass(frozen=True, slots=True)
class _Names:
    namespace: str
    name: str
    dimensions: Dimensions
    account_id: str

    def named(self, designator: str | None) -> list[str]:
        match designator:
            case None:
                return [self.namespace, self.name, *(text for pair in self.dimensions for text in pair)]
            case "Namespace":
                return [self.namespace]
            case "MetricName":
                return [self.name]
            case ":aws.AccountId":
                return [self.account_id, "LOCAL"]
            case _:
                return [value for key, value in self.dimensions if key == designator]


def _is_met(condition: Condition, names: _Names) -> bool:
    match condition:
        case Term(text, exact, designator):
            return any(text == held if exact else is_found(text, held) for held in names.named(designator))
        case Not(operand):
            return not _is_met(operand, names)
        case And(parts):
            return all(_is_met(part, names) for part in parts)
        case Or(parts):
            return any(_is_met(part, names) for part in parts)
        case _:
            assert_never(condition)
