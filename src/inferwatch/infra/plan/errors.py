"""What is wrong with a spec, said of the argument that it is wrong with."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from typing import TypeGuard

from inferwatch.model.errors import UsageError


def refuse(argument: str, problem: str) -> UsageError:
    """`models["gpt-5"].error_rate: expected ...`"""
    return UsageError(f"{argument}: {problem}")


def is_number(value: object) -> TypeGuard[float]:
    """A finite number, and no flag."""
    return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)


def check_number(
    argument: str, value: object, *, above: float | None = None, most: float | None = None
) -> None:
    """Raises UsageError."""
    too_small = is_number(value) and above is not None and value <= above
    too_large = is_number(value) and most is not None and value > most
    if not is_number(value) or too_small or too_large:
        least = "" if above is None else f" above {above:g}"
        limit = "" if most is None else f"{' and' if least else ''} at most {most:g}"
        raise refuse(argument, f"expected a number{least}{limit}, got {value!r}")


def check_whole(argument: str, value: object, *, least: int) -> None:
    """Raises UsageError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise refuse(argument, f"expected a whole number, {least} or more, got {value!r}")


def check_text(argument: str, value: object, pattern: str, expected: str) -> None:
    """Raises UsageError."""
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise refuse(argument, f"expected {expected}, got {value!r}")


def check_known(argument: str, values: Iterable[object], known: Collection[str]) -> None:
    """Raises UsageError for the first that is none of the known ones."""
    for value in values:
        if value not in known:
            raise refuse(argument, f"{value!r} is not known; expected {', '.join(known)}")


def check_unique(argument: str, values: Iterable[str]) -> None:
    """Raises UsageError for the first that is there twice."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise refuse(argument, f"{value!r} is there twice")
        seen.add(value)
