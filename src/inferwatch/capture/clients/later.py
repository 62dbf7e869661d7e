"""Libraries that the application may import later: what is done with one once it is there.

No library is imported for it; a finder in front of Python's own waits for their names.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def when_imported(actions: dict[str, Callable[[], None]]) -> None:
    """Do something with each module: now where it has been imported, else when it is. Never twice."""
    forget()
    for name in [name for name in actions if name in sys.modules]:
        actions.pop(name)()
    sys.meta_path.insert(0, _Waiting(actions))


def forget() -> None:
    """Wait for none any more."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Waiting)]


class _Waiting(MetaPathFinder):
    def __init__(self, actions: dict[str, Callable[[], None]]) -> None:
        self._actions = actions

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module as Python finds it, where we wait for it."""
        if name not in self._actions:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Watched(spec.loader, self._actions.pop(name))
        return spec


class _Watched(Loader):
    """A loader that says when its module is there, and then steps back."""

    def __init__(self, loader: Any, action: Callable[[], None]) -> None:
        self._loader = loader
        self._action = action

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the loader does."""
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        """As the loader does, and then what was waited for."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._action()
