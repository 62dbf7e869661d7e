"""Pages of GetMetricData: every period once, in order, and never more than a page may hold."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from inferwatch.engine.metricdata.page import Page, Series, turn_to
from inferwatch.engine.metricdata.window import Window

windows = st.builds(
    lambda start, length: Window(start * 1_000, (start + length) * 1_000), st.integers(-60, 60), st.integers(0, 30)
)  # fmt: skip
several = st.lists(st.tuples(windows, st.sampled_from([1, 5, 7, 60])), max_size=5)


def _periods(window: Window, period_s: int) -> list[int]:
    """The starts of the whole periods in a window."""
    count = (window.end_ms - window.start_ms) // (period_s * 1_000)
    return [window.start_ms + number * period_s * 1_000 for number in range(count)]


def _pages(series: list[Series], limit: int, *, newest_first: bool) -> Iterator[Page]:
    page = turn_to(None, series, limit, newest_first=newest_first)
    yield page
    while page.end is not None:
        page = turn_to(page.end, series, limit, newest_first=newest_first)
        yield page


@given(several, st.integers(1, 40), st.booleans())
def test_every_period_is_on_one_page(series: list[Series], limit: int, newest_first: bool) -> None:
    """In the order asked for; a page that is not the last is full."""
    found: list[list[int]] = [[] for _ in series]
    sizes = []
    for page in _pages(series, limit, newest_first=newest_first):
        shown = [_periods(page.part(each, index), each[1]) for index, each in enumerate(series)]
        sizes.append(sum(map(len, shown)))
        for held, some in zip(found, shown, strict=True):
            held += some[::-1] if newest_first else some

    whole = [_periods(*each) for each in series]
    assert found == [each[::-1] if newest_first else each for each in whole]
    assert sizes[:-1] == [limit] * (len(sizes) - 1)
    assert sizes[-1] <= limit


@given(several, st.integers(1, 40), st.booleans())
def test_a_metric_has_more_until_its_last_period_and_is_past_after_it(
    series: list[Series], limit: int, newest_first: bool
) -> None:
    """What has more on one page is not past on the next, and the last page has no more of anything."""
    pages = list(_pages(series, limit, newest_first=newest_first))

    more = [[page.has_more(each, index) for index, each in enumerate(series)] for page in pages]
    past = [[page.is_past(each, index) for index, each in enumerate(series)] for page in pages]
    assert not any(more[-1])
    assert not any(past[0])
    assert [[not one for one in page] for page in more[:-1]] == past[1:]
