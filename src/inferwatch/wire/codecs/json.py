"""AWS JSON 1.0 and 1.1: timestamps are epoch seconds, blobs base64.

Source: Smithy, "AWS JSON protocol".
Differs: what AWS says of a body that is no JSON was not recorded.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any, NoReturn

import orjson
from botocore.model import StructureShape

from inferwatch.model.errors import AwsError
from inferwatch.wire.codecs.values import Scalars, decode, encode, mismatch, read_seconds

_EXACT_DIGITS = 19


def parse(shape: StructureShape | None, body: bytes) -> dict[str, Any]:
    """Raises AwsError (SerializationException)."""
    if not body.strip():
        return {}
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _read_huge(body)
    if shape is None:
        return {}
    params: dict[str, Any] = decode(shape, document, SCALARS)
    return params


def _read_huge(body: bytes) -> Any:
    """A document that holds numbers beyond every double, as 1e400: they are infinite, as in Java.

    Raises AwsError (SerializationException) for what is no JSON.
    """
    try:
        document = json.loads(body.decode(), parse_int=_number, parse_constant=_refuse_constant)
        orjson.dumps(document)  # half a character, or too deep
    except (ValueError, TypeError, RecursionError):
        raise AwsError("SerializationException", "The request is not valid JSON.") from None
    return document


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < _EXACT_DIGITS else float(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


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
