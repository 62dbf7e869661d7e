"""The policies of every log group, and which of them an event came in under.

Source: CloudWatch Logs User Guide, "Help protect sensitive log data with masking": data is found when it is
ingested; what came before a policy stays plain.
Differs: that an event keeps the policy it came in under, when that one is replaced or deleted, is a guess.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from inferwatch.engine.dataprotection.mask import mask
from inferwatch.engine.dataprotection.policy import Policy, read_policy


@dataclass(slots=True)
class _Timeline:
    """One group's policies, oldest first; `None` from where one was deleted."""

    since_ms: list[int] = field(default_factory=list)
    policies: list[Policy | None] = field(default_factory=list)

    def change(self, policy: Policy | None, now_ms: int) -> None:
        self.since_ms.append(now_ms)
        self.policies.append(policy)

    def at(self, moment_ms: int) -> Policy | None:
        index = bisect_right(self.since_ms, moment_ms) - 1
        return self.policies[index] if index >= 0 else None


class DataProtection:
    """Data protection policies by log group: one at a time."""

    def __init__(self) -> None:
        self._groups: dict[str, _Timeline] = {}

    def put(self, group: str, document: str, now_ms: int) -> None:
        """Raises what `read_policy` does; the policy before stays then."""
        policy = read_policy(document)
        self._groups.setdefault(group, _Timeline()).change(policy, now_ms)

    def delete(self, group: str, now_ms: int) -> None:
        """Of a group without one, nothing happens."""
        if self.policy(group) is not None:
            self._groups[group].change(None, now_ms)

    def forget_group(self, group: str) -> None:
        self._groups.pop(group, None)

    def policy(self, group: str) -> Policy | None:
        """The one that events ingested now come in under."""
        timeline = self._groups.get(group)
        return timeline.policies[-1] if timeline is not None else None

    def updated_ms(self, group: str) -> int | None:
        """When it was put; `None` where there is none."""
        return self._groups[group].since_ms[-1] if self.policy(group) is not None else None

    def status(self, group: str) -> str | None:
        """`dataProtectionStatus` of DescribeLogGroups: absent for a group that never had a policy."""
        if group not in self._groups:
            return None
        return "ACTIVATED" if self.policy(group) is not None else "DELETED"

    def shown(self, group: str, message: str, ingestion_ms: int) -> str:
        """A stored event's message as readers without `unmask` see it."""
        timeline = self._groups.get(group)
        return message if timeline is None else mask(message, timeline.at(ingestion_ms))
