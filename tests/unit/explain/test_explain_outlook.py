"""What would change a state, sought by halves, against every window of small alarms looked through one by one."""

from __future__ import annotations

import itertools

import pytest

from inferwatch.engine.alarms.decide import decide
from inferwatch.engine.alarms.definition import Comparison, Definition, MissingData
from inferwatch.engine.alarms.state import State
from inferwatch.engine.alarms.watch import Slot
from inferwatch.engine.metricdata.query import MetricStat
from inferwatch.engine.metrics.statistics import Statistic
from inferwatch.engine.metrics.store import Metric
from inferwatch.explain.outlook import Turn, turns

STAT = MetricStat(Metric("NS", "m"), 60, Statistic("Sum"))
VALUES = {"breaching": 1.0, "fine": 0.0, "missing": None}
ALARMS = [
    (evaluated, needed, policy)
    for evaluated in (1, 2, 3)
    for needed in range(1, evaluated + 1)
    for policy in MissingData
]


def _slots(values: tuple[float | None, ...]) -> list[Slot]:
    return [Slot(at * 60_000, value) for at, value in enumerate(values)]


def _states(
    alarm: Definition, values: tuple[float | None, ...], value: float | None, state: State
) -> list[State]:
    """What a row of periods of one value leads through."""
    states = []
    for _ in values:
        values = (*values[1:], value)
        state = decide(alarm, _slots(values)) or state
        states.append(state)
    return states


@pytest.mark.parametrize(("evaluated", "needed", "policy"), ALARMS, ids=str)
def test_the_first_turn_of_each_kind_is_found(evaluated: int, needed: int, policy: MissingData) -> None:
    """From every window, and each state that it can leave the alarm in."""
    alarm = Definition("a", STAT, Comparison.GREATER, 0.5, evaluated, needed, policy)
    for values in itertools.product((0.0, 1.0, None), repeat=evaluated + 2):
        decided = decide(alarm, _slots(values))
        for state in State if decided is None else (decided,):
            expected = {}
            for kind, value in VALUES.items():
                states = _states(alarm, values, value, state)
                turned = [reached for reached in states if reached is not state]
                if turned:
                    expected[kind] = (states.index(turned[0]) + 1, turned[0])

            found = {
                turn.kind: (turn.count, turn.state)
                for turn in turns(alarm, _slots(values), state)
                if not turn.empty
            }

            assert found == expected, (values, state)


def test_a_window_of_a_day_is_sought_by_halves() -> None:
    """Fine all day: every minute of the next one would have to breach, or to be without data."""
    alarm = Definition("a", STAT, Comparison.GREATER, 0.5, 1_440)

    found = turns(alarm, _slots((0.0,) * 1_442), State.OK)

    assert found == (
        Turn("breaching", 1_440, 1_440, State.ALARM),
        Turn("missing", 1_442, 1_442, State.INSUFFICIENT_DATA),
        Turn("breaching", 1, 1, State.ALARM, empty=1_441),
    )


@pytest.mark.parametrize(("evaluated", "needed", "policy"), ALARMS, ids=str)
def test_one_period_and_then_silence_is_found(evaluated: int, needed: int, policy: MissingData) -> None:
    """Where it turns the state otherwise, or sooner, than silence by itself."""
    alarm = Definition("a", STAT, Comparison.GREATER, 0.5, evaluated, needed, policy)
    for values in itertools.product((0.0, 1.0, None), repeat=evaluated + 2):
        decided = decide(alarm, _slots(values))
        for state in State if decided is None else (decided,):
            silence = _states(alarm, values, None, state)
            expected = {}
            for kind in ("breaching", "fine"):
                first = (*values[1:], VALUES[kind])
                begun = decide(alarm, _slots(first)) or state
                states = _states(alarm, first, None, state)[:-1]
                turned = [reached for reached in states if reached is not state]
                if begun is state and turned:
                    empty = states.index(turned[0]) + 1
                    if turned[0] not in silence[: empty + 1]:
                        expected[kind] = (empty, turned[0])

            found = {
                turn.kind: (turn.empty, turn.state)
                for turn in turns(alarm, _slots(values), state)
                if turn.empty
            }

            assert found == expected, (values, state)
