"""Columns hold what the rules say, for any JSON: each path's text, row by row."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from inferwatch.engine.store.columns import REST, columns_of, number_text, physical
from inferwatch.engine.store.flatten import Leaves, leaves

AT_LARGE = bool(os.environ.get("INFERWATCH_SOAK"))
KEYS = st.sampled_from(["a", "b", "A", "@x", "#n", "é", "", "key"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(["500", "5.0", "1e3", "-0", "007", "nan", "inf", "1_000", " 12 ", "x" * 600]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.dictionaries(KEYS, VALUES, max_size=5).map(json.dumps) | st.sampled_from(
    ["plain text", "[1, 2]", '{"cut', "12", '{"a": 1} {"b": 2}', ""]
)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, float) else str(value)


def _expected(message: str) -> dict[str, str]:
    try:
        document = json.loads(message)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {path: _text(value) for path, value in leaves(document).items()}


def _read(messages: list[str], max_columns: int) -> list[dict[str, str]]:
    """Every row's texts by path, from the columns alone; long text is in the message."""
    shredded = Leaves()
    shredded.add(message.encode() for message in messages)
    shredded.finish()
    columns = columns_of(shredded, len(messages), max_columns=max_columns)
    rows: list[dict[str, str]] = [{} for _ in messages]
    for path, kind in columns.kinds.items():
        if kind == "L":
            for row, message in zip(rows, messages, strict=True):
                row |= {name: text for name, text in _expected(message).items() if name == path}
        elif kind != "R":
            column = columns.arrays[physical(path)].to_pylist()
            assert len(column) == len(messages)
            for row, value in zip(rows, column, strict=True):
                if value is not None:
                    row[path] = _text(value)
    if REST in columns.arrays:
        for row, pairs in zip(rows, columns.arrays[REST].to_pylist(), strict=True):
            row |= dict(pairs)
    return rows


RECORD_VALUES = st.one_of(SCALARS, st.lists(st.text(max_size=3), max_size=3), st.just({"a": 1}))
RECORDS = st.dictionaries(
    st.sampled_from(["id", "model", "duration_ms", "input_tokens", "stream", "attempt_errors", "unknown"]),
    RECORD_VALUES,
    max_size=6,
).map(lambda members: json.dumps({"v": 1, "ts": "2026", **members}, separators=(",", ":")))


@settings(max_examples=1_000 if AT_LARGE else 80, deadline=None)
@given(records=st.lists(RECORDS, max_size=12), copies=st.sampled_from([1, 20]))
@example(records=['{"v":1,"ts":"x","duration_ms":9007199254740993}'], copies=1)
@example(records=['{"v":1,"ts":"x","model":1000000000000000}', '{"v":1,"ts":"x","model":0.5}'], copies=1)
@example(records=['{"v":1,"ts":"x","duration_ms":2,"attempt_errors":["a","b"]}'], copies=1)
def test_our_own_records_are_read_as_any_json(records: list[str], copies: int) -> None:
    """Whatever a record's fields hold, known or not."""
    events = records * copies

    assert _read(events, 256) == [_expected(message) for message in events]


@settings(max_examples=1_000 if AT_LARGE else 80, deadline=None)
@given(
    messages=st.lists(EVENTS, max_size=12),
    copies=st.sampled_from([1, 20]),
    max_columns=st.sampled_from([2, 256]),
)
@example(messages=['{"a": 1}', '{"a": 2.5}'], copies=20, max_columns=256)
@example(messages=['{"a": 9007199254740993}', '{"a": 2.5}'], copies=20, max_columns=256)
@example(messages=['{"a": "7"}', '{"a": "8"}'], copies=20, max_columns=256)
@example(messages=['{"a": {"b": 1}}', '{"a": null}', '{"a": [true, 1.5]}'], copies=20, max_columns=256)
def test_columns_are_the_leaves(messages: list[str], copies: int, max_columns: int) -> None:
    """Alone, and in groups large enough to be transposed; with few columns too."""
    events = messages * copies

    assert _read(events, max_columns) == [_expected(message) for message in events]


def test_a_record_of_more_than_two_hundred_leaves_is_cut_as_any_json() -> None:
    """Its list fills what its other fields leave."""
    errors = [str(number) for number in range(300)]
    record = json.dumps({"v": 1, "ts": "2026", "attempt_errors": errors, "model": "m"}, separators=(",", ":"))

    (row,) = _read([record], 256)

    assert (len(row), row["attempt_errors.197"]) == (200, "197")
    assert "attempt_errors.198" not in row
    assert "model" not in row


def test_records_among_other_events_keep_their_rows() -> None:
    """More than a batch of them, and what is no object between."""
    kinds = ['{"v":1,"ts":"2026","seq":%d}', '{"other":%d}', "plain %d", '{"v":1,"ts":"2026","seq":"%d"}']
    messages = [kinds[number % 4] % number for number in range(2_500)]

    rows = _read(messages, 256)

    assert rows[1_000:1_004] == [
        {"v": "1", "ts": "2026", "seq": "1000"},
        {"other": "1001"},
        {},
        {"v": "1", "ts": "2026", "seq": "1003"},
    ]
    assert rows == [_expected(message) for message in messages]


def test_only_the_first_two_hundred_leaves_count() -> None:
    """However many there are."""
    message = json.dumps({f"k{number}": number for number in range(300)})

    (row,) = _read([message], 256)

    assert list(row) == sorted(row, key=lambda path: path)
    assert len(row) == 200
    assert "k199" in row
    assert "k200" not in row


def test_what_lies_deeper_than_sixty_four_levels_is_left_out() -> None:
    """And the rest of the event is not."""
    deep: Any = 1
    for _ in range(70):
        deep = {"d": deep}

    (row,) = _read([json.dumps({"deep": deep, "flat": 2})], 256)

    assert row == {"flat": "2"}
