"""Coverage-guided fuzzing of what a metric query says: metric math, SEARCH, Metrics Insights, dynamic labels.

    python tests/fuzz/fuzz_metric_queries.py -max_total_time=30

Needs atheris; runs until something breaks or time is up. What may never happen: an exception but our typed errors,
a query that prints to another one, a column outside of the text.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["inferwatch"]):
    from inferwatch.engine import dynamiclabels, metricinsights, metricmath, search
    from inferwatch.model.errors import AwsError

WORDS = [
    "m",
    "SUM(",
    "IF(",
    "ANOMALY_DETECTION_BAND(",
    "[",
    "]",
    ")",
    ",",
    "1e9",
    "^",
    "-",
    "AND",
    "SELECT ",
    "FROM ",
    "WHERE ",
    "'a'",
    '"b"',
    "=",
    "${",
    "}",
    "MAX_TIME",
    "PROP('Dim.",
    "')",
]
GRID = metricmath.Grid(0, 180_000, 60)
SERIES = {0: 1.0, 120_000: -2.0}


def compute(text: str) -> None:
    """An expression of one metric, `m`, read, checked and evaluated."""
    expression = metricmath.parse(text, "e")
    if not metricmath.ids(expression) <= {"m"}:
        return
    metricmath.type_of(expression, {"m": metricmath.Type.SERIES}, {"m"}, "e")
    if metricmath.functions(expression) & {"SEARCH", "ANOMALY_DETECTION_BAND"}:
        return  # what they find comes from elsewhere
    metricmath.evaluate(expression, metricmath.Context({"m": SERIES}, {"m": 60}, GRID))


def select(text: str) -> None:
    query = metricinsights.parse(text, "q")
    assert metricinsights.parse(metricinsights.write(query), "q") == query, text


def find(text: str) -> None:
    search.parse(text).matches("AWS/X", text, [("A", text)], "1")


def label(text: str) -> None:
    read = dynamiclabels.parse(text)
    assert dynamiclabels.parse(dynamiclabels.write(read)) == read, text
    dynamiclabels.fill(read, dynamiclabels.Facts("m", SERIES, now_ms=0))


def fuzz_one(data: bytes) -> None:
    """The input is a kind, and a text of odd characters and the languages' own words."""
    given = atheris.FuzzedDataProvider(data)
    read = given.PickValueInList([compute, select, find, label])
    text = "SELECT AVG(m) FROM n " if read is select and given.ConsumeBool() else ""
    while given.remaining_bytes() and len(text) < 300:
        text += given.PickValueInList(WORDS) if given.ConsumeBool() else given.ConsumeUnicode(3)
    try:
        read(text)
    except AwsError as refused:
        column = getattr(refused, "column", 1)
        assert 1 <= column <= len(text) + 1, (text, column)


def main() -> None:
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
