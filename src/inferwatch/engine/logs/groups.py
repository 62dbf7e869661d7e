"""Log groups and streams, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from inferwatch.engine.logs.stream import LogStream
from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.limits import DAY_MS, RETENTION_DAYS

_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_STREAM_NAME = re.compile(r"[^:*]{1,512}")


@dataclass(slots=True)
class LogGroup:
    name: str
    created_ms: int
    retention_days: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    streams: dict[str, LogStream] = field(default_factory=dict)

    def stream(self, name: str) -> LogStream:
        """Raises AwsError (ResourceNotFoundException) for an unknown name."""
        stream = self.streams.get(name)
        if stream is None:
            raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
        return stream

    def oldest_ms(self, now_ms: int) -> int:
        """Events before this moment have expired and count as gone."""
        return 0 if self.retention_days is None else now_ms - self.retention_days * DAY_MS

    @property
    def stored_bytes(self) -> int:
        return sum(stream.stored_bytes for stream in self.streams.values())


class LogGroups:
    """Every log group of one account and region, by name."""

    def __init__(self) -> None:
        self._groups: dict[str, LogGroup] = {}

    def __iter__(self) -> Iterator[LogGroup]:
        """In ASCII order of the names, as DescribeLogGroups lists them."""
        return iter([self._groups[name] for name in sorted(self._groups)])

    def __getitem__(self, name: str) -> LogGroup:
        """Raises AwsError (ResourceNotFoundException) for an unknown name."""
        group = self._groups.get(name)
        if group is None:
            raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
        return group

    def create(self, name: str, now_ms: int, tags: dict[str, str]) -> None:
        if not _GROUP_NAME.fullmatch(name) or name.startswith("aws/"):
            raise invalid_parameter(f"Invalid log group name: {name!r}")
        if name in self._groups:
            raise AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
        self._groups[name] = LogGroup(name, now_ms, tags=dict(tags))

    def delete(self, name: str) -> None:
        self[name]
        del self._groups[name]

    def create_stream(self, group: str, name: str, now_ms: int) -> None:
        if not _STREAM_NAME.fullmatch(name):
            raise invalid_parameter(f"Invalid log stream name: {name!r}")
        owner = self[group]
        if name in owner.streams:
            raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")
        owner.streams[name] = LogStream(name, now_ms)

    def delete_stream(self, group: str, name: str) -> None:
        owner = self[group]
        owner.stream(name)
        del owner.streams[name]

    def retain(self, name: str, days: int | None) -> None:
        """Set the retention in days; `None` keeps events for ever."""
        if days is not None and days not in RETENTION_DAYS:
            allowed = ", ".join(map(str, RETENTION_DAYS))
            raise invalid_parameter(
                f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy "
                f"constraint: Member must satisfy enum value set: [{allowed}]",
            )
        self[name].retention_days = days

    def expire(self, now_ms: int) -> None:
        """Drop every event past its group's retention."""
        for group in self._groups.values():
            oldest_ms = group.oldest_ms(now_ms)
            for stream in group.streams.values():
                stream.drop_before(oldest_ms)
