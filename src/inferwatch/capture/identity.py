"""Names for records and their writers: time and randomness in, text out."""

from __future__ import annotations

from typing import Final

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = tuple(high + low for high in _CROCKFORD for low in _CROCKFORD)  # ten bits at a time

ULID_ENTROPY_BYTES: Final = 10
WRITER_ENTROPY_BYTES: Final = 5


def ulid(timestamp_ms: int, entropy: bytes) -> str:
    """A 26-character id that sorts by time.

    Args:
        entropy: Ten random bytes.

    Source: the ULID specification (48 bits of milliseconds, 80 of randomness, Crockford's base 32).
    """
    bits = (timestamp_ms & 0xFFFFFFFFFFFF) << 80 | int.from_bytes(entropy, "big")
    return "".join([_PAIRS[bits >> shift & 0x3FF] for shift in range(120, -1, -10)])


def writer_name(entropy: bytes) -> str:
    """Eight characters that name one process among all that write to a group, from five random bytes."""
    bits = int.from_bytes(entropy, "big")
    return "".join([_PAIRS[bits >> shift & 0x3FF] for shift in range(30, -1, -10)]).lower()
