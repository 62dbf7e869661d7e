"""Dynamic labels: what is printed reads back, and hostile text is read or refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inferwatch.engine.dynamiclabels import (
    Facts,
    Label,
    LabelError,
    Live,
    Property,
    Text,
    fill,
    parse,
    write,
)

NAMES = st.sampled_from(
    ["AVG", "LAST", "MAX_TIME", "MIN_MAX_TIME_RANGE", "FIRST_TIME_RELATIVE", "DATAPOINT_COUNT"]
)
texts = st.text(min_size=1, max_size=8).filter(lambda text: "${" not in text)
lives = NAMES.map(Live)
properties = st.text(max_size=6).map(lambda name: Property(f"Dim.{name}")) | st.just(Property("Stat"))
values = st.lists(lives | properties | st.just(Live("LABEL")), max_size=6).filter(
    lambda parts: parts.count(Live("LABEL")) <= 1
)
PIECES = st.sampled_from(["${", "}", "$", "PROP('", "')", "LABEL", "MAX", "Dim.a", "\\", "'", "é", "{"])
hostile = st.text(max_size=30) | st.lists(PIECES, max_size=20).map("".join)
series = st.dictionaries(st.integers(-(2**50), 2**60), st.floats(allow_nan=False), max_size=5)


@st.composite
def labels(draw: st.DrawFn) -> Label:
    """Values with texts between them: two texts side by side would be one."""
    parts: list[Text | Live | Property] = []
    for value in draw(values):
        parts += draw(st.lists(texts.map(Text), max_size=1))
        parts.append(value)
    return Label(tuple(parts))


@given(labels())
def test_what_is_printed_reads_back_as_it_was(label: Label) -> None:
    """`parse(write(label)) == label`."""
    assert parse(write(label)) == label


@given(hostile, series, st.integers(-50_400_000, 50_400_000))
def test_hostile_text_is_filled_in_or_refused(text: str, found: dict[int, float], zone_ms: int) -> None:
    """No exception but our typed error, with a column in the text; what is read prints as it was."""
    column = _refused(text, Facts("m", found, now_ms=0, zone_ms=zone_ms))

    assert column is None or 1 <= column <= len(text)


def _refused(text: str, facts: Facts) -> int | None:
    """The column where a label is refused; one that is read prints as it was."""
    try:
        label = parse(text)
    except LabelError as refused:
        return refused.column
    assert parse(write(label)) == label
    fill(label, facts)
    return None


@given(texts, series)
def test_a_text_without_values_is_itself(text: str, found: dict[int, float]) -> None:
    """Whatever the series holds."""
    assert fill(parse(text), Facts("m", found, now_ms=0)) == text
