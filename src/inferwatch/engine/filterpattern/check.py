"""Limits that hold for a pattern as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from inferwatch.engine.filterpattern.errors import TOO_MANY_REGEXES, PatternError
from inferwatch.engine.filterpattern.nodes import (
    And,
    Compare,
    Fields,
    Is,
    NotExists,
    Or,
    Regex,
    Selector,
    Tree,
)
from inferwatch.model.limits import FILTER_PATTERN_MAX_CHARS

REGEXES_PER_PATTERN = 2
WILDCARDS_PER_PATTERN = 3


def check_length(text: str) -> None:
    """At most 1,024 characters."""
    if len(text) > FILTER_PATTERN_MAX_CHARS:
        raise PatternError(
            f"Filter pattern must have length less than or equal to {FILTER_PATTERN_MAX_CHARS}",
            text,
            FILTER_PATTERN_MAX_CHARS,
            f"a pattern has at most {FILTER_PATTERN_MAX_CHARS} characters",
        )


def check_counts(tree: Tree, text: str) -> None:
    """At most two regular expressions, and three selectors with a wildcard.

    Differs: the text for a fourth wildcard is ours; AWS's was not recorded.
    """
    regexes = list(regexes_of(tree))
    if len(regexes) > REGEXES_PER_PATTERN:
        raise PatternError(TOO_MANY_REGEXES, text, regexes[REGEXES_PER_PATTERN].span.start, "one too many")
    wild = [selector for selector in selectors_of(tree) if selector.wildcard is not None]
    if len(wild) > WILDCARDS_PER_PATTERN:
        raise PatternError(
            f"Your filter pattern exceeds the maximum of {WILDCARDS_PER_PATTERN} wildcards allowed.",
            text,
            wild[WILDCARDS_PER_PATTERN].span.start,
            "one too many",
        )


def regexes_of(tree: Tree) -> Iterator[Regex]:
    """Every regular expression, in the order of the text."""
    match tree:
        case Regex():
            yield tree
        case Compare(_, _, Regex() as regex):
            yield regex
        case And(parts) | Or(parts):
            for part in parts:
                yield from regexes_of(part)
        case Fields(head, tail):
            tests = [test for slot in (*head, *(tail or ())) for tests in slot.alternatives for test in tests]
            yield from (test.value for test in tests if isinstance(test.value, Regex))
        case _:
            return


def selectors_of(tree: Tree) -> Iterator[Selector]:
    """Every JSON selector, in the order of the text."""
    match tree:
        case Compare(selector) | Is(selector) | NotExists(selector):
            yield selector
        case And(parts) | Or(parts):
            for part in parts:
                yield from selectors_of(part)
        case _:
            return
