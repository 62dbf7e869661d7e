"""What happens where records come faster than they can go, and what they survive.

| `full` | Where the spool is full |
|---|---|
| `drop_oldest` | the oldest records go, a slab of them at a time, but for up to a slab of errors |
| `drop_newest` | the newest records go |
| `block` | whoever records waits for room, for `block_timeout_s` at most; then the newest goes |
| `sample` | from the half on, one in ten is taken; where it is full, the newest goes |

In the last three an eighth of the room is for errors alone: records whose `status` is another than `ok`.

| `durability` | Records survive |
|---|---|
| `kill` | the process, however it ends |
| `power` | a loss of power as well, but for the last second |
| `memory` | nothing: for file systems that cannot be written |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from inferwatch.model.errors import UsageError
from inferwatch.ship.slab import SLAB_BYTES

Full: TypeAlias = Literal["drop_oldest", "drop_newest", "block", "sample"]
Durability: TypeAlias = Literal["kill", "power", "memory"]

MAX_BYTES: Final = 256 * 2**20
SAMPLED: Final = 10
"""One in so many is taken."""

_STATUS: Final = b'"status":"'
_OK: Final = b'"status":"ok"'


@dataclass(frozen=True, slots=True)
class Policy:
    """Args:
        max_bytes: What may wait, in whole slabs of 2 MiB, two at least.

    Raises:
        UsageError: A word that is none of those, or a number that makes no sense.
    """

    full: Full = "drop_oldest"
    block_timeout_s: float = 1.0
    max_bytes: int = MAX_BYTES
    durability: Durability = "kill"

    def __post_init__(self) -> None:
        _check_word("full", self.full, get_args(Full))
        _check_word("durability", self.durability, get_args(Durability))
        if self.max_bytes < 2 * SLAB_BYTES:
            raise UsageError(f"spool_max_bytes={self.max_bytes:,}: expected {2 * SLAB_BYTES:,} or more")
        if not self.block_timeout_s >= 0:
            raise UsageError(f"block_timeout_s={self.block_timeout_s}: expected seconds, zero or more")


def is_error(message: bytes) -> bool:
    """Whether a record's JSON text, or an event's that holds it escaped, has a status other than ok."""
    plain = message.replace(b"\\", b"")
    return _STATUS in plain and _OK not in plain


def _check_word(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise UsageError(f"{name}={word!r}: expected one of {', '.join(known)}")
