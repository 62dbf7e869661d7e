"""Lines across a picture: one where several lie in one place."""

from __future__ import annotations

from inferwatch.drawing.annotations import joined
from inferwatch.drawing.widgets import Level


def test_alarms_at_one_threshold_share_a_line_and_the_loudest_speaks() -> None:
    """Words are never written over words; how many others there are is said."""
    quiet = Level(2_000.0, "slow-p99 > 2,000", quiet=True)
    loud = Level(2_000.0, "slow > 2,000", fill="above")

    assert joined([quiet, loud], []) == [Level(2_000.0, "slow > 2,000 + 1", fill="above")]


def test_the_bodys_own_line_gives_way_to_an_alarms_in_its_place() -> None:
    """It would only say the same again."""
    alarm, own = Level(2_000.0, "slow > 2,000", quiet=True), Level(2_000.0, "alarm")

    assert joined([alarm], [own]) == [alarm]


def test_lines_in_different_places_all_stay() -> None:
    """Another value, another axis, or a band."""
    left, right = Level(5.0, "a"), Level(5.0, "b", side="right")
    band, other = Level(5.0, "c", top=6.0), Level(7.0, "d")

    assert joined([left, right], [band, other]) == [band, other, left, right]
