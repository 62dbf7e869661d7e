"""Smithy RPC v2 CBOR: timestamps are tag 1, blobs byte strings.

Source: Smithy, "RPC v2 CBOR protocol".
Differs: what AWS says of a body that is no CBOR was not recorded.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import cbor2
from botocore.model import StructureShape

from inferwatch.model.errors import AwsError
from inferwatch.wire.codecs.values import Scalars, decode, encode, mismatch, read_seconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(shape: StructureShape | None, body: bytes) -> dict[str, Any]:
    """Raises AwsError (SerializationException)."""
    if not body:
        return {}
    try:
        document = cbor2.loads(body)
    except (cbor2.CBORDecodeError, ValueError, RecursionError):
        raise AwsError("SerializationException", "The request is not valid CBOR.") from None
    if shape is None:
        return {}
    params: dict[str, Any] = decode(shape, document, SCALARS)
    return params


def render(shape: StructureShape | None, result: dict[str, Any]) -> bytes:
    return cbor2.dumps({} if shape is None else encode(shape, result, SCALARS))


def dumps(document: dict[str, Any]) -> bytes:
    """An error's document, which follows no shape."""
    return cbor2.dumps(document)


def _read_timestamp(value: Any) -> int:
    if isinstance(value, datetime):
        return read_seconds((value - _EPOCH).total_seconds())
    return read_seconds(value)


def _read_blob(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    raise mismatch(value, "blob")


SCALARS = Scalars(
    read_timestamp=_read_timestamp,
    write_timestamp=lambda at_ms: cbor2.CBORTag(1, at_ms / 1_000),
    read_blob=_read_blob,
    write_blob=bytes,
    write_float=float,
)
