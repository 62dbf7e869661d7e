"""Deleting: what a program no longer has, what was replaced, what stands in a replacement's way.

Needers go before what they need. Nothing protected is ever deleted. A call is made only between `begin` and
`commit`, so that a crash leaves a record of it.
"""

from __future__ import annotations

from dataclasses import replace

from inferwatch.deploy.endpoint import Edge, StepError, call_endpoint
from inferwatch.deploy.goal import type_words, urn_name
from inferwatch.deploy.ledger import Ledger, is_same_thing
from inferwatch.deploy.order import deletion_order, dependents
from inferwatch.deploy.resources import HANDLERS, Handler
from inferwatch.deploy.state import Resource
from inferwatch.deploy.values import plain


class Remover:
    """Deletes resources of one deployment."""

    def __init__(self, ledger: Ledger, edge: Edge) -> None:
        self._ledger = ledger
        self._edge = edge

    def leftovers(self) -> list[Resource]:
        """What the program no longer registers, and what was replaced, in the order of deletion."""
        return deletion_order(
            resource
            for resource in self._ledger.store.snapshot.resources
            if resource.delete or self._is_left_over(resource)
        )

    def _is_left_over(self, resource: Resource) -> bool:
        """With targets, only a target: what others still need, providers too, stays."""
        ledger = self._ledger
        if resource.urn in ledger.new or not ledger.is_targeted(resource.urn):
            return False
        return resource.counted or not ledger.targets

    def needed(self) -> list[str]:
        """One sentence for each target to be deleted that something stays which needs it."""
        going = {resource.urn for resource in self.leftovers() if not resource.delete}
        staying = [
            resource
            for resource in self._ledger.store.snapshot.resources
            if resource.urn not in going and not resource.delete
        ]
        return [
            f"{_words(resource)} needs {urn_name(urn)!r}, which is to be deleted: make it a target too"
            for resource in staying
            for urn in resource.dependencies
            if urn in going
        ]

    def protected(self) -> list[str]:
        """One sentence for each leftover that is protected."""
        return [
            f"{_words(resource)} is protected: set protect=False and apply that before it can be deleted"
            for resource in self.leftovers()
            if resource.protect
        ]

    def delete_leftovers(self) -> None:
        """Delete them.

        Raises:
            StepError: one could not be; the rest stay for the next time.
        """
        leftovers = self.leftovers()
        gone = {resource.urn for resource in leftovers if not resource.delete}
        for resource in leftovers:
            self._delete(resource, with_another=resource.deleted_with in gone)
            # A replaced one was counted when it was replaced; one given up for a lookup was not.
            now = self._ledger.new.get(resource.urn)
            told = not resource.delete or (now is not None and now.external)
            if resource.counted and told and not resource.external:
                self._edge.tell_of(resource, "delete")

    def make_room(self, old: Resource) -> None:
        """Delete a resource whose replacement has its name, and before it whatever cannot stay then.

        Raises:
            StepError: one of them is protected.
        """
        ledger = self._ledger
        live = [resource for resource in ledger.old.values() if resource.urn not in ledger.new]
        doomed = {old.urn}
        for resource in reversed(dependents(live, old.urn)):
            if _must_follow(resource, doomed):
                doomed.add(resource.urn)
        going = deletion_order(resource for resource in live if resource.urn in doomed)
        for resource in going:
            if resource.protect:
                raise StepError(
                    f"{_words(resource)} is protected, and replacing {old.name!r} would replace it"
                )
            if not ledger.is_targeted(resource.urn):
                raise StepError(
                    f"replacing {old.name!r} would replace {_words(resource)}: make it a target too"
                )
        for resource in going:
            self._delete(resource)
            del ledger.old[resource.urn]
            if resource.urn != old.urn:
                ledger.making_room.add(resource.urn)

    def recover(self) -> None:
        """Settle the calls whose end was never seen, by looking at the endpoint."""
        ledger = self._ledger
        for operation in ledger.store.snapshot.operations:
            resource = operation.resource
            live = None
            # An update or deletion is simply made again: both end the same however often they run.
            if operation.kind == "creating":
                words = _words(resource)
                handler = handler_of(resource.type, words)
                clients = ledger.clients(self._edge.clients, resource.provider, words)
                inputs = plain(resource.inputs)
                live = call_endpoint(f"{words}: looking for it", lambda: handler.recover(clients, inputs))  # noqa: B023 - called at once
            if live is None:
                ledger.store.commit(end=resource.urn)
                continue
            found = replace(resource, id=live.id).with_outputs(resource.inputs | live.outputs)
            replaced = ledger.old.get(resource.urn)
            if replaced is not None and is_same_thing(found, replaced):
                # It was to be written over, and perhaps was: that is done again.
                ledger.store.commit(end=resource.urn)
                continue
            condemned = [replace(replaced, delete=True)] if replaced else []
            ledger.store.commit(put=[found, *condemned], end=resource.urn)
            ledger.old[resource.urn] = found

    def _delete(self, resource: Resource, *, with_another: bool = False) -> None:
        ledger = self._ledger
        owned = resource.counted and not resource.external and not resource.retain_on_delete
        if owned and not with_another and not ledger.dry_run:
            words = _words(resource)
            handler = handler_of(resource.type, words)
            clients = ledger.clients(self._edge.clients, resource.provider, words)
            state = plain(resource.inputs | resource.outputs)
            ledger.store.begin("deleting", resource)
            call_endpoint(f"{words}: deleting it", lambda: handler.delete(clients, resource.id, state))
        ledger.store.commit(drop=[resource.key], end=resource.urn)


def handler_of(type: str, words: str) -> Handler:
    """The handler of a type.

    Raises:
        StepError: there is none, by name.
    """
    if type not in HANDLERS:
        known = ", ".join(type_words(token) for token in HANDLERS)
        raise StepError(f"{words}: inferwatch does not support this resource type yet; it applies {known}")
    return HANDLERS[type]


def _must_follow(resource: Resource, doomed: set[str]) -> bool:
    """Whether an input that cannot change in place comes from something that is going to be replaced."""
    handler = HANDLERS.get(resource.type)
    if handler is None:
        return False
    return any(
        doomed.intersection(urns) and key in handler.properties and handler.properties[key].forces_new
        for key, urns in resource.property_dependencies.items()
    )


def _words(resource: Resource) -> str:
    return f"{type_words(resource.type)} {resource.name!r}"
