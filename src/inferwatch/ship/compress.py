"""gzip of request bodies: a tenth of the bytes, for CPU time of the sender's thread.

By default `isal` does it where it is installed, several times as fast as zlib, and nobody else; never on
loopback, where bytes cost nothing. CloudWatch Logs takes it, as AWS's own agent sends it; other endpoints may
not, and then get plain bodies.

Source: the CloudWatch agent's and the OpenTelemetry collector's exporters send `Content-Encoding: gzip`.
Differs: AWS does not say in its API reference that PutLogEvents takes gzip.
"""

from __future__ import annotations

import gzip
import importlib
from collections.abc import Callable
from typing import TypeAlias

from inferwatch.ship.retry import error_code_of

Compress: TypeAlias = Callable[[bytes], bytes]

WORTHWHILE_BYTES = 1_024
_LEVEL = 1


def compressor(asked: bool | None, *, is_loopback: bool) -> Compress | None:
    """How bodies are compressed; `None` is not at all.

    Args:
        asked: `None` leaves it to what is installed, and to where the endpoint is.
    """
    if asked is False or (asked is None and is_loopback):
        return None
    try:
        fast = importlib.import_module("isal.igzip")
    except ImportError:
        return _with_zlib if asked else None

    def with_isal(body: bytes) -> bytes:
        packed: bytes = fast.compress(body, _LEVEL, mtime=0)
        return packed

    return with_isal


def may_refuse_gzip(status: int, body: bytes) -> bool:
    """Whether an answer is one that an endpoint would give that does not know gzip."""
    if status == 415:
        return True
    return status == 400 and error_code_of(body) in (None, "SerializationException")


def _with_zlib(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)
