"""Run a Pulumi program against a deployment, the way the real CLI's language host does.

The program runs once for the preview and once for real, both in this process: each time in a context, an
event loop and freshly loaded modules of its own.
Source: pulumi `sdk/python/cmd/pulumi-language-python-exec`.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import os
import re
import runpy
import sys
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import pulumi
from pulumi import runtime

from inferwatch.deploy.deployment import Deployment
from inferwatch.deploy.endpoint import StepError
from inferwatch.deploy.goal import is_user_code
from inferwatch.deploy.project import Project


@dataclass(frozen=True, slots=True)
class ProgramFailure:
    """A program that did not reach its end: one sentence, and Python's own account."""

    sentence: str
    traceback: str


def run_program(project: Project, deployment: Deployment, *, dry_run: bool) -> ProgramFailure | None:
    """Run a project's program to its end; failures of resources are the deployment's to tell."""
    loaded = set(sys.modules)
    try:
        return contextvars.Context().run(_run, project, deployment, dry_run)
    finally:
        _forget_modules(set(sys.modules) - loaded, project.directory)


def _run(project: Project, deployment: Deployment, dry_run: bool) -> ProgramFailure | None:
    runtime.set_all_config(dict(project.config), sorted(project.secret_keys))
    runtime.configure(
        _settings(
            monitor=deployment,
            engine=deployment,
            project=project.name,
            stack=project.stack,
            parallel=1,
            dry_run=dry_run,
            organization="organization",
            root_directory=str(project.directory),
        )
    )
    folder = project.main if project.main.is_dir() else project.main.parent
    sys.argv = [str(project.main)]
    sys.path.insert(0, str(folder))
    os.chdir(project.directory)
    # Both only repeat, late and unplaced, what the failure itself says.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)

    origins = _Origins()

    def main() -> None:
        try:
            runpy.run_path(str(project.main), run_name="__main__")
        except Exception as error:
            origins.remember(error)
            raise

    loop = asyncio.new_event_loop()
    loop.set_task_factory(origins.make_task)
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=4))
    try:
        loop.run_until_complete(runtime.run_in_stack(main))
    except StepError as error:
        # On record already, but the SDK does not always say where in the program it was met.
        deployment.place_failure(error, _where(origins.frames(error), project.directory))
        return None
    except SystemExit as exit:
        return _describe_exit(exit)
    except Exception as error:  # noqa: BLE001 - whatever a user's program raises is the user's to read
        return describe_error(error, origins.frames(error), project.directory)
    finally:
        sys.path.remove(str(folder))
        sys.stdout.flush()
        sys.stderr.flush()
    return None


class _Origins:
    """Remembers where each exception came from: the SDK raises one again without its way there."""

    def __init__(self) -> None:
        self._first: dict[int, tuple[BaseException, TracebackType | None]] = {}

    def make_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **known: Any) -> asyncio.Task[Any]:
        """A task factory, as event loops take it."""
        task = asyncio.Task(coroutine, loop=loop, **known)
        task.add_done_callback(self._task_done)
        return task

    def frames(self, error: BaseException) -> traceback.StackSummary:
        """The way to where it was raised."""
        _, first = self._first.get(id(error), (error, error.__traceback__))
        return traceback.extract_tb(first)

    def remember(self, error: BaseException) -> None:
        """Keep the way an exception has now."""
        self._first[id(error)] = (error, error.__traceback__)

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and id(error) not in self._first:
            self.remember(error)


def describe_error(error: Exception, frames: traceback.StackSummary, directory: Path) -> ProgramFailure:
    """One sentence: where in the user's code, and what."""
    where, text = _where(frames, directory), str(error)
    if isinstance(error, SyntaxError) and error.filename is not None:
        where, text = f"{os.path.relpath(error.filename, directory)}:{error.lineno}", error.msg
    text = _SDK_REFUSAL.sub(r"inferwatch does not support \1 yet", " ".join(text.split()))
    # The SDK's own errors are sentences; any other needs its name to be understood.
    kind = "" if isinstance(error, pulumi.RunError) or type(error) is Exception else type(error).__name__
    sentence = ": ".join(part for part in (where, kind, text) if part)
    details = "".join(traceback.format_exception_only(error))
    return ProgramFailure(
        sentence, f"Traceback (most recent call last):\n{''.join(frames.format())}{details}"
    )


# How the SDK says that a feature is not advertised; there is no Pulumi CLI here to update.
_SDK_REFUSAL: Final = re.compile(r"The Pulumi CLI does not support (?:the )?(.+?)\. Please update.*")


def _where(frames: traceback.StackSummary, directory: Path) -> str:
    """The innermost line of the user's own code, as `FILE:LINE`."""
    mine = [frame for frame in frames if is_user_code(frame.filename, directory)]
    return f"{Path(mine[-1].filename).relative_to(directory)}:{mine[-1].lineno}" if mine else ""


def _describe_exit(exit: SystemExit) -> ProgramFailure | None:
    if exit.code in (None, 0):
        return None
    said = exit.code if isinstance(exit.code, str) else f"exit status {exit.code}"
    return ProgramFailure(f"the program ended itself: {said}", "")


def _settings(**known: Any) -> runtime.Settings:
    """Settings with the arguments the installed SDK knows."""
    accepted = inspect.signature(runtime.Settings.__init__).parameters
    return runtime.Settings(**{name: value for name, value in known.items() if name in accepted})


def _forget_modules(names: set[str], directory: Path) -> None:
    """Unload the program's own modules, so that its next run starts from nothing."""
    for name in names:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and is_user_code(file, directory):
            del sys.modules[name]
