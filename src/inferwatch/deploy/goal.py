"""What a program asks for: one resource it registered, read off the wire, or refused by name.

Differs: the option `custom_timeouts` is taken and not followed: a call to a local engine ends within half a
minute, whatever a program grants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlparse

from pulumi.runtime.proto import resource_pb2

from inferwatch.deploy.result import STACK_TYPE
from inferwatch.deploy.values import Properties, decode_struct

Request: TypeAlias = (
    resource_pb2.RegisterResourceRequest
    | resource_pb2.ReadResourceRequest
    | resource_pb2.ResourceInvokeRequest
)


@dataclass(frozen=True, slots=True)
class Goal:
    """One registration.

    `delete_before_replace` is `None` where the program left it to the provider. `aliases` are URNs the
    resource may have had before. `position` is `FILE:LINE` in the program, if the SDK said.
    """

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Properties
    parent: str = ""
    provider: str = ""
    version: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    retain_on_delete: bool = False
    deleted_with: str = ""
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    import_id: str = ""
    hide_diffs: tuple[str, ...] = ()
    position: str = ""

    @property
    def words(self) -> str:
        """The resource as an error names it."""
        return f"{self.position}: {type_words(self.type)} {self.name!r}".removeprefix(": ")


def type_words(token: str) -> str:
    """`aws:cloudwatch/logGroup:LogGroup` as a program writes it: `aws.cloudwatch.LogGroup`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    module = module.split("/")[0]
    parts = (package, module if module not in ("index", package) else "", name)
    return ".".join(part for part in parts if part)


def make_urn(stack: str, project: str, parent: str, type: str, name: str) -> str:
    """The URN of a resource; its type is qualified by its parent's, unless that is the stack."""
    if parent:
        parent_type = parent.split("::")[2]
        if parent_type != STACK_TYPE:
            type = f"{parent_type}${type}"
    return f"urn:pulumi:{stack}::{project}::{type}::{name}"


def urn_name(urn: str) -> str:
    """The name in a URN; it may hold anything, `::` too."""
    return urn.split("::", 3)[-1]


def inherited_alias(urn: str, parent: str, parent_alias: str) -> str:
    """The URN a child had when its parent had another: a name that began with the parent's began with that.

    Source: pulumi `pkg/resource/deploy/step_generator.go`, inheritedChildAlias.
    """
    _, _, qualified_type, name = urn.split("::", 3)
    if name.startswith(urn_name(parent)):
        name = urn_name(parent_alias) + name.removeprefix(urn_name(parent))
    stack, project, _, _ = parent_alias.split("::", 3)
    child_type = qualified_type.rpartition("$")[2]
    return make_urn(stack.removeprefix("urn:pulumi:"), project, parent_alias, child_type, name)


# Request fields that change what a registration means and that we do not carry out. Each is refused
# where a program uses it; what is not in a request of the installed SDK cannot be used.
_REFUSED_OPTIONS = {
    "remote": "components served by another process",
    "replace_with": "the option replace_with",
    "replacement_trigger": "the option replacement_trigger",
    "transforms": "the option transforms",
    "hooks": "the option hooks",
    "state_migrations": "the option state_migrations",
    "packageRef": "parameterized packages",
    "envVarMappings": "the option env_var_mappings",
}


def refused_options(request: resource_pb2.RegisterResourceRequest) -> list[str]:
    """What a request uses that inferwatch does not carry out, in words."""
    # The SDK sends an empty `hooks` with every resource.
    used = {
        descriptor.name
        for descriptor, value in request.ListFields()
        if descriptor.name != "hooks" or value.ListFields()
    }
    return [words for field_name, words in _REFUSED_OPTIONS.items() if field_name in used]


def read_goal(
    request: resource_pb2.RegisterResourceRequest, *, stack: str, project: str, directory: Path
) -> Goal:
    """Read a registration off the wire; `directory` holds the program."""
    urn = make_urn(stack, project, request.parent, request.type, request.name)
    return Goal(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=decode_struct(request.object),
        parent=request.parent,
        provider=request.provider,
        version=request.version,
        dependencies=tuple(sorted(set(request.dependencies))),
        property_dependencies={
            key: tuple(sorted(value.urns))
            for key, value in request.propertyDependencies.items()
            if value.urns
        },
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        # An SDK that is not offered alias specs sends whole URNs, in no order.
        aliases=tuple(sorted(request.aliasURNs)),
        import_id=request.importId,
        # Older SDKs have no such option.
        hide_diffs=tuple(getattr(request, "hideDiffs", ())),
        position=position(request, directory),
    )


def position(request: Request, directory: Path) -> str:
    """The first line of the user's own code behind a request, as `FILE:LINE`; empty if there is none."""
    # Older SDKs send a position, and no stack.
    stack = getattr(request, "stackTrace", None)
    frames = stack.frames if stack is not None else ()
    for place in (request.sourcePosition, *(frame.pc for frame in frames)):
        path = unquote(urlparse(place.uri).path)
        if path and is_user_code(path, directory):
            return f"{Path(path).relative_to(directory)}:{place.line}"
    return ""


def is_user_code(file: str, directory: Path) -> bool:
    """Whether a file is the project's own."""
    path = Path(file)
    # An environment may lie inside the project's folder; its packages are not the user's code.
    return path.is_relative_to(directory) and "site-packages" not in path.parts
