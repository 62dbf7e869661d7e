"""A message with `*` for every character that a policy's identifiers find.

Differs: whether AWS keeps JSON readable is not known; here a masked number or escape may leave a message that
is no JSON, so that JSON patterns no longer match it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inferwatch.engine.dataprotection.identifier import Span
from inferwatch.engine.dataprotection.policy import Policy
from inferwatch.model.text import is_whole, whole_text


@dataclass(frozen=True, slots=True)
class Inspected:
    """A message as it may be shown, and how many places were found in it."""

    text: str
    findings: int


def mask(message: str, policy: Policy | None) -> str:
    """The message as it may be shown; without a policy it is shown as it is."""
    return message if policy is None else inspect(message, policy).text


def inspect(message: str, policy: Policy) -> Inspected:
    """Source: CloudWatch Logs User Guide, "Help protect sensitive log data with masking"."""
    text = message if is_whole(message) else whole_text(message)
    data = text.encode()
    found = [span for identifier in policy.identifiers for span in identifier.find(data)]
    if not found:
        return Inspected(message, 0)
    return Inspected(b"".join(_pieces(data, _merged(found))).decode(errors="replace"), len(found))


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same bytes, in order, none twice."""
    last_start, last_end = 0, 0
    for start, end in sorted(spans):
        if start > last_end:
            yield last_start, last_end
            last_start, last_end = start, end
        else:
            last_end = max(last_end, end)
    yield last_start, last_end


def _pieces(data: bytes, spans: Iterable[Span]) -> Iterator[bytes]:
    at = 0
    for start, end in spans:
        yield data[at:start]
        yield b"*" * len(data[start:end].decode(errors="replace"))
        at = end
    yield data[at:]
