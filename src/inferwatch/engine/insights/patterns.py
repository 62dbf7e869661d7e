"""Regular expressions of queries, on a machine whose time is linear in the text.

Differs: AWS does not say what machine it uses; ours is RE2: no look-around, no back references.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import re2

_NAMED = re.compile(r"\(\?<(?=[A-Za-z_])")
_MAX_MEMORY_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Regex:
    """One expression; `text` is as RE2 wants it.

    Raises:
        ValueError: RE2 cannot compile it; the text says why.
    """

    text: str
    _machine: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MAX_MEMORY_BYTES
        try:
            machine = re2.compile(self.text, options)
        except (re2.error, UnicodeEncodeError) as refused:
            reason = refused.args[0] if isinstance(refused, re2.error) and refused.args else refused
            text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
            raise ValueError(text) from None
        object.__setattr__(self, "_machine", machine)

    @classmethod
    def of(cls, written: str) -> Regex:
        """What stands between two slashes; `(?<name>…)` names a group."""
        return cls(_NAMED.sub("(?P<", written.replace("\\/", "/")))

    @property
    def names(self) -> tuple[str, ...]:
        """The named groups, in their order."""
        groups: dict[str, int] = self._machine.groupindex
        return tuple(sorted(groups, key=lambda name: groups[name]))

    def is_in(self, text: str) -> bool:
        return self._machine.search(text) is not None

    def groups(self, text: str) -> dict[str, str | None] | None:
        """Named groups of the first match; `None` where there is none."""
        found = self._machine.search(text)
        return None if found is None else found.groupdict()

    def captures(self, text: str) -> tuple[str | None, ...] | None:
        """Groups of the first match, by number."""
        found = self._machine.search(text)
        return None if found is None else found.groups()

    def replace_all(self, text: str, by: str) -> str:
        replaced: str = self._machine.sub(by, text)
        return replaced


def of_glob(glob: str) -> Regex:
    """`user=* took * ms`: what each star stands for, as a group; the last one, at the end, takes all."""
    first, *others = map(re2.escape, glob.split("*"))
    stars = ["(.*?)" + after for after in others]
    if others and not others[-1]:
        stars[-1] = "(.*)"
    return Regex("(?s)" + first + "".join(stars))
