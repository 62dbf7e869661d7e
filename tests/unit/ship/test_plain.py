"""A record that is no JSON is recorded as what can be recorded of it; nothing is raised into the caller."""

from __future__ import annotations

import datetime
import json
import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inferwatch.ship.plain import is_exact, plain


class Widget:
    def __repr__(self):
        raise RuntimeError("never asked")


def circle():
    value = {}
    value["self"] = value
    return value


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param(Widget(), "<Widget>", id="object"),
        (math.nan, None),
        (-math.inf, None),
        (2**64, "18446744073709551616"),
        pytest.param(1 << 100_000, "<int>", id="100,000 bits"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "\U0001f600"),
        (b"by\xfftes", "by\ufffdtes"),
        pytest.param([1, math.nan, Widget()], [1, "<Widget>"], id="list"),
        ({3: {Widget: "x"}}, {"3": {"<type>": "x"}}),
        (frozenset({1}), [1]),
    ],
)
def test_what_is_no_json_is_mended_and_named(value, kept):
    """`None` here is left out: an unknown number is no zero."""
    found = plain({"n": 1, "bad": value})

    assert found == {"n": 1, "unrecorded": ["bad"]} | ({} if kept is None else {"bad": kept})
    assert orjson.loads(orjson.dumps(found)) == found


@pytest.mark.parametrize(
    "value", [1, -0.5, "é", None, True, [1, {"a": "b"}], datetime.date(2026, 11, 24), 2**64 - 1]
)
def test_what_is_json_is_as_it_was(value):
    """And not named."""
    found = plain({"good": value, "bad": Widget()})

    assert found["unrecorded"] == ["bad"]
    assert orjson.dumps(found["good"]) == orjson.dumps(value)


def test_what_contains_itself_ends():
    """At a depth of sixteen."""
    found = plain({"round": circle(), "n": 1})

    assert found["unrecorded"] == ["round"]
    assert json.dumps(found).count("self") == 15


def test_a_field_whose_name_is_no_text_is_named():
    """As it is written."""
    assert plain({"a\ud800": 1}) == {"a\ufffd": 1, "unrecorded": ["a\ufffd"]}


def test_nulls_are_exact_and_nan_is_not():
    """JSON text says null for both."""
    for record, exact in (({"a": None}, True), ({"a": "null"}, True), ({"a": [math.nan]}, False)):
        assert is_exact(orjson.dumps(record), record) == exact


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5)
            | st.builds(Widget),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
            max_leaves=8,
        ),
    )
)  # fmt: skip
def test_whatever_comes_json_can_say_the_rest(record):
    """Every field is there as it was, or named."""
    found = plain(record)
    said = orjson.loads(orjson.dumps(found))

    for name, value in record.items():
        if name not in said["unrecorded"] and name != "unrecorded":
            assert said[name] == value


@pytest.mark.parametrize(
    "value", [Widget(), math.nan, "\ud800", circle(), "x" * 10_000_000, 10**30], ids=range(6)
)
def test_nothing_is_raised_and_the_rest_arrives(shipper, logs, value):
    """Counted, and its field named; the others are whole."""
    shipper.emit({"n": 1, "status": "ok", "bad": value})
    report = shipper.flush()

    (record,) = logs.records()
    assert report.sent == 1
    assert (record["n"], record["status"], record["unrecorded"]) == (1, "ok", ["bad"])
    assert shipper.stats().mended == 1


def test_a_long_text_is_cut_and_says_how_long_it_was(shipper, logs):
    """Only where the record would have been too large."""
    shipper.emit({"short": "x" * 5_000, "long": "y" * 2_000_000, "list": ["z" * 2_000] * 1_000})
    shipper.flush()

    (record,) = logs.records()
    assert record["long"] == "y" * 1_000 + "… (2,000,000 characters)"
    assert record["unrecorded"] == ["short", "long", "list"]
    assert len(logs.delivered[0]["message"]) < 5_000


def test_values_that_raise_when_looked_at_cost_their_record_only(shipper, logs):
    """A dictionary of the application's own making."""

    class Trap(dict):
        def items(self):
            raise RuntimeError("as told")

    shipper.emit({"n": 1, "bad": Trap(a=object())})
    shipper.emit({"n": 2})
    report = shipper.flush()

    assert (report.sent, report.rejected) == (1, 1)
    assert report.last_error == "a record cannot be written as JSON (RuntimeError)"
