"""The provider contract: what every resource type can do (check, diff, create, read, update, delete).

A type is one small file: a table of its properties and the calls it makes. A property the table lacks is
refused by name, never dropped.
Source: pulumi-terraform-bridge `pkg/tfbridge/{schema,names,provider}.go` (names, `__defaults`, coercion).
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import DEFAULTS_KEY, Change, Compare, changes
from inferwatch.deploy.values import (
    UNKNOWN,
    Properties,
    Secret,
    Unknown,
    Value,
    has_secret,
    has_unknown,
    plain,
    without_secrets,
)


class Kind(Enum):
    """The type of a property's value."""

    STRING = "a string"
    INTEGER = "a whole number"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    STRINGS = "a list of strings"
    STRING_MAP = "a mapping of strings"
    OBJECT = "an object"
    OBJECTS = "a list of objects"
    DOCUMENT = "JSON, as text or as an object"


@dataclass(frozen=True, slots=True)
class Property:
    """One input of a resource type; `fields` are those of the objects it holds."""

    kind: Kind
    fields: Mapping[str, Property] = field(default_factory=dict)
    required: bool = False
    forces_new: bool = False
    default: Value = None
    compare: Compare = Compare.EXACT


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an input is refused; `property` in the program's own spelling, `got` where that helps."""

    property: str
    message: str
    got: Value = None

    def __str__(self) -> str:
        got = "" if self.got is None else f", got {self.got!r}"
        return f"{python_name(self.property)}: {self.message}{got}"


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs with defaults and names filled in, and what is wrong with them."""

    inputs: Properties
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """A resource as the endpoint has it."""

    id: str
    outputs: Properties = field(default_factory=dict)


class Handler(ABC):
    """One resource type."""

    token: ClassVar[str]
    words: ClassVar[str]
    properties: ClassVar[Mapping[str, Property]]
    # Outputs that exist only once the resource does.
    computed: ClassVar[tuple[str, ...]] = ()
    # The input that names it and may be left out, then made from the program's own name for it.
    autonamed: ClassVar[str | None] = None

    def check(
        self, new: Properties, old: Properties | None, *, name: str, suffix: Callable[[], str]
    ) -> Checked:
        """Fill in defaults and the name, and find everything wrong with the inputs.

        Args:
            new: The program's inputs; parts may be unknown or secret.
            old: The inputs the resource was last applied with: an automatic name is kept.
            name: The program's name for it.
            suffix: Seven fresh hexadecimal digits.
        """
        problems: list[Problem] = []
        inputs: Properties = {}
        for key, value in new.items():
            if value is None or key == DEFAULTS_KEY:
                continue
            if key not in self.properties:
                problems.append(_unsupported(key))
                continue
            inputs[key] = _shape(value, self.properties[key], key, problems)
        defaults = self._fill_in(inputs, old, name=name, suffix=suffix)
        problems += [
            Problem(key, "missing required property")
            for key, rule in self.properties.items()
            if rule.required and key not in inputs
        ]
        if not problems:
            # What is wrong with the open inputs only would tell a secret.
            harmless = set(self.validate(without_secrets(inputs)))
            problems += [
                problem if problem in harmless else Problem(problem.property, _HIDDEN)
                for problem in self.validate(plain(inputs))
            ]
        return Checked({**inputs, DEFAULTS_KEY: defaults}, tuple(problems))

    def _fill_in(
        self, inputs: Properties, old: Properties | None, *, name: str, suffix: Callable[[], str]
    ) -> list[str]:
        filled = []
        if self.autonamed is not None and self.autonamed not in inputs:
            kept = old is not None and self.autonamed in old.get(DEFAULTS_KEY, ())
            inputs[self.autonamed] = old[self.autonamed] if old and kept else f"{name}-{suffix()}"
            filled.append(self.autonamed)
        for key, rule in self.properties.items():
            if rule.default is not None and key not in inputs:
                inputs[key] = rule.default
                filled.append(key)
        return sorted(filled)

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        """Yield what is wrong beyond kinds and required properties; parts of `inputs` may be `UNKNOWN`."""
        yield from ()

    def diff(self, old: Properties, new: Properties) -> list[Change]:
        """What differs between the inputs last applied and these."""
        return changes(old, new, {key: rule.compare for key, rule in self.properties.items()})

    def forces_new(self, change: Change) -> bool:
        """Whether a change can only be made by a new resource in the old one's place."""
        rule = self.properties.get(change.property)
        return rule is not None and rule.forces_new

    def named_by_program(self, inputs: Properties) -> bool:
        """Whether the program gave the name itself, so that old and new cannot exist side by side."""
        return self.autonamed is not None and self.autonamed not in inputs.get(DEFAULTS_KEY, ())

    def locate(self, id: str) -> tuple[str, Properties]:
        """What `X.get(name, id)` and `import_` call it → its id, and what that says of where it is.

        Raises:
            ValueError: it is not of the form that was expected, which the text gives.
        """
        return id, {}

    @abstractmethod
    def create(self, clients: Clients, inputs: Properties) -> Live:
        """Make it."""

    def notice(self, outputs: Properties) -> str:
        """What somebody must still do about one that was just made; empty where nothing is."""
        return ""

    @abstractmethod
    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        """Find it, or not; `state` is what is known of it, empty when only its id is."""

    @abstractmethod
    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        """Change it in place; `old` are the inputs it has now."""

    @abstractmethod
    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        """Remove it; one that is gone already is no error."""

    def must_read(self, clients: Clients, id: str, inputs: Properties) -> Live:
        """What was just written.

        Raises:
            LookupError: it is not there.
        """
        live = self.read(clients, id, inputs)
        if live is None:
            raise LookupError(f"{self.words} {id!r} cannot be read after it was written")
        return live

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        """What became of a create whose end was never seen: the resource if it was made after all."""
        name = inputs.get(self.autonamed or "")
        return self.read(clients, name, inputs) if isinstance(name, str) else None


def _shape(value: Value, rule: Property, path: str, problems: list[Problem]) -> Value:
    """The value with every part of the kind its rule wants; what cannot be is added to `problems`."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Secret):
        hidden: list[Problem] = []
        shaped = Secret(_shape(value.value, rule, path, hidden))
        problems += [replace(one, got=None if one.got is None else Secret(one.got)) for one in hidden]
        return shaped
    match rule.kind, value:
        case Kind.STRINGS, list():
            return [_shape(item, _STRING, f"{path}[{at}]", problems) for at, item in enumerate(value)]
        case Kind.STRING_MAP, dict():
            return {key: _shape(item, _STRING, f"{path}.{key}", problems) for key, item in value.items()}
        case Kind.OBJECTS, list():
            item_rule = Property(Kind.OBJECT, rule.fields)
            return [_shape(item, item_rule, f"{path}[{at}]", problems) for at, item in enumerate(value)]
        case Kind.OBJECT, dict():
            return _shape_object(value, rule, path, problems)
        case Kind.DOCUMENT, dict():
            return _document_text(value)
        case _:
            pass
    try:
        return coerce(value, rule.kind)
    except ValueError as error:
        problems.append(Problem(path, str(error), got=value))
        return value


def _shape_object(value: Properties, rule: Property, path: str, problems: list[Problem]) -> Properties:
    shaped = {}
    for key, item in value.items():
        where = f"{path}.{key}"
        if item is None:
            continue
        if key in rule.fields:
            shaped[key] = _shape(item, rule.fields[key], where, problems)
        else:
            problems.append(_unsupported(where))
    problems += [
        Problem(f"{path}.{key}", "missing required property")
        for key, field_rule in rule.fields.items()
        if field_rule.required and key not in shaped
    ]
    return shaped


def _document_text(document: Properties) -> Value:
    """An object as JSON text: unknown while a part of it is, secret where one is."""
    if has_unknown(document):
        return UNKNOWN
    text = json.dumps(plain(document))
    return Secret(text) if has_secret(document) else text


def document_problems(path: str, document: Value) -> Iterator[Problem]:
    """What keeps a text from being a JSON object, if anything."""
    if not isinstance(document, str):
        return
    try:
        read = json.loads(document)
    except ValueError as error:
        yield Problem(path, f"not JSON: {error}")
    else:
        if not isinstance(read, dict):
            yield Problem(path, f"expected a JSON object, got {document[:60]!r}")


def _unsupported(path: str) -> Problem:
    return Problem(path, "inferwatch does not support this property yet")


def coerce(value: Value, kind: Kind) -> Value:
    """A scalar as its kind wants it, the way the real provider converts between text and numbers.

    Raises:
        ValueError: it cannot be one.
    """
    match kind, value:
        case (Kind.STRING | Kind.DOCUMENT, str()) | (Kind.BOOLEAN, bool()):
            return value
        case Kind.STRING, bool():
            return "true" if value else "false"
        case Kind.STRING, int() | float():
            return str(value)
        case Kind.BOOLEAN, "true" | "false":
            return value == "true"
        case Kind.INTEGER | Kind.NUMBER, bool():
            pass
        case (Kind.INTEGER, int()) | (Kind.NUMBER, int() | float()):
            return value
        case Kind.INTEGER | Kind.NUMBER, str() if _NUMBER.fullmatch(value):
            number = float(value)
            if kind is Kind.NUMBER or number.is_integer():
                return int(number) if number.is_integer() else number
        case _:
            pass
    raise ValueError(f"expected {kind.value}")


_HIDDEN: Final = "it is not valid; what is wrong with it would show a secret"
_STRING: Final = Property(Kind.STRING)
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def python_name(property_name: str) -> str:
    """`retentionInDays` as a Python program spells it: `retention_in_days`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: f"_{match[1].lower()}", property_name)


def pairs(mapping: Mapping[str, str], key: str) -> list[dict[str, str]]:
    """A mapping as AWS takes tags (`key` is `Key`) and dimensions (`Name`)."""
    return [{key: name, "Value": value} for name, value in sorted(mapping.items())]


def unpaired(items: Sequence[Mapping[str, str]], key: str) -> dict[str, str]:
    """What `pairs` wrote."""
    return {item[key]: item["Value"] for item in items}


def tag_changes(old: Properties, new: Properties) -> tuple[dict[str, str], list[str]]:
    """Tags to put, all of them if any is new, and keys to take away."""
    before, after = old.get("tags") or {}, new.get("tags") or {}
    return (after if before != after else {}), sorted(before.keys() - after.keys())


def error_code(error: BaseException | None) -> str:
    """The AWS error code of a boto3 `ClientError`; empty for any other exception."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


class PassingOver:
    """A block that the endpoint may end by refusing a call in it with one of these AWS error codes."""

    def __init__(self, *codes: str) -> None:
        self._codes = codes

    def __enter__(self) -> None: ...

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        return error_code(error) in self._codes
