"""Frames of Amazon's event streams.

Source: Amazon Transcribe Developer Guide, "Event stream encoding"; botocore reads the same.
"""

from __future__ import annotations

import json
import struct
from zlib import crc32


def frame(event: str, payload: dict[str, object], *, kind: str = "event") -> bytes:
    """One event, or one exception."""
    name = ":event-type" if kind == "event" else ":exception-type"
    headers = b"".join(
        _header(*pair)
        for pair in ((":message-type", kind), (name, event), (":content-type", "application/json"))
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + body
    return message + struct.pack(">I", crc32(message))


def _header(name: str, value: str) -> bytes:
    return struct.pack(
        f">B{len(name)}sBH{len(value)}s", len(name), name.encode(), 7, len(value), value.encode()
    )
