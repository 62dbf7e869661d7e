"""A plan as text, to be read and compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inferwatch.infra.plan.resource import Plan, Resource
from inferwatch.infra.plan.values import Json, Value, fill, references


def print_plan(plan: Plan) -> str:
    """Every resource with its properties, outputs, policy, size and notes; leaves as `${key.attribute}`."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield f"plan {plan.name}"
    yield f"  {plan.size}"
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
    yield from _indented(json.dumps(_shown(plan.writer_policy), indent=2))


def _resource(resource: Resource) -> Iterator[str]:
    yield f"{resource.key}  ({resource.type.rpartition(':')[2]})"
    for name, value in resource.properties.items():
        if isinstance(value, Json):
            yield f"  {name} ="
            yield from _indented(json.dumps(_shown(value.document), indent=2, ensure_ascii=False))
        elif isinstance(value, str) and "\n" in value:
            yield f"  {name} ="
            yield from _indented(value)
        elif name == "metric_queries" and isinstance(value, list):
            yield from (f"  {name} {json.dumps(_shown(query), ensure_ascii=False)}" for query in value)
        else:
            yield f"  {name} = {json.dumps(_shown(value), ensure_ascii=False)}"


def _indented(text: str) -> Iterator[str]:
    yield from (f"    {line}" for line in text.split("\n"))


def _shown(value: Value) -> Any:
    return fill(value, {leaf: str(leaf) for leaf in references(value)})
