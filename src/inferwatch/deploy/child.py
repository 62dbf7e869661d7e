"""The process a program and its deployment run in: one JSON request in, event lines and one last line out.

Kept apart from its caller so that a program's exit, threads, imports and prints cannot harm it. What the
program prints goes to standard error; standard output carries only our lines:
`{"event": {...}}`, and at the end `{"result": {...}}`, `{"failed": {...}}` or `{"refused": "..."}`.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import gc
import json
import os
import secrets
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final, TextIO

from inferwatch.deploy.cipher import Cipher, find_passphrase
from inferwatch.deploy.clients import Clients
from inferwatch.deploy.deployment import Deployment
from inferwatch.deploy.endpoint import Edge, StepError
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.program import run_program
from inferwatch.deploy.references import StackReader
from inferwatch.deploy.refreshing import Refresher
from inferwatch.deploy.removal import Remover
from inferwatch.deploy.request import Request
from inferwatch.deploy.resources.dashboard import Dashboard
from inferwatch.deploy.result import Changes, DeployError, Event, Result
from inferwatch.deploy.state import Snapshot
from inferwatch.deploy.store import FileStore, MemoryStore, Store, open_store
from inferwatch.deploy.values import has_unknown, shown
from inferwatch.model.errors import InferwatchError

_LOOK_S: Final = 0.1


def perform(request: Request, edge: Edge) -> Result:
    """Apply, preview, refresh or destroy a stack under its lock.

    Raises:
        DeployError: the program or a resource failed.
        UsageError: the state is locked or cannot be read.
    """
    kinds: list[str] = []

    def count(event: Event) -> None:
        kinds.append(event.kind)
        edge.emit(event)

    counting = replace(edge, emit=count)
    with open_store(request.state_file, _cipher(request), now=edge.now) as store:
        try:
            snapshot = _ACTIONS[request.action](request, store, counting)
        except (StepError, DeployError) as failure:
            applied = request.action != "preview" and Changes.count(kinds).total > 0
            raise _as_deploy_error(failure, applied=applied) from failure
        return _result(request, snapshot, Changes.count(kinds))


def _as_deploy_error(failure: StepError | DeployError, *, applied: bool) -> DeployError:
    if isinstance(failure, StepError):
        return DeployError([str(failure)], applied=applied)
    return DeployError(failure.problems, applied=applied, traceback=failure.traceback)


def _preview(request: Request, store: FileStore, edge: Edge) -> Snapshot:
    ledger = _ledger(request, MemoryStore(store.snapshot), edge, dry_run=True)
    _warn(request, edge)
    _run(request, ledger, edge)
    remover = Remover(ledger, edge)
    _require_deletable(remover)
    remover.delete_leftovers()
    return ledger.store.snapshot


def _apply(request: Request, store: FileStore, edge: Edge) -> Snapshot:
    # A preview first, so that a mistake in the last resource is found before the first is made.
    _preview(request, store, replace(edge, emit=lambda _: None))
    edge.emit(Event("applying"))
    _warn(request, edge)
    ledger = _ledger(request, store, edge, dry_run=False)
    Remover(ledger, edge).recover()
    _run(request, ledger, edge)
    Remover(ledger, edge).delete_leftovers()
    return store.snapshot


def _refresh(request: Request, store: FileStore, edge: Edge) -> Snapshot:
    ledger = _ledger(request, store, edge, dry_run=False)
    ledger.require_targets()
    Remover(ledger, edge).recover()
    Refresher(ledger, edge).refresh()
    return store.snapshot


def _require_deletable(remover: Remover) -> None:
    if problems := [*remover.protected(), *remover.needed()]:
        raise DeployError(problems, applied=False)


def _warn(request: Request, edge: Edge) -> None:
    for warning in request.project.warnings:
        edge.emit(Event("warning", message=warning))


def _run(request: Request, ledger: Ledger, edge: Edge) -> None:
    project = request.project
    deployment = Deployment(
        ledger,
        edge,
        config=project.config,
        secret_keys=project.secret_keys,
        directory=project.directory,
        read_stack=StackReader(request.state_file, _cipher(request)).read,
    )
    failure = run_program(project, deployment, dry_run=ledger.dry_run)
    problems = list(deployment.failures)
    if failure is not None:
        problems.append(failure.sentence)
    if not problems:
        ledger.require_targets()
    if problems:
        details = failure.traceback if failure is not None and request.debug else ""
        # Whether anything was changed before is for `perform` to say.
        raise DeployError(list(dict.fromkeys(problems)), applied=False, traceback=details)


def _destroy(request: Request, store: FileStore, edge: Edge) -> Snapshot:
    ledger = _ledger(request, store, edge, dry_run=False)
    ledger.require_targets()
    remover = Remover(ledger, edge)
    _require_deletable(remover)
    remover.recover()
    remover.delete_leftovers()
    return store.snapshot


_ACTIONS: Final[Mapping[str, Callable[[Request, FileStore, Edge], Snapshot]]] = {
    "up": _apply,
    "preview": _preview,
    "refresh": _refresh,
    "destroy": _destroy,
}


def _cipher(request: Request) -> Cipher:
    return Cipher(lambda: find_passphrase(os.environ, keep_in=request.passphrase_file))


def _ledger(request: Request, store: Store, edge: Edge, *, dry_run: bool) -> Ledger:
    return Ledger(
        store,
        stack=request.project.stack,
        project=request.project.name,
        provider_config=request.project.provider_config,
        now=edge.now,
        dry_run=dry_run,
        targets=request.targets,
    )


def _result(request: Request, snapshot: Snapshot, changes: Changes) -> Result:
    urls = {}
    for resource in snapshot.resources:
        if resource.type == Dashboard.token and not resource.delete:
            name, region = resource.outputs["dashboardName"], resource.outputs["region"]
            if has_unknown([name, region]):
                continue
            urls[name] = f"{request.endpoint_url}/dashboards/{name}?region={region}"
    # On the wire a property map has no order.
    outputs = dict(sorted(shown(snapshot.outputs).items()))
    return Result(changes, outputs, dict(sorted(urls.items())))


def _end_with(parent: int) -> None:
    """Whoever kills the caller wants no more done: what is under way is for the next `up` to find out."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def main() -> None:
    """Carry out the request on standard input, then end the process whatever the program left running."""
    # Much is made and little dropped: collecting seldom halves the CPU time (benchmarks/bench_deploy.py).
    gc.set_threshold(100_000, 20, 20)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # Our lines go where standard output went; from here on, standard output is standard error.
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = Request.from_json(sys.stdin.read())
    try:
        result = perform(request, _real_edge(request, lines))
        _say(lines, {"result": result.to_json()})
    except DeployError as error:
        failed = {"problems": error.problems, "applied": error.applied, "traceback": error.traceback}
        _say(lines, {"failed": failed})
    except InferwatchError as error:
        _say(lines, {"refused": str(error)})
    except BaseException:  # noqa: BLE001 - the caller decides what of it to show
        _say(lines, {"crashed": traceback.format_exc()})
    sys.stderr.flush()
    os._exit(0)


def _real_edge(request: Request, lines: TextIO) -> Edge:
    return Edge(
        clients=Clients(request.endpoint_url, request.project.region),
        now=lambda: datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z"),
        suffix=functools.cache(lambda _urn: secrets.token_hex(4)[:7]),
        emit=lambda event: _say(lines, {"event": asdict(event)}),
    )


def _say(lines: TextIO, message: dict[str, Any]) -> None:
    # A caller that went away must not stop a deployment half-way.
    with contextlib.suppress(BrokenPipeError):
        lines.write(json.dumps(message, default=str) + "\n")
        lines.flush()


if __name__ == "__main__":
    main()
