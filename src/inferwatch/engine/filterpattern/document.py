"""A log event's message as patterns see it: text, and perhaps one JSON object."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]

# Parsers differ in how deep they go, and it may depend on the stack they are called from; this does not.
MAX_NESTING = 500
SHORTEST_NESTED = 2 * MAX_NESTING
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_MAX_INT_DIGITS = 4_300


class Event:
    """One message, parsed at most once however many patterns ask."""

    __slots__ = ("_document", "_is_parsed", "message")

    def __init__(self, message: str) -> None:
        self.message = message
        self._is_parsed = False
        self._document: Document | None = None

    @property
    def document(self) -> Document | None:
        """The JSON object that the message is; `None` for any other text."""
        if not self._is_parsed:
            self._document = parse_document(self.message)
            self._is_parsed = True
        return self._document


def parse_document(message: str) -> Document | None:
    """A message that is one JSON object and nothing else, parsed; `None` for any other text.

    Integers stay exact: those of over 4,300 digits are `Decimal`s.

    Differs: a message nested deeper than 500 levels counts as no JSON; AWS's limit is not known.
    """
    if "{" not in message[:64] and not message.lstrip().startswith("{"):
        return None
    if may_nest_too_deep(message) and _nesting(message) > MAX_NESTING:
        return None
    try:
        document = _loads(message)
    except RecursionError:
        return None
    return document if isinstance(document, dict) else None


def may_nest_too_deep(message: str) -> bool:
    """Cheap, and true of every message that is nested deeper than `MAX_NESTING`."""
    if len(message) <= SHORTEST_NESTED:
        return False
    return message.count("{") + message.count("[") > MAX_NESTING


def _loads(message: str) -> Any:
    try:
        return json.loads(message, parse_constant=_refuse_constant)
    except json.JSONDecodeError:
        return None
    except ValueError:
        # An integer of more digits than Python converts.
        pass
    try:
        return json.loads(message, parse_constant=_refuse_constant, parse_int=_whole)
    except json.JSONDecodeError:
        return None


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _MAX_INT_DIGITS else Decimal(digits)


def _refuse_constant(name: str) -> float:
    raise json.JSONDecodeError(f"{name} is not JSON", name, 0)


def _nesting(message: str) -> int:
    deepest = depth = 0
    for found in _BRACKETS.finditer(message):
        sign = found.group()
        if sign in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "}]":
            depth -= 1
    return deepest
