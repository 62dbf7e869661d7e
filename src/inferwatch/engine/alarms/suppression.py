"""What keeps a composite alarm's actions back, step by step. Pure.

    its state changes    suppressor in ALARM → Alarm; else WaitPeriod, again from the start
    suppressor → ALARM   WaitPeriod, ExtensionPeriod → Alarm
    suppressor leaves it Alarm → ExtensionPeriod
    a period ends        → nothing: the actions of the state it is in then are taken

Once nothing keeps them back, the suppressor has no say until the composite's state changes again.

Source: CloudWatch User Guide, "Suppressing composite alarm actions", all its figures; recorded, 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inferwatch.engine.alarms.composite import Suppressor
from inferwatch.model.limits import SECOND_MS


class Phase(StrEnum):
    WAIT = "WaitPeriod"
    EXTENSION = "ExtensionPeriod"
    ALARM = "Alarm"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why actions are kept back, and until when where that is known."""

    phase: Phase
    reason: str
    until_ms: int | None = None


def begin(suppressor: Suppressor, alarmed: str | None, at_ms: int) -> Suppression | None:
    """The composite's state has changed.

    Args:
        alarmed: How the suppressor came to be in ALARM; `None` where it is not.
    """
    if alarmed is not None:
        return _by_alarm(alarmed)
    return _by_period(Phase.WAIT, suppressor.wait_s, at_ms)


def follow(
    present: Suppression, suppressor: Suppressor, alarmed: str | None, at_ms: int
) -> Suppression | None:
    """The suppressor's state has changed; arguments as in `begin`."""
    if alarmed is not None:
        return _by_alarm(alarmed)
    if present.phase is Phase.ALARM:
        return _by_period(Phase.EXTENSION, suppressor.extension_s, at_ms)
    return present


def _by_alarm(alarmed: str) -> Suppression:
    return Suppression(Phase.ALARM, f"Actions suppressed by {alarmed}")


def _by_period(phase: Phase, seconds: int, at_ms: int) -> Suppression | None:
    if seconds == 0:
        return None
    return Suppression(phase, f"Actions suppressed by {phase}", at_ms + seconds * SECOND_MS)
