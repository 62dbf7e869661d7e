"""A widget's `metrics` rows: the shorthand written out, each row a metric or an expression.

    ["LLM/Inference", "Latency", "Model", "a", {"stat": "p99"}]     one metric, then options
    [".", ".", ".", "b"]                                            "." repeats what stands above it
    ["...", "c"]                                                    "..." repeats all leading places
    [{"expression": "m1 / m2", "id": "e1", "label": "ratio"}]       metric math

Source: CloudWatch API reference, "Dashboard body structure and syntax", "Metrics array format".
Differs: which row is "above" is not documented; here it is the metric before, expressions passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inferwatch.model.text import shown

Side = Literal["left", "right"]
Dimensions = tuple[tuple[str, str], ...]

# Only what a browser surely reads as a colour goes into a picture; anything else takes the palette.
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})|[a-zA-Z]{3,24}")


class BodyError(Exception):
    """A part of a dashboard body that cannot be read: shown in the widget's place."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric, drawn with one statistic."""

    id: str
    namespace: str
    name: str
    dimensions: Dimensions
    stat: str
    period_s: int
    label: str | None
    color: str | None
    visible: bool
    side: Side
    region: str
    account_id: str | None


@dataclass(frozen=True, slots=True)
class ExpressionRow:
    """One metric-math expression over the other rows' ids; an array draws several lines."""

    id: str
    expression: str
    period_s: int
    label: str | None
    color: str | None
    visible: bool
    side: Side
    region: str


Row = MetricRow | ExpressionRow


def text_of(value: object, what: str) -> str | None:
    """A text, or `None` where the body says nothing."""
    if value is None or isinstance(value, str):
        return value
    raise BodyError(f"{what}: expected text, found {shown(value)}")


def color(value: object) -> str | None:
    """Take a body's colour if it is one, and `None` for the palette's next otherwise."""
    return value if isinstance(value, str) and _COLOR.fullmatch(value) else None


def read_rows(
    metrics: object, *, stat: str, period_s: int, region: str, account_id: str | None = None
) -> tuple[Row, ...]:
    """Read a whole `metrics` array; the other arguments are the widget's own.

    Rows without an `id` get one that no other row has, since GetMetricData needs them.
    """
    if not isinstance(metrics, list) or not all(isinstance(row, list) and row for row in metrics):
        raise BodyError("metrics: expected a list of non-empty lists")
    ids = (_text(row[-1], "id", index) for index, row in enumerate(metrics) if isinstance(row[-1], dict))
    taken = {row_id for row_id in ids if row_id}
    defaults = {"stat": stat, "period": period_s, "region": region, "account": account_id}
    rows: list[Row] = []
    above: list[str] = []
    for index, cells in enumerate(metrics):
        options = cells[-1] if isinstance(cells[-1], dict) else {}
        words = cells[:-1] if isinstance(cells[-1], dict) else cells
        row_id = _text(options, "id", index) or _free_id(f"q{index + 1}", taken)
        if not words:
            rows.append(_expression(row_id, options, defaults, index))
            continue
        above = written_out(words, above, index)
        rows.append(_metric(row_id, above, options, defaults, index))
    return tuple(rows)


def _free_id(wish: str, taken: set[str]) -> str:
    while wish in taken:
        wish += "_"
    taken.add(wish)
    return wish


def written_out(words: Sequence[object], above: Sequence[str], index: int) -> list[str]:
    """Replace `.` and `...` by what the row above holds in those places."""
    if words[0] == "...":
        tail = words[1:]
        if len(tail) > len(above):
            raise BodyError(f'metrics row {index + 1}: "..." has no row above long enough to repeat')
        words = [*above[: len(above) - len(tail)], *tail]
    written = []
    for place, word in enumerate(words):
        if word == ".":
            if place >= len(above):
                raise BodyError(f'metrics row {index + 1}: "." has nothing above it to repeat')
            word = above[place]
        if not isinstance(word, str):
            raise BodyError(f"metrics row {index + 1}: expected text, found {shown(word)}")
        written.append(word)
    if len(written) < 2 or len(written) % 2:
        raise BodyError(
            f"metrics row {index + 1}: expected a namespace, a metric name and pairs of dimension and value, "
            f"found {len(written)} values"
        )
    return written


def _metric(
    row_id: str, words: Sequence[str], options: Mapping[str, Any], defaults: Mapping[str, Any], index: int
) -> MetricRow:
    return MetricRow(
        id=row_id,
        namespace=words[0],
        name=words[1],
        dimensions=tuple(zip(words[2::2], words[3::2], strict=True)),
        stat=_text(options, "stat", index) or defaults["stat"],
        period_s=_period(options, defaults, index),
        label=_text(options, "label", index),
        color=color(options.get("color")),
        visible=options.get("visible") is not False,
        side=_side(options),
        region=_text(options, "region", index) or defaults["region"],
        account_id=_text(options, "accountId", index) or defaults["account"],
    )


def _expression(
    row_id: str, options: Mapping[str, Any], defaults: Mapping[str, Any], index: int
) -> ExpressionRow:
    if not isinstance(options.get("expression"), str):
        raise BodyError(f"metrics row {index + 1}: expected a metric or an expression, found neither")
    return ExpressionRow(
        id=row_id,
        expression=options["expression"],
        period_s=_period(options, defaults, index),
        label=_text(options, "label", index),
        color=color(options.get("color")),
        visible=options.get("visible") is not False,
        side=_side(options),
        region=_text(options, "region", index) or defaults["region"],
    )


def _side(options: Mapping[str, Any]) -> Side:
    return "right" if options.get("yAxis") == "right" else "left"


def _text(options: Mapping[str, Any], key: str, index: int) -> str | None:
    return text_of(options.get(key), f"metrics row {index + 1}: {key}")


def _period(options: Mapping[str, Any], defaults: Mapping[str, Any], index: int) -> int:
    period_s = options.get("period", defaults["period"])
    if not isinstance(period_s, int) or isinstance(period_s, bool) or period_s < 1:
        raise BodyError(f"metrics row {index + 1}: expected a period in seconds, found {shown(period_s)}")
    return period_s
