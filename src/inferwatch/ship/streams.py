"""The log streams of one process: one for all its records, or one for each task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from inferwatch.ship.target import Target

TASKS_MAX: Final = 64
"""So many tasks have a stream of their own: whoever puts ids into their names gets `other` for the rest."""

_NO_TASK: Final = "no-task"
_OTHER: Final = "other"


class Streams:
    """Names by task."""

    def __init__(self, target: Target, *, host: str, pid: int) -> None:
        self._target = target
        self._host = host
        self._pid = pid
        self._names: dict[object, bytes] = {}
        self._only = None if target.has_task else self._name(_NO_TASK)

    def of(self, record: Mapping[str, object]) -> bytes:
        """The log stream that a record goes to."""
        if self._only is not None:
            return self._only
        task = record.get("task")
        task = task if isinstance(task, str) and task else _NO_TASK
        name = self._names.get(task)
        if name is None:
            known = task if len(self._names) < TASKS_MAX else _OTHER
            name = self._name(known)
            if known is task:
                self._names[task] = name
        return name

    def _name(self, task: str) -> bytes:
        return self._target.stream_name(host=self._host, pid=self._pid, task=task).encode()
