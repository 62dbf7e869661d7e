"""Values of properties: plain data, with leaves that are known only when the stack is made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Ref:
    """An output of another resource, in Pulumi's Python spelling: `name`, `arn`, `dashboard_name`."""

    key: str
    attribute: str

    def __str__(self) -> str:
        return f"${{{self.key}.{self.attribute}}}"


@dataclass(frozen=True, slots=True)
class Given:
    """What the deployment brings: see `REGION` and its neighbours, or a value of the caller's own."""

    name: str

    def __str__(self) -> str:
        return f"${{{self.name}}}"


Leaf: TypeAlias = Ref | Given
"""What is known only when the stack is made."""

REGION: Final = Given("region")
ACCOUNT_ID: Final = Given("account_id")
PARTITION: Final = Given("partition")
CONSOLE_DOMAIN: Final = Given("console_domain")
"""Of the partition: `console.aws.amazon.com`."""


@dataclass(frozen=True, slots=True)
class Join:
    """A text put together."""

    parts: tuple[str | Leaf, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


def join(*parts: str | Leaf | Join) -> Join:
    """A text put together; texts within it are taken apart."""
    flat: list[str | Leaf] = []
    for part in parts:
        flat += part.parts if isinstance(part, Join) else (part,)
    return Join(tuple(flat))


@dataclass(frozen=True, slots=True)
class Json:
    """The JSON text of a document."""

    document: Value


Value: TypeAlias = (
    bool | int | float | str | Leaf | Join | Json | Sequence["Value"] | Mapping[str, "Value"] | None
)


def references(value: Value) -> tuple[Leaf, ...]:
    """What must be known to fill a value: each leaf once, in order."""
    return tuple(dict.fromkeys(_leaves(value)))


def _leaves(value: Value) -> Iterator[Leaf]:
    match value:
        case Ref() | Given():
            yield value
        case Join(parts):
            yield from (part for part in parts if not isinstance(part, str))
        case Json(document):
            yield from _leaves(document)
        case str():
            return
        case Mapping():
            for item in value.values():
                yield from _leaves(item)
        case Sequence():
            for item in value:
                yield from _leaves(item)


def fill(value: Value, known: Mapping[Leaf, str]) -> Any:
    """Plain data: dicts, lists, numbers, texts.

    Raises:
        KeyError: A leaf is not known.
    """
    match value:
        case Ref() | Given():
            return known[value]
        case Join(parts):
            return "".join(part if isinstance(part, str) else known[part] for part in parts)
        case Json(document):
            return json.dumps(fill(document, known), ensure_ascii=False)
        case str():
            return value
        case Mapping():
            return {key: fill(item, known) for key, item in value.items()}
        case Sequence():
            return [fill(item, known) for item in value]
        case _:
            return value
