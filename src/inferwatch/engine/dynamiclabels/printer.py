"""Nodes → text: `parse(write(label)) == label` for every label that a text can make."""

from __future__ import annotations

from typing import assert_never

from inferwatch.engine.dynamiclabels.nodes import Label, Live, Part, Property, Text
from inferwatch.lang.quotes import quoted


def write(label: Label) -> str:
    return "".join(map(_part, label.parts))


def _part(part: Part) -> str:
    match part:
        case Text(text):
            return text
        case Live(name):
            return f"${{{name}}}"
        case Property(name):
            return f"${{PROP({quoted(name, chr(39))})}}"
        case _:
            assert_never(part)
