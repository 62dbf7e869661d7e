"""Property values keep their meaning on the wire and in state."""

from __future__ import annotations

import pytest
from google.protobuf import struct_pb2

from inferwatch.deploy.values import (
    UNKNOWN,
    Secret,
    decode,
    decode_struct,
    encode,
    encode_struct,
    from_state,
    has_secret,
    has_unknown,
    plain,
    shown,
    to_state,
)
from inferwatch.model.errors import UsageError

SIGNATURE = "4dabf18193072939515e22adb298388d"


def test_properties_survive_the_wire() -> None:
    """Every kind of value comes back as it went."""
    properties = {
        "a": None,
        "b": True,
        "c": 14,
        "d": 0.5,
        "e": "x",
        "f": [1, {"g": "h"}],
        "i": Secret("s"),
        "j": UNKNOWN,
    }

    assert decode_struct(encode_struct(properties)) == properties


def test_a_whole_number_is_an_int() -> None:
    """The wire has only floats; 14 must not become 14.0."""
    assert repr(decode(struct_pb2.Value(number_value=14.0))) == "14"


@pytest.mark.parametrize(
    "token",
    [
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    ],
)
def test_an_unknown_of_any_type_is_unknown(token: str) -> None:
    """The SDK sends a different string for an unknown bool, string, object."""
    assert decode(struct_pb2.Value(string_value=token)) is UNKNOWN


def test_an_asset_is_refused_by_name() -> None:
    """No resource here takes one."""
    asset = struct_pb2.Struct(
        fields={SIGNATURE: struct_pb2.Value(string_value="c44067f5952c0a294b673a41bacd8c17")}
    )

    with pytest.raises(UsageError, match="does not support assets"):
        decode(struct_pb2.Value(struct_value=asset))


def test_a_secret_is_encrypted_in_state() -> None:
    """Its text appears nowhere but through the cipher."""
    kept = to_state({"a": [Secret({"b": "hush"})]}, lambda text: text[::-1])

    assert kept == {"a": [{SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": '}"hsuh" :"b"{'}]}
    assert from_state(kept, lambda text: text[::-1]) == {"a": [Secret({"b": "hush"})]}


def test_secrets_and_unknowns_are_found_at_any_depth() -> None:
    """A list in an object in a secret is looked into."""
    assert has_unknown({"a": [Secret({"b": [UNKNOWN]})]})
    assert has_secret({"a": [{"b": Secret(1)}]})
    assert not has_unknown({"a": [None, 0, ""]})


def test_opened_and_shown() -> None:
    """`plain` opens secrets; `shown` hides them."""
    properties = {"a": Secret([1]), "b": UNKNOWN}

    assert plain({"a": Secret([Secret(1)])}) == {"a": [1]}
    assert shown(properties) == {"a": "[secret]", "b": "<computed>"}


def test_a_value_no_property_can_hold_is_a_fault() -> None:
    """Bytes would be lost, so they are refused."""
    with pytest.raises(TypeError, match="bytes"):
        encode(b"x")
