"""A plan as text, to be read and compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from inferwatch.infra.plan.resource import Plan, Resource
from inferwatch.infra.plan.values import Json, Value, fill, references

_WIDTH: Final = 140


def print_plan(plan: Plan) -> str:
    """Resources with properties, outputs, policy, size, warnings, notes; leaves as `${key.attribute}`."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield f"plan {plan.name}"
    yield f"  {plan.size}"
    for warning in plan.warnings:
        yield f"  warning: {warning}"
    for note in plan.notes:
        yield f"  note: {note}"
    for resource in plan.resources:
        yield ""
        yield from _resource(resource)
    yield ""
    yield "outputs"
    for name, value in plan.outputs.items():
        yield f"  {name} = {_shown(value)}"
    yield ""
    yield "writer policy"
    yield from _document(_shown(plan.writer_policy), "  ")


def _resource(resource: Resource) -> Iterator[str]:
    yield f"{resource.key}  ({resource.type.rpartition(':')[2]})"
    for name, value in resource.properties.items():
        if isinstance(value, Json):
            yield f"  {name} ="
            yield from _document(_shown(value.document), "    ")
        elif isinstance(value, str) and "\n" in value:
            yield f"  {name} ="
            yield from _indented(value)
        elif name == "metric_queries" and isinstance(value, list):
            yield from (f"  {name} {json.dumps(_shown(query), ensure_ascii=False)}" for query in value)
        else:
            yield f"  {name} = {json.dumps(_shown(value), ensure_ascii=False)}"


def _document(document: Any, indent: str, key: str = "", end: str = "") -> Iterator[str]:
    """JSON in which whatever fits stands on one line."""
    line = f"{indent}{key}{json.dumps(document, ensure_ascii=False)}{end}"
    if len(line) <= _WIDTH or not isinstance(document, dict | list) or not document:
        yield line
        return
    opening, closing = ("{", "}") if isinstance(document, dict) else ("[", "]")
    yield f"{indent}{key}{opening}"
    items = document.items() if isinstance(document, dict) else (("", item) for item in document)
    for number, (name, item) in enumerate(items, 1):
        comma = "," if number < len(document) else ""
        yield from _document(item, f"{indent}  ", f"{json.dumps(name)}: " if name else "", comma)
    yield f"{indent}{closing}{end}"


def _indented(text: str) -> Iterator[str]:
    yield from (f"    {line}" for line in text.split("\n"))


def _shown(value: Value) -> Any:
    return fill(value, {leaf: str(leaf) for leaf in references(value)})
