"""AWS query: a form in, XML out. Source: Smithy, "AWS query protocol"."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from botocore.model import ListShape, MapShape, Shape, StructureShape

from inferwatch.model.errors import AwsError
from inferwatch.wire.codecs.values import check_members

_MAX_DEPTH = 32


def parse(shape: StructureShape | None, form: Mapping[str, str]) -> dict[str, Any]:
    """Form fields such as `MetricData.member.1.Value` → parameters.

    Raises:
        AwsError: MalformedInput.
    """
    if shape is None:
        return {}
    params: dict[str, Any] = _decode(shape, _tree(form), "")
    return params


def _tree(form: Mapping[str, str]) -> dict[str, Any]:
    """Dotted names → nested dicts."""
    root: dict[str, Any] = {}
    for name, value in form.items():
        parts = name.split(".")
        if len(parts) > _MAX_DEPTH:
            raise _malformed(name[:80], "it nests too deep")
        node = root
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise _malformed(name, "it is a value and a structure at once")
        if isinstance(node.get(parts[-1]), dict):
            raise _malformed(name, "it is a value and a structure at once")
        node[parts[-1]] = value
    return root


def _decode(shape: Shape, node: Any, path: str) -> Any:
    match shape:
        case StructureShape():
            if not isinstance(node, dict):
                raise _malformed(path, "a structure was expected")
            return {
                name: _decode(member, node[name], f"{path}.{name}".lstrip("."))
                for name, member in shape.members.items()
                if name in node
            }
        case ListShape():
            items = _numbered(node, "member", path)
            return [_decode(shape.member, item, f"{path}.member.{n}") for n, item in items]
        case MapShape():
            entries = _numbered(node, "entry", path)
            return {
                str(entry.get("key")): _decode(shape.value, entry.get("value"), f"{path}.entry.{n}.value")
                for n, entry in entries
                if isinstance(entry, dict)
            }
        case _:
            if not isinstance(node, str):
                raise _malformed(path, "a value was expected")
            return _scalar(shape.type_name, node, path)


def _numbered(node: Any, label: str, path: str) -> list[tuple[int, Any]]:
    """`member.1`, `member.2` … in the order of their numbers; an empty value is an empty list."""
    if node == "":
        return []
    children = node.get(label) if isinstance(node, dict) else None
    if not isinstance(children, dict) or not all(key.isascii() and key.isdigit() for key in children):
        raise _malformed(path, f"{path}.{label}.1 was expected")
    return sorted((int(key), child) for key, child in children.items())


def _scalar(kind: str, text: str, path: str) -> Any:
    try:
        match kind:
            case "integer" | "long":
                return int(text)
            case "double" | "float":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case "timestamp":
                return _read_timestamp(text)
            case "blob":
                return base64.b64decode(text, validate=True)
            case _:
                return text
    except (ValueError, KeyError, OverflowError, binascii.Error):
        raise _malformed(path, f"{text!r} is no {kind}") from None


def _read_timestamp(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000)


def _malformed(path: str, why: str) -> AwsError:
    return AwsError("MalformedInput", f"The parameter {path} could not be read: {why}")


def render(
    operation: str, shape: StructureShape | None, result: dict[str, Any], namespace: str, request_id: str
) -> bytes:
    """The `<OperationResponse>` document."""
    body = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{operation}Result")
        body = f"<{wrapper}>{''.join(_members(shape, result))}</{wrapper}>"
    return (
        f"<{operation}Response xmlns={quoteattr(namespace)}>{body}"
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    ).encode()


def render_error(code: str, message: str, is_sender: bool, namespace: str, request_id: str) -> bytes:
    kind = "Sender" if is_sender else "Receiver"
    return (
        f"<ErrorResponse xmlns={quoteattr(namespace)}><Error><Type>{kind}</Type><Code>{escape(code)}</Code>"
        f"<Message>{_text(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def _members(shape: StructureShape, value: dict[str, Any]) -> Iterator[str]:
    check_members(shape, value)
    for name, item in value.items():
        if item is not None:
            yield f"<{name}>{_encode(shape.members[name], item)}</{name}>"


def _encode(shape: Shape, value: Any) -> str:
    match shape:
        case StructureShape():
            return "".join(_members(shape, value))
        case ListShape():
            return "".join(f"<member>{_encode(shape.member, item)}</member>" for item in value)
        case MapShape():
            return "".join(
                f"<entry><key>{_text(key)}</key><value>{_encode(shape.value, item)}</value></entry>"
                for key, item in value.items()
            )
    match shape.type_name:
        case "timestamp":
            return _write_timestamp(value)
        case "boolean":
            return "true" if value else "false"
        case "blob":
            return base64.b64encode(value).decode()
        case "double" | "float":
            return repr(float(value))
        case _:
            return _text(str(value))


def _write_timestamp(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1_000, UTC)
    fraction = f".{at_ms % 1_000:03d}" if at_ms % 1_000 else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _text(text: str) -> str:
    """Escaped, and without the control characters that XML 1.0 cannot hold."""
    kept = "".join(char for char in text if char >= " " or char in "\t\n\r")
    return escape(kept, {"\r": "&#xD;"})
