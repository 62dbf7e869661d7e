"""The dashboard, as data: rows from the most urgent question down, each with a line that says how to read it.

A widget whose metrics the log cannot give is left out, and so is a row without widgets. What the widgets show
is written over the catalog's metrics; where they stand, and the thresholds' lines, are worked out by the
plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from inferwatch.catalog.expressions import Expression, M

Axis = Literal["left", "right"]

# Colours that stay apart for most colour-blind readers (Okabe and Ito).
BLUE: Final = "#0072b2"
SKY: Final = "#56b4e9"
GREEN: Final = "#009e73"
ORANGE: Final = "#e69f00"
VERMILION: Final = "#d55e00"
PURPLE: Final = "#cc79a7"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart, or one figure."""

    expression: Expression
    label: str
    color: str | None = None
    axis: Axis = "left"


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over time.

    Args:
        unit: Written at the left axis; `right_unit` at the right one.
        watches: Whose thresholds are drawn; of several, with their names.
        of_model: Does it show the model that the reader has chosen, and not all of them?
    """

    title: str
    lines: tuple[Line, ...]
    unit: str
    right_unit: str | None = None
    watches: tuple[str, ...] = ()
    of_model: bool = False
    width: int = 8


@dataclass(frozen=True, slots=True)
class Compared:
    """One line for each named model."""

    title: str
    expression: Expression
    unit: str
    width: int = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """The latest value, large, with its course below it."""

    title: str
    line: Line
    period_s: int | None = None
    width: int = 4


@dataclass(frozen=True, slots=True)
class Table:
    """What a saved query finds in the log group."""

    title: str
    query: str
    width: int = 12


@dataclass(frozen=True, slots=True)
class AlarmStates:
    """The state of every alarm."""

    title: str
    width: int = 24


Widget: TypeAlias = Chart | Compared | Figure | Table | AlarmStates


@dataclass(frozen=True, slots=True)
class Row:
    """Widgets beside each other, below a title and a sentence."""

    title: str
    about: str
    widgets: tuple[Widget, ...]


_ERROR_RATE: Final = 100 * M.failed / M.ended
_THROTTLE_RATE: Final = 100 * M.throttled / M.ended

# Of all models together, and of the one that the reader has chosen.
_DURATION: Final = Chart(
    "Duration",
    (
        Line(M.duration.p(99), "p99", VERMILION),
        Line(M.duration.p(90), "p90", ORANGE),
        Line(M.duration.p(50), "p50", BLUE),
    ),
    "ms",
    watches=("latency",),
)
_FAILED: Final = Chart(
    "Failed",
    (Line(_ERROR_RATE, "failed", VERMILION),),
    "%",
    watches=("error-rate",),
)
_THROTTLED: Final = Chart(
    "Throttled",
    (Line(_THROTTLE_RATE, "throttled", ORANGE),),
    "%",
    watches=("throttle-rate",),
)

ROWS: Final = (
    Row(
        "Now",
        "The last complete period. Rates are of inferences that the provider ended; those that the "
        "application cancelled or abandoned are left out.",
        (
            Figure("Inferences", Line(M.requests, "inferences", BLUE)),
            Figure("Failed, %", Line(_ERROR_RATE, "failed", VERMILION)),
            Figure("Throttled, %", Line(_THROTTLE_RATE, "throttled", ORANGE)),
            Figure("p99 duration, ms", Line(M.duration.p(99), "p99", BLUE)),
            Figure("p99 first token, ms", Line(M.ttft.p(99), "p99", GREEN)),
            Figure("Cost of 24 h, USD", Line(M.cost, "USD", PURPLE), period_s=86_400),
        ),
    ),
    Row(
        "Latency",
        "Half of all answers are faster than p50, one in a hundred is slower than p99. A late first token "
        "means that the provider queues; a long time per token, that it is busy; neither, that "
        "answers are long.",
        (
            _DURATION,
            Chart(
                "Time to first token",
                (
                    Line(M.ttft.p(99), "p99", VERMILION),
                    Line(M.ttft.p(90), "p90", ORANGE),
                    Line(M.ttft.p(50), "p50", BLUE),
                ),
                "ms",
                watches=("first-token",),
            ),
            Chart(
                "Time per output token",
                (Line(M.tpot.p(99), "p99", VERMILION), Line(M.tpot.p(50), "p50", BLUE)),
                "ms",
            ),
        ),
    ),
    Row(
        "Errors",
        "Failed: errors, timeouts and cut streams, after the last retry. Throttled: refused for the sake of "
        "a quota. Retries show trouble before it fails anything.",
        (
            _FAILED,
            _THROTTLED,
            Chart(
                "How inferences end badly",
                (
                    Line(M.failed.fill(0), "failed", VERMILION),
                    Line(M.timeouts.fill(0), "of them timeouts", PURPLE),
                    Line(M.cut.fill(0), "of them cut", SKY),
                    Line(M.throttled.fill(0), "throttled", ORANGE),
                    Line(M.blocked.fill(0), "blocked", GREEN),
                ),
                "inferences",
            ),
            Chart(
                "Retries, and what the application left",
                (
                    Line(M.retried.fill(0), "took several requests", ORANGE),
                    Line(M.throttles.fill(0), "throttled requests", VERMILION),
                    Line(M.cancelled.fill(0), "cancelled", SKY),
                    Line(M.abandoned.fill(0), "abandoned", BLUE),
                ),
                "inferences",
                width=12,
            ),
            Chart(
                "Answers cut short",
                (
                    Line(M.length.fill(0), "by the limit of tokens", ORANGE),
                    Line(M.filtered.fill(0), "by the content filter", VERMILION),
                ),
                "inferences",
                width=12,
            ),
        ),
    ),
    Row(
        "Tokens and cost",
        "Input holds the cached tokens, output those spent on reasoning. Cost is an estimate from list "
        "prices; inferences of unknown price are counted, not costed.",
        (
            Chart(
                "Tokens",
                (
                    Line(M.input, "input", BLUE),
                    Line(M.uncached, "input, not cached", BLUE),
                    Line(M.output, "output", GREEN),
                    Line(M.reasoning, "of it reasoning", PURPLE),
                ),
                "tokens",
            ),
            Chart(
                "Cache",
                (
                    Line(M.cache_read, "tokens read", GREEN),
                    Line(M.cache_write, "tokens written", ORANGE),
                    Line(100 * M.cache_read / M.input, "of the input", BLUE, "right"),
                ),
                "tokens",
                right_unit="%",
            ),
            Chart(
                "Cost",
                (
                    Line(M.cost, "USD", PURPLE),
                    Line(M.unpriced.fill(0), "unpriced inferences", ORANGE, "right"),
                ),
                "USD",
                right_unit="inferences",
            ),
        ),
    ),
    Row(
        "Per model",
        "Named models beside each other; below, whatever models the log has.",
        (
            Compared("p99 duration", M.duration.p(99), "ms"),
            Compared("Failed", _ERROR_RATE, "%"),
            Compared("Cost", M.cost, "USD"),
            Table("Models", "@by-model", width=24),
        ),
    ),
    Row(
        "One model",
        "The model chosen at the top of the page.",
        (
            replace(_DURATION, of_model=True, width=6),
            replace(_FAILED, of_model=True, width=6),
            replace(_THROTTLED, of_model=True, width=6),
            Chart(
                "Tokens and inferences",
                (
                    Line(M.input, "input tokens", BLUE),
                    Line(M.output, "output tokens", GREEN),
                    Line(M.requests, "inferences", ORANGE, "right"),
                ),
                "tokens",
                right_unit="inferences",
                of_model=True,
                width=6,
            ),
        ),
    ),
    Row(
        "Single inferences",
        "From Logs Insights, over the time shown: the slowest, and the last that failed. Their id finds the "
        "whole record.",
        (Table("Slowest", "@slowest"), Table("Failed last", "@failed")),
    ),
    Row(
        "Alarms",
        "Critical ones page through the one composite alarm; each one's description says what to do first.",
        (AlarmStates("All alarms"),),
    ),
)
