"""What would change an alarm's state: futures of its window, put to the engine's own decision."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from inferwatch.engine.alarms.decide import decide
from inferwatch.engine.alarms.definition import Definition
from inferwatch.engine.alarms.state import State
from inferwatch.engine.alarms.watch import Slot

_KINDS: Final = {"breaching": 1.0, "fine": 0.0, "missing": None}
_MANY_SAMPLES: Final = 1e12
_NEAR: Final = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """`count` more periods of a kind, among the next `among`, lead to a state.

    Args:
        kind: breaching, fine or missing.
        among: More than `count` where some between them may be fine.
        empty: How many without data must follow these.
    """

    kind: str
    count: int
    among: int
    state: str
    empty: int = 0


def turns(definition: Definition, slots: Sequence[Slot], state: str) -> tuple[Turn, ...]:
    """What each kind of period leads to, if enough of it follow; kinds that change nothing are left out.

    Then what one period leads to, with data after which none come, where less of that is needed.

    Args:
        slots: The whole evaluation range, oldest first, 1 where a period breaches.
        state: The alarm's state, these periods having been evaluated.
    """
    found = []
    for kind, value in _KINDS.items():

        def turned(count: int, value: float | None = value) -> State | None:
            reached = _after(definition, slots, [value] * count)
            return None if reached == state else reached

        count = _first(turned, len(slots))
        if count is not None and (reached := turned(count)) is not None:
            among = _among(definition, slots, count) if kind == "breaching" else count
            found.append(Turn(kind, count, among, reached))
    return (*found, *_before_silence(definition, slots, state, found))


def _before_silence(
    definition: Definition, slots: Sequence[Slot], state: str, known: Sequence[Turn]
) -> Iterator[Turn]:
    """One period with data and then none: a breach may alarm by itself, a good one end an alarm."""
    for kind in ("breaching", "fine"):
        if any(turn.kind == kind and turn.count == 1 for turn in known):
            continue

        def turned(empty: int, value: float | None = _KINDS[kind]) -> State | None:
            reached = _after(definition, slots, [value, *[None] * empty])
            return None if reached == state else reached

        empty = _first(turned, len(slots) - 1)
        reached = None if empty is None else turned(empty)
        if empty is None or reached is None:
            continue
        if not any(
            turn.kind == "missing" and turn.state == reached and turn.count <= empty + 1 for turn in known
        ):
            yield Turn(kind, 1, 1, reached, empty)


def _first(turned: Callable[[int], State | None], most: int) -> int | None:
    """A count that turns the state: the least, or beyond a hundred one that is sought by halves."""
    near = next((count for count in range(1, min(most, _NEAR) + 1) if turned(count) is not None), None)
    if near is not None or most <= _NEAR:
        return near
    far = range(_NEAR + 1, most + 1)
    at = bisect_left(far, True, key=lambda count: turned(count) is not None)
    return far[at] if at < len(far) else None


def _among(definition: Definition, slots: Sequence[Slot], count: int) -> int:
    """Among how many periods so many breaches surely alarm: at worst they come last.

    Among more than the evaluation periods the first of them would not count any more.
    """
    wider = range(count + 1, definition.evaluation_periods + 1)

    def misses(among: int) -> bool:
        return _after(definition, slots, [0.0] * (among - count) + [1.0] * count) is not State.ALARM

    return count + bisect_left(wider, True, key=misses)


def _after(definition: Definition, slots: Sequence[Slot], values: Sequence[float | None]) -> State | None:
    """What is decided once these periods, with samples enough, have followed."""
    newest_ms, step_ms = slots[-1].start_ms, slots[-1].start_ms - slots[-2].start_ms
    coming = [
        Slot(newest_ms + step_ms * at, value, _MANY_SAMPLES) for at, value in enumerate(values, start=1)
    ]
    return decide(definition, [*slots, *coming][-len(slots) :])
