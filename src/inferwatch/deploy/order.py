"""The order of writing and deleting: what a resource needs is written before it and deleted after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Needing(Protocol):
    """Something with a URN that needs other URNs."""

    @property
    def urn(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...


N = TypeVar("N", bound=Needing)


def ordered(resources: Iterable[N]) -> list[N]:
    """Needs before needers; otherwise the order given. A need that is not among them is passed over."""
    items = list(resources)
    by_urn: dict[str, list[N]] = {}
    for item in items:
        by_urn.setdefault(item.urn, []).append(item)
    placed: set[int] = set()
    result: list[N] = []

    # An explicit stack: a chain of a thousand resources must not meet the recursion limit.
    for root in items:
        waiting: list[tuple[N, bool]] = [(root, False)]
        while waiting:
            item, needs_placed = waiting.pop()
            if needs_placed:
                result.append(item)
            elif id(item) not in placed:
                placed.add(id(item))
                waiting.append((item, True))
                waiting += [
                    (need, False) for urn in reversed(item.needs) for need in reversed(by_urn.get(urn, ()))
                ]
    return result


def deletion_order(resources: Iterable[N]) -> list[N]:
    """Needers before what they need."""
    return ordered(resources)[::-1]


def dependents(resources: Sequence[N], urn: str) -> list[N]:
    """Everything that needs `urn`, directly or through others, in deletion order."""
    reached = {urn}
    found = []
    for item in ordered(resources):
        if item.urn not in reached and reached.intersection(item.needs):
            reached.add(item.urn)
            found.append(item)
    return found[::-1]
