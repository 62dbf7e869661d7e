"""The caret under a place in a text."""

from __future__ import annotations

import pytest

from inferwatch.lang.source import caret


def test_the_line_is_whole_where_no_width_is_given() -> None:
    """Only the line that holds the place."""
    assert caret("one\ntwo three\nfour", 8) == "  two three\n      ^"


@pytest.mark.parametrize(
    ("offset", "picture"),
    [
        (0, "  abcdefghi…\n  ^"),
        (5, "  abcdefghi…\n       ^"),
        (12, "  …ijklmnop…\n       ^"),
        (24, "  …rstuvwxyz\n          ^"),
        (26, "  …stuvwxyz\n           ^"),
    ],
)
def test_a_line_too_long_is_shown_around_the_place(offset: int, picture: str) -> None:
    """Cut where there is more, and the caret still under its letter; the place after the last one too."""
    assert caret("abcdefghijklmnopqrstuvwxyz", offset, 12) == picture


def test_a_line_that_fits_is_not_cut() -> None:
    """To the last column."""
    assert caret("abcdefghij", 9, 12) == "  abcdefghij\n           ^"


@pytest.mark.parametrize("offset", range(31))
@pytest.mark.parametrize("width", [0, 1, 10, 11, 20, 31, 32, 33])
def test_no_line_is_wider_than_there_is_room(width: int, offset: int) -> None:
    """The caret stands under its letter, whatever the place; ten columns are always taken."""
    text = "abcdefghijklmnopqrstuvwxyzABCD"

    line, mark = caret(text, offset, width).split("\n")

    assert max(len(line), len(mark)) <= max(width, 10)
    assert (line + " ")[len(mark) - 1] == (text + " ")[offset]
