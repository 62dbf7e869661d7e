"""The functions that SQL says in the same way, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from inferwatch.engine.queries.compiled.facets import Facet, Kind, NotCompiled, numeric, quoted

Say: TypeAlias = Callable[..., Facet]
_SPACE = "chr(32)||chr(9)||chr(10)||chr(13)||chr(11)||chr(12)"
_MAX_PLACES = 15


def _of_number(template: str) -> Say:
    return lambda value: numeric(template.format(value.as_double))


def _of_numbers(function: str) -> Say:
    def say(*values: Facet) -> Facet:
        present = " and ".join(f"{value.as_number} is not null" for value in values)
        every = ", ".join(value.as_double for value in values)
        return numeric(f"(case when {present} then {function}({every}) end)")

    return say


def _flag(template: str) -> Say:
    """1 or 0 of two texts."""
    return lambda *values: Facet(
        Kind.INTEGER, f"({template.format(*(value.as_text for value in values))})::bigint"
    )


def _text(sql: str) -> Facet:
    return Facet(Kind.ANY, None, sql)


def _round(value: Facet, places: Facet | None = None) -> Facet:
    given = 0 if places is None else places.constant
    if not isinstance(given, int) or given > _MAX_PLACES:
        raise NotCompiled("round to places that are no constant")
    x, scale = value.as_double, f"{10.0**given!r}"
    return numeric(f"(case when {x} < 0 then -1 else 1 end * floor(abs({x}) * {scale} + 0.5) / {scale})")


def _trim(function: str) -> Say:
    def say(value: Facet, cut: Facet | None = None) -> Facet:
        return _text(f"{function}({value.as_text}, {_SPACE if cut is None else _constant(cut)})")

    return say


def _constant(value: Facet) -> str:
    if not isinstance(value.constant, str) or not value.constant:
        raise NotCompiled("a text that is no constant")
    return quoted(value.constant)


def _substr(value: Facet, start: Facet, length: Facet | None = None) -> Facet:
    first, count = start.constant, None if length is None else length.constant
    is_count = length is None or (isinstance(count, int) and count >= 0)
    if not isinstance(first, int) or first < 0 or not is_count:
        raise NotCompiled("substr from a place that is no constant")
    tail = "" if count is None else f", {count}"
    return _text(f"substr({value.as_text}, {first + 1}{tail})")


def _replace(value: Facet, part: Facet, by: Facet) -> Facet:
    if not isinstance(by.constant, str):
        raise NotCompiled("replace by what is no constant")
    return _text(f"replace({value.as_text}, {_constant(part)}, {quoted(by.constant)})")


def _to_millis(value: Facet) -> Facet:
    if value.kind is not Kind.MOMENT:
        raise NotCompiled("toMillis of a text")
    return Facet(Kind.INTEGER, value.number)


CALLS: Final[Mapping[str, Say]] = {
    "abs": _of_number("abs({0})"),
    "ceil": _of_number("ceil({0})"),
    "floor": _of_number("floor({0})"),
    "sqrt": _of_number("(case when {0} >= 0 then sqrt({0}) end)"),
    "log": _of_number("(case when {0} > 0 then ln({0}) end)"),
    "tonumber": _of_number("{0}"),
    "todouble": _of_number("{0}"),
    "toint": _of_number("trunc({0})"),
    "tolong": _of_number("trunc({0})"),
    "round": _round,
    "greatest": _of_numbers("greatest"),
    "least": _of_numbers("least"),
    "tomillis": _to_millis,
    "strlen": lambda value: Facet(Kind.INTEGER, f"length({value.as_text})"),
    "concat": lambda *values: _text("(" + " || ".join(value.as_text for value in values) + ")"),
    "trim": _trim("trim"),
    "ltrim": _trim("ltrim"),
    "rtrim": _trim("rtrim"),
    "substr": _substr,
    "replace": _replace,
    "startswith": _flag("starts_with({0}, {1})"),
    "endswith": _flag("ends_with({0}, {1})"),
    "strcontains": _flag("contains({0}, {1})"),
}
