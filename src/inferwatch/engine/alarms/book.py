"""Every alarm of one account and region by name, and which depend on which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from inferwatch.engine.alarms.alarm import Alarm, CompositeAlarm, MetricAlarm
from inferwatch.engine.alarms.state import State

_NONE: frozenset[str] = frozenset()


class Book:
    """Alarms, and their parents and children by name."""

    def __init__(self) -> None:
        self._alarms: dict[str, Alarm] = {}
        self._children: dict[str, frozenset[str]] = {}
        self._parents: dict[str, frozenset[str]] = {}

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        return self._alarms

    @property
    def parents(self) -> Mapping[str, frozenset[str]]:
        """Names of the composite alarms whose rule asks about an alarm, by its name."""
        return self._parents

    def children(self, name: str) -> frozenset[str]:
        """Names of the alarms that a composite alarm's rule asks about; none of any other."""
        return self._children.get(name, _NONE)

    def put(self, alarm: Alarm) -> None:
        """Add an alarm, or take in what it asks about now."""
        name = alarm.definition.name
        self._alarms[name] = alarm
        if isinstance(alarm, CompositeAlarm):
            self._let_go(name)
            self._children[name] = alarm.definition.children
            for child in self._children[name]:
                self._parents[child] = self._parents.get(child, _NONE) | {name}

    def remove(self, name: str) -> None:
        self._let_go(name)
        self._children.pop(name, None)
        del self._alarms[name]

    def _let_go(self, name: str) -> None:
        for child in self.children(name):
            others = self._parents.pop(child) - {name}
            if others:
                self._parents[child] = others

    def all(self) -> list[Alarm]:
        """Sorted by name."""
        return [self._alarms[name] for name in sorted(self._alarms)]

    def metric_alarms(self) -> list[MetricAlarm]:
        return [alarm for alarm in self._alarms.values() if isinstance(alarm, MetricAlarm)]

    def state(self, name: str) -> State:
        return self._alarms[name].state

    def suppressed_by(self, names: Iterable[str]) -> list[CompositeAlarm]:
        """Composite alarms whose actions one of these alarms can hold back, by name."""
        wanted = set(names)
        return [
            alarm
            for alarm in map(self._composite, self._children)
            if alarm.definition.suppressor is not None and alarm.definition.suppressor.name in wanted
        ]

    def dependants(self, name: str) -> list[CompositeAlarm]:
        """Composite alarms that an alarm's state reaches, children before parents, siblings by name.

        Those in a circle are left out: they are not evaluated.
        """
        above = self._above(name)
        children = {parent: self.children(parent) & above for parent in above}
        return [self._composite(parent) for parent in in_order(children)]

    def is_circular(self, name: str) -> bool:
        """Does the alarm, through others, ask about itself?"""
        return name in self._above(name)

    def _above(self, name: str) -> set[str]:
        """Names of the composite alarms that ask about an alarm, also through others; of a circle its own."""
        found: set[str] = set()
        waiting = list(self._parents.get(name, _NONE))
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting.extend(self._parents.get(parent, _NONE))
        return found

    def _composite(self, name: str) -> CompositeAlarm:
        alarm = self._alarms[name]
        assert isinstance(alarm, CompositeAlarm)
        return alarm


def in_order(children: Mapping[str, frozenset[str]]) -> list[str]:
    """Names so that each comes after its children; without those in a circle, or between two.

    Args:
        children: Of each name, only names that are keys here.
    """
    try:
        return _sorted(children)
    except CycleError:
        circular = _circular(children)
        return _sorted({name: below - circular for name, below in children.items() if name not in circular})


def _sorted(children: Mapping[str, frozenset[str]]) -> list[str]:
    """Raises CycleError. Sets have no order of their own, so names give one: each run has the same."""
    return list(TopologicalSorter({name: sorted(children[name]) for name in sorted(children)}).static_order())


def _circular(children: Mapping[str, frozenset[str]]) -> set[str]:
    """What is left once all that has no child left, or no parent, is taken away again and again."""
    left = set(children)
    while True:
        above = {child for name in left for child in children[name] & left}
        ends = {name for name in left if name not in above or not children[name] & left}
        if not ends:
            return left
        left -= ends
