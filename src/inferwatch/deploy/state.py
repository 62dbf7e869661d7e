"""A stack's state, in Pulumi's own deployment format (version 3), so that the real CLI can take it over.

Rules of the format: `manifest.magic` is the hex SHA-256 of `manifest.version`; a provider precedes its
resources; parents and dependencies precede dependents; one live record per URN.
Source: pulumi `sdk/go/common/apitype/core.go`, `pkg/resource/deploy/snapshot.go` (VerifyIntegrity).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from inferwatch.deploy.order import ordered
from inferwatch.deploy.result import PROVIDER_PREFIX, STACK_TYPE
from inferwatch.deploy.values import Properties, Secret, from_state, has_secret, plain, to_state
from inferwatch.model.errors import UsageError

FORMAT_VERSION: Final = 3
# The engine version a reader of this file may assume: the oldest SDK whose records these are.
ENGINE_VERSION: Final = "v3.130.0"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as it was last seen; `delete` marks one that is replaced and still to be deleted."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    external: bool = False
    delete: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""

    @property
    def key(self) -> str:
        """What tells this record from every other one: a URN may also have replaced records."""
        return f"{self.urn}#{self.id}" if self.delete else self.urn

    @property
    def name(self) -> str:
        """The name the program gave it."""
        return self.urn.split("::", 3)[-1]

    @property
    def provider_urn(self) -> str:
        """The URN part of `provider`, which is written `URN::ID`."""
        return self.provider.rpartition("::")[0]

    @property
    def counted(self) -> bool:
        """Whether it stands for something on the endpoint."""
        return self.custom and not self.type.startswith(PROVIDER_PREFIX)

    def with_outputs(self, outputs: Properties) -> Resource:
        """The same with outputs: what came in secret, or is asked to be, stays secret."""
        return replace(
            self,
            outputs={
                key: Secret(plain(value))
                if key in self.additional_secret_outputs or has_secret(self.inputs.get(key))
                else value
                for key, value in outputs.items()
            },
        )

    @property
    def needs(self) -> tuple[str, ...]:
        """URNs that must exist before it and outlive it."""
        return tuple(urn for urn in (self.provider_urn, self.parent, *self.dependencies) if urn)


@dataclass(frozen=True, slots=True)
class Operation:
    """A call that was begun: if its end is not on record, nobody knows whether it happened."""

    kind: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a stack remembers."""

    resources: tuple[Resource, ...] = ()
    operations: tuple[Operation, ...] = ()

    @property
    def outputs(self) -> Properties:
        """What the program exported."""
        for resource in self.resources:
            if resource.type == STACK_TYPE:
                return resource.outputs
        return {}


# The format's spelling of each optional field that is not simply our own.
_OPTIONAL: Final = {
    "id": "id",
    "parent": "parent",
    "provider": "provider",
    "protect": "protect",
    "external": "external",
    "delete": "delete",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "created": "created",
    "modified": "modified",
}
_LISTS: Final = {
    "dependencies": "dependencies",
    "ignore_changes": "ignoreChanges",
    "additional_secret_outputs": "additionalSecretOutputs",
}


def resource_to_json(resource: Resource, encrypt: Callable[[str], str]) -> dict[str, Any]:
    """One resource as the format writes it; fields that say nothing are left out."""
    document: dict[str, Any] = {
        "urn": resource.urn,
        "custom": resource.custom,
        "type": resource.type,
        "inputs": to_state(resource.inputs, encrypt),
        "outputs": to_state(resource.outputs, encrypt),
    }
    for name, key in _OPTIONAL.items():
        if value := getattr(resource, name):
            document[key] = value
    for name, key in _LISTS.items():
        if items := getattr(resource, name):
            document[key] = list(items)
    if resource.property_dependencies:
        document["propertyDependencies"] = {
            key: list(urns) for key, urns in resource.property_dependencies.items()
        }
    return document


def resource_from_json(document: Mapping[str, Any], decrypt: Callable[[str], str]) -> Resource:
    """Read what `resource_to_json` wrote."""
    known = {name: document[key] for name, key in _OPTIONAL.items() if key in document}
    known |= {name: tuple(document.get(key) or ()) for name, key in _LISTS.items()}
    return Resource(
        urn=document["urn"],
        type=document["type"],
        custom=document["custom"],
        inputs=from_state(document.get("inputs") or {}, decrypt),
        outputs=from_state(document.get("outputs") or {}, decrypt),
        property_dependencies={
            key: tuple(urns or ()) for key, urns in (document.get("propertyDependencies") or {}).items()
        },
        **known,
    )


def to_document(snapshot: Snapshot, *, time: str, encrypt: Callable[[str], str]) -> dict[str, Any]:
    """The whole state file, in the format's order and free of references to what is gone."""
    deployment: dict[str, Any] = {
        "manifest": {
            "time": time,
            "magic": hashlib.sha256(ENGINE_VERSION.encode()).hexdigest(),
            "version": ENGINE_VERSION,
        }
    }
    deployment["resources"] = [
        resource_to_json(resource, encrypt) for resource in ordered(_without_dangling(snapshot.resources))
    ]
    if snapshot.operations:
        deployment["pending_operations"] = [
            {"resource": resource_to_json(operation.resource, encrypt), "type": operation.kind}
            for operation in snapshot.operations
        ]
    return {"version": FORMAT_VERSION, "deployment": deployment}


def from_document(document: Mapping[str, Any], *, where: str, decrypt: Callable[[str], str]) -> Snapshot:
    """Read a whole state file.

    Raises:
        UsageError: another format version, or not such a file at all.
    """
    deployment = document.get("deployment")
    if document.get("version") != FORMAT_VERSION or not isinstance(deployment, dict):
        raise UsageError(f"{where}: expected a Pulumi deployment of version {FORMAT_VERSION}; move it away")
    return Snapshot(
        resources=tuple(resource_from_json(item, decrypt) for item in deployment.get("resources") or ()),
        operations=tuple(
            Operation(item["type"], resource_from_json(item["resource"], decrypt))
            for item in deployment.get("pending_operations") or ()
        ),
    )


def _without_dangling(resources: Iterable[Resource]) -> list[Resource]:
    """Drop references to records that are gone: a replaced resource whose new one could not be created."""
    kept = list(resources)
    present = {resource.urn for resource in kept}

    def known(urns: Iterable[str]) -> tuple[str, ...]:
        return tuple(urn for urn in urns if urn in present)

    return [
        replace(
            resource,
            parent=resource.parent if resource.parent in present else "",
            dependencies=known(resource.dependencies),
            property_dependencies={
                key: urns for key, named in resource.property_dependencies.items() if (urns := known(named))
            },
            deleted_with=resource.deleted_with if resource.deleted_with in present else "",
        )
        for resource in kept
    ]
