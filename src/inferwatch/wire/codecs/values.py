"""One walk over a shape for JSON and CBOR: they differ only in how three scalars are written.

Differs: how AWS words a number that is too large for its type, a moment before the year 1 or after 9999, and
a byte string where none belongs was not recorded: here as for any other token that cannot be converted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from inferwatch.model.errors import AwsError

_BITS: Final = {"integer": 31, "long": 63}
_FIRST_MS: Final = -62_135_596_800_000  # 0001-01-01
_END_MS: Final = 253_402_300_800_000  # 10000-01-01


@dataclass(frozen=True, slots=True)
class Scalars:
    """How a protocol writes timestamps, blobs and numbers that are not finite."""

    read_timestamp: Callable[[Any], int]
    write_timestamp: Callable[[int], Any]
    read_blob: Callable[[Any], bytes]
    write_blob: Callable[[bytes], Any]
    write_float: Callable[[float], Any]


def decode(shape: Shape, value: Any, scalars: Scalars) -> Any:
    """A wire value → the parameter; unknown members are passed over, as AWS does.

    Raises:
        AwsError: SerializationException.
    """
    match shape:
        case StructureShape():
            if not isinstance(value, dict):
                raise _unexpected(value)
            return {
                name: decode(member, value[name], scalars)
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case ListShape():
            if not isinstance(value, list | tuple):
                raise _unexpected(value)
            return [decode(shape.member, item, scalars) for item in value]
        case MapShape():
            if not isinstance(value, dict):
                raise _unexpected(value)
            return {
                decode(shape.key, key, scalars): decode(shape.value, item, scalars)
                for key, item in value.items()
            }
        case _:
            return _decode_scalar(shape.type_name, value, scalars)


def _decode_scalar(kind: str, value: Any, scalars: Scalars) -> Any:
    if isinstance(value, dict | list | tuple):
        raise _unexpected(value)
    match kind:
        case "string" | "character":
            if isinstance(value, str):
                return value
        case "integer" | "long":
            if isinstance(value, int) and not isinstance(value, bool) and fits(kind, value):
                return value
            if isinstance(value, float) and value.is_integer() and fits(kind, int(value)):
                return int(value)
        case "double" | "float":
            if isinstance(value, int | float) and not isinstance(value, bool):
                return _float(value)
            if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
                return float(value)
        case "boolean":
            if isinstance(value, bool):
                return value
        case "timestamp":
            return scalars.read_timestamp(value)
        case "blob":
            return scalars.read_blob(value)
    raise mismatch(value, kind)


def fits(kind: str, number: int) -> bool:
    """Does a number fit into an `integer` of 32 bits, or a `long` of 64?"""
    return -(1 << _BITS[kind]) <= number < 1 << _BITS[kind]


def is_moment(at_ms: int) -> bool:
    """Is it in the years 1 to 9999, which a timestamp can be written of?"""
    return _FIRST_MS <= at_ms < _END_MS


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def encode(shape: Shape, value: Any, scalars: Scalars) -> Any:
    """A result → its wire value.

    Raises:
        ValueError: The result has a member its shape lacks: a fault of ours.
    """
    match shape:
        case StructureShape():
            check_members(shape, value)
            return {
                name: encode(shape.members[name], item, scalars)
                for name, item in value.items()
                if item is not None
            }
        case ListShape():
            return [encode(shape.member, item, scalars) for item in value]
        case MapShape():
            return {key: encode(shape.value, item, scalars) for key, item in value.items()}
    match shape.type_name:
        case "timestamp":
            return scalars.write_timestamp(value)
        case "blob":
            return scalars.write_blob(value)
        case "double" | "float":
            return scalars.write_float(float(value))
        case _:
            return value


def check_members(shape: StructureShape, value: dict[str, Any]) -> None:
    unknown = value.keys() - shape.members.keys()
    if unknown:
        raise ValueError(f"{shape.name} has no member {', '.join(sorted(unknown))}")


def read_seconds(value: Any) -> int:
    """A timestamp in epoch seconds → milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        at_ms = _float(value) * 1_000
        if math.isfinite(at_ms) and is_moment(round(at_ms)):
            return round(value * 1_000)
    raise mismatch(value, "timestamp")


def mismatch(value: Any, kind: str) -> AwsError:
    """Source: an answer recorded from the logs service, 2026-09."""
    if isinstance(value, bool):
        token = f"{str(value).upper()}_VALUE"
    elif isinstance(value, int | float):
        token = "NUMBER_VALUE"
    elif isinstance(value, bytes):
        token = "EMBEDDED_OBJECT"
    else:
        token = "STRING_VALUE"
    return AwsError("SerializationException", f"{token} cannot be converted to {kind.capitalize()}")


def _unexpected(value: Any) -> AwsError:
    if isinstance(value, dict):
        return AwsError("SerializationException", "Start of structure or map found where not expected.")
    if isinstance(value, list | tuple):
        return AwsError("SerializationException", "Start of list found where not expected.")
    return AwsError(
        "SerializationException", "Unexpected token found where a structure or list was expected."
    )
