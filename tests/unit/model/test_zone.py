"""Offsets from UTC as labels and widgets write them."""

from __future__ import annotations

import pytest

from inferwatch.model.zone import zone_offset_ms, zone_text


@pytest.mark.parametrize(
    ("text", "offset_ms"),
    [
        ("+0130", 5_400_000),
        ("-0800", -28_800_000),
        ("+0000", 0),
        ("-0030", -1_800_000),
        ("+1400", 50_400_000),
    ],
)
def test_a_time_zone_is_what_clocks_are_ahead(text: str, offset_ms: int) -> None:
    """Hours and minutes; it is written as it was read."""
    assert zone_offset_ms(text) == offset_ms
    assert zone_text(offset_ms) == text


@pytest.mark.parametrize("text", ["Z", "", "+1500", "+01:30", "+0160", "0130", "+013", "+\uff10130"])
def test_what_is_no_time_zone_is_none(text: str) -> None:
    """A colon, an hour beyond 14, a sign or a digit too few, a digit of another script."""
    assert zone_offset_ms(text) is None
