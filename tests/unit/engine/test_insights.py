"""The language of Logs Insights: what its commands and functions give, and where a query is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inferwatch.engine.insights import Context, Interpreter, MalformedQuery, parse, shown
from inferwatch.engine.insights.functions import FUNCTIONS
from inferwatch.engine.insights.values import Row
from inferwatch.engine.queries.events import Origin, row_of
from inferwatch.engine.store.frame import Event

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "insights.json").read_text())
START_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
CONTEXT = Context(1_735_700_000, START_MS, START_MS + 599_999)


def rows_of(dataset: str) -> Iterator[Row]:
    """Newest first."""
    for number, event in reversed([*enumerate(VECTORS["datasets"][dataset])]):
        origin = Origin("GROUP", "111111111111:GROUP", event["logStream"], 0)
        yield row_of(Event(event["timestamp"], number, 0, 1, event["message"]), origin)


def run(text: str, rows: Iterator[Row] | list[Row], most: int = 10_000) -> list[dict[str, str]]:
    query = parse(text)
    interpreter = Interpreter(query, CONTEXT, most)
    interpreter.add(rows)
    return [dict(shown(query.columns, row)) for row in interpreter.rows()]


def value_of(expression: str, row: Row | None = None) -> str | None:
    (found,) = run(f"fields {expression} as result | display result", [dict(row or {})])
    return found.get("result")


@pytest.mark.parametrize("vector", VECTORS["queries"], ids=lambda vector: vector["id"])
def test_shared_queries(vector: dict[str, Any]) -> None:
    """Each row with its columns in order; those without a promised order in any."""
    if "error" in vector:
        with pytest.raises(MalformedQuery) as refused:
            parse(vector["query"])
        assert refused.value.code == vector["error"]["code"]
        assert vector["error"].get("messageContains", "") in refused.value.message
        return

    found = [list(row.items()) for row in run(vector["query"], rows_of(vector["dataset"]))]

    wanted = [[(cell["field"], cell["value"]) for cell in row] for row in vector["rows"]]
    if vector["id"] == "now-seconds":
        wanted = [[("n", str(CONTEXT.now_s))]]
    if not vector["ordered"]:
        found, wanted = sorted(found), sorted(wanted)
    assert found == wanted


@pytest.mark.parametrize("vector", VECTORS["expressions"], ids=lambda vector: vector["expr"])
def test_shared_expressions(vector: dict[str, Any]) -> None:
    """A truth value is written `true`; of two results that AWS may give we give the first."""
    expression = vector["expr"].replace("<", '"').replace(">", '"')
    wanted = vector["result"]
    wanted = json.dumps(wanted) if isinstance(wanted, bool) else str(wanted).split(" or ")[0]

    assert value_of(expression) == wanted


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("fields a |", 11, "unexpected end of the query expecting {K_PARSE"),
        ("fields a b", 10, "mismatched input 'b' expecting '|'"),
        ("filter a = ", 12, "expecting a field, a value or a function"),
        ("filter a like b", 15, "a text in quotes or a /regular expression/"),
        ("filter a like /(/", 15, "regular expression is not valid"),
        ("filter a in (fields b)", 13, "does not support a query within a query"),
        ("fields nosuch(a)", 8, "unknown function 'nosuch'"),
        ("fields strlen(a, b)", 8, "strlen takes 1 argument, not 2"),
        ("fields bin(5x)", 12, "expected a period"),
        ("fields bin(0m)", 12, "expected a period"),
        ("pattern @message", 1, "does not support the command 'pattern'"),
        ("fields a | join type=inner", 12, "does not support the command 'join'"),
        ("stats latency", 7, "Unknown symbols found in or after stats: latency"),
        ("stats sum(a) + b", 16, "Unknown symbols found in or after stats: b"),
        ("stats sum(avg(a))", 11, "avg can only stand in stats"),
        ("filter count(*) > 1", 8, "count can only stand in stats"),
        ("stats pct(a, 101)", 7, "a percentage from 0 to 100"),
        ("stats pct(a, b)", 7, "a percentage from 0 to 100"),
        ("limit 0", 7, "from 1 to 100,000"),
        ("limit 1.5", 7, "a number of rows"),
        ("parse 'a*' as x, y", 7, "1 stars, and 2 names"),
        ("parse a /b/", 9, "names no group"),
        ("fields a | SOURCE logGroups()", 12, "SOURCE can only be the first command"),
        ("SOURCE dataSource(['x']) | fields a", 8, "does not support SOURCE dataSource"),
        ("fields " + "(" * 100 + "a" + ")" * 100, 72, "levels within each other"),
        ("fields " + "-" * 100 + "a", 72, "levels within each other"),
        ("filter " + "not " * 100 + "a", 264, "levels within each other"),
        ("fields a" + " + a" * 100, 264, "levels within each other"),
        ("fields 'open", 8, "mismatched input"),
        ("fields `", 8, "expecting a field"),
    ],
)
def test_a_refusal_says_where(text: str, column: int, problem: str) -> None:
    with pytest.raises(MalformedQuery) as refused:
        parse(text)

    assert problem in refused.value.message
    assert refused.value.column == column
    assert refused.value.message.endswith(f"at line 1, column {column}")


def test_a_refusal_on_a_later_line() -> None:
    """Line and column count from 1, offsets of the text from 0."""
    with pytest.raises(MalformedQuery) as refused:
        parse("fields a\n# nothing\n| bogus b")

    assert (refused.value.line, refused.value.column) == (3, 3)
    location = {"startCharOffset": 21, "endCharOffset": 26}
    assert refused.value.details["queryCompileError"] == {
        "location": location,
        "message": refused.value.message,
    }
    assert refused.value.picture == "  | bogus b\n    ^"


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("missing != 1", "false"),
        ("not (missing = 1)", "true"),
        ("missing not like 'x'", "false"),
        ("missing not in ['x']", "false"),
        ("'10' > '9'", "true"),
        ("'x10' > 'x9'", "false"),
        ("9007199254740993 = 9007199254740992", "false"),
        ("'500' = 500.0", "true"),
        ("1 / 0", None),
        ("(-8) ^ 0.5", None),
        ("10 ^ 400", None),
        ("2 ^ 3 ^ 2", "512"),
        ("-2 ^ 2", "4"),
        ("7 - 2 - 1", "4"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("1 = 1 and not 1 = 2 or 1 = 3", "true"),
        ("isempty(missing)", "1"),
        ("concat('a', missing)", None),
        ("substr('abc', 1, 1)", "b"),
        ("base64decode('!')", None),
        ("split('a,b', ',')[1]", "b"),
        ("jsonParse('[1,{\"a\":true}]')[1].a", "true"),
        ("jsonParse('{')", None),
        ("toupper(jsonParse('{}'))", None),
        ("formatDate(fromMillis(0), \"yyyy-MM-dd'T'HH:mm:ss.SSS\")", "1970-01-01T00:00:00.000"),
        ("formatDate(0, 'HH:mm', 'Europe/Berlin')", "01:00"),
        ("parseDate('2025-01-01 02:00', 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", "1735693200000"),
        ("parseDate('soon', 'yyyy')", None),
        ("strftime(0, '%d.%m.%Y')", "01.01.1970"),
        ("datefloor(fromMillis(1735700000000), 1mo)", "2025-01-01 00:00:00.000"),
        ("dateceil(fromMillis(1735700000000), 1q)", "2025-04-01 00:00:00.000"),
        ("queryTimeRange()", "600000"),
        ("isIpInSubnet('no', '10.0.0.0/8')", "false"),
        ("regexReplace('a1b22', '[0-9]+', '#')", "a#b#"),
    ],
)
def test_expressions(expression: str, wanted: str | None) -> None:
    """What is missing stays so, and no result is not a number."""
    assert value_of(expression) == wanted


def test_every_function_survives_every_value() -> None:
    """Missing, empty, odd, huge: a text or nothing comes out, never an exception."""
    values: list[Any] = [None, "", "x", "-1", "1e308", 0, -7, 2**80, 1.5, {"a": 1}, [1], "%", "{", "[1]"]
    texts = {None}
    for name, function in FUNCTIONS.items():
        if function.apply is None:
            continue
        for value in values:
            row: Row = {"a": value}
            for count in range(function.fewest, min(function.most, 3) + 1):
                arguments = ", ".join(["a"] * count)
                texts.add(value_of(f"{name}({arguments})", row))

    assert all(text is None or isinstance(text, str) for text in texts)


def test_parse_takes_csv_and_logfmt() -> None:
    """Both as fields of the row; what does not match leaves them unset."""
    rows: list[Row] = [{"@message": 'a,"b,c"'}, {"@message": 'level=info msg="two words"'}]

    by_csv = run("parse @message csv as first, second | display first, second", [dict(rows[0])])
    by_logfmt = run("parse @message logfmt as m | display m.level, m.msg", [dict(row) for row in rows])

    assert by_csv == [{"first": "a", "second": "b,c"}]
    assert by_logfmt == [{}, {"m.level": "info", "m.msg": "two words"}]


def test_aggregates() -> None:
    """Over 1, 2, 3, 4 and a text; by time from new to old."""
    rows: list[Row] = [
        {"@timestamp": 10 - n, "@sequence": n, "v": v} for n, v in enumerate([4, "x", 3, 1, 2])
    ]

    (found,) = run(
        "stats pct(v, 50) as p, stddev(v) as s, variance(v) as var, values(v) as all, earliest(v) as e, "
        "latest(v) as l, sortsFirst(v) as first, sortsLast(v) as last, count_distinct(v) as d, ceil(avg(v)) as c",
        rows,
    )

    deviation, variance = float(found.pop("s")), float(found.pop("var"))
    assert (deviation, variance) == pytest.approx((1.118033988749895, 1.25))
    assert found == {
        "p": "2.5",
        "all": "[x,1,2,3,4]",
        "e": "2",
        "l": "4",
        "first": "x",
        "last": "4",
        "d": "5",
        "c": "3",
    }


def test_groups_beyond_the_most_are_left_out_and_counted() -> None:
    rows: list[Row] = [{"k": number} for number in range(100_010)]
    query = parse("stats count(*) as n by k | stats count(*) as groups")
    interpreter = Interpreter(query, CONTEXT, 10_000)

    interpreter.add(rows)

    assert interpreter.rows() == [{"groups": 100_000}]
    assert interpreter.skipped == 10


@pytest.mark.parametrize(
    "text",
    [
        "sort k desc | limit 7",
        "fields k, n | sort n | dedup k | limit 5",
        "dedup k | limit 3",
        "filter n > 20 | limit 9",
        "limit 9 | filter n > 5",
        "stats sum(n) as s by k | sort s desc | limit 2",
    ],
)
def test_rows_in_pieces_give_the_same(text: str) -> None:
    """However often the rows so far are looked at, and thinned out in between."""
    rows: list[Row] = [{"n": n * 7919 % 9_973, "k": n % 11} for n in range(9_000)]
    query = parse(text)
    pieces = Interpreter(query, CONTEXT, 10_000)

    for first in range(0, 9_000, 250):
        if not pieces.is_full:
            pieces.add([dict(row) for row in rows[first : first + 250]])
            pieces.rows()

    whole = Interpreter(query, CONTEXT, 10_000)
    whole.add([dict(row) for row in rows])
    assert pieces.rows() == whole.rows()


def test_sort_by_the_text_of_a_column() -> None:
    rows: list[Row] = [{"k": key} for key in "abbccc"]

    found = run("stats count(*) by k | sort count(*) desc | limit 1", rows)

    assert found == [{"k": "c", "count(*)": "3"}]
