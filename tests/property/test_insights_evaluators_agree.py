"""The interpreter and SQL give the same rows, whatever the events are and however they lie in tables."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inferwatch.engine.insights import Context, Interpreter, parse, shown
from inferwatch.engine.insights.interpret import Shown
from inferwatch.engine.queries.compiled.execute import Execution, connect
from inferwatch.engine.queries.compiled.facets import NotCompiled
from inferwatch.engine.queries.compiled.sources import Table
from inferwatch.engine.queries.events import Origin, row_of
from inferwatch.engine.store.frame import Event
from inferwatch.engine.store.seal import Events, shredded

START_MS = 1_735_689_600_000
END_MS = START_MS + 3_599_999
CONTEXT = Context(1_735_700_000, START_MS, END_MS)
STREAMS = {1: "s1", 2: "s2"}
DATABASE = connect(threads=1)

NUMBERS = st.one_of(
    st.integers(-5, 1_000),
    st.sampled_from([2.5, -0.0, 0.1, 1e15, 1e-7, 1e300, 2**53 + 1, 2**63, -(2**70), 500, 500.0]),
)
TEXTS = st.sampled_from(
    [
        "",
        "a",
        "B",
        "a10",
        "a9",
        "500",
        "007",
        "1e3",
        " 12 ",
        "1_000",
        "inf",
        "true",
        "é",
        "x\ny",
        "10:00:00",
        "ok",
    ]
)
SCALARS = st.one_of(NUMBERS, TEXTS, st.booleans(), st.none())
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.sampled_from(["b", "c.d", "e"]), SCALARS, max_size=2),
)
KEYS = st.sampled_from(["v", "k", "V", "m", "@x", "odd-key", "n", "a", "a.b"])
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5).map(json.dumps)
TYPED = st.builds(
    lambda n, k, m: json.dumps({"v": n, "k": k, "m": m}),
    st.integers(0, 900),
    st.sampled_from(["ok", "error", "throttled"]),
    st.sampled_from(["model-a", "model-b"]),
)
PLAIN = st.sampled_from(
    ["plain", "{broken", "[1]", "user=bob took 12 ms", "user=eve took x ms", "3", "{}", ""]
)
MESSAGES = st.one_of(OBJECTS, OBJECTS, TYPED, TYPED, PLAIN)
EVENTS = st.lists(
    st.tuples(st.integers(-2_000, 3_602_000), st.sampled_from([1, 2]), MESSAGES), max_size=40
).map(lambda events: [(START_MS + at, stream, message) for at, stream, message in events])

CONDITIONS = [
    "v = 500",
    "v != 500",
    "v >= 2.5",
    'v < "a10"',
    'k = "ok"',
    'k != "ok"',
    'v in [500, "a", 2.5]',
    'k not in ["ok", "error"]',
    'v not in [500, "007"]',
    'k like "o"',
    "v like /^[0-9]+$/",
    "m not like /(?i)A/",
    "ispresent(a.b)",
    "not ispresent(v)",
    "isNumeric(v)",
    'not (v > 10 or k = "ok")',
    "v > 10 and v < 900",
    "V = v",
    "v != k",
    "v",
    "v * 2 + 1 > 100",
    "v % 7 = 3",
    "strlen(k) > 1",
    "`odd-key` > 3",
    "@@x = true",
    'concat(k, "-", v) like "5"',
    "@timestamp > 1735689700000",
    '@logStream = "s1"',
    "v = 9007199254740993",
    "coalesce(a.b, v) = 500",
    "if(v > 100, k, m) = 'ok'",
    "isempty(k)",
    "round(v, 1) = 2.5",
    "abs(v) > floor(v)",
]
SHOWN = [
    "fields v, k, m, @logStream",
    "fields v * 2 as twice, concat(k, m) as both, @timestamp",
    "fields bin(5m) as w, strlen(k) as n, v / 0 as nothing",
    "fields coalesce(v, k) as first, case(v > 500, 'big', v > 10, 'mid', 'small') as size",
    'parse @message "user=* took * ms" as u, ms | fields u, ms, ms + 1 as more',
    "parse @message /took (?<ms>[0-9]+) ms/ | fields ms",
    "fields toupper(k) as up, jsonParse(@message) as j | display up, j.v, @message",
    "display a.b, `odd-key`, @@x, V",
    "fields substr(k, 1, 2) as part, trim(v) as cut, replace(k, 'o', '0') as round, least(v, 7) as least",
    "fields abs(v), ceil(v), floor(v), sqrt(v), log(v), v ^ 2",
]
ENDS = [
    "",
    "sort v desc",
    "sort k asc, v desc | limit 7",
    "sort v | limit 5 | fields v + 1 as w",
    "dedup k",
    "sort v asc | dedup k, m | limit 4",
    "limit 3",
    "limit 9 | filter v > 3",
    "sort @timestamp asc",
    "sort k desc | sort v asc",
]
GROUPED = [
    "stats count(*), count(v), sum(v), avg(v), min(v), max(v)",
    "stats count(*) as c by k",
    "stats pct(v, 90) as p, avg(v) as mean by bin(5m), k",
    "stats count_distinct(v) as d, earliest(v) as e, latest(k) as l by m",
    "stats sum(v) / count(*) as mean, max(v) - min(v) as span by v > 100",
    "stats stddev(v) as s, variance(v) as var by @logStream",
    "stats count(*) as c by v | filter c > 1",
    "stats sum(v) as s by k, m | stats max(s) as top, count(*) as groups by k",
    "stats latest(v) as last, sortsFirst(k) as first by m",
    "stats count(*) as c by missing",
    "stats earliest(@timestamp) as t by k",
]


def queries() -> st.SearchStrategy[str]:
    conditions = st.lists(st.sampled_from(CONDITIONS), max_size=2).map(
        lambda chosen: " | ".join(f"filter {condition}" for condition in chosen)
    )
    raw = st.tuples(conditions, st.sampled_from(SHOWN), st.sampled_from(ENDS))
    grouped = st.tuples(conditions, st.sampled_from(GROUPED))
    return st.one_of(raw, grouped).map(lambda parts: " | ".join(part for part in parts if part))


def interpreted(text: str, events: Sequence[Event]) -> tuple[list[Shown], int]:
    query = parse(text)
    interpreter = Interpreter(query, CONTEXT, 10_000)
    newest_first = sorted(events, key=lambda event: event[:2], reverse=True)
    interpreter.add(
        row_of(event, Origin("g", "1:g", STREAMS[event.stream_id], 0))
        for event in newest_first
        if START_MS <= event.timestamp_ms <= END_MS
    )
    return [shown(query.columns, row) for row in interpreter.rows()], interpreter.matched


def tables_of(events: Sequence[Event], cuts: Sequence[int]) -> list[Table]:
    tables = []
    edges = [0, *sorted(cuts), len(events)]
    for number, (first, last) in enumerate(pairwise(edges)):
        part = events[first:last]
        if not part:
            continue
        encoded = [event.message.encode() for event in part]
        columns = Events(
            array("q", [event.timestamp_ms for event in part]),
            array("q", [event.ingestion_ms for event in part]),
            array("q", [event.sequence for event in part]),
            array("q", [event.stream_id for event in part]),
            array("i", [0, *accumulate(map(len, encoded))]),
            bytearray(b"".join(encoded)),
        )
        data, kinds = shredded(columns, STREAMS)
        DATABASE.register(f"t{number}", data)
        last_ms = max(event.timestamp_ms for event in part)
        tables.append(Table(f"t{number}", False, kinds, "1:g", START_MS, END_MS, (), last_ms))
    return tables


def compiled(text: str, events: Sequence[Event], cuts: Sequence[int]) -> tuple[list[Shown], int]:
    run = Execution(DATABASE, parse(text), tables_of(events, cuts), STREAMS, CONTEXT, 10_000)
    try:
        rows, matched, _ = run._compiled() if run._tables else run.interpreted()
    except NotCompiled:
        rows, matched, _ = run.interpreted()
    return [[cell for cell in row if cell[0] != "@ptr"] for row in rows], matched


def same(left: Shown, right: Shown) -> bool:
    """Equal texts, or numbers that differ by rounding."""
    return len(left) == len(right) and all(
        a == b or (a[0] == b[0] and _close(a[1], b[1])) for a, b in zip(left, right, strict=True)
    )


def _close(left: str, right: str) -> bool:
    try:
        return math.isclose(float(left), float(right), rel_tol=1e-9, abs_tol=1e-9)
    except ValueError:
        return False


@settings(deadline=None, max_examples=400)
@given(text=queries(), given_events=EVENTS, cuts=st.lists(st.integers(0, 40), max_size=3))
def test_both_evaluators_give_the_same_rows(
    text: str, given_events: list[tuple[int, int, str]], cuts: list[int]
) -> None:
    """In the same order, but for the rows of groups, which have none."""
    events = [
        Event(at, number, 5, stream, message) for number, (at, stream, message) in enumerate(given_events)
    ]

    wanted, matched = interpreted(text, events)
    found, found_matched = compiled(text, events, [cut for cut in cuts if cut < len(events)])

    if "stats" in text:
        wanted, found = sorted(wanted), sorted(found)
    assert len(found) == len(wanted), (text, found, wanted)
    assert all(map(same, found, wanted)), (text, found, wanted)
    if "limit" not in text:
        assert found_matched == matched


@pytest.mark.parametrize("text", [*SHOWN, *(f"filter {condition}" for condition in CONDITIONS), *GROUPED])
def test_what_compiles_is_known(text: str) -> None:
    """What is left to the interpreter is left to it on purpose."""
    events = [Event(START_MS, 1, 0, 1, '{"v": 1, "k": "a"}')]
    run = Execution(DATABASE, parse(text), tables_of(events, []), STREAMS, CONTEXT, 10)
    left = ("toupper", "sortsFirst", "by v > 100")

    try:
        run._compiled()
    except NotCompiled:
        assert any(word in text for word in left), text
    except duckdb.Error as error:
        raise AssertionError(text) from error
    else:
        assert not any(word in text for word in left), text
