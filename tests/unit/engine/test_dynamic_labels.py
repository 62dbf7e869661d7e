"""What each dynamic value of a label shows."""

from __future__ import annotations

import pytest

from inferwatch.engine.dynamiclabels import Facts, LabelError, fill, parse

MINUTE_MS = 60_000
NOON_MS = 1_795_521_600_000  # 2026-11-24T12:00:00Z
SERIES = {NOON_MS: 4.0, NOON_MS + MINUTE_MS: 1.5, NOON_MS + 3 * MINUTE_MS: 10.0}
FACTS = Facts(
    "m",
    SERIES,
    now_ms=NOON_MS + 26 * 60 * MINUTE_MS,
    properties={"Stat": "Sum", "Dim.it's": "x"},
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("AVG", "5.16666666666667"),
        ("DATAPOINT_COUNT", "3"),
        ("FIRST", "4"),
        ("FIRST_LAST_RANGE", "6"),
        ("FIRST_LAST_TIME_RANGE", "3m"),
        ("FIRST_TIME", "2026-11-24 12:00:00"),
        ("FIRST_TIME_RELATIVE", "1d 2h"),
        ("LABEL", "m"),
        ("LAST", "10"),
        ("LAST_TIME", "2026-11-24 12:03:00"),
        ("LAST_TIME_RELATIVE", "1d 1h 57m"),
        ("MAX", "10"),
        ("MAX_TIME", "2026-11-24 12:03:00"),
        ("MAX_TIME_RELATIVE", "1d 1h 57m"),
        ("MIN", "1.5"),
        ("MIN_MAX_RANGE", "8.5"),
        ("MIN_MAX_TIME_RANGE", "2m"),
        ("MIN_TIME", "2026-11-24 12:01:00"),
        ("MIN_TIME_RELATIVE", "1d 1h 59m"),
        ("SUM", "15.5"),
        ("PROP('Stat')", "Sum"),
        ("PROP('Dim.it\\'s')", "x"),
        ("PROP('Dim.other')", "--"),
        ("PROP('AccountLabel')", "--"),
    ],
)
def test_every_value_of_the_guide_is_shown(value: str, shown: str) -> None:
    """Numbers with all their digits, moments in UTC."""
    assert fill(parse(f"<${{{value}}}>"), FACTS) == f"<{shown}>"


def test_times_are_those_of_the_zone() -> None:
    """The time between two moments is the same everywhere."""
    facts = Facts("m", SERIES, now_ms=NOON_MS, zone_ms=90 * MINUTE_MS)

    assert fill(parse("${MIN_TIME} ${FIRST_TIME_RELATIVE}"), facts) == "2026-11-24 13:31:00 0s"


def test_without_a_datapoint_there_is_nothing_to_show() -> None:
    """But that there are none."""
    shown = fill(parse("${LABEL} ${MAX} ${LAST_TIME} ${DATAPOINT_COUNT}"), Facts("m", {}, now_ms=0))

    assert shown == "m -- -- 0"


@pytest.mark.parametrize(
    ("values", "shown"),
    [([0.1, 0.2], "0.3"), ([1e14], "100000000000000"), ([1e300], "1e+300"), ([1e308, 1e308], "--")],
)  # fmt: skip
def test_a_number_has_no_more_digits_than_it_holds(values: list[float], shown: str) -> None:
    """One beyond all numbers is none."""
    facts = Facts("m", dict(enumerate(values)), now_ms=0)

    assert fill(parse("${SUM}"), facts) == shown


def test_of_equal_values_the_oldest_is_the_highest() -> None:
    """And the lowest."""
    facts = Facts("m", {NOON_MS: 1.0, NOON_MS + MINUTE_MS: 1.0}, now_ms=NOON_MS)

    assert fill(parse("${MAX_TIME}, ${MIN_TIME}"), facts) == "2026-11-24 12:00:00, 2026-11-24 12:00:00"


@pytest.mark.parametrize(
    ("text", "problem", "column"),
    [
        ("a ${FOO}", "unknown dynamic value '${FOO}'", 3),
        ("${MAX", "unknown dynamic value '${MAX'", 1),
        ("${ MAX }", "unknown dynamic value '${ MAX }'", 1),
        ("${!MAX}", "unknown dynamic value '${!MAX}'", 1),
        ("${PROP('Colour')}", "unknown dynamic value '${PROP('Colour')}'", 1),
        ("${PROP(\"Stat\")}", "unknown dynamic value '${PROP(\"Stat\")}'", 1),
        ("${LABEL} ${LABEL}", "a second ${LABEL}", 10),
        ("${MAX}" * 7, "more than 6 dynamic values", 37),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_by_name(text: str, problem: str, column: int) -> None:
    """With the query's id and the column."""
    with pytest.raises(LabelError) as refused:
        parse(text, "m1")

    assert refused.value.message == f"Error in label 'm1': {problem} at column {column}"


@pytest.mark.parametrize("text", ["$", "100$", "$${MAX}", "{MAX}", "$ {MAX}"])
def test_a_dollar_alone_is_a_dollar(text: str) -> None:
    """Only `${` begins a value."""
    assert fill(parse(text), FACTS) == text.replace("${MAX}", "10")
