"""What the other rooms use: a compiled pattern and a compiled selector."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from inferwatch.engine.filterpattern import evaluate
from inferwatch.engine.filterpattern.errors import PatternError
from inferwatch.engine.filterpattern.nodes import Condition, Selector
from inferwatch.engine.filterpattern.parser import parse, parse_selector
from inferwatch.model.errors import Unsupported
from inferwatch.model.limits import FILTER_PATTERN_MAX_CHARS


@dataclass(frozen=True, slots=True)
class Pattern:
    """A filter pattern ready to be asked; `condition` is `None` for the empty one, which matches all."""

    text: str
    condition: Condition | None

    @property
    def supports_dimensions(self) -> bool:
        return self.condition is not None

    def matches(self, document: dict[str, Any] | None) -> bool:
        """Does an event match?

        Args:
            document: The event's message from `parse_document`; `None` when it is no JSON object.
        """
        if self.condition is None:
            return True
        return document is not None and evaluate.matches(self.condition, document)


@dataclass(frozen=True, slots=True)
class CompiledSelector:
    """A lone `$.selector` that yields at most one node."""

    selector: Selector

    def first(self, document: dict[str, Any] | None) -> Any:
        """The node, or `None` where there is none (or a null)."""
        if document is None:
            return None
        nodes = evaluate.find(self.selector.steps, document)
        return nodes[0] if nodes else None


def compile_pattern(text: str) -> Pattern:
    """Read a filter pattern.

    Raises:
        PatternError: A pattern AWS refuses.
        Unsupported: A kind of pattern that AWS has and this version lacks.
    """
    if len(text) > FILTER_PATTERN_MAX_CHARS:
        raise PatternError(
            f"Filter pattern must have length less than or equal to {FILTER_PATTERN_MAX_CHARS}",
            text,
            FILTER_PATTERN_MAX_CHARS,
            f"a pattern has at most {FILTER_PATTERN_MAX_CHARS} characters",
        )
    trimmed = text.strip()
    if not trimmed:
        return Pattern(text, None)
    if trimmed.startswith("{"):
        if not trimmed.endswith("}"):
            raise PatternError(
                "If a filter pattern starts with '{' it must end with '}'",
                trimmed,
                len(trimmed),
                "expected }",
            )
        return Pattern(text, parse(trimmed))
    kinds = {"[": "space-delimited filter patterns", "%": "regular expression filter patterns"}
    kind = kinds.get(trimmed[0], "filter patterns of plain terms")
    raise Unsupported(kind, f"pattern {trimmed!r}", code="InvalidParameterException")


def compile_selector(text: str) -> CompiledSelector:
    """Read a `$.selector` without a wildcard, as metric values and dimensions use it."""
    selector = parse_selector(text)
    if selector.wildcard is not None:
        raise PatternError(f"{text} holds a wildcard", text, 0, "a value comes from one place: no wildcard")
    return CompiledSelector(selector)


def parse_document(message: str) -> dict[str, Any] | None:
    """A message that is one JSON object and nothing else, parsed; `None` for any other text.

    Integers stay exact. Differs: a message nested too deep, or with an integer of over 4,300 digits, counts
    as no JSON.
    """
    if "{" not in message[:64] and not message.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(message, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
