"""What one registration leads to: same, create, update or replace.

A replaced resource is deleted at the end, unless the program gave its name: then old and new cannot exist
side by side, so the old one goes first. In a preview the same code runs against a store that forgets, and
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Change, covers, keep_old, parse_path
from inferwatch.deploy.differences import describe, describe_all, names_of
from inferwatch.deploy.drift import live_inputs
from inferwatch.deploy.endpoint import Edge, StepError, call_endpoint
from inferwatch.deploy.goal import Goal, urn_name
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.removal import Remover, handler_of
from inferwatch.deploy.resources import Handler
from inferwatch.deploy.resources.handler import Live
from inferwatch.deploy.result import PROVIDER_PREFIX, Difference, Event
from inferwatch.deploy.state import Resource
from inferwatch.deploy.values import UNKNOWN, Properties, has_unknown, plain


@dataclass(frozen=True, slots=True)
class _Step:
    """One resource on its way to its goal: checked inputs, and how they differ from the last ones."""

    goal: Goal
    handler: Handler
    clients: Clients
    inputs: Properties
    old_inputs: Properties
    changed: tuple[Change, ...] = ()

    def forces_new(self, change: Change) -> bool:
        return self.handler.forces_new(change) or any(
            covers(parse_path(path), change.path) for path in self.goal.replace_on_changes
        )

    @property
    def differences(self) -> tuple[Difference, ...]:
        hidden = [parse_path(path) for path in self.goal.hide_diffs]
        told = [change for change in self.changed if not any(covers(path, change.path) for path in hidden)]
        return describe(told, self.old_inputs, self.inputs, self.handler.properties, self.forces_new)


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
        if not ledger.is_targeted(goal.urn):
            return self._leave(goal, handler, old)
        if missing := ledger.left_out.intersection(goal.dependencies):
            needs = urn_name(min(missing))
            raise StepError(f"{goal.words}: it needs {needs!r}, which is not made yet: make it a target too")
        goal, clients = self._placed(goal)
        if goal.import_id and (old is None or old.id != _locate(goal, handler, goal.import_id)[0]):
            return self._import(goal, handler, clients, old)
        step = self._checked(goal, handler, clients, old)
        if old is None:
            kind = "replace" if goal.urn in ledger.making_room else "create"
            return self._create(step, kind=kind)
        if not step.changed:
            self._emit("same", step, old)
            return ledger.renew(goal, old, id=old.id, inputs=step.inputs, outputs=old.outputs)
        forced = [change for change in step.changed if step.forces_new(change)]
        if forced and (old.protect or goal.protect):
            raise StepError(
                f"{goal.words}: it is protected, and a change of {', '.join(names_of(forced))} "
                "would replace it"
            )
        return self._replace(step, old) if forced else self._update(step, old)

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
            StepError: it is not there, or its id cannot be read.
        """
        handler = handler_of(goal.type, goal.words)
        goal, clients = self._placed(goal)
        live = _find(goal, handler, clients, id)
        found = self._ledger.record(goal, None, id=live.id, external=True).with_outputs(live.outputs)
        # What the stack had made under this name is given up: let go if it is the same, else deleted.
        old = self._ledger.old.get(goal.urn)
        resource = self._ledger.keep(found, replaced=None if old is None or old.external else old)
        self._emit("read", _Step(goal, handler, clients, {}, {}), resource)
        return resource

    def _placed(self, goal: Goal) -> tuple[Goal, Clients]:
        """The goal with a provider, and the endpoint as that provider's resources see it."""
        goal = replace(goal, provider=goal.provider or self._ledger.default_provider(goal.version))
        return goal, self._ledger.clients(self._edge.clients, goal.provider, goal.words)

    def _checked(self, goal: Goal, handler: Handler, clients: Clients, old: Resource | None) -> _Step:
        # What names no region lives in its provider's: to move it is to replace it.
        asked = _in_region(handler, goal.inputs, clients.region)
        old_inputs = _in_region(handler, old.inputs, old.outputs.get("region")) if old else None
        if old_inputs is not None:
            asked = keep_old(old_inputs, asked, goal.ignore_changes)
        checked = handler.check(asked, old_inputs, name=goal.name, suffix=lambda: self._edge.suffix(goal.urn))
        if checked.problems:
            raise StepError(f"{goal.words}: {'; '.join(str(problem) for problem in checked.problems)}")
        changed = () if old_inputs is None else tuple(handler.diff(old_inputs, checked.inputs))
        return _Step(goal, handler, clients, checked.inputs, old_inputs or {}, changed)

    def _leave(self, goal: Goal, handler: Handler, old: Resource | None) -> Resource:
        """What is not among the targets stays as it is; what was never made is unknown to those who ask."""
        ledger = self._ledger
        if old is None:
            ledger.left_out.add(goal.urn)
            outputs = dict.fromkeys((*handler.properties, *handler.computed), UNKNOWN)
            return ledger.record(goal, None, outputs=outputs)
        ledger.new[goal.urn] = old
        self._edge.tell_of(old, "same")
        return old

    def _import(self, goal: Goal, handler: Handler, clients: Clients, old: Resource | None) -> Resource:
        """Take over what is there already, if it is as the program says."""
        if old is not None:
            raise StepError(
                f"{goal.words}: it cannot be imported: the stack has another under this name, {old.id!r}"
            )
        step = self._checked(goal, handler, clients, None)
        live = _find(goal, handler, clients, goal.import_id)
        there = live_inputs(handler, step.inputs, live.outputs)
        if unlike := handler.diff(there, step.inputs):
            differences = describe(unlike, there, step.inputs, handler.properties, lambda _: False)
            raise StepError(
                f"{goal.words}: it cannot be imported, for it is not as the program says: "
                f"{describe_all(differences)}"
            )
        made = self._ledger.record(goal, None, id=live.id, inputs=step.inputs)
        resource = self._ledger.keep(made.with_outputs(step.inputs | live.outputs))
        self._emit("import", step, resource)
        return resource

    def _create(self, step: _Step, *, kind: str, replaced: Resource | None = None) -> Resource:
        ledger, inputs = self._ledger, step.inputs
        wanted = ledger.record(step.goal, None, inputs=inputs)
        if ledger.dry_run:
            self._emit(kind, step, wanted)
            outputs = inputs | dict.fromkeys(step.handler.computed, UNKNOWN)
            return ledger.keep(wanted.with_outputs(outputs), replaced=replaced)
        _require_known(step.goal, inputs)
        opened = plain(inputs)
        live = self._call(step, "creating", wanted, lambda: step.handler.create(step.clients, opened))
        made = replace(wanted, id=live.id).with_outputs(inputs | live.outputs)
        resource = ledger.keep(made, replaced=replaced)
        self._emit(kind, step, resource)
        if notice := step.handler.notice(live.outputs):
            self._edge.emit(Event("info", message=f"{step.goal.words}: {notice}"))
        return resource

    def _update(self, step: _Step, old: Resource) -> Resource:
        ledger, inputs = self._ledger, step.inputs
        wanted = ledger.record(step.goal, old, id=old.id, inputs=inputs)
        if ledger.dry_run:
            self._emit("update", step, wanted)
            return ledger.keep(wanted.with_outputs(old.outputs | inputs))
        _require_known(step.goal, inputs)
        opened, before = plain(inputs), plain(old.inputs)
        live = self._call(
            step, "updating", old, lambda: step.handler.update(step.clients, old.id, opened, before)
        )
        resource = ledger.keep(wanted.with_outputs(inputs | live.outputs))
        self._emit("update", step, resource)
        return resource

    def _replace(self, step: _Step, old: Resource) -> Resource:
        goal, handler = step.goal, step.handler
        if not self._ledger.dry_run:
            _require_known(goal, step.inputs)
        named = handler.named_by_program(step.inputs)
        if goal.delete_before_replace if goal.delete_before_replace is not None else named:
            self._remover.make_room(old)
            return self._create(step, kind="replace")
        if handler.autonamed is not None and not named:
            # The old one still has its name.
            fresh = {handler.autonamed: f"{goal.name}-{self._edge.suffix(goal.urn)}"}
            step = replace(step, inputs=step.inputs | fresh)
        return self._create(step, kind="replace", replaced=old)

    def _call(self, step: _Step, kind: str, resource: Resource, call: Callable[[], Live]) -> Live:
        """Make a call that `begin` puts on record first; one that was refused is no longer open."""
        store = self._ledger.store
        store.begin(kind, resource)
        try:
            return call_endpoint(f"{step.goal.words}: {kind} it", call)
        except StepError as failure:
            if not failure.unanswered:
                store.commit(end=resource.urn)
            raise

    def _emit(self, kind: str, step: _Step, resource: Resource) -> None:
        self._edge.tell_of(resource, kind, names_of(step.changed), step.differences)


def _locate(goal: Goal, handler: Handler, id: str) -> tuple[str, Properties]:
    try:
        return handler.locate(id)
    except ValueError as error:
        raise StepError(f"{goal.words}: the id {id!r} cannot be read: {error}") from error


def _find(goal: Goal, handler: Handler, clients: Clients, id: str) -> Live:
    """What `.get()` and `import_` name.

    Raises:
        StepError: the id is not of the type's form, or the endpoint has nothing under it.
    """
    own_id, state = _locate(goal, handler, id)
    live = call_endpoint(f"{goal.words}: reading {id}", lambda: handler.read(clients, own_id, state))
    if live is None:
        raise StepError(f"{goal.words}: the endpoint has no {handler.words} with the id {id!r}")
    return live


def _in_region(handler: Handler, inputs: Properties, region: object) -> Properties:
    """The inputs with the region that holds where they name none."""
    if "region" not in handler.properties or inputs.get("region") is not None or region is None:
        return inputs
    return inputs | {"region": region}


def _require_known(goal: Goal, inputs: Properties) -> None:
    if has_unknown(inputs):
        raise StepError(f"{goal.words}: an input depends on something that could not be made")
