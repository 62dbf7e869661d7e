"""The three states, and what an evaluation decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A child of a composite alarm that decided its state, and since when it is in its own."""

    arn: str
    state: State
    since_ms: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A decided state.

    Args:
        reason_data: The JSON text of StateReasonData.
        triggers: Who decided it, of a composite alarm.
    """

    state: State
    reason: str
    reason_data: str | None = None
    triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True, slots=True)
class Responses:
    """Which actions an alarm takes on entering each state: ARNs, in the order given."""

    enabled: bool = True
    ok: tuple[str, ...] = ()
    alarm: tuple[str, ...] = ()
    insufficient_data: tuple[str, ...] = ()

    def to(self, state: State) -> tuple[str, ...]:
        match state:
            case State.OK:
                return self.ok
            case State.ALARM:
                return self.alarm
            case State.INSUFFICIENT_DATA:
                return self.insufficient_data


NO_RESPONSES: Final = Responses()
