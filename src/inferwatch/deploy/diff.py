"""What changed between two sets of inputs, and property paths.

A property's comparison is part of its resource type: sets ignore order, a dashboard's body is compared as
JSON. A change of secrecy alone is no change to the provider.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import SequenceMatcher
from enum import Enum
from typing import Final, TypeAlias

from inferwatch.deploy.values import Properties, Secret, Unknown, Value, plain

Path: TypeAlias = tuple[str | int, ...]

DEFAULTS_KEY: Final = "__defaults"


class Compare(Enum):
    """How two values of one property are held to be equal."""

    EXACT = "exact"
    SET = "set"
    JSON = "json"
    MOMENT = "moment"

    def differs(self, old: Value, new: Value) -> bool:
        """Whether two values, without secrets, are not equal."""
        normal = _NORMAL_FORM[self]
        return bool(_differences(normal(old), normal(new), ()))


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs, perhaps deep inside a property; `kind` is `add`, `delete` or `update`."""

    path: Path
    kind: str
    old: Value = field(default=None, compare=False)
    new: Value = field(default=None, compare=False)

    @property
    def property(self) -> str:
        """The top-level property the change is in."""
        return str(self.path[0])


def changes(old: Properties, new: Properties, compare: Mapping[str, Compare]) -> list[Change]:
    """List every change from `old` to `new`, by property name."""
    found: list[Change] = []
    for key in sorted(old.keys() | new.keys()):
        if key == DEFAULTS_KEY:
            continue
        normal = _NORMAL_FORM[compare.get(key, Compare.EXACT)]
        before, after = normal(plain(old.get(key))), normal(plain(new.get(key)))
        found += _differences(before, after, (key,))
    return found


def _differences(old: Value, new: Value, path: Path) -> list[Change]:
    if old is None or new is None:
        if old is new:
            return []
        return [Change(path, "add" if old is None else "delete", old, new)]
    if isinstance(old, dict) and isinstance(new, dict):
        found: list[Change] = []
        for key in sorted(old.keys() | new.keys()):
            found += _differences(old.get(key), new.get(key), (*path, key))
        return found
    if isinstance(old, list) and isinstance(new, list):
        return _list_differences(old, new, path)
    # An unknown may turn out to be anything, so it counts as a change; True is not 1.
    same = old == new and isinstance(old, bool) == isinstance(new, bool)
    return [] if same else [Change(path, "update", old, new)]


def _list_differences(old: list[Value], new: list[Value], path: Path) -> list[Change]:
    """An item put in or taken out is one change, and the items after it are none."""
    matcher = SequenceMatcher(None, [_text(item) for item in old], [_text(item) for item in new], False)
    found: list[Change] = []
    for _, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        for at, (before, after) in enumerate(zip(old[old_from:old_to], new[new_from:new_to], strict=False)):
            found += _differences(before, after, (*path, new_from + at))
        paired = min(old_to - old_from, new_to - new_from)
        found += [Change((*path, at), "delete", old[at], None) for at in range(old_from + paired, old_to)]
        found += [Change((*path, at), "add", None, new[at]) for at in range(new_from + paired, new_to)]
    return found


def _text(value: Value) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _as_set(value: Value) -> Value:
    if not isinstance(value, list):
        return value
    return sorted(value, key=_text)


def _as_json(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _as_moment(value: Value) -> Value:
    moment = read_moment(value) if isinstance(value, str) else None
    return value if moment is None else moment.astimezone(UTC).isoformat()


def read_moment(text: str) -> datetime | None:
    """A time as RFC 3339 writes it; `None` for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


_NORMAL_FORM: Final[Mapping[Compare, Callable[[Value], Value]]] = {
    Compare.EXACT: lambda value: value,
    Compare.SET: _as_set,
    Compare.JSON: _as_json,
    Compare.MOMENT: _as_moment,
}


def parse_path(text: str) -> Path:
    """Read a property path as resource options spell it: `a.b`, `a[0]`, `a["b.c"]`, `a[*]`."""
    steps: list[str | int] = []
    rest = text
    while rest:
        if rest.startswith("["):
            inside, _, rest = rest[1:].partition("]")
            if inside.startswith('"'):
                steps.append(inside.strip('"'))
            else:
                steps.append(int(inside) if inside.isdecimal() else inside)
        else:
            cut = min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))
            if cut:
                steps.append(rest[:cut])
            rest = rest[cut:]
        rest = rest.removeprefix(".")
    return tuple(steps)


def covers(pattern: Path, path: Path) -> bool:
    """Whether `pattern` names `path` or something it lies in; `*` stands for any one step."""
    return len(pattern) <= len(path) and all(
        want in ("*", step) for want, step in zip(pattern, path, strict=False)
    )


def keep_old(old: Properties, new: Properties, paths: Sequence[str]) -> Properties:
    """`new` with what `old` holds at each of the paths: the option `ignore_changes`."""
    kept = copy.deepcopy(new)
    for text in paths:
        path = parse_path(text)
        if path == ("*",):
            return copy.deepcopy(old)
        _restore(old, kept, path)
    return kept


def _restore(old: Value, new: Value, path: Path) -> None:
    old, new = (value.value if isinstance(value, Secret) else value for value in (old, new))
    head, rest = path[0], path[1:]
    if head == "*":
        for key in _keys(old) & _keys(new):
            _restore(old, new, (key, *rest))
        return
    if isinstance(new, Unknown) or head not in _keys(old):
        if not rest and isinstance(new, dict):
            new.pop(head, None)
        return
    if rest:
        if head in _keys(new):
            _restore(old[head], new[head], rest)
    elif isinstance(new, dict) or head in _keys(new):
        new[head] = copy.deepcopy(old[head])


def _keys(value: Value) -> set[str | int]:
    if isinstance(value, dict):
        return set(value)
    return set(range(len(value))) if isinstance(value, list) else set()
