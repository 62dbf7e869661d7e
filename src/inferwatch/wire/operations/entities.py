"""Entities of PutMetricData: what a metric is about. Checked, not kept: nothing here reads them.

Source: CloudWatch API reference, "PutMetricData", "Entity"; User Guide, "How to add related information to
telemetry", read 2026-11.
Differs: of the refusals only that of an unknown type was recorded; which fields each type requires is what
the guides say of it, and the other texts are the reference's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_ENTITIES_PER_PUT: Final = 2
_KEYS: Final = frozenset({"Type", "ResourceType", "Identifier", "Name", "Environment"})
_KEY_VALUE_MAX_CHARS: Final = 2_048
_ATTRIBUTES_MAX: Final = 10
_ATTRIBUTE_NAME_MAX_CHARS: Final = 256
_REQUIRED: Final = {
    "Service": ("Name", "Environment"),
    "RemoteService": ("Name",),
    "AWS::Service": ("Name",),
    "Resource": ("ResourceType", "Identifier"),
    "AWS::Resource": ("ResourceType", "Identifier"),
}


@dataclass(frozen=True, slots=True)
class EntityFault:
    """Why an entity is not taken: one of AWS's codes, and the sentence that a strict refusal adds."""

    code: str
    text: str


_BAD_ENTITY = EntityFault("InvalidEntity", "The provided entity is invalid.")
_BAD_KEYS = EntityFault("InvalidKeyAttributes", "The provided KeyAttributes of an entity is invalid.")
_BAD_ATTRIBUTES = EntityFault("InvalidAttributes", "The provided Attributes of an entity is invalid.")
_BAD_TYPE = EntityFault("InvalidTypeValue", "Unknown entity type")
_MISSING = EntityFault(
    "MissingRequiredFields", "There are missing required fields in the KeyAttributes for the provided Type."
)
_TOO_MANY = EntityFault("EntitySizeTooLarge", "The number of EntityMetricData objects allowed is 2.")


def entity_fault(related: list[dict[str, Any]]) -> EntityFault | None:
    """The first thing that is wrong with the entities of a request."""
    if len(related) > _ENTITIES_PER_PUT:
        return _TOO_MANY
    faults = (_fault(item.get("Entity")) for item in related)
    return next((fault for fault in faults if fault is not None), None)


def _fault(entity: dict[str, Any] | None) -> EntityFault | None:
    if entity is None:
        return _BAD_ENTITY
    keys, attributes = entity.get("KeyAttributes"), entity.get("Attributes", {})
    if not keys or not keys.keys() <= _KEYS or not _are_texts(keys):
        return _BAD_KEYS
    if "Type" not in keys:
        return _MISSING
    if keys["Type"] not in _REQUIRED:
        return _BAD_TYPE
    if not keys.keys() >= set(_REQUIRED[keys["Type"]]):
        return _MISSING
    too_long = any(not 1 <= len(name) <= _ATTRIBUTE_NAME_MAX_CHARS for name in attributes)
    if len(attributes) > _ATTRIBUTES_MAX or too_long or not _are_texts(attributes):
        return _BAD_ATTRIBUTES
    return None


def _are_texts(given: dict[str, str]) -> bool:
    return all(1 <= len(value) <= _KEY_VALUE_MAX_CHARS for value in given.values())
