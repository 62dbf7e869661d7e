"""What an alarm is: its configuration, the state it is in, and how it came there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias

from inferwatch.engine.alarms.composite import CompositeDefinition
from inferwatch.engine.alarms.definition import Definition
from inferwatch.engine.alarms.state import Contribution, Contributor, Evaluation, State
from inferwatch.engine.alarms.suppression import Suppression

UNCHECKED: Final = Evaluation(State.INSUFFICIENT_DATA, "Unchecked: Initial alarm creation")
"""What an alarm is before its first evaluation."""


class Kind(StrEnum):
    METRIC = "MetricAlarm"
    COMPOSITE = "CompositeAlarm"


@dataclass(slots=True)
class _Alarm:
    """What alarms of every kind have.

    Args:
        configured_ms: When it was last put.
        state_updated_ms: When its state, or what keeps its actions back, last changed.
        transitioned_ms: When its state last changed.
        last: Its last change of state.
        held: Changes of state whose actions a mute rule keeps back: its own by "", contributors' by their id.
    """

    arn: str
    configured_ms: int
    state_updated_ms: int = field(init=False)
    transitioned_ms: int = field(init=False)
    evaluation: Evaluation = UNCHECKED
    tags: dict[str, str] = field(default_factory=dict)
    last: Transition | None = None
    held: dict[str, Transition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state_updated_ms = self.transitioned_ms = self.configured_ms

    @property
    def state(self) -> State:
        return self.evaluation.state


@dataclass(slots=True, kw_only=True)
class MetricAlarm(_Alarm):
    """An alarm on a metric or an expression; warming up until `warm_at_ms`, where that is given.

    Args:
        raised: The contributors in ALARM, by id, of an alarm that watches several series.
        is_partial: A limit kept some of its data away from its last evaluation.
        renewed: What it says of its state since, where that changes with its contributors.
    """

    kind: ClassVar = Kind.METRIC
    definition: Definition
    created_ms: int
    warm_at_ms: int | None = None
    raised: dict[str, Contribution] = field(default_factory=dict)
    is_partial: bool = False
    renewed: Evaluation | None = None

    @property
    def newest(self) -> Evaluation:
        """The state as it is described now."""
        return self.evaluation if self.renewed is None else self.renewed

    def is_warming(self, now_ms: int) -> bool:
        return self.warm_at_ms is not None and now_ms < self.warm_at_ms


@dataclass(slots=True, kw_only=True)
class CompositeAlarm(_Alarm):
    """An alarm on other alarms; `suppression` keeps its actions back where there is one."""

    kind: ClassVar = Kind.COMPOSITE
    definition: CompositeDefinition
    suppression: Suppression | None = None


Alarm: TypeAlias = MetricAlarm | CompositeAlarm


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state, with all that a notification says of it: the alarm's, or one contributor's."""

    alarm: Alarm
    previous: Evaluation
    current: Evaluation
    at_ms: int
    contributor: Contributor | None = None

    @property
    def owner(self) -> str:
        """Whose it is among the alarm's own (""), and its contributors'."""
        return "" if self.contributor is None else self.contributor.id
