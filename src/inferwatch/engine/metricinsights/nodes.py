"""What a query is made of, and which metrics it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ACCOUNT = "AWS.AccountId"


@dataclass(frozen=True, slots=True)
class Condition:
    """A key that has a value, or has not; no value stands for CURRENT_ACCOUNT_ID()."""

    key: str
    value: str | None
    equal: bool = True

    def is_met(self, keys: Mapping[str, str]) -> bool:
        """A metric without the key meets `!=` alone. Source: recorded, 2026-09."""
        wanted = keys[ACCOUNT] if self.value is None else self.value
        return (keys.get(self.key) == wanted) is self.equal


@dataclass(frozen=True, slots=True)
class Order:
    function: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`schema` is the exact set of dimensions; any set will do where it is `None`."""

    function: str
    metric: str
    namespace: str
    schema: frozenset[str] | None = None
    where: tuple[Condition, ...] = ()
    group: tuple[str, ...] = ()
    order: Order | None = None
    limit: int | None = None

    def takes(self, namespace: str, name: str, dimensions: Mapping[str, str], account_id: str) -> bool:
        if (namespace, name) != (self.namespace, self.metric):
            return False
        if self.schema is not None and self.schema != dimensions.keys():
            return False
        keys = {**dimensions, ACCOUNT: account_id}
        return all(condition.is_met(keys) for condition in self.where)

    def group_of(self, dimensions: Mapping[str, str], account_id: str) -> tuple[str | None, ...]:
        """The values of the keys it groups by; `None` where the metric lacks the key."""
        keys = {**dimensions, ACCOUNT: account_id}
        return tuple(keys.get(key) for key in self.group)
