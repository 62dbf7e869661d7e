"""One value of an event against one value of a pattern; numbers are compared exactly.

Source: answers of the real service recorded 2026-09; CloudWatch Logs User Guide, "Filter pattern syntax".
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, TypeGuard, assert_never

from inferwatch.engine.filterpattern.literal import NUMBER
from inferwatch.engine.filterpattern.nodes import Literal, Number, Operator, Regex, Test, Text

_Scalar = str | int | float | Decimal


def is_scalar(node: Any) -> TypeGuard[_Scalar]:
    """Only strings and numbers are compared; booleans, null and containers never are."""
    return isinstance(node, str | int | float | Decimal) and not isinstance(node, bool)


def equals(node: Any, value: Literal) -> bool:
    """`=` of a JSON pattern."""
    if not is_scalar(node):
        return False
    match value:
        case Number(text, number):
            return node == text if isinstance(node, str) else decimal_of(node) == number
        case Text(text):
            return text_matches(text, node if isinstance(node, str) else number_text(node))
        case Regex():
            return value.found_in(node if isinstance(node, str) else number_text(node))
        case _:
            assert_never(value)


def is_ordered(node: Any, operator: Operator, value: Literal) -> bool:
    """`<`, `<=`, `>` or `>=` of a JSON pattern: numbers only, never numeric strings."""
    if not isinstance(value, Number) or not is_scalar(node) or isinstance(node, str):
        return False
    number = decimal_of(node)
    return number is not None and _in_order(number, operator, value.value)


def accepts(token: str, test: Test) -> bool:
    """One test of a space-delimited field: an unquoted number compares with a numeric token by value."""
    match test.value, test.operator:
        case Number(_, bound), Operator.EQ:
            return token_number(token) == bound
        case Number(_, bound), Operator.NE:
            return token_number(token) != bound
        case Number(_, bound), operator:
            number = token_number(token)
            return number is not None and _in_order(number, operator, bound)
        case Regex() as regex, operator:
            return regex.found_in(token) is (operator is Operator.EQ)
        case Text(text), operator:
            return text_matches(text, token) is (operator is Operator.EQ)


def token_number(token: str) -> Decimal | None:
    """The number that a token spells, if it does; as in JSON, a point or exponent makes it a double."""
    if not NUMBER.fullmatch(token):
        return None
    return Decimal(token) if token.lstrip("+-").isdigit() else decimal_of(float(token))


def text_matches(pattern: str, text: str) -> bool:
    open_start, core, open_end = split_stars(pattern)
    if open_start and open_end:
        return core in text
    if open_start:
        return text.endswith(core)
    if open_end:
        return text.startswith(core)
    return text == core


def split_stars(pattern: str) -> tuple[bool, str, bool]:
    """(open at the start, text between, open at the end): `*` at either end stands for anything.

    Differs: that a star inside a text is a star is known from AWS's older documentation.
    """
    open_start = pattern.startswith("*")
    open_end = pattern.endswith("*") and len(pattern) > 1
    return open_start, pattern[1 if open_start else 0 : -1 if open_end else len(pattern)], open_end


def decimal_of(number: int | float | Decimal) -> Decimal | None:
    """The number as the service compares it: a double by its shortest text, so 1e-3 is 0.001.

    `None` for a double out of range, which is never numeric.
    """
    if isinstance(number, float):
        return Decimal(repr(number)) if math.isfinite(number) else None
    return Decimal(number)


def number_text(number: int | float | Decimal) -> str:
    """A number as the service prints it: integers exactly, doubles as Java does (1000.0, 1.0E10).

    Source: recorded answers: `"1"` equals 1 but not 1.0, and `%1%` sees 1e3 as 1000.0.
    Differs: how AWS prints a double (1000.0, 1.0E10, Infinity) is inferred from what matched.
    """
    if not isinstance(number, float):
        return format(number, "f") if isinstance(number, Decimal) else str(number)
    if not math.isfinite(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return format(Decimal(repr(number)), "f") if "." in repr(number) else f"{number:.1f}"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    first, *rest = map(str, digits)
    return f"{'-' if sign else ''}{first}.{''.join(rest) or '0'}E{int(exponent) + len(rest)}"


def _in_order(number: Decimal, operator: Operator, bound: Decimal) -> bool:
    match operator:
        case Operator.LT:
            return number < bound
        case Operator.LE:
            return number <= bound
        case Operator.GT:
            return number > bound
        case Operator.GE:
            return number >= bound
        case _:
            return False
