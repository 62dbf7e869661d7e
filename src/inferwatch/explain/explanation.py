"""An explanation, whole: facts as data, and each with the sentence a reader gets."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from inferwatch.drawing.api import Shape
from inferwatch.explain.judged import Judged, Point
from inferwatch.explain.outlook import Turn
from inferwatch.explain.responses import Actions
from inferwatch.explain.rule import Flip, Node, Standing


@dataclass(frozen=True, slots=True)
class Contributor:
    """One series of several: the state it leads to by itself."""

    label: str
    verdict: str | None
    breaching: int


@dataclass(frozen=True, slots=True)
class Window:
    """The evaluation range of a metric alarm.

    Args:
        series: What is compared; of several series the one that breaches most.
        limit: The comparison in words.
        threshold: `None` where there is a band.
        decision: How it comes to the verdict, in words.
        before: Periods before the range, for a picture.
        round_ms: The evaluation that saw it.
    """

    series: str
    limit: str
    threshold: float | None
    judged: Judged
    decision: str
    before: tuple[Point, ...]
    contributors: tuple[Contributor, ...]
    period_s: int
    round_ms: int
    next_round_ms: int


@dataclass(frozen=True, slots=True)
class Suppressor:
    """The alarm that keeps a composite alarm's actions back while in ALARM."""

    alarm: str
    standing: Standing
    wait_s: int
    extension_s: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an alarm is in its state at a moment.

    Args:
        watches: What it watches, in words.
        reason: StateReason, as the endpoint gives it; `why` says the same in people's words.
        window: Of a metric alarm, where it could be read.
        rule: Of a composite alarm.
        held_back: What keeps its actions from being taken, in words.
        changes: What would change the state, in words; `turns` and `flips` as data.
        notes: What else is to be known.
    """

    name: str
    description: str
    at_ms: int
    state: str
    since_ms: int | None
    watches: str
    reason: str
    why: str
    changes: tuple[str, ...]
    next: str
    actions: Actions
    held_back: tuple[str, ...]
    window: Window | None = None
    rule: Node | None = None
    suppressor: Suppressor | None = None
    turns: tuple[Turn, ...] = ()
    flips: tuple[Flip, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> Shape:
        """All but what is there for a picture."""
        document = asdict(self)
        if self.window is not None:
            del document["window"]["before"]
        return document
