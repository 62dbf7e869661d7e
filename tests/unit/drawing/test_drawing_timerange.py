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


@pytest.mark.parametrize("start", ["soon", "-PT1M", "-P", "-PT", "", None, 3, "-P9999999999D"])
def test_a_body_without_a_usable_start_leaves_the_choice_to_the_page(start: object) -> None:
    assert range_of_body(start) is None


def test_a_range_is_named_in_words() -> None:
    assert [parse_range(key).words for key in ("1h", "15m", "1d")] == [
        "last hour",
        "last 15 minutes",
        "last day",
    ]


NOW_MS = 1_795_680_005_000  # 2026-11-26T08:00:05Z


@pytest.mark.parametrize(
    ("start", "end", "from_ms", "to_ms", "words"),
    [
        (
            "2026-11-26T06:00:00Z",
            "2026-11-26T07:30:00Z",
            1_795_672_800_000,
            1_795_678_200_000,
            "2026-11-26 06:00:00 UTC to 2026-11-26 07:30:00 UTC",
        ),
        (
            "2026-11-26T06:00:00+01:00",
            None,
            1_795_669_200_000,
            1_795_680_060_000,
            "2026-11-26 05:00:00 UTC to now",
        ),
        ("-PT3H", "-PT1H", 1_795_669_260_000, 1_795_676_460_000, "3 hours ago to 1 hour ago"),
        # Five minutes at least, and 63 days at most.
        (
            "2026-11-26T07:59:00Z",
            "2026-11-26T08:00:00Z",
            1_795_679_700_000,
            1_795_680_000_000,
            "2026-11-26 07:59:00 UTC to 2026-11-26 08:00:00 UTC",
        ),
        (
            "2020-01-01T00:00:00Z",
            None,
            1_795_680_060_000 - 63 * 86_400_000,
            1_795_680_060_000,
            "2020-01-01 00:00:00 UTC to now",
        ),
    ],
)
def test_a_body_may_name_both_ends(start: str, end: str | None, from_ms: int, to_ms: int, words: str) -> None:
    span = range_of_body(start, end)

    assert span is not None
    window = span.window(NOW_MS)
    assert (window.from_ms, window.to_ms) == (from_ms, to_ms)
    assert span.words == words


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-11-26T08:00:00Z", "2026-11-26T07:00:00Z"), ("-PT1H", "-PT2H"), ("-PT1H", "later")],
)
def test_ends_in_the_wrong_order_are_no_time(start: str, end: str) -> None:
    assert range_of_body(start, end) is None


def test_an_old_window_is_as_old_as_its_start() -> None:
    span = range_of_body("2026-11-06T08:00:00Z", "2026-11-06T09:00:00Z")

    assert span is not None
    assert span.window(NOW_MS).age_ms == 20 * 86_400_000 + 5_000
