"""AWS JSON 1.0 and 1.1: timestamps are epoch seconds, blobs base64. Source: Smithy, "AWS JSON protocol"."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import orjson
from botocore.model import StructureShape

from inferwatch.model.errors import AwsError
from inferwatch.wire.codecs.values import Scalars, decode, encode, mismatch, read_seconds


def parse(shape: StructureShape | None, body: bytes) -> dict[str, Any]:
    """Raises AwsError (SerializationException)."""
    if not body.strip():
        return {}
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise AwsError("SerializationException", f"The request is not valid JSON: {error}") from None
    if shape is None:
        return {}
    params: dict[str, Any] = decode(shape, document, SCALARS)
    return params


def render(shape: StructureShape | None, result: dict[str, Any]) -> bytes:
    """Nothing where the operation has no output shape."""
    return b"" if shape is None else orjson.dumps(encode(shape, result, SCALARS))


def dumps(document: dict[str, Any]) -> bytes:
    """An error's document, which follows no shape."""
    return orjson.dumps(document)


def _read_blob(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise mismatch(value, "blob") from None


def _write_float(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


SCALARS = Scalars(
    read_timestamp=read_seconds,
    write_timestamp=lambda at_ms: at_ms / 1_000,
    read_blob=_read_blob,
    write_blob=lambda data: base64.b64encode(data).decode(),
    write_float=_write_float,
)
