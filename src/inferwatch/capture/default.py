"""The one global of the package: the default recorder, and the tests that listen in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inferwatch.capture.recorder import Recorder


@dataclass(eq=False, slots=True)
class Recording:
    """Every record made while this is listed, instead of being shipped."""

    raise_faults: bool
    records: list[dict[str, object]] = field(default_factory=list)


class Default:
    """What `configure` sets. `recordings` is outermost first; all of them get every record."""

    __slots__ = ("lock", "recorder", "recordings")

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.recorder: Recorder | None = None
        self.recordings: tuple[Recording, ...] = ()


DEFAULT: Final = Default()
