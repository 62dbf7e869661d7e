"""A pattern → one Python function of a message, for those who ask of many: FilterLogEvents, subscriptions.

`Pattern` is the specification. A JSON pattern becomes text that is compiled and run over a decoding of only
the members it names; a pattern of terms becomes a line of searches. Space-delimited patterns have no faster
wording.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from inferwatch.engine.filterpattern.asking import Asking, write_terms
from inferwatch.engine.filterpattern.check import selectors_of
from inferwatch.engine.filterpattern.decoder import Nodes, make_decoder, write_decoding
from inferwatch.engine.filterpattern.nodes import Condition, Fields, Regex, Terms
from inferwatch.engine.filterpattern.pattern import Pattern
from inferwatch.engine.filterpattern.writer import Writer

Matcher: TypeAlias = Callable[[str], bool]
Extractor: TypeAlias = Callable[[str], dict[str, str] | None]


def compile_matcher(pattern: Pattern) -> Matcher:
    """What `pattern.matches` says of a message."""
    match pattern.tree:
        case Terms() as terms:
            return _terms_matcher(terms)
        case Regex() as regex:
            return regex.found_in
        case Fields():
            return pattern.matches
        case condition:
            return _condition_matcher(condition, pattern.matches)


def compile_extractor(pattern: Pattern) -> Extractor:
    """What `pattern.extract` says of a message."""
    if isinstance(pattern.tree, Fields):
        return pattern.extract
    matches = compile_matcher(pattern)
    return lambda message: {} if matches(message) else None


def _terms_matcher(terms: Terms) -> Matcher:
    writer = Writer()
    writer.line("def matches(m):")
    writer.line(f"    return {write_terms(writer, terms)}")
    return cast(Matcher, writer.function("matches"))


def _condition_matcher(condition: Condition, interpret: Matcher) -> Matcher:
    writer = Writer()
    writer.namespace["interpret"] = interpret
    decoder = make_decoder(list(selectors_of(condition)))
    writer.line("def matches(m):")
    writer.indent()
    write_decoding(writer, decoder)
    writer.line("if d is None:")
    writer.line("    return interpret(m)")
    asked = Asking(writer, Nodes(writer, decoder)).condition(condition)
    writer.line(f"return {asked}")
    return cast(Matcher, writer.function("matches"))
