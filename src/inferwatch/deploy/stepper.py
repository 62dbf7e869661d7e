"""What one registration leads to: same, create, update or replace.

A replaced resource is deleted at the end, unless the program gave its name: then old and new cannot exist
side by side, so the old one goes first. In a preview the same code runs against a store that forgets, and
calls nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Change, covers, keep_old, parse_path
from inferwatch.deploy.endpoint import Edge, StepError, call_endpoint
from inferwatch.deploy.goal import Goal, type_words
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.removal import Remover, handler_of
from inferwatch.deploy.resources import Handler
from inferwatch.deploy.resources.handler import Live, python_name
from inferwatch.deploy.result import PROVIDER_PREFIX, Event
from inferwatch.deploy.state import Resource
from inferwatch.deploy.values import UNKNOWN, Properties, has_unknown, plain


class Stepper:
    """Brings a stack to what a program registers, one resource at a time, in the order of arrival."""

    def __init__(self, ledger: Ledger, edge: Edge) -> None:
        self._ledger = ledger
        self._edge = edge
        self._remover = Remover(ledger, edge)

    def register(self, goal: Goal) -> Resource:
        """Bring one resource to its goal.

        Raises:
            StepError: it cannot be done, and why.
        """
        ledger = self._ledger
        if goal.urn in ledger.new:
            raise StepError(
                f"{goal.words}: the program has another resource of this type and name; rename one"
            )
        old = ledger.find_old(goal)
        if not goal.custom:
            outputs = old.outputs if old else {}
            return ledger.renew(goal, old, inputs=goal.inputs, outputs=outputs)
        if goal.type.startswith(PROVIDER_PREFIX):
            return ledger.register_provider(goal, old)
        handler = handler_of(goal.type, goal.words)
        goal, clients = self._placed(goal)

        # What names no region lives in its provider's: to move it is to replace it.
        asked = _in_region(handler, goal.inputs, clients.region)
        old_inputs = _in_region(handler, old.inputs, old.outputs.get("region")) if old else None
        if old_inputs is not None:
            asked = keep_old(old_inputs, asked, goal.ignore_changes)
        checked = handler.check(asked, old_inputs, name=goal.name, suffix=lambda: self._edge.suffix(goal.urn))
        if checked.problems:
            raise StepError(f"{goal.words}: {'; '.join(str(problem) for problem in checked.problems)}")
        inputs = checked.inputs
        if old is None or old_inputs is None:
            kind = "replace" if goal.urn in ledger.making_room else "create"
            return self._create(goal, handler, clients, inputs, kind=kind)

        changed = handler.diff(old_inputs, inputs)
        if not changed:
            self._emit("same", old)
            return ledger.renew(goal, old, id=old.id, inputs=inputs, outputs=old.outputs)
        forced = [change for change in changed if _forces_new(handler, goal, change)]
        if forced and (old.protect or goal.protect):
            raise StepError(
                f"{goal.words}: it is protected, and a change of {', '.join(_names(forced))} would replace it"
            )
        if forced:
            return self._replace(goal, handler, clients, old, inputs, changed)
        return self._update(goal, handler, clients, old, inputs, changed)

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep what a component, or the stack, exports."""
        if (known := self._ledger.new.get(urn)) is None:
            # Its registration failed, which is already on record.
            return
        resource = replace(known, outputs=outputs)
        if resource != known:
            self._ledger.keep(resource)

    def read(self, goal: Goal, id: str) -> Resource:
        """Look up a resource this stack does not own: `X.get(name, id)`.

        Raises:
            StepError: it is not there, or its type cannot be found by id.
        """
        handler = handler_of(goal.type, goal.words)
        goal, clients = self._placed(goal)
        live = _find(goal, handler, clients, id)
        found = self._ledger.record(goal, None, id=id, external=True).with_outputs(live.outputs)
        # What the stack had made under this name is given up: let go if it is the same, else deleted.
        old = self._ledger.old.get(goal.urn)
        resource = self._ledger.keep(found, replaced=None if old is None or old.external else old)
        self._emit("read", resource)
        return resource

    def _placed(self, goal: Goal) -> tuple[Goal, Clients]:
        """The goal with a provider, and the endpoint as that provider's resources see it."""
        goal = replace(goal, provider=goal.provider or self._ledger.default_provider(goal.version))
        return goal, self._ledger.clients(self._edge.clients, goal.provider, goal.words)

    def _create(
        self,
        goal: Goal,
        handler: Handler,
        clients: Clients,
        inputs: Properties,
        *,
        kind: str,
        changed: list[Change] | None = None,
        replaced: Resource | None = None,
    ) -> Resource:
        ledger = self._ledger
        wanted = ledger.record(goal, None, inputs=inputs)
        if ledger.dry_run:
            outputs = inputs | dict.fromkeys(handler.computed, UNKNOWN)
            return ledger.keep(wanted.with_outputs(outputs), replaced=replaced)
        _require_known(goal, inputs)
        opened = plain(inputs)
        live = self._call(goal, "creating", wanted, lambda: handler.create(clients, opened))
        made = replace(wanted, id=live.id).with_outputs(inputs | live.outputs)
        resource = ledger.keep(made, replaced=replaced)
        self._emit(kind, resource, changed)
        return resource

    def _update(
        self,
        goal: Goal,
        handler: Handler,
        clients: Clients,
        old: Resource,
        inputs: Properties,
        changed: list[Change],
    ) -> Resource:
        ledger = self._ledger
        wanted = ledger.record(goal, old, id=old.id, inputs=inputs)
        if ledger.dry_run:
            return ledger.keep(wanted.with_outputs(old.outputs | inputs))
        _require_known(goal, inputs)
        opened, before = plain(inputs), plain(old.inputs)
        live = self._call(goal, "updating", old, lambda: handler.update(clients, old.id, opened, before))
        resource = ledger.keep(wanted.with_outputs(inputs | live.outputs))
        self._emit("update", resource, changed)
        return resource

    def _replace(
        self,
        goal: Goal,
        handler: Handler,
        clients: Clients,
        old: Resource,
        inputs: Properties,
        changed: list[Change],
    ) -> Resource:
        if not self._ledger.dry_run:
            _require_known(goal, inputs)
        named = handler.named_by_program(inputs)
        if goal.delete_before_replace if goal.delete_before_replace is not None else named:
            self._remover.make_room(old)
            return self._create(goal, handler, clients, inputs, kind="replace", changed=changed)
        if handler.autonamed is not None and not named:
            # The old one still has its name.
            inputs = inputs | {handler.autonamed: f"{goal.name}-{self._edge.suffix(goal.urn)}"}
        return self._create(goal, handler, clients, inputs, kind="replace", changed=changed, replaced=old)

    def _call(self, goal: Goal, kind: str, resource: Resource, call: Callable[[], Live]) -> Live:
        """Make a call that `begin` puts on record first; one that was refused is no longer open."""
        store = self._ledger.store
        store.begin(kind, resource)
        try:
            return call_endpoint(f"{goal.words}: {kind} it", call)
        except StepError as failure:
            if not failure.unanswered:
                store.commit(end=resource.urn)
            raise

    def _emit(self, kind: str, resource: Resource, changed: list[Change] | None = None) -> None:
        names = _names(changed or [])
        self._edge.emit(Event(kind, type_words(resource.type), resource.name, resource.id, names))


def _find(goal: Goal, handler: Handler, clients: Clients, id: str) -> Live:
    """What `.get()` and `import_` name.

    Raises:
        StepError: the id is not of the type's form, or the endpoint has nothing under it.
    """
    try:
        own_id, state = handler.locate(id)
    except ValueError as error:
        raise StepError(f"{goal.words}: the id {id!r} cannot be read: {error}") from error
    live = call_endpoint(f"{goal.words}: reading {id}", lambda: handler.read(clients, own_id, state))
    if live is None:
        raise StepError(f"{goal.words}: the endpoint has no {handler.words} with the id {id!r}")
    return live


def _names(changed: list[Change]) -> tuple[str, ...]:
    """The properties that change, each once, as a program spells them."""
    return tuple(dict.fromkeys(python_name(change.property) for change in changed))


def _in_region(handler: Handler, inputs: Properties, region: object) -> Properties:
    """The inputs with the region that holds where they name none."""
    if "region" not in handler.properties or inputs.get("region") is not None or region is None:
        return inputs
    return inputs | {"region": region}


def _forces_new(handler: Handler, goal: Goal, change: Change) -> bool:
    return handler.forces_new(change) or any(
        covers(parse_path(path), change.path) for path in goal.replace_on_changes
    )


def _require_known(goal: Goal, inputs: Properties) -> None:
    if has_unknown(inputs):
        raise StepError(f"{goal.words}: an input depends on something that could not be made")
