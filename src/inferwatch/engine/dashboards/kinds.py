"""What a value in a dashboard body may be: the words a schema is written in, and what AWS says of others.

The messages are those of AWS's validator, which speaks as the JSON-schema library Ajv does, with a capital.

Source: answers of PutDashboard recorded 2026-09, and such answers in public issue threads.
Differs: texts that were not recorded follow Ajv's wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """`path` is a JSON pointer into the body; a warning lets the body through."""

    path: str
    text: str
    is_warning: bool = False


class Kind(Protocol):
    """A kind of value."""

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        """What is wrong with a value, in AWS's order."""
        ...


@dataclass(frozen=True, slots=True)
class Anything:
    """No duty at all."""

    def faults(self, value: Any, path: str) -> Iterator[Message]:  # noqa: ARG002 - any value is right
        yield from ()


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `pattern` is JavaScript's, and reads the same in Python."""

    pattern: str | None = None
    longest: int | None = None

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if not isinstance(value, str):
            yield Message(path, "Should be string")
            return
        if self.longest is not None and len(value) > self.longest:
            yield Message(path, f"Should NOT be longer than {self.longest} characters")
        if self.pattern is not None and not re.search(self.pattern, value, re.ASCII):
            yield Message(path, f'Should match pattern "{self.pattern}"')


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some strings; another one is a warning only, unless `unknown` words it as an error."""

    allowed: tuple[str, ...]
    unknown: str = ""
    is_warning: bool = True

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if not isinstance(value, str):
            yield Message(path, "Should be string")
        elif value not in self.allowed:
            name = path.rpartition("/")[2]
            lead = self.unknown or f'The value of "{name}" property is not valid. Should be equal to'
            text = f"{lead} one of the allowed values: {','.join(self.allowed)}"
            yield Message(path, text, self.is_warning)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, whole where `whole` says so."""

    whole: bool = False
    least: int | None = None
    most: int | None = None

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if isinstance(value, bool) or not isinstance(value, int | float) or (self.whole and value % 1):
            yield Message(path, "Should be integer" if self.whole else "Should be number")
        elif self.least is not None and value < self.least:
            yield Message(path, f"Should be >= {self.least}")
        elif self.most is not None and value > self.most:
            yield Message(path, f"Should be <= {self.most}")


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if not isinstance(value, bool):
            yield Message(path, "Should be boolean")


@dataclass(frozen=True, slots=True)
class Either:
    """A value of the first kind that finds nothing wrong with it; else what the last kind says."""

    kinds: tuple[Kind, ...]

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        found: list[Message] = []
        for kind in self.kinds:
            found = list(kind.faults(value, path))
            if all(one.is_warning for one in found):
                break
        yield from found


@dataclass(frozen=True, slots=True)
class Items:
    """An array; past `most`, its items are not looked at."""

    kind: Kind
    least: int = 0
    most: int | None = None

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if not isinstance(value, list):
            yield Message(path, "Should be array")
        elif self.most is not None and len(value) > self.most:
            yield Message(path, f"Should NOT have more than {self.most} items")
        elif len(value) < self.least:
            yield Message(path, f"Should NOT have less than {self.least} items")
        else:
            for index, item in enumerate(value):
                yield from self.kind.faults(item, f"{path}/{index}")


@dataclass(frozen=True, slots=True)
class Record:
    """An object. What it does not know is a warning; `stops` at its first error.

    Args:
        needs: Names that must be there.
        together: Pairs: where the first name is, the second must be.
    """

    fields: Mapping[str, Kind]
    needs: Sequence[str] = ()
    together: Sequence[tuple[str, str]] = ()
    stops: bool = False

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        if not isinstance(value, dict):
            yield Message(path, "Should be object")
            return
        for name in value:
            if name not in self.fields:
                yield unexpected(name, path)
        for fault in self._errors(value, path):
            yield fault
            if self.stops and not fault.is_warning:
                return

    def _errors(self, value: dict[str, Any], path: str) -> Iterator[Message]:
        for name, other in self.together:
            if name in value and other not in value:
                yield Message(path, f"Should have property {other} when property {name} is present")
        for name, kind in self.fields.items():
            if name in value:
                yield from kind.faults(value[name], f"{path}/{escaped(name)}")
            elif name in self.needs:
                yield missing(name, path)


@dataclass(frozen=True, slots=True)
class Lenient:
    """Whatever is wrong with it, the body passes."""

    kind: Kind

    def faults(self, value: Any, path: str) -> Iterator[Message]:
        for fault in self.kind.faults(value, path):
            yield Message(fault.path, fault.text, is_warning=True)


def missing(name: str, path: str) -> Message:
    return Message(path, f"Should have required property '{name}'")


def unexpected(name: str, path: str) -> Message:
    part = " to be part of a widget definition" if path.startswith("/widgets/") else ""
    return Message(path, f'The "{name}" property is not expected{part}, will be ignored', is_warning=True)


def escaped(name: str) -> str:
    """A name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
