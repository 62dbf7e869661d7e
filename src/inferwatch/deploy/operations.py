"""What a caller can do with a Pulumi program and an endpoint."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from inferwatch.deploy.result import Event, Result
from inferwatch.deploy.target import Target, find_target, state_file
from inferwatch.model.errors import UsageError
from inferwatch.model.folders import state_root
from inferwatch.model.variables import LOG_GROUP, LOG_STREAM

if TYPE_CHECKING:
    from inferwatch.deploy.cipher import Cipher
    from inferwatch.deploy.project import Project
    from inferwatch.deploy.state import Snapshot


def up(
    directory: Path,
    *,
    endpoint_url: str,
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    targets: Collection[str] = (),
    debug: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Result:
    """Apply a program: create, update, replace and delete until the endpoint is as the program says.

    The whole program is previewed first; if anything in it cannot be applied, nothing is.

    Args:
        directory: Holds `Pulumi.yaml`.
        endpoint_url: An inferwatch engine on this computer.
        config: Pulumi config that wins over the files'; a key without a colon belongs to the project.
        targets: Names or URNs of the resources that alone may be changed; all may, where there are none.
        debug: Add the program's traceback to the error.
        on_event: Told of each resource as it is done, and of what the program logs.

    Raises:
        DeployError: the program or a resource failed; the state knows what was done.
        UsageError: no project, no engine, or somebody else is changing the stack.
    """
    return _run("up", directory, endpoint_url, stack, config, targets, debug, on_event)


def preview(
    directory: Path,
    *,
    endpoint_url: str,
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    targets: Collection[str] = (),
    debug: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Result:
    """What `up` would do, resource by resource: the arguments are its own; nothing is changed.

    Outputs that are not known yet read `<computed>`.

    Raises:
        DeployError: the program or a resource would fail.
        UsageError: no project, no engine, or somebody is changing the stack.
    """
    return _run("preview", directory, endpoint_url, stack, config, targets, debug, on_event)


def refresh(
    directory: Path,
    *,
    endpoint_url: str,
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    targets: Collection[str] = (),
    debug: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Result:
    """Bring a stack's state to what the endpoint has; its program is not run, and nothing is changed there.

    `update` are resources that somebody changed, `delete` those that somebody deleted: the next `up` puts
    both right.

    Raises:
        DeployError: the endpoint could not be asked.
        UsageError: no project, no engine, or somebody is changing the stack.
    """
    return _run("refresh", directory, endpoint_url, stack, config, targets, debug, on_event)


def destroy(
    directory: Path,
    *,
    endpoint_url: str,
    stack: str = "dev",
    config: Mapping[str, str] | None = None,
    targets: Collection[str] = (),
    debug: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Result:
    """Delete everything a stack has; its program is not run.

    Raises:
        DeployError: a resource is protected (then nothing is deleted), or could not be deleted.
        UsageError: no project, no engine, or somebody else is changing the stack.
    """
    return _run("destroy", directory, endpoint_url, stack, config, targets, debug, on_event)


def export(directory: Path, *, endpoint_url: str, stack: str = "dev") -> dict[str, object]:
    """A stack's state as `pulumi stack import` takes it; secrets stay encrypted.

    Raises:
        UsageError: no project, no engine, or the stack was never applied there.
    """
    from inferwatch.deploy.state import to_document

    snapshot, cipher = _read_stack(directory, endpoint_url=endpoint_url, stack=stack)[:2]
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    document = to_document(snapshot, time=now, encrypt=cipher.encrypt)
    if (provider := cipher.secrets_provider) is not None:
        document["deployment"]["secrets_providers"] = provider
    return document


def outputs(directory: Path, *, endpoint_url: str, stack: str = "dev") -> dict[str, object]:
    """What a stack exported when it was last applied; secrets read `[secret]`.

    Raises:
        UsageError: no project, no engine, or the stack was never applied there.
    """
    return _recall(directory, endpoint_url=endpoint_url, stack=stack)[0]


def environment(directory: Path, *, endpoint_url: str, stack: str = "dev") -> dict[str, str]:
    """The variables that tell an application where a stack wants its logs.

    Raises:
        UsageError: as `outputs`, or the stack exports no log group.
    """
    found, region, target = _recall(directory, endpoint_url=endpoint_url, stack=stack)
    variables = {}
    for variable, output in (
        (LOG_GROUP, "log_group_name"),
        (LOG_STREAM, "log_stream_name"),
    ):
        if output not in found:
            raise UsageError(
                f"the program in {directory} does not export {output!r}: add pulumi.export({output!r}, ...)"
            )
        variables[variable] = str(found[output])
    return variables | {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,  # the one boto3 reads
        "AWS_ENDPOINT_URL": target.endpoint_url,
    }


def _run(
    action: str,
    directory: Path,
    endpoint_url: str,
    stack: str,
    config: Mapping[str, str] | None,
    targets: Collection[str],
    debug: bool,
    on_event: Callable[[Event], None] | None,
) -> Result:
    missing = [package for package in ("boto3", "pulumi") if importlib.util.find_spec(package) is None]
    if missing:
        raise UsageError(f'applying a program needs {" and ".join(missing)}: pip install "inferwatch[infra]"')
    from inferwatch.deploy.process import run_child
    from inferwatch.deploy.project import load_project
    from inferwatch.deploy.request import Request

    target = find_target(endpoint_url)
    project = load_project(directory, stack=stack, overrides=config or {}, environment=os.environ)
    if action in ("up", "preview"):
        project.require_program()
    request = Request(
        project=project,
        endpoint_url=target.endpoint_url,
        state_file=_state_file(target, project.name, stack),
        passphrase_file=state_root(os.environ) / "passphrase",
        action=action,
        targets=frozenset(targets),
        debug=debug,
    )
    return run_child(request.to_json(), endpoint_url=target.endpoint_url, on_event=on_event)


def _recall(directory: Path, *, endpoint_url: str, stack: str) -> tuple[dict[str, object], str, Target]:
    """A stack's outputs, the region of its log group, and where it was found."""
    from inferwatch.deploy.resources.log_group import LogGroup
    from inferwatch.deploy.values import shown

    snapshot, _, project, target = _read_stack(directory, endpoint_url=endpoint_url, stack=stack)
    found: dict[str, object] = shown(snapshot.outputs)
    # What was applied decides, not today's environment or a --config that is no longer given.
    applied = (
        str(resource.outputs["region"])
        for resource in snapshot.resources
        if resource.type == LogGroup.token
        and not resource.delete
        and resource.outputs.get("region")
        and resource.outputs.get("name") == found.get("log_group_name")
    )
    return found, next(applied, project.region), target


def _read_stack(
    directory: Path, *, endpoint_url: str, stack: str
) -> tuple[Snapshot, Cipher, Project, Target]:
    """A stack as it was last applied, what opens its secrets, its project and its engine.

    Raises:
        UsageError: it was never applied there.
    """
    from inferwatch.deploy.cipher import Cipher, find_passphrase
    from inferwatch.deploy.project import load_project
    from inferwatch.deploy.store import read_snapshot

    target = find_target(endpoint_url)
    project = load_project(directory, stack=stack, overrides={}, environment=os.environ)
    cipher = Cipher(lambda: find_passphrase(os.environ, keep_in=state_root(os.environ) / "passphrase"))
    snapshot = read_snapshot(_state_file(target, project.name, stack), cipher)
    if not snapshot.resources:
        raise UsageError(
            f"stack {stack!r} of {project.name} is not at {target.endpoint_url}: "
            f"apply it with `inferwatch up {directory}`"
        )
    return snapshot, cipher, project, target


def _state_file(target: Target, project: str, stack: str) -> Path:
    return state_file(target, project=project, stack=stack, environment=os.environ)
