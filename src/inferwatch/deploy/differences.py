"""Changes as a person may see them: in the program's spelling, secrets and unknowns by name only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from inferwatch.deploy.diff import Change, Path
from inferwatch.deploy.resources.handler import Property, python_name
from inferwatch.deploy.result import Difference
from inferwatch.deploy.values import Properties, Secret, has_secret, shown


def describe(
    found: Sequence[Change],
    old: Properties,
    new: Properties,
    properties: Mapping[str, Property],
    forces_new: Callable[[Change], bool],
) -> tuple[Difference, ...]:
    """Each change once; of a property with a secret in it, only that it changes.

    Args:
        found: From `diff.changes(old, new, ...)`.
        forces_new: Whether a change replaces the resource.
    """
    told: dict[str, Difference] = {}
    for change in found:
        if any(has_secret(side.get(change.property)) for side in (old, new)):
            change = replace(change, path=change.path[:1], old=_hide(change.old), new=_hide(change.new))
        path = spell(change.path, properties)
        told.setdefault(
            path,
            Difference(path, change.kind, shown(change.old), shown(change.new), forces_new(change)),
        )
    return tuple(told.values())


def _hide(value: object) -> Secret | None:
    return None if value is None else Secret(value)


def spell(path: Path, properties: Mapping[str, Property]) -> str:
    """`("metricTransformation", "defaultValue")` as `metric_transformation.default_value`.

    Only what the resource type itself names is respelled: not the keys of tags, nor what is inside JSON.
    """
    text = ""
    fields: Mapping[str, Property] = properties
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
            continue
        rule = fields.get(step)
        text += f".{python_name(step) if rule is not None else step}"
        fields = rule.fields if rule is not None else {}
    return text.removeprefix(".")


def names_of(found: Iterable[Change]) -> tuple[str, ...]:
    """The properties that change, each once, as a program spells them."""
    return tuple(dict.fromkeys(python_name(change.property) for change in found))


def describe_all(differences: Iterable[Difference]) -> str:
    """All of it in one sentence's part."""
    return "; ".join(words(difference) for difference in differences)


def words(difference: Difference) -> str:
    """`retention_in_days: 7 -> 14`; what is added or taken away stands alone."""
    old, new = (json.dumps(value, ensure_ascii=False) for value in (difference.old, difference.new))
    match difference.kind:
        case "add":
            values = f"(none) -> {new}"
        case "delete":
            values = f"{old} -> (none)"
        case _:
            values = f"{old} -> {new}"
    return f"{difference.property}: {values}"
