"""Bring the state to what the endpoint has; nothing is changed there."""

from __future__ import annotations

from dataclasses import replace

from inferwatch.deploy.differences import describe, names_of
from inferwatch.deploy.drift import live_inputs
from inferwatch.deploy.endpoint import Edge, call_endpoint
from inferwatch.deploy.goal import type_words
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.removal import handler_of
from inferwatch.deploy.state import Resource
from inferwatch.deploy.values import plain


class Refresher:
    """Reads every resource of a stack back."""

    def __init__(self, ledger: Ledger, edge: Edge) -> None:
        self._ledger = ledger
        self._edge = edge

    def refresh(self) -> None:
        """Tell of each resource as `same`, `update` where it drifted, or `delete` where it is gone.

        The next `up` sets drift right and makes again what is gone.

        Raises:
            StepError: the endpoint could not be asked; what was read before is kept.
        """
        for resource in self._ledger.store.snapshot.resources:
            if resource.counted and not resource.delete and self._ledger.is_targeted(resource.urn):
                self._refresh(resource)

    def _refresh(self, resource: Resource) -> None:
        words = f"{type_words(resource.type)} {resource.name!r}"
        handler = handler_of(resource.type, words)
        clients = self._ledger.clients(self._edge.clients, resource.provider, words)
        state = plain(resource.inputs | resource.outputs)
        live = call_endpoint(f"{words}: reading it", lambda: handler.read(clients, resource.id, state))
        if live is None:
            self._ledger.store.commit(drop=[resource.key])
            self._edge.tell_of(resource, "delete")
        elif resource.external:
            self._keep(resource, resource.with_outputs(live.outputs))
        else:
            inputs = live_inputs(handler, resource.inputs, live.outputs)
            changed = handler.diff(resource.inputs, inputs)
            told = describe(changed, resource.inputs, inputs, handler.properties, lambda _: False)
            self._keep(resource, replace(resource, inputs=inputs).with_outputs(inputs | live.outputs))
            self._edge.tell_of(resource, "update" if changed else "same", names_of(changed), told)

    def _keep(self, before: Resource, now: Resource) -> None:
        if now != before:
            self._ledger.store.commit(put=[replace(now, modified=self._edge.now())])
