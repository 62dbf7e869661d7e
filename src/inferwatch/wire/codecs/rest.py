"""REST and JSON: what path and query do not hold is in the body. Source: Smithy, "AWS restJson1 protocol"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.model import StructureShape

from inferwatch.wire.codecs import json
from inferwatch.wire.errors import WireError


def parse(shape: StructureShape | None, fields: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Raises AwsError (SerializationException).

    Args:
        fields: Of the path, by member, and of the query, by their names there.
    """
    params = json.parse(shape, body)
    for name, member in shape.members.items() if shape is not None else ():
        if "location" in member.serialization:
            params.pop(name, None)
            wire_name = member.serialization.get("name", name)
            if wire_name in fields:
                params[name] = fields[wire_name]
    return params


def render_error(error: WireError) -> bytes:
    """Its type is in a header."""
    side = "User" if error.is_sender else "Service"
    return json.dumps({"Type": side, "Message": error.message, **error.details})
