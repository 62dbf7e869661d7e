"""What the other rooms use: a compiled pattern and a compiled selector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inferwatch.engine.filterpattern import evaluate
from inferwatch.engine.filterpattern.check import regexes_of
from inferwatch.engine.filterpattern.document import Document, Event
from inferwatch.engine.filterpattern.errors import PatternError
from inferwatch.engine.filterpattern.nodes import Fields, Regex, Selector, Terms, Tree
from inferwatch.engine.filterpattern.parser import parse
from inferwatch.engine.filterpattern.selectors import parse_selector
from inferwatch.engine.filterpattern.terms import matches_terms
from inferwatch.engine.filterpattern.tokens import named, read_fields


@dataclass(frozen=True, slots=True)
class Pattern:
    """A filter pattern ready to be asked."""

    text: str
    tree: Tree

    @property
    def has_regex(self) -> bool:
        return next(regexes_of(self.tree), None) is not None

    @property
    def supports_dimensions(self) -> bool:
        """Patterns of terms and lone regular expressions name no fields."""
        return not isinstance(self.tree, Terms | Regex)

    def matches(self, event: Event | str) -> bool:
        """Does an event match? Give an `Event` where several patterns ask of one message."""
        match self.tree:
            case Terms() as terms:
                return matches_terms(terms, _message(event))
            case Regex() as regex:
                return regex.found_in(_message(event))
            case Fields() as fields:
                return read_fields(fields, _message(event)) is not None
            case condition:
                document = (event if isinstance(event, Event) else Event(event)).document
                return document is not None and evaluate.matches(condition, document)

    def extract(self, message: str) -> dict[str, str] | None:
        """What TestMetricFilter shows of a message that matches; `None` when it does not.

        Source: answers of the real service (2026-09): every token of space-delimited patterns, by `$name` or
        `$position`; nothing for the other kinds.
        """
        if isinstance(self.tree, Fields):
            texts = read_fields(self.tree, message)
            return None if texts is None else named(self.tree, texts)
        return {} if self.matches(message) else None


@dataclass(frozen=True, slots=True)
class CompiledSelector:
    """A lone `$.selector` that yields at most one node."""

    selector: Selector

    def first(self, document: Document | None) -> Any:
        """The node, or `None` where there is none (or a null)."""
        if document is None:
            return None
        nodes = evaluate.find(self.selector.steps, document)
        return nodes[0] if nodes else None


def compile_pattern(text: str) -> Pattern:
    """Read a filter pattern.

    Raises:
        PatternError: A pattern AWS refuses.
    """
    return Pattern(text, parse(text))


def compile_selector(text: str) -> CompiledSelector:
    """Read a `$.selector` without a wildcard, as metric values and dimensions use it."""
    selector = parse_selector(text)
    if selector.wildcard is not None:
        raise PatternError(f"{text} holds a wildcard", text, 0, "a value comes from one place: no wildcard")
    return CompiledSelector(selector)


def _message(event: Event | str) -> str:
    return event if isinstance(event, str) else event.message
