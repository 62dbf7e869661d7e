"""A small chart in text: a column a period, its limits as lines.

Bars rise from the bottom, and stand before the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inferwatch.drawing import wording

_EIGHTHS: Final = "▁▂▃▄▅▆▇█"
_ASCII_BAR: Final = "#"


@dataclass(frozen=True, slots=True)
class Column:
    """A period.

    Args:
        value: `None` where it has no data.
        limits: The threshold, or the two sides of a band.
        style: For its bar.
    """

    value: float | None
    limits: tuple[float, ...] = ()
    style: str = ""


Piece = tuple[str, str]


def chart(columns: Sequence[Column], *, height: int, ascii_only: bool) -> list[list[Piece]]:
    """Lines of (text, style), the top first; the last one marks periods without data.

    Args:
        height: Lines of the plot; each column is one character wide.
    """
    values = [column.value for column in columns if column.value is not None]
    limits = [limit for column in columns for limit in column.limits]
    low, high = _ends([*values, *limits])
    step = (high - low) / height
    labels = _labels(low, step, height, limits)
    width = max(map(len, labels))
    lines = []
    for row in range(height - 1, -1, -1):
        floor = low + step * row
        pieces = [_cell(column, floor, step, ascii_only=ascii_only) for column in columns]
        lines.append([(f"{labels[row]:>{width}} ", "dim"), *pieces])
    gaps = "".join(" " if column.value is not None else ("." if ascii_only else "·") for column in columns)
    return [*lines, [(" " * (width + 1), ""), (gaps, "dim")]]


def _ends(numbers: Sequence[float]) -> tuple[float, float]:
    """What the plot reaches from and to: zero belongs to it unless the numbers are far away from it."""
    least, most = min(numbers, default=0.0), max(numbers, default=1.0)
    low = 0.0 if 0 <= least <= 0.7 * most or 0 <= least == most else least - 0.15 * abs(most - least or most)
    return low, most + 0.1 * (most - low or 1.0)


def _labels(low: float, step: float, height: int, limits: Sequence[float]) -> list[str]:
    """The newest limits by name, in the row they are in; the ends of the plot where there is room."""
    labels = [""] * height
    labels[0], labels[-1] = wording.number(low), wording.number(low + step * height)
    for limit in limits[-2:]:
        labels[_row(limit, low, step, height)] = wording.number(limit)
    return labels


def _row(value: float, low: float, step: float, height: int) -> int:
    return min(height - 1, max(0, int((value - low) / step)))


def _cell(column: Column, floor: float, step: float, *, ascii_only: bool) -> Piece:
    filled = 0.0 if column.value is None else (column.value - floor) / step
    if filled >= 1:
        return (_ASCII_BAR if ascii_only else _EIGHTHS[-1], column.style)
    if any(floor <= limit < floor + step for limit in column.limits):
        return ("-" if ascii_only else "─", "red")
    if filled <= 0:
        return " ", ""
    if ascii_only:
        return (_ASCII_BAR if filled >= 0.5 else " ", column.style)
    return _EIGHTHS[min(7, int(filled * 8))], column.style
