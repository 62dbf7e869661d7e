"""Parsed JSON with its members as attributes, as the SDKs' objects have them; what is missing is `None`."""

from __future__ import annotations

import json
from typing import Any


class View:
    """One JSON object; its members are looked at when they are asked for."""

    __slots__ = ("_members",)

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = members

    def __getattr__(self, name: str) -> Any:
        return view(self._members.get(name))


def view(value: Any) -> Any:
    """An object as a `View`, a list of them as a list, anything else as it is."""
    if isinstance(value, dict):
        return View(value)
    return [view(item) for item in value] if isinstance(value, list) else value


def parsed(body: bytes | str) -> Any:
    """A JSON document, to be read as an answer of an SDK is."""
    return view(json.loads(body))
