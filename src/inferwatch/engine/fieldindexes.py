"""Field index policies: which fields of a log group's events Logs Insights may look up.

Source: CloudWatch Logs API reference, "PutIndexPolicy"; User Guide, "Field index syntax and quotas".
Differs: a policy is kept and given back; queries are no slower without it here, so that no index is made.
Policies of a whole account are refused. The texts of refusals are ours; that an empty name, and one that
stands twice, is refused is a guess.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from inferwatch.model.errors import AwsError, invalid_parameter

FIELDS_MAX: Final = 20
FIELD_MAX_CHARS: Final = 100
_TYPES: Final = ("FIELD_INDEX", "FACET")


@dataclass(frozen=True, slots=True)
class IndexPolicy:
    """One log group's.

    Args:
        document: The text as it was put.
        fields: Names as they stand in events: upper and lower case differ.
    """

    document: str
    fields: tuple[str, ...]
    updated_ms: int


class FieldIndexes:
    """Field index policies by log group: one at a time."""

    def __init__(self) -> None:
        self._groups: dict[str, IndexPolicy] = {}

    def put(self, group: str, document: str, now_ms: int) -> IndexPolicy:
        """Raises AwsError: InvalidParameterException, LimitExceededException; then the one before stays."""
        policy = IndexPolicy(document, _read_fields(document), now_ms)
        self._groups[group] = policy
        return policy

    def policy(self, group: str) -> IndexPolicy | None:
        return self._groups.get(group)

    def forget_group(self, group: str) -> None:
        """Of a group without one, nothing happens."""
        self._groups.pop(group, None)


def _read_fields(document: str) -> tuple[str, ...]:
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        raise _wrong("it is not JSON") from None
    if not isinstance(policy, dict) or not policy.keys() <= {"Fields", "FieldsV2"}:
        raise _wrong("it must be an object with Fields, FieldsV2 or both")
    fields = (*_plain(policy.get("Fields", [])), *_typed(policy.get("FieldsV2", {})))
    if not fields:
        raise _wrong("it names no field")
    if len(set(fields)) < len(fields):
        raise _wrong("it names a field twice")
    if len(fields) > FIELDS_MAX:
        raise AwsError("LimitExceededException", f"A policy may name {FIELDS_MAX} fields, not {len(fields)}.")
    return fields


def _plain(fields: Any) -> Iterator[str]:
    if not isinstance(fields, list):
        raise _wrong("Fields must be a list")
    for name in fields:
        yield _field(name, "Fields")


def _typed(fields: Any) -> Iterator[str]:
    if not isinstance(fields, dict):
        raise _wrong("FieldsV2 must be an object")
    for name, said in fields.items():
        if not isinstance(said, dict) or said.keys() != {"type"} or said["type"] not in _TYPES:
            raise _wrong(f"each of FieldsV2 must hold a type, {' or '.join(_TYPES)}, and nothing else")
        yield _field(name, "FieldsV2")


def _field(name: Any, where: str) -> str:
    if not isinstance(name, str) or not 1 <= len(name) <= FIELD_MAX_CHARS:
        raise _wrong(f"each of {where} must be a name of 1 to {FIELD_MAX_CHARS} characters")
    return name


def _wrong(what: str) -> AwsError:
    return invalid_parameter(f"Invalid field index policy: {what}.")
