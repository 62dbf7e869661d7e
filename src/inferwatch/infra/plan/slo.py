"""Objectives, and alarms on how fast the budget of errors burns.

A page when a fiftieth of it went within an hour, or a twentieth within six hours; a warning when a tenth went
within one day or three. Each long window is joined with a twelfth of it, so that the alarm ends soon after
the trouble does. CloudWatch has a period for each window, and a composite for each pair.

Source: Google, "The Site Reliability Workbook", chapter 5 (multiwindow, multi-burn-rate alerts).
Differs: AWS names no longest period but the week that an alarm may look at; three days are one period here,
which was not tried on the real service.
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import Final

from inferwatch.catalog.expressions import Condition, Expression, M
from inferwatch.catalog.watches import DAY_S, HOUR_S, MINUTE_S, Severity
from inferwatch.infra.plan.errors import check_number, check_text, check_whole, refuse
from inferwatch.infra.plan.words import plain

_SHORTEST_DAYS: Final = 7
_LONGEST_DAYS: Final = 90
_WINDOW: Final = re.compile(r"([1-9]\d{0,2})d")


@dataclass(frozen=True, slots=True)
class Burn:
    """One pair of windows: `share` of the whole budget gone within the long one."""

    severity: Severity
    share: float
    long_s: int
    short_s: int


BURNS: Final = (
    Burn("critical", 0.02, HOUR_S, 5 * MINUTE_S),
    Burn("critical", 0.05, 6 * HOUR_S, 30 * MINUTE_S),
    Burn("warning", 0.10, DAY_S, 2 * HOUR_S),
    Burn("warning", 0.10, 3 * DAY_S, 6 * HOUR_S),
)


@dataclass(frozen=True, slots=True)
class Slo:
    """A promise about inferences: which share of them is good.

    Args:
        name: `availability`, say; part of its alarms' keys.
        objective: 0.999 promises that one in a thousand may be bad.
        window: Over which the promise holds, in days: `30d`.
        latency_ms: Good are answers no slower than this; `None`: good are those neither failed nor throttled.
        ttft_ms: As `latency_ms`, of the first token.
        minimum: Fewer inferences in a long window say nothing.
    """

    name: str
    _: KW_ONLY
    objective: float
    window: str = "30d"
    latency_ms: float | None = None
    ttft_ms: float | None = None
    minimum: int = 100

    @property
    def window_s(self) -> int:
        return int(self.window.removesuffix("d")) * DAY_S


def check_slo(slo: Slo) -> None:
    """Raises UsageError."""
    check_text("slos.name", slo.name, r"[A-Za-z0-9_-]{1,64}", "1-64 letters, digits, dashes or underscores")
    where = f"slos[{slo.name!r}]"
    check_number(f"{where}.objective", slo.objective, above=0)
    if not 0.5 <= slo.objective < 1:
        raise refuse(f"{where}.objective", f"expected a share from 0.5 to below 1, got {slo.objective!r}")
    check_text(f"{where}.window", slo.window, _WINDOW.pattern, "a number of days such as 30d")
    check_whole(f"{where}.minimum", slo.minimum, least=1)
    for argument in ("latency_ms", "ttft_ms"):
        if (bound := getattr(slo, argument)) is not None:
            check_number(f"{where}.{argument}", bound, above=0)
    if slo.latency_ms is not None and slo.ttft_ms is not None:
        raise refuse(where, "latency_ms and ttft_ms are two promises: make an Slo of each")
    if not _SHORTEST_DAYS * DAY_S <= slo.window_s <= _LONGEST_DAYS * DAY_S:
        expected = f"expected {_SHORTEST_DAYS}d to {_LONGEST_DAYS}d"
        raise refuse(f"{where}.window", f"{expected}, got {slo.window!r}")


def burns(slo: Slo) -> tuple[Burn, ...]:
    """The pairs that can ring: of a modest promise no budget goes so fast, even if everything fails."""
    return tuple(burn for burn in BURNS if burn_rate(slo, burn) * (1 - slo.objective) < 1)


def burn_rate(slo: Slo, burn: Burn) -> float:
    """How many times faster than allowed the budget goes when `share` of it goes within the long window."""
    return burn.share * slo.window_s / burn.long_s


def condition(slo: Slo, burn: Burn, *, is_long: bool) -> Condition:
    """The bad share, in percent, in one window of a pair, is above what burns too fast."""
    bad, all_of_them = _bad_percent(slo)
    limit = round(100 * burn_rate(slo, burn) * (1 - slo.objective), 6)
    measured = bad.when(all_of_them >= slo.minimum) if is_long else bad
    # Without inferences none is bad: a window must not go on ringing for the one before it.
    return measured.fill(0) > limit


def _bad_percent(slo: Slo) -> tuple[Expression, Expression]:
    """The bad ones in percent of all, and how many those are."""
    if slo.latency_ms is not None:
        term, bound = M.duration, slo.latency_ms
    elif slo.ttft_ms is not None:
        term, bound = M.ttft, slo.ttft_ms
    else:
        return 100 * (M.failed + M.throttled) / M.ended, M.ended
    return 100 - term.stat(f"PR(:{plain(bound)})"), term.samples
