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
import runpy
import sys
import traceback
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi import runtime

from inferwatch.deploy.deployment import Deployment
from inferwatch.deploy.endpoint import StepError


@dataclass(frozen=True, slots=True)
class ProgramFailure:
    """A program that did not reach its end: one sentence, and Python's own account."""

    sentence: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program and what it is run with; `main` is a file, or a directory with a `__main__.py`."""

    main: Path
    directory: Path
    project: str
    stack: str
    config: Mapping[str, str]
    secret_keys: frozenset[str]

    def run(self, deployment: Deployment, *, dry_run: bool) -> ProgramFailure | None:
        """Run it to its end; failures of resources are the deployment's to tell."""
        loaded = set(sys.modules)
        try:
            return contextvars.Context().run(self._run, deployment, dry_run)
        finally:
            _forget_modules(set(sys.modules) - loaded, self.directory)

    def _run(self, deployment: Deployment, dry_run: bool) -> ProgramFailure | None:
        runtime.set_all_config(dict(self.config), sorted(self.secret_keys))
        runtime.configure(
            _settings(
                monitor=deployment,
                engine=deployment,
                project=self.project,
                stack=self.stack,
                parallel=1,
                dry_run=dry_run,
                organization="organization",
                root_directory=str(self.directory),
            )
        )
        folder = self.main if self.main.is_dir() else self.main.parent
        sys.argv = [str(self.main)]
        sys.path.insert(0, str(folder))
        os.chdir(self.directory)
        # Both only repeat, late and unplaced, what the failure itself says.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)

        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.set_default_executor(ThreadPoolExecutor(max_workers=4))
        try:
            loop.run_until_complete(runtime.run_in_stack(self._main))
        except StepError:
            return None
        except SystemExit as exit:
            return _describe_exit(exit)
        except Exception as error:  # noqa: BLE001 - whatever a user's program raises is the user's to read
            return describe_error(error, self.directory)
        finally:
            sys.path.remove(str(folder))
            sys.stdout.flush()
            sys.stderr.flush()
        return None

    def _main(self) -> None:
        runpy.run_path(str(self.main), run_name="__main__")


def describe_error(error: Exception, directory: Path) -> ProgramFailure:
    """One sentence: where in the user's code, and what."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [(frame.filename, frame.lineno) for frame in frames if _is_under(frame.filename, directory)]
    where = f"{Path(mine[-1][0]).relative_to(directory)}:{mine[-1][1]}: " if mine else ""
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{os.path.relpath(error.filename, directory)}:{error.lineno}: "
    text = " ".join(str(error).split())
    kind = "" if isinstance(error, pulumi.RunError) else f"{type(error).__name__}: "
    details = "".join(traceback.format_exception(error))
    return ProgramFailure(f"{where}{kind}{text}".removesuffix(": "), details)


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
        if file is not None and _is_under(file, directory):
            del sys.modules[name]


def _is_under(file: str, directory: Path) -> bool:
    path = Path(file)
    # An environment may lie inside the project's folder; its packages are not the user's code.
    return path.is_relative_to(directory) and "site-packages" not in path.parts
