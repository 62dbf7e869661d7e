"""Comparisons as SQL: by number where both are numbers, else by text. See `insights.values.compare`."""

from __future__ import annotations

from inferwatch.engine.insights.values import EXACT_BELOW, number
from inferwatch.engine.queries.compiled.facets import Facet, Kind, NotCompiled


def compare(sign: str, left: Facet, right: Facet) -> str:
    """A condition; false or null where it does not hold."""
    if Kind.NOTHING in (left.kind, right.kind):
        return "false"
    is_equality = sign in ("=", "!=")
    if is_equality and not (_is_small(left) or _is_small(right)):
        return _equality(sign, left, right)
    if left.is_numeric and right.is_numeric:
        return f"({left.number} {sign} {right.number})"
    if Kind.TEXT in (left.kind, right.kind):
        return _of_text(sign, left, right)
    by_text = f"({left.as_text} {sign} {right.as_text})"
    if sign == "=":
        # A number's text is never that of another number or of no number at all.
        return f"({left.as_number} = {right.as_number})"
    return f"coalesce({left.as_number} {sign} {right.as_number}, {by_text})"


def _is_small(value: Facet) -> bool:
    """Is it a constant number that doubles tell from its neighbours?"""
    found = None if value.constant is None else number(value.constant)
    return found is not None and abs(found) < EXACT_BELOW


def _of_text(sign: str, left: Facet, right: Facet) -> str:
    if sign == "=" and (left.is_numeric or right.is_numeric):
        return "false"
    if sign == "!=" and (left.is_numeric or right.is_numeric):
        return f"({left.is_present} and {right.is_present})"
    return f"({left.as_text} {sign} {right.as_text})"


def _equality(sign: str, left: Facet, right: Facet) -> str:
    """Where either may be so large that doubles do not tell it from its neighbours, by text."""
    if Kind.TEXT in (left.kind, right.kind):
        return _of_text(sign, left, right)
    if left.constant is not None or right.constant is not None:
        return f"({left.as_text} {sign} {right.as_text})"
    if left.kind is right.kind and left.is_numeric:
        return f"({left.number} {sign} {right.number})"
    if left.is_numeric and right.is_numeric:
        raise NotCompiled("an integer that is to equal a fraction")
    is_exact = f"(abs({left.as_number}) < {EXACT_BELOW!r} and abs({right.as_number}) < {EXACT_BELOW!r})"
    return (
        f"(case when {is_exact} then {left.as_number} {sign} {right.as_number} "
        f"else {left.as_text} {sign} {right.as_text} end)"
    )
