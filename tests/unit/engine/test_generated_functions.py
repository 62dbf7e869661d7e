"""Generated functions say what the plain interpreters say, whatever the patterns, filters and events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inferwatch.engine.filterpattern import (
    PatternError,
    compile_extractor,
    compile_matcher,
    compile_pattern,
)
from inferwatch.engine.metricfilters.apply import apply_filters
from inferwatch.engine.metricfilters.filter import MetricFilter, Transformation, make_filter
from inferwatch.engine.metricfilters.generate import compile_filters
from inferwatch.model.errors import AwsError

# --- Filters: few names, so that they meet the documents' members.
selectors = st.sampled_from(
    [
        "$.a",
        "$.b",
        "$.a.b",
        "$.a[0]",
        "$.a[1].b",
        "$.a.b.c",
        "$.['']",
        "$.['x\"y']",
        "$.['é']",
        "$.['a.b']",
        "$.c",
    ]
)
wild = st.sampled_from(["$.*", "$.a[*]", "$.a.*", "$.a[*].b", "$.b.*"])
VALUES = """1 1.0 -0 0.1 1e3 +1 9007199254740992 9007199254740993 1e308 1e309 1e-999 1e23 0.30 "1" "1.0" "1000.0" "ok" ok true
    * "*" o* *k *o* 1* *0 ** "Inf*" "" "\ud83d" %1% %^o.% %.% %E%""".split()
BOUNDS = """0 1 1.5 -1 0.1 1e400 9007199254740993 100000000000000000000""".split()
values, bounds = st.sampled_from(VALUES), st.sampled_from(BOUNDS)
conditions = st.one_of(
    st.builds("{} = {}".format, selectors, values),
    st.builds("{} != {}".format, selectors, values),
    st.builds("{} {} {}".format, selectors, st.sampled_from(["<", "<=", ">", ">="]), bounds),
    st.builds("{} IS {}".format, selectors, st.sampled_from(["NULL", "TRUE", "FALSE"])),
    st.builds("{} NOT EXISTS".format, selectors),
    st.builds("{} {} {}".format, wild, st.sampled_from(["=", "!="]), values),
    st.builds("{} {}".format, wild, st.sampled_from(["NOT EXISTS", "IS NULL", "> 1"])),
)
compound = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner), st.builds("({} || {})".format, inner, inner)
    ),
    max_leaves=5,
)
patterns = st.one_of(
    compound.map("{{ {} }}".format),
    st.sampled_from(
        ["", "a", "?a ?b", "a -b", "-a", '"\\""', "?a -1", "%a+%", "[x]", "[x, y]", "[x, ..., y]", "[x=1,]"]
    ),
    st.sampled_from(['[x = "a" || x > 1, ...]', "{ $.a = " + "1 || $.a = " * 30 + "2 }"]),
)
places = st.one_of(selectors, st.sampled_from(["$x", "$y", "$1", "$2"]))


@st.composite
def filters(draw: st.DrawFn) -> list[MetricFilter]:
    made: list[MetricFilter] = []
    for number in range(draw(st.integers(1, 6))):
        transformation = Transformation(
            "m",
            "ns",
            draw(st.one_of(st.just("2.5"), places)),
            draw(st.none() | st.sampled_from([0, 7.5])),
            None,
            draw(st.dictionaries(st.sampled_from(["A", "B"]), places, max_size=2)),
        )
        system = draw(st.sampled_from([{}, {"@aws.region": "eu-west-1"}]))
        try:
            made.append(
                make_filter(f"f{number}", draw(patterns), transformation, 0, system_dimensions=system)
            )
        except AwsError:
            continue
    return made


# --- Documents as text, since text is where parsers differ.
RAW = r"""1 1.0 -0 -0.0 0 0.1 0.3 1e3 1E+2 1e309 -1e309 1e-999 5e-324 true false null "1" "1.0" "ok" "o" "" "3e2" "1e999"
    "\u006fk" "\ud83d\ude00" "\ud83d" 9007199254740992 9007199254740993 9007199254740993.0 18446744073709551616 100000000000000000000000
    01 1. +1 NaN Infinity tru "\q" [1,] [] {} "x""".split()
LONG = ["1" * 400, "-" + "1" * 110, "1" * 4_400, "[" * 600 + "]" * 600, '"\t"']
raw = st.sampled_from([*RAW, *LONG])
names = st.sampled_from(["a", "b", "c", "", 'x\\"y', "é", "a.b", "\\u0061", "\\ud800", "z"])
spaces = st.sampled_from(["", "", " ", "\n\t", "\u00a0"])


def _object(members: list[tuple[str, str, str]]) -> str:
    return "{" + ",".join(f'{space}"{name}"{space}:{value}{space}' for name, value, space in members) + "}"


documents = st.recursive(
    raw,
    lambda inner: st.one_of(
        st.lists(st.tuples(names, inner, spaces), max_size=5).map(_object),
        st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]"),
    ),
    max_leaves=8,
)
messages = st.one_of(
    st.lists(st.tuples(names, documents, spaces), max_size=6).map(_object),
    st.lists(st.tuples(names, documents, spaces), max_size=3).map(_object).map(lambda text: f" {text} \r\n"),
    documents,
    st.sampled_from(
        ["", " ", "a", "a b", "1 2 3", 'a "b c', "\ufeff{}", '{"a":1}x', '{"a":1}{}', "{", "\ud800", "b a"]
    ),
    st.text(max_size=20),
)


def _filter(name: str, pattern: str, value: str, **more: Any) -> MetricFilter:
    return make_filter(name, pattern, Transformation("m", "ns", value, **more), 0)


def _plain(made: list[MetricFilter], events: list[str]) -> list[tuple[int, str, float, dict[str, Any]]]:
    return [
        (index, item.name, sample.value, sample.dimensions)
        for index, message in enumerate(events)
        for item, sample in apply_filters(made, message)
    ]


def _comparisons(selector: str) -> list[str]:
    """All operators and literals."""
    return [
        *(f"{{ {selector} {sign} {value} }}" for sign in ("=", "!=") for value in VALUES),
        *(f"{{ {selector} {sign} {bound} }}" for sign in ("<", "<=", ">", ">=") for bound in BOUNDS),
        *(f"{{ {selector} IS {truth} }}" for truth in ("NULL", "TRUE", "FALSE")),
        f"{{ {selector} NOT EXISTS }}",
    ]


ODD_EVENTS = [
    text.replace("RAW", value)
    for value in [*RAW, *LONG]
    for text in ('{"a": RAW}', '{"a": {"b": RAW}}', '{"a": [RAW]}', '{"a": [null, RAW]}', '{"y": RAW}')
]


@pytest.mark.parametrize("selector", ["$.a", "$.a.b", "$.a[0]", "$.a[*]", "$.*"])
def test_every_comparison_of_every_value_is_the_interpreters(selector: str) -> None:
    """All operators and literals against all odd JSON values, in each place; values and dimensions; patterns alone."""
    made = [_filter(f"f{number}", text, "1") for number, text in enumerate(_comparisons(selector))]
    made += [_filter("v0", "", "$.a", default_value=5), _filter("v1", "{ $.z NOT EXISTS }", "$.a[0]")]
    made += [_filter("d0", "{ $.z NOT EXISTS }", "$.a", dimensions={"A": "$.a", "B": "$.a.b"})]

    found = [
        (i, item.name, sample.value, sample.dimensions)
        for i, item, sample in compile_filters(made)(ODD_EVENTS)
    ]

    assert found == _plain(made, ODD_EVENTS)
    assert found
    for item in made:
        if item.transformation.value == "1":
            matches = compile_matcher(item.pattern)
            matching = [index for index, message in enumerate(ODD_EVENTS) if matches(message)]
            assert matching == [index for index, name, *_ in found if name == item.name], item.pattern.text


@given(filters(), st.lists(messages, min_size=1, max_size=4))
@example([], [""])
def test_the_generated_function_says_what_the_interpreter_says(
    made: list[MetricFilter], events: list[str]
) -> None:
    """Sample for sample, over odd numbers, strings, names, nesting, duplicates and text that is no JSON."""
    if not made:
        return
    expected = _plain(made, events)

    found = [
        (i, item.name, sample.value, sample.dimensions) for i, item, sample in compile_filters(made)(events)
    ]

    assert found == expected
    assert [repr(value) for _, _, value, _ in found] == [repr(value) for _, _, value, _ in expected]


@given(patterns, st.lists(messages, min_size=1, max_size=4))
def test_a_compiled_pattern_says_what_the_interpreter_says(text: str, events: list[str]) -> None:
    """Whether a message matches, and what is extracted of it."""
    try:
        pattern = compile_pattern(text)
    except PatternError:
        return
    matches, extract = compile_matcher(pattern), compile_extractor(pattern)

    found = [(matches(message), extract(message)) for message in events]

    assert found == [(pattern.matches(message), pattern.extract(message)) for message in events]
