"""Methods of ours in place of an object's or a class's own, and the way back."""

from __future__ import annotations

from typing import Any, Final

_ABSENT: Final = object()


class Patches:
    """What was put where; undone in reverse."""

    def __init__(self) -> None:
        self._put: list[tuple[Any, str, object, object]] = []

    def put(self, owner: Any, name: str, ours: object) -> None:
        """Set an attribute on the object or class itself, whatever it inherits."""
        before = vars(owner).get(name, _ABSENT)
        setattr(owner, name, ours)
        self._put.append((owner, name, ours, before))

    def undo(self) -> None:
        """Restore every owner; where somebody else wrapped us since, ours stays underneath."""
        for owner, name, ours, before in reversed(self._put):
            if vars(owner).get(name) is not ours:
                continue
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._put.clear()
