"""What an operation is here: a name, a function, and the members it understands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from inferwatch.engine.engine import Engine
from inferwatch.model.errors import Unsupported

Params: TypeAlias = dict[str, Any]
"""A request's or result's members in AWS's casing; every timestamp is int epoch ms."""

HEADERS: Final = "$headers"
"""A result's key for HTTP headers of the answer: no member of AWS's has such a name."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service.

    Args:
        run: Carries it out.
        accepts: Top-level members it honours, space-separated; any other is refused by name.
        checks_itself: It has words of its own for what the service model forbids.
        body_max_bytes: Larger requests are refused before they are read.
        is_kept: It changes what a restart must bring back, and the log store does not keep.
    """

    run: Callable[[Engine, Params], Params]
    accepts: str
    is_kept: bool = False
    checks_itself: bool = False
    body_max_bytes: int | None = None

    def refuse_unknown(self, name: str, params: Params) -> None:
        """Raises Unsupported for a member the model has and we do not honour, unless it asks for nothing."""
        for member in sorted(params.keys() - set(self.accepts.split())):
            if params[member] not in (False, "", [], {}):
                raise Unsupported(f"the parameter {member} of {name}")
