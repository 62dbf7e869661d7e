"""AWS query: a form in, XML out.

Source: Smithy, "AWS query protocol", and what it takes for a number: XML Schema's int, long and double. The
text for a timestamp, and that it has at most six decimals: posted by users of the service, 2018 to 2022.
Differs: AWS's texts for other values that cannot be read were not recorded, nor whether a boolean may be
written in capitals, as here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from botocore.model import ListShape, MapShape, Shape, StructureShape

from inferwatch.model.errors import AwsError
from inferwatch.wire.codecs.values import check_members, fits, is_moment

_MAX_DEPTH = 32
_SHOWN_MAX_CHARS = 80
_POSITION: Final = re.compile(r"[0-9]{1,9}")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_DOUBLE: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|[+-]?Infinity")
_TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)


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
            raise _malformed(name[:_SHOWN_MAX_CHARS], "it nests too deep")
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
            return dict(_entry(shape, entry, f"{path}.entry.{n}") for n, entry in entries)
        case _:
            if not isinstance(node, str):
                raise _malformed(path, "a value was expected")
            return _scalar(shape.type_name, node, path)


def _entry(shape: MapShape, entry: Any, path: str) -> tuple[Any, Any]:
    if not isinstance(entry, dict) or not {"key", "value"} <= entry.keys():
        raise _malformed(path, f"{path}.key and {path}.value were expected")
    return _decode(shape.key, entry["key"], f"{path}.key"), _decode(
        shape.value, entry["value"], f"{path}.value"
    )


def _numbered(node: Any, label: str, path: str) -> list[tuple[int, Any]]:
    """`member.1`, `member.2` … in the order of their numbers; an empty value is an empty list."""
    if node == "":
        return []
    children = node.get(label) if isinstance(node, dict) else None
    if not isinstance(children, dict) or not all(map(_POSITION.fullmatch, children)):
        raise _malformed(path, f"{path}.{label}.1 was expected")
    return sorted(((int(key), child) for key, child in children.items()), key=itemgetter(0))


def _scalar(kind: str, text: str, path: str) -> Any:
    match kind:
        case "integer" | "long":
            if _INTEGER.fullmatch(text) and fits(kind, int(text)):
                return int(text)
        case "double" | "float":
            if _DOUBLE.fullmatch(text):
                return float(text)
        case "boolean":
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
        case "timestamp":
            return _read_timestamp(text)
        case "blob":
            return _read_blob(text, path)
        case _:
            return text
    raise _malformed(path, f'"{text[:_SHOWN_MAX_CHARS]}" is no {kind}')


def _read_timestamp(text: str) -> int:
    """Epoch ms; UTC, where no offset is given."""
    try:
        moment = datetime.fromisoformat(text) if _TIMESTAMP.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is not None:
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        at_ms = round(moment.timestamp() * 1_000)
        if is_moment(at_ms):
            return at_ms
    raise AwsError("MalformedInput", "timestamp must follow ISO8601")


def _read_blob(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise _malformed(path, "it is no base64") from None


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
