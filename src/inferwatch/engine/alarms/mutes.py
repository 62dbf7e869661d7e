"""Mute rules: windows of time in which the actions of some alarms are held back.

Source: CloudWatch API reference, "PutAlarmMuteRule", "GetAlarmMuteRule".
Differs: whether AWS refuses targets that do not exist is not stated; here a rule may name them. A window
counts from the moment the rule is put, and only between its start and its expiry, also where it began before.
Whether AWS refuses a schedule that no moment fits, as cron(0 0 31 2 *) or an at(...) of before, was not
recorded: it is accepted, its Status is EXPIRED, and `inferwatch explain` says that the rule is never active.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from inferwatch.engine.alarms.schedule import At, Schedule
from inferwatch.model.errors import AwsError, validation_failure

RULES_MAX: Final = 2_000


class Status(StrEnum):
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class MuteDefinition:
    """A mute rule as PutAlarmMuteRule gave it.

    Args:
        expression: With `duration` and `timezone`, the text of its schedule.
    """

    name: str
    schedule: Schedule
    expression: str
    duration: str
    timezone: str | None = None
    targets: tuple[str, ...] | None = None
    description: str | None = None
    start_ms: int | None = None
    expire_ms: int | None = None

    @property
    def mute_type(self) -> str:
        return "ONE_TIME" if isinstance(self.schedule.expression, At) else "RECURRING"

    def muted_until(self, now_ms: int) -> int | None:
        """When the window that is open at a moment closes; `None` where none is."""
        if self.start_ms is not None and now_ms < self.start_ms:
            return None
        end_ms = self.schedule.window_end(now_ms)
        if end_ms is not None and self.expire_ms is not None:
            end_ms = min(end_ms, self.expire_ms)
        return end_ms if end_ms is not None and now_ms < end_ms else None

    def status(self, now_ms: int) -> Status:
        if self.muted_until(now_ms) is not None:
            return Status.ACTIVE
        is_over = (
            (self.expire_ms is not None and now_ms >= self.expire_ms)
            or self.schedule.is_over(now_ms)
            or not self.schedule.meets(self.start_ms, self.expire_ms)
        )
        return Status.EXPIRED if is_over else Status.SCHEDULED


@dataclass(slots=True)
class MuteRule:
    """A mute rule, its tags, and when it was last put."""

    definition: MuteDefinition
    arn: str
    updated_ms: int
    tags: dict[str, str] = field(default_factory=dict)


class Mutes:
    """The mute rules of one account and region."""

    def __init__(self) -> None:
        self._rules: dict[str, MuteRule] = {}

    def put(self, definition: MuteDefinition, arn: str, tags: dict[str, str], now_ms: int) -> None:
        """Make or replace a rule; tags count only where it is made.

        Raises:
            AwsError: ValidationException, LimitExceededFault.
        """
        start_ms, expire_ms = definition.start_ms, definition.expire_ms
        if start_ms is not None and expire_ms is not None and start_ms >= expire_ms:
            raise validation_failure("StartDate must be before ExpireDate")
        known = self._rules.get(definition.name)
        if known is not None:
            known.definition, known.updated_ms = definition, now_ms
            return
        if len(self._rules) >= RULES_MAX:
            raise AwsError("LimitExceededFault", f"There are {RULES_MAX} alarm mute rules already")
        self._rules[definition.name] = MuteRule(definition, arn, now_ms, dict(tags))

    def get(self, name: str) -> MuteRule:
        """Raises AwsError (ResourceNotFoundException)."""
        rule = self._rules.get(name)
        if rule is None:
            raise AwsError("ResourceNotFoundException", f"The alarm mute rule {name} does not exist")
        return rule

    def delete(self, name: str) -> None:
        """One that does not exist passes. Source: API reference, "DeleteAlarmMuteRule"."""
        self._rules.pop(name, None)

    def all(self) -> list[MuteRule]:
        """Sorted by name."""
        return [self._rules[name] for name in sorted(self._rules)]

    def muted_until(self, alarm: str, now_ms: int) -> int | None:
        """When the open windows over an alarm close: the last of them; `None` where none is open."""
        return max(self._ends(alarm, now_ms), default=None)

    def _ends(self, alarm: str, now_ms: int) -> Iterator[int]:
        for rule in self._rules.values():
            if alarm in (rule.definition.targets or ()):
                end_ms = rule.definition.muted_until(now_ms)
                if end_ms is not None:
                    yield end_ms
