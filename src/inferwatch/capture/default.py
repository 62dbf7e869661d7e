"""The one global of the package: the default recorder, and the tests that listen in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from inferwatch.model.process import in_forked_children

if TYPE_CHECKING:
    from inferwatch.capture.recorder import Recorder


@dataclass(eq=False, slots=True)
class Recording:
    """Every record made while this is listed, instead of being shipped."""

    raise_faults: bool
    records: list[dict[str, object]] = field(default_factory=list)


class Default:
    """What `configure` sets.

    `stand_in` serves while there is no `recorder`. `retired` are the recorders it replaced: calls that began
    with them end with them. `recordings` is outermost first; all of them get every record.
    """

    __slots__ = ("__weakref__", "lock", "recorder", "recordings", "retired", "stand_in")

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.stand_in: Recorder | None = None
        self.retired: tuple[Recorder, ...] = ()
        self.recordings: tuple[Recording, ...] = ()
        self.start_fresh()

    def start_fresh(self) -> None:
        """A lock that no thread of a parent process holds."""
        self.lock = threading.RLock()


DEFAULT: Final = Default()
in_forked_children(DEFAULT.start_fresh)
