"""What a deployment knows while it runs: the records it began with, and those the program has renewed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.endpoint import StepError
from inferwatch.deploy.goal import Goal, inherited_alias, make_urn, urn_name
from inferwatch.deploy.providers import read_provider
from inferwatch.deploy.resources import HANDLERS
from inferwatch.deploy.result import PROVIDER_PREFIX
from inferwatch.deploy.state import Resource
from inferwatch.deploy.store import Store
from inferwatch.deploy.values import Properties, plain
from inferwatch.model.region import check_region

_PACKAGE: Final = "aws"


class Ledger:
    """The records of one deployment.

    Args:
        provider_config: Inputs of the provider a resource has when the program names none.
        dry_run: Nothing is changed and nothing is written: the store forgets.
        targets: URNs, or names the program gave: only these are brought to their goal; all, where empty.
    """

    def __init__(
        self,
        store: Store,
        *,
        stack: str,
        project: str,
        provider_config: Properties,
        now: Callable[[], str],
        dry_run: bool,
        targets: frozenset[str] = frozenset(),
    ) -> None:
        self.store = store
        self.stack = stack
        self.project = project
        self.dry_run = dry_run
        self.old = {resource.urn: resource for resource in store.snapshot.resources if not resource.delete}
        self.new: dict[str, Resource] = {}
        # URNs whose resource was deleted to make room for another's replacement, and will be made again.
        self.making_room: set[str] = set()
        # URNs of what was never made and is not among the targets.
        self.left_out: set[str] = set()
        self.targets = targets
        self._hit: set[str] = set()
        # What each resource of this run may have been called before.
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._provider_config = provider_config
        self._now = now

    def find_old(self, goal: Goal) -> Resource | None:
        """What the goal was the last time, under its own name or one it, or its parent, had before."""
        own = (goal.urn, *goal.aliases)
        inherited = (
            inherited_alias(urn, goal.parent, parent_alias)
            for parent_alias in self._aliases.get(goal.parent, ())
            for urn in own
        )
        self._aliases[goal.urn] = tuple(dict.fromkeys((*goal.aliases, *inherited)))
        for urn in (goal.urn, *self._aliases[goal.urn]):
            # What the program still has under that name is not to be had under another.
            if (old := self.old.get(urn)) is None or urn in self.new:
                continue
            if urn != goal.urn:
                renamed = replace(old, urn=goal.urn)
                self.store.commit(put=[renamed], drop=[old.key])
                del self.old[urn]
                self.old[goal.urn] = old = renamed
            # One that was only looked up is not ours: it is made, not taken over.
            return None if old.external else old
        return None

    def is_targeted(self, urn: str) -> bool:
        """Whether the resource may be changed in this run."""
        hit = self.targets & {urn, urn_name(urn)}
        self._hit |= hit
        return not self.targets or bool(hit)

    def require_targets(self) -> None:
        """After a program's end: hold that every target was met.

        Raises:
            StepError: one names nothing, neither in the program nor in the state.
        """
        known = {name for urn in self.old for name in (urn, urn_name(urn))}
        if missed := sorted(self.targets - self._hit - known):
            raise StepError(f"--target {missed[0]}: no resource has this name or URN")

    def record(self, goal: Goal, old: Resource | None, **known: object) -> Resource:
        """A resource as it will be written; `known` are fields only the step knows."""
        now = self._now()
        resource = Resource(
            urn=goal.urn,
            type=goal.type,
            custom=goal.custom,
            parent=goal.parent,
            provider=goal.provider,
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            protect=goal.protect,
            retain_on_delete=goal.retain_on_delete,
            deleted_with=goal.deleted_with,
            ignore_changes=goal.ignore_changes,
            additional_secret_outputs=goal.additional_secret_outputs,
            created=old.created if old else now,
            modified=now,
        )
        return replace(resource, **known)  # type: ignore[arg-type]

    def renew(self, goal: Goal, old: Resource | None, **known: object) -> Resource:
        """Keep a resource that nothing was done to on the endpoint."""
        resource = self.record(goal, old, **known)
        if old is not None:
            resource = replace(resource, modified=old.modified)
        self.new[resource.urn] = resource
        if resource != old:
            self.store.commit(put=[resource])
        return resource

    def keep(self, resource: Resource, *, replaced: Resource | None = None) -> Resource:
        """Keep a resource that was made, changed or found; the one in whose place it stands is condemned.

        Unless both are one thing, which lives on: some creations only write over what is there.
        """
        self.new[resource.urn] = resource
        put = [resource]
        if replaced is not None and not is_same_thing(resource, replaced):
            put.append(replace(replaced, delete=True))
        self.store.commit(put=put, end=resource.urn)
        return resource

    # --- providers

    def default_provider(self, version: str) -> str:
        """The reference (`URN::ID`) of the provider a resource has when the program named none."""
        name = f"default_{version.replace('.', '_')}" if version else "default"
        type = f"{PROVIDER_PREFIX}{_PACKAGE}"
        urn = make_urn(self.stack, self.project, "", type, name)
        if urn not in self.new:
            inputs = self._provider_config | ({"version": version} if version else {})
            goal = Goal(urn=urn, type=type, name=name, custom=True, inputs=inputs)
            self.register_provider(goal, self.old.get(urn), words="the stack's config (aws:...)")
        return f"{urn}::{self.new[urn].id}"

    def register_provider(self, goal: Goal, old: Resource | None, *, words: str = "") -> Resource:
        """Keep a provider; `words` name it in an error.

        Raises:
            StepError: it has a setting we would have to ignore, or a region that AWS has not.
        """
        try:
            read_provider(plain(goal.inputs))
            if isinstance(region := goal.inputs.get("region"), str):
                check_region(region)
        except (ValueError, LookupError) as error:
            raise StepError(f"{words or goal.words}: {error}") from error
        id = old.id if old else str(uuid.uuid4())
        return self.renew(goal, old, id=id, inputs=goal.inputs, outputs=goal.inputs)

    def clients(self, clients: Clients, provider: str, words: str) -> Clients:
        """The endpoint as the resources of a provider (`URN::ID`) see it."""
        urn = provider.rpartition("::")[0]
        for known in (self.new, self.old):
            if (found := known.get(urn)) is not None:
                return read_provider(plain(found.inputs)).clients(clients)
        raise StepError(f"{words}: its provider is not on record")


def is_same_thing(one: Resource, other: Resource) -> bool:
    """Whether two records of one type stand for one thing on the endpoint.

    An id alone does not say so: log streams of two groups may share it.
    """
    fixed = [key for key, rule in HANDLERS[one.type].properties.items() if rule.forces_new]
    return one.id == other.id and all(
        plain(one.outputs.get(key)) == plain(other.outputs.get(key)) for key in fixed
    )
