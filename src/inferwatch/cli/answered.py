"""What a Logs Insights query was answered with: as a table, as comma-separated values, as charts."""

from __future__ import annotations

import csv
import itertools
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from inferwatch.cli.chart import Column, chart
from inferwatch.cli.paper import is_ascii, written
from inferwatch.drawing import wording
from inferwatch.model.errors import UsageError
from inferwatch.model.limits import SECOND_MS

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod

    from inferwatch.drawing.logquery import Answer

_HEIGHT: Final = 6
_CHARTS_MAX: Final = 12
_DIGITS_MAX: Final = 12
_NUMBER: Final = re.compile(r"-?\d{1,300}(\.\d+)?([eE][+-]?\d{1,2})?", re.ASCII)
# As Logs Insights writes moments, in UTC.
_MOMENT: Final = "%Y-%m-%d %H:%M:%S.%f"


def scanned(answer: Answer) -> str:
    """How much was looked at, and how much of it was wanted."""
    told = answer.statistics
    records = f"{told['recordsMatched']:,} of {told['recordsScanned']:,} records matched"
    return f"{records}, {told['bytesScanned']:,} bytes scanned"


def print_table(console: Console, answer: Answer) -> None:
    """A column for each field; figures to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in answer.columns:
        justify: JustifyMethod = "right" if _are(answer, name, _number) else "left"
        table.add_column(written(console, name), overflow="fold", justify=justify)
    for row in answer.rows:
        table.add_row(*(written(console, _short(row.get(name, ""))) for name in answer.columns))
    if answer.columns:
        console.print(table)
    console.print(written(console, f"{_rows(len(answer.rows))}; {scanned(answer)}", "dim"))


def print_csv(answer: Answer) -> None:
    """Every value as it came; a field that a row lacks is empty."""
    writer = csv.DictWriter(sys.stdout, answer.columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(answer.rows)


def print_charts(console: Console, answer: Answer) -> None:
    """A chart for each figure of each series over time.

    Raises:
        UsageError: The rows have no moments, or no figures.
    """
    when = next((name for name in answer.columns if _are(answer, name, _moment_ms)), None)
    if when is None:
        raise UsageError(
            "--chart: there is nothing to draw without a column of bin(), as in `stats count(*) by bin(5m)`"
        )
    figures = [name for name in answer.columns if name != when and _are(answer, name, _number)]
    if not figures:
        raise UsageError("--chart: no column holds figures")
    series = _series(answer, when, figures)
    step_ms = _step_ms(series)
    for (title, figure), points in list(series.items())[:_CHARTS_MAX]:
        console.print(written(console, f"{figure}  {title}".rstrip(), "bold"))
        for line in _lines(console, points, step_ms):
            console.print(line)
    if len(series) > _CHARTS_MAX:
        console.print(written(console, f"and {len(series) - _CHARTS_MAX} more: the table has them", "dim"))
    console.print(written(console, f"{wording.duration(step_ms)} a column; {scanned(answer)}", "dim"))


def _short(text: str) -> str:
    """Of a figure that is longer than anybody reads, six digits."""
    return (
        f"{float(text):.6g}" if len(text) > _DIGITS_MAX and "." in text and _NUMBER.fullmatch(text) else text
    )


Points = Mapping[int, float]


def _series(answer: Answer, when: str, figures: Sequence[str]) -> dict[tuple[str, str], dict[int, float]]:
    """Figures by moment, for each figure of each group of the other columns."""
    keys = [name for name in answer.columns if name != when and name not in figures]
    found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in answer.rows:
        at_ms = _moment_ms(row.get(when, ""))
        for figure in figures:
            value = _number(row.get(figure, ""))
            if at_ms is not None and value is not None:
                found[", ".join(row[key] for key in keys if key in row), figure][at_ms] = value
    return found


def _step_ms(series: Mapping[tuple[str, str], Points]) -> int:
    """The shortest time between two moments of any series; a minute where there is but one."""
    moments = sorted({at_ms for points in series.values() for at_ms in points})
    return min((later - earlier for earlier, later in itertools.pairwise(moments)), default=60 * SECOND_MS)


def _lines(console: Console, points: Points, step_ms: int) -> Iterator[Text]:
    """The newest of them that there is room for, and when they begin and end."""
    last = max(points)
    room = max(8, console.width - 14)
    first = max(min(points), last - (room - 1) * step_ms)
    moments = range(first, last + step_ms, step_ms)
    columns = [Column(points.get(at_ms)) for at_ms in moments]
    for pieces in chart(columns, height=_HEIGHT, ascii_only=is_ascii(console)):
        yield Text.assemble(*pieces)
    yield written(console, f"{wording.moment(first)} to {wording.moment(last)}", "dim")


def _are(answer: Answer, name: str, read: Callable[[str], float | None]) -> bool:
    """Can every value of a column be read so?"""
    return all(read(row[name]) is not None for row in answer.rows if name in row)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _moment_ms(text: str) -> int | None:
    try:
        return round(datetime.strptime(text, _MOMENT).replace(tzinfo=UTC).timestamp() * SECOND_MS)
    except ValueError:
        return None


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
