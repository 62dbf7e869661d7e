"""What a deployment knows while it runs: the records it began with, and those the program has renewed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.endpoint import StepError
from inferwatch.deploy.goal import Goal
from inferwatch.deploy.providers import read_provider
from inferwatch.deploy.result import PROVIDER_PREFIX
from inferwatch.deploy.state import Resource
from inferwatch.deploy.store import Store
from inferwatch.deploy.values import Properties, plain

_PACKAGE: Final = "aws"


class Ledger:
    """The records of one deployment.

    Args:
        provider_config: Inputs of the provider a resource has when the program names none.
        dry_run: Nothing is called and nothing is written: the store forgets.
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
    ) -> None:
        self.store = store
        self.stack = stack
        self.project = project
        self.dry_run = dry_run
        self.old = {resource.urn: resource for resource in store.snapshot.resources if not resource.delete}
        self.new: dict[str, Resource] = {}
        # URNs whose resource was deleted to make room for another's replacement, and will be made again.
        self.making_room: set[str] = set()
        self._provider_config = provider_config
        self._now = now

    def find_old(self, goal: Goal) -> Resource | None:
        """What the goal was the last time, under its own name or one it had before."""
        for urn in (goal.urn, *goal.aliases):
            if (old := self.old.get(urn)) is None:
                continue
            if urn != goal.urn:
                renamed = replace(old, urn=goal.urn)
                self.store.commit(put=[renamed], drop=[old.key])
                del self.old[urn]
                self.old[goal.urn] = old = renamed
            # One that was only looked up is not ours: it is made, not taken over.
            return None if old.external else old
        return None

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

    def keep(self, resource: Resource, *, condemned: Resource | None = None) -> Resource:
        """Keep a resource that was made or changed, and the one it replaced."""
        self.new[resource.urn] = resource
        put = [resource] if condemned is None else [resource, condemned]
        self.store.commit(put=put, end=resource.urn)
        return resource

    # --- providers

    def default_provider(self, version: str) -> str:
        """The reference (`URN::ID`) of the provider a resource has when the program named none."""
        name = f"default_{version.replace('.', '_')}" if version else "default"
        type = f"{PROVIDER_PREFIX}{_PACKAGE}"
        urn = f"urn:pulumi:{self.stack}::{self.project}::{type}::{name}"
        if urn not in self.new:
            inputs = self._provider_config | ({"version": version} if version else {})
            goal = Goal(urn=urn, type=type, name=name, custom=True, inputs=inputs)
            self.register_provider(goal, self.old.get(urn))
        return f"{urn}::{self.new[urn].id}"

    def register_provider(self, goal: Goal, old: Resource | None) -> Resource:
        """Keep a provider.

        Raises:
            StepError: it has a setting we would have to ignore.
        """
        try:
            read_provider(plain(goal.inputs))
        except ValueError as error:
            raise StepError(f"{goal.words}: {error}") from error
        id = old.id if old else str(uuid.uuid4())
        return self.renew(goal, old, id=id, inputs=goal.inputs, outputs=goal.inputs)

    def clients(self, clients: Clients, provider_urn: str, words: str) -> Clients:
        """The endpoint as the resources of a provider see it."""
        for known in (self.new, self.old):
            if (provider := known.get(provider_urn)) is not None:
                return read_provider(plain(provider.inputs)).clients(clients)
        raise StepError(f"{words}: its provider is not on record")
