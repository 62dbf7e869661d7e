"""`?range=` and a body's `start`."""

import pytest

from inferwatch.drawing.timerange import parse_range, range_of_body
from inferwatch.model.errors import UsageError


@pytest.mark.parametrize(("text", "length_ms"), [("5m", 300_000), ("3h", 10_800_000), ("63d", 5_443_200_000)])
def test_a_range_is_a_number_of_minutes_hours_or_days(text: str, length_ms: int) -> None:
    assert parse_range(text).length_ms == length_ms


@pytest.mark.parametrize("text", ["4m", "64d", "0h", "3", "h", "-1h", "1.5h", "1w", "3h ", "99999999d"])
def test_any_other_range_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(UsageError, match="expected a time from 5m to 63d such as 15m, 3h or 1d"):
        parse_range(text)


@pytest.mark.parametrize(
    ("start", "key"), [("-PT6H", "6h"), ("-P7D", "7d"), ("-P1DT12H", "36h"), ("-PT24H", "1d"), ("-P1W", "7d")]
)
def test_a_body_counts_back_from_now(start: str, key: str) -> None:
    found = range_of_body(start)

    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("start", ["2026-11-26T08:00:00Z", "-PT1M", "-P", "", None, 3])
def test_a_body_without_a_usable_start_leaves_the_choice_to_the_page(start: object) -> None:
    assert range_of_body(start) is None


def test_a_range_is_named_in_words() -> None:
    assert [parse_range(key).words for key in ("1h", "15m", "1d")] == [
        "last hour",
        "last 15 minutes",
        "last day",
    ]
