"""Filter patterns: printing and reading, hostile text, and how much work reading is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inferwatch.engine.filterpattern import PatternError, compile_extractor, compile_pattern
from inferwatch.engine.filterpattern import nodes as n
from inferwatch.engine.filterpattern.check import check_counts
from inferwatch.engine.filterpattern.parser import parse
from inferwatch.engine.filterpattern.printer import write
from inferwatch.engine.filterpattern.regex import read_regex
from inferwatch.lang.cursor import Cursor

REGEXES = ("a", "a+?", r"\d{2}", "[a-z]|_", r"\x41\.", "^$", "x*")


def _regex(text: str) -> n.Regex:
    return read_regex(Cursor(f"%{text}%"))


names = st.from_regex(r"[A-Za-z0-9_-]{1,4}", fullmatch=True)
keys = st.text(max_size=6).filter(lambda key: "']" not in key and not key.endswith("'"))
numbers = (
    st.from_regex(r"[+-]?([0-9]{1,20}(\.[0-9]{0,3})?|\.[0-9]{1,3})([eE][+-]?[0-9]{1,3})?", fullmatch=True)
    .filter(str.isascii)
    .map(lambda text: n.Number(text, Decimal(text)))
)
quoted = st.text(st.characters(exclude_characters='"'), max_size=8).map(lambda text: n.Text(text, True))
bare = st.sampled_from(["*", "a*", "*.b", "ok", "e5", "1a", "-", "+x", "true"]).map(
    lambda text: n.Text(text, False)
)
regexes = st.sampled_from(REGEXES).map(_regex)
literals = st.one_of(numbers, quoted, bare, regexes)
steps = st.one_of(
    names.map(n.Member), keys.map(n.Member), st.integers(0, 10**30).map(n.Index), st.sampled_from(n.Wildcard)
)
first_steps = st.one_of(names.map(n.Member), keys.map(n.Member), st.just(n.Wildcard.MEMBERS))
selectors = (
    st.tuples(first_steps, st.lists(steps, max_size=3))
    .map(lambda parts: n.Selector((parts[0], *parts[1])))
    .filter(lambda selector: sum(isinstance(step, n.Wildcard) for step in selector.steps) <= 1)
)
equalities = st.sampled_from([n.Operator.EQ, n.Operator.NE])
orders = st.sampled_from([n.Operator.LT, n.Operator.LE, n.Operator.GT, n.Operator.GE])
comparisons = st.one_of(
    st.builds(n.Compare, selectors, equalities, literals), st.builds(n.Compare, selectors, orders, numbers)
)
leaves = st.one_of(
    comparisons, st.builds(n.Is, selectors, st.sampled_from(n.Truth)), st.builds(n.NotExists, selectors)
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: n.And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: n.Or(tuple(parts))),
    ),
    max_leaves=6,
)
tests = st.one_of(st.builds(n.Test, equalities, literals), st.builds(n.Test, orders, numbers))
alternatives = st.lists(st.lists(tests, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple)
fields = st.one_of(
    st.just(n.Field()),
    st.builds(n.Field, st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,3}", fullmatch=True), alternatives),
)
slots = st.lists(fields, max_size=4).map(tuple)
spaced = st.builds(n.Fields, slots, st.none() | slots).filter(
    lambda tree: (
        len({slot.name for slot in (*tree.head, *(tree.tail or ())) if slot.name})
        == sum(slot.name is not None for slot in (*tree.head, *(tree.tail or ())))
        and (tree.tail is not None or tree.head not in ((), (n.Field(),)))
    )
)
words = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1, max_size=6)
terms = st.lists(st.builds(n.Term, st.sampled_from(n.Need), words), max_size=5).map(
    lambda items: n.Terms(tuple(items))
)


def _is_writable(tree: n.Tree) -> bool:
    try:
        check_counts(tree, "")
    except PatternError:
        return False
    return len(write(tree)) <= 1_024


trees = st.one_of(conditions, spaced, terms, regexes).filter(_is_writable)
PIECES = st.sampled_from([" ", "\n", "\x00"]) | st.sampled_from(
    """{ } [ ] ( ) $ . $.a ['b'] [*] [0] ... , = != <= > && || IS NULL NOT EXISTS % %a% " "x" - ? \\ * 1 1e9 a é""".split()
)
hostile = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=30).map("".join),
    st.lists(PIECES, max_size=30).map(" ".join),
)


@given(trees)
def test_what_is_printed_reads_back_as_it_was(tree: n.Tree) -> None:
    """`parse(write(tree)) == tree` for trees of every kind."""
    assert parse(write(tree)) == tree


@given(
    trees,
    st.one_of(
        st.text(max_size=20), st.sampled_from(['{"a":1}', '{"a":[1,{"b":"x"}]}', 'a "b c" [d] 1.0 ok'])
    ),
)
def test_a_printed_pattern_matches_the_same(tree: n.Tree, message: str) -> None:
    """The text that a tree prints to, the text that one prints to, and the function made of it extract alike."""
    once = compile_pattern(write(tree))

    again = compile_pattern(write(once.tree))

    assert again.extract(message) == once.extract(message)
    assert compile_extractor(once)(message) == once.extract(message)


@given(hostile, hostile)
def test_hostile_patterns_are_read_or_refused(text: str, message: str) -> None:
    """No exception but our typed error, with a column inside the text and a picture; no message breaks a match."""
    refused = _refusal(text)
    if refused is not None:
        assert 1 <= refused.column <= len(text) + 1
        assert refused.picture()
        return
    pattern = compile_pattern(text)
    assert (pattern.extract(message) is not None) is pattern.matches(message)
    assert compile_extractor(pattern)(message) == pattern.extract(message)
    assert parse(write(pattern.tree)) == pattern.tree


def _steps(work: Callable[[], Any]) -> int:
    """How many lines of Python a piece of work runs: the same on every machine and under any load."""
    count = 0

    def trace(*_: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def _refusal(pattern: str) -> PatternError | None:
    try:
        compile_pattern(pattern)
    except PatternError as refused:
        return refused
    return None


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "{ " + " || ".join(["$.a = 1"] * size) + " }",
        lambda size: "{ " + "(" * size,
        lambda size: "[" + ", " * size + "]",
        lambda size: "[" + "a = 1 || " * size + "a = 1]",
        lambda size: "?a " * size,
        lambda size: '"a" ' * size,
        lambda size: "%" + "a?" * size + "%",
        lambda size: "{ $" + ".a" * size + " = 1 }",
    ],
)
def test_reading_a_pattern_takes_linear_work(make: Callable[[int], str]) -> None:
    """Ten times the pattern is at most about ten times the lines run."""
    small, large = _steps(lambda: _refusal(make(9))), _steps(lambda: _refusal(make(90)))

    assert large <= 14 * small


@pytest.mark.parametrize(
    ("pattern", "part"),
    [("[a, ..., b]", '"'), ("[a, ..., b]", "[ "), ("[a, ..., b]", '" [ ] '), ("[a, b, c]", "[ x ")],
)
def test_reading_a_line_takes_linear_work(pattern: str, part: str) -> None:
    """Unclosed quotes and brackets are looked for once."""
    asked = compile_pattern(pattern)

    small = _steps(lambda: asked.matches(part * 100))
    large = _steps(lambda: asked.matches(part * 1_000))

    assert large <= 12 * small
