"""Services whose operations are told by method and path.

Source: Smithy, "AWS restJson1 protocol", "HTTP bindings".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from inferwatch.wire.models import service_model

# All paths of a service begin with one of its API versions.
_SERVICE: Final = "lambda"
_VERSIONED: Final = re.compile(r"/\d{4}-\d{2}-\d{2}/", re.ASCII)
_LABEL: Final = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Found:
    """An operation, and the parameters that its path holds."""

    service: str
    operation: str
    params: dict[str, str]


def is_rest(path: str) -> bool:
    """Does a path belong to such a service?"""
    return _VERSIONED.match(path) is not None


def find_operation(method: str, path: str) -> Found | None:
    """`None` where the service has no operation there."""
    for wanted, pattern, operation in _routes(_SERVICE):
        found = pattern.fullmatch(path) if method == wanted else None
        if found is not None:
            return Found(_SERVICE, operation, found.groupdict())
    return None


@cache
def _routes(service: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Method, path and operation; the model is read when somebody first asks."""
    model = service_model(service)
    bindings = ((name, model.operation_model(name).http) for name in model.operation_names)
    return tuple((http["method"], _pattern(http["requestUri"]), name) for name, http in bindings)


def _pattern(uri: str) -> re.Pattern[str]:
    path = uri.partition("?")[0].rstrip("/")
    parts = _LABEL.split(path)
    texts = map(re.escape, parts[::3])
    labels = [
        f"(?P<{name}>{'.+' if is_greedy else '[^/]+'})"
        for name, is_greedy in zip(parts[1::3], parts[2::3], strict=True)
    ]
    pieces = [text + label for text, label in zip(texts, [*labels, ""], strict=True)]
    return re.compile("".join(pieces) + "/?")
