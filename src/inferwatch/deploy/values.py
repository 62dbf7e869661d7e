"""Property values: Pulumi's wire form, plain Python, and the form kept in state.

A property is `None`, bool, int, float, str, a list, a dict, a `Secret` around one of these, or `UNKNOWN`
(known only once something else has been created). Nothing else crosses this file.
Source: pulumi/sdk `rpc.py` (signatures); `sdk/go/common/resource/plugin/rpc.go`, read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

from inferwatch.model.errors import UsageError

Value: TypeAlias = Any
Properties: TypeAlias = dict[str, Any]

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_REFUSED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "assets",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archives",
    "5cf8f73096256a8f31e491e813e4eb8e": "resource references",
    "d0e6a833031e9bbcd3f4e8bde6ca49a4": "output values",
}
# An unknown travels as one of these strings, by what it will become: bool, number, string, list,
# asset, archive, object. We only ever send the string's.
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        _UNKNOWN_STRING,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_EXACT_INTEGERS: Final = 2**53


class Unknown:
    """A value that does not exist yet."""

    def __repr__(self) -> str:
        return "<computed>"

    def __deepcopy__(self, memo: object) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value never shown, and encrypted in state."""

    value: Value

    def __repr__(self) -> str:
        return "[secret]"


def decode(value: struct_pb2.Value) -> Value:
    """Read one wire value; whole numbers come back as int.

    Raises:
        UsageError: a kind of value that no resource here takes (an asset, an archive).
    """
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() and abs(number) < _EXACT_INTEGERS else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [decode(item) for item in value.list_value.values]
        case "struct_value":
            return _decode_object(value.struct_value)
        case _:
            return None


def _decode_object(struct: struct_pb2.Struct) -> Value:
    signature = struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else None
    if signature is None:
        return decode_struct(struct)
    if signature == _SECRET:
        return Secret(decode(struct.fields["value"]))
    raise UsageError(
        f"inferwatch does not support {_REFUSED.get(signature, signature)} as property values yet"
    )


def decode_struct(struct: struct_pb2.Struct) -> Properties:
    """Read a property map."""
    return {key: decode(value) for key, value in struct.fields.items()}


def encode(value: Value) -> struct_pb2.Value:
    """Write one value in wire form."""
    wire = struct_pb2.Value
    match value:
        case None:
            return wire(null_value=struct_pb2.NULL_VALUE)
        case Unknown():
            return wire(string_value=_UNKNOWN_STRING)
        case Secret():
            fields = {_SIGNATURE: wire(string_value=_SECRET), "value": encode(value.value)}
            return wire(struct_value=struct_pb2.Struct(fields=fields))
        case bool():
            return wire(bool_value=value)
        case int() | float():
            return wire(number_value=value)
        case str():
            return wire(string_value=value)
        case list() | tuple():
            return wire(list_value=struct_pb2.ListValue(values=[encode(item) for item in value]))
        case dict():
            return wire(struct_value=encode_struct(value))
        case _:
            raise TypeError(f"a property cannot hold a {type(value).__name__}")


def encode_struct(properties: Mapping[str, Value]) -> struct_pb2.Struct:
    """Write a property map in wire form."""
    return struct_pb2.Struct(fields={key: encode(value) for key, value in properties.items()})


def plain(value: Value) -> Value:
    """The same value with every secret opened."""
    match value:
        case Secret():
            return plain(value.value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def without_secrets(value: Value) -> Value:
    """The same value with `UNKNOWN` for every secret."""
    match value:
        case Secret():
            return UNKNOWN
        case dict():
            return {key: without_secrets(item) for key, item in value.items()}
        case list():
            return [without_secrets(item) for item in value]
        case _:
            return value


def shown(value: Value) -> Value:
    """The same value as a person may see it: secrets as `[secret]`, unknowns as `<computed>`."""
    match value:
        case Secret() | Unknown():
            return repr(value)
        case dict():
            return {key: shown(item) for key, item in value.items()}
        case list():
            return [shown(item) for item in value]
        case _:
            return value


def has_unknown(value: Value) -> bool:
    """Whether some part of the value does not exist yet."""
    return _any(value, lambda item: isinstance(item, Unknown))


def has_secret(value: Value) -> bool:
    """Whether some part of the value is secret."""
    return _any(value, lambda item: isinstance(item, Secret))


def _any(value: Value, found: Callable[[Value], bool]) -> bool:
    if found(value):
        return True
    match value:
        case Secret():
            return _any(value.value, found)
        case dict():
            return any(_any(item, found) for item in value.values())
        case list():
            return any(_any(item, found) for item in value)
        case _:
            return False


def to_state(value: Value, encrypt: Callable[[str], str]) -> Value:
    """The form kept in a state file: JSON, secrets encrypted."""
    match value:
        case Secret():
            text = json.dumps(to_state(value.value, encrypt))
            return {_SIGNATURE: _SECRET, "ciphertext": encrypt(text)}
        case Unknown():
            return _UNKNOWN_STRING
        case dict():
            return {key: to_state(item, encrypt) for key, item in value.items()}
        case list():
            return [to_state(item, encrypt) for item in value]
        case _:
            return value


def from_state(value: Value, decrypt: Callable[[str], str]) -> Value:
    """Read back what `to_state` wrote."""
    match value:
        case dict() if value.get(_SIGNATURE) == _SECRET:
            text = value["plaintext"] if "plaintext" in value else decrypt(value["ciphertext"])
            return Secret(from_state(json.loads(text), decrypt))
        case dict():
            return {key: from_state(item, decrypt) for key, item in value.items()}
        case list():
            return [from_state(item, decrypt) for item in value]
        case str() if value == _UNKNOWN_STRING:
            return UNKNOWN
        case _:
            return value
