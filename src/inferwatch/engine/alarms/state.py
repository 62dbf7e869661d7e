"""The three states, and what an evaluation decides."""

from __future__ import annotations

import json
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
class Contributor:
    """One series of an alarm that watches several; `attributes` are the keys and values of its group."""

    id: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """A contributor that is in ALARM: why, and since when."""

    contributor: Contributor
    evaluation: Evaluation
    since_ms: int


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


FINE: Final = Evaluation(State.OK, "")
"""What a contributor is before it was ever in ALARM; AWS has no words for it."""


def compact(value: object) -> str:
    """JSON as AWS writes it into texts: without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


NO_RESPONSES: Final = Responses()
