"""An Explanation on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from inferwatch.cli.chart import Column, chart
from inferwatch.cli.paper import STYLES, is_ascii, written
from inferwatch.drawing import wording
from inferwatch.explain.judged import Part, Period, Point
from inferwatch.model.limits import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from rich.console import Console

    from inferwatch.explain.explanation import Explanation, Window
    from inferwatch.explain.rule import Node

_HEIGHT: Final = 8
_ROWS_MAX: Final = 20
_PART_STYLES: Final = {
    Part.BREACHING: "red",
    Part.AS_BREACHING: "red",
    Part.FINE: "green",
    Part.AS_FINE: "green",
}


def print_explanation(console: Console, found: Explanation) -> None:
    """The state, why, the window as a picture and as a table, and what would change it."""
    console.print(_headline(console, found))
    for text in found.description.splitlines():
        console.print(written(console, text, "dim"))
    console.print()
    console.print(_facts(console, _of_state(found)))
    if found.window is not None:
        _print_window(console, found.window)
    if found.rule is not None:
        console.print()
        console.print(written(console, "its rule; → decides it", "dim"))
        for line in _tree(console, found.rule):
            console.print(line)
    console.print()
    console.print(_facts(console, _of_future(found)))


def _headline(console: Console, found: Explanation) -> Text:
    line = written(console, found.name, "bold")
    line.append("  ").append_text(written(console, found.state, STYLES.get(found.state, "")))
    if found.since_ms is not None:
        ago = wording.ago(found.since_ms, found.at_ms)
        line.append_text(written(console, f"  since {wording.moment(found.since_ms)}, {ago}", "dim"))
    return line


def _of_state(found: Explanation) -> Iterator[tuple[str, str]]:
    yield "watches", found.watches if found.rule is None else "other alarms, by the rule below"
    yield "why", found.why
    if found.reason != found.why:
        yield "StateReason", found.reason
    for note in found.notes:
        yield "note", note


def _of_future(found: Explanation) -> Iterator[tuple[str, str]]:
    if found.window is not None:
        yield "decision", found.window.decision
    for change in found.changes:
        yield "would change it", change
    if found.next:
        yield "next evaluation", found.next
    if found.suppressor is not None:
        one = found.suppressor
        held = f"waits {one.wait_s} s, goes on {one.extension_s} s after"
        yield "suppressor", f"{one.alarm}, in {one.standing.state}; {held}"
    for what in found.held_back:
        yield "actions", what
    for state, arns in found.actions.by_state.items():
        for arn in arns:
            yield "actions", f"on {state}: {arn}"


def _facts(console: Console, pairs: Iterator[tuple[str, str]]) -> Table:
    """Two columns; a title that comes again is not written again."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    last = ""
    for title, text in pairs:
        table.add_row("" if title == last else title, written(console, text))
        last = title
    return table


def _print_window(console: Console, window: Window) -> None:
    periods = window.judged.periods
    console.print()
    for line in _picture(console, window):
        console.print(line)
    console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("PERIOD", no_wrap=True)
    others = list(periods[-1].point.others)
    has_band = any(period.point.high is not None for period in periods)
    for title in (window.series or "VALUE", *(["BAND"] if has_band else []), *others):
        table.add_column(written(console, title), justify="right", overflow="fold")
    table.add_column("")
    for period in list(reversed(periods))[:_ROWS_MAX]:
        table.add_row(*(_row(console, period, others, has_band=has_band, is_long=_is_long(window))))
    console.print(table)
    if len(periods) > _ROWS_MAX:
        console.print(written(console, f"and {len(periods) - _ROWS_MAX} older ones: --json has them", "dim"))
    for one in window.contributors[:_ROWS_MAX]:
        said = f"{one.label}: {one.breaching} breaching, {one.verdict or 'its state is kept'}"
        console.print(written(console, said))


def _row(
    console: Console, period: Period, others: Sequence[str], *, has_band: bool, is_long: bool
) -> Iterator[Text]:
    point = period.point
    yield written(console, _moment(point, is_long=is_long))
    yield written(console, _number(point.value))
    if has_band:
        yield written(console, f"{_number(point.low)} to {_number(point.high)}")
    for name in others:
        yield written(console, _number(point.others[name]))
    yield written(console, period.part, _PART_STYLES.get(period.part, "dim"))


def _number(value: float | None) -> str:
    return wording.NOTHING if value is None else wording.number(value)


def _is_long(window: Window) -> bool:
    periods = window.judged.periods
    return periods[-1].point.end_ms - periods[0].point.start_ms > DAY_MS


def _moment(point: Point, *, is_long: bool) -> str:
    return wording.moment(point.start_ms)[5:16] if is_long else wording.clock(point.start_ms)


def _picture(console: Console, window: Window) -> Iterator[Text]:
    """The periods before the window, and those in it, marked below."""
    judged = window.judged.periods
    room = max(10, min(console.width - 14, 70))
    shown = judged[-room:]
    before = window.before[-(room - len(shown)) :] if len(shown) < room else ()
    wide = max(1, min(3, room // (len(shown) + len(before))))
    columns = [_column(window, point, "dim") for point in before]
    columns += [_column(window, one.point, "red" if one.part is Part.BREACHING else "cyan") for one in shown]
    drawn = [column for column in columns for _ in range(wide)]
    lines = chart(drawn, height=_HEIGHT, ascii_only=is_ascii(console))
    for line in lines:
        yield Text.assemble(*line)
    margin = " " * len(lines[-1][0][0])
    ruler = " " * (wide * len(before)) + ("^" * (wide * len(shown)))
    yield Text(f"{margin}{ruler}", "dim")
    first, last = shown[0].point, shown[-1].point
    span = f"{_moment(first, is_long=_is_long(window))} to {wording.clock(last.end_ms)} UTC"
    period = wording.duration(window.period_s * SECOND_MS)
    whole = "evaluation range" if len(shown) == len(judged) else "newest of the evaluation range"
    yield written(console, f"{margin}^ {whole}, {span}; a column is {period}", "dim")


def _column(window: Window, point: Point, style: str) -> Column:
    band = tuple(side for side in (point.low, point.high) if side is not None)
    return Column(point.value, band if window.threshold is None else (window.threshold,), style)


def _tree(console: Console, node: Node, depth: int = 0) -> Iterator[Text]:
    """A part a line, those that decide marked with an arrow."""
    line = written(console, "→ " if node.decides else "  ", "bold")
    if is_ascii(console) and not node.decides:
        line.append(" ")
    line.append("  " * depth)
    subject = "" if node.alarm is None else f"{node.alarm} "
    line.append_text(written(console, f"{subject}{node.words}: "))
    line.append("yes" if node.is_true else "no", "bold" if node.decides else "")
    standing = node.standing
    if standing is not None and node.words != f"in {standing.state}":
        line.append(", it is in ").append(standing.state, STYLES.get(standing.state, "dim"))
    yield line
    for part in node.parts:
        yield from _tree(console, part, depth + 1)
