"""Log groups and streams, and what is known of each: kept in the store's control state."""

from __future__ import annotations

import re
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from inferwatch.engine.logs.stream import LogStream
from inferwatch.engine.store.store import Store
from inferwatch.engine.tags import refuse_protected
from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.limits import DAY_MS, RETENTION_DAYS

_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_STREAM_NAME = re.compile(r"[^:*]{1,512}")


class Tags(UserDict[str, str]):
    """A group's tags; every change is saved before it shows."""

    def __init__(self, tags: Mapping[str, str], save: Callable[[Mapping[str, str]], None]) -> None:
        super().__init__()
        self.data = dict(tags)
        self._save = save

    def __setitem__(self, key: str, item: str) -> None:
        self._change({**self.data, key: item})

    def __delitem__(self, key: str) -> None:
        if key not in self.data:
            raise KeyError(key)
        self._change({name: value for name, value in self.data.items() if name != key})

    def __ior__(self, other: Mapping[str, str]) -> Tags:  # type: ignore[override,misc]
        self._change({**self.data, **other})
        return self

    def _change(self, tags: dict[str, str]) -> None:
        self._save(tags)
        self.data = tags


@dataclass(slots=True, eq=False)
class LogGroup:
    id: int
    name: str
    created_ms: int
    tags: Tags
    retention_days: int | None = None
    is_protected: bool = False
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
    """Every log group of one account and region, by name; what they hold is in `store`.

    Differs: when the retention is lengthened, expired events that were not swept away yet come back, as AWS
    says of its own; ours are swept hourly, AWS's within 72 hours.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._groups: dict[str, LogGroup] = {}
        by_id: dict[int, LogGroup] = {}
        for row in store.control.groups():
            group = self._groups[row.name] = by_id[row.id] = LogGroup(
                row.id,
                row.name,
                row.created_ms,
                self._tags(row.id, row.tags),
                row.retention_days,
                row.is_protected,
            )
        for stream in store.control.streams():
            group = by_id[stream.group_id]
            group.streams[stream.name] = LogStream(
                store, stream.id, stream.group_id, stream.name, stream.created_ms
            )

    def _tags(self, group_id: int, tags: Mapping[str, str]) -> Tags:
        return Tags(tags, lambda changed: self.store.control.set_tags(group_id, changed))

    def __iter__(self) -> Iterator[LogGroup]:
        """In ASCII order of the names, as DescribeLogGroups lists them."""
        return iter([self._groups[name] for name in sorted(self._groups)])

    def __getitem__(self, name: str) -> LogGroup:
        """Raises AwsError (ResourceNotFoundException) for an unknown name."""
        group = self._groups.get(name)
        if group is None:
            raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
        return group

    def create(self, name: str, now_ms: int, tags: Mapping[str, str], *, is_protected: bool = False) -> None:
        if not _GROUP_NAME.fullmatch(name) or name.startswith("aws/"):
            raise invalid_parameter(f'Invalid log group name: "{name}"')
        if name in self._groups:
            raise AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
        group_id = self.store.control.add_group(name, now_ms, tags, is_protected)
        self._groups[name] = LogGroup(
            group_id, name, now_ms, self._tags(group_id, tags), is_protected=is_protected
        )

    def protect(self, name: str, is_protected: bool) -> None:
        """Whether the group may be deleted."""
        group = self[name]
        self.store.control.set_protection(group.id, is_protected)
        group.is_protected = is_protected

    def delete(self, name: str) -> None:
        """Its events are gone at once; their space comes back with the next `expire`."""
        refuse_protected(name, self[name].is_protected)
        self.store.control.remove_group(self[name].id)
        del self._groups[name]

    def create_stream(self, group: str, name: str, now_ms: int) -> None:
        if not _STREAM_NAME.fullmatch(name):
            raise invalid_parameter(f'Invalid log stream name: "{name}"')
        owner = self[group]
        if name in owner.streams:
            raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")
        stream_id = self.store.control.add_stream(owner.id, name, now_ms)
        owner.streams[name] = LogStream(self.store, stream_id, owner.id, name, now_ms)

    def delete_stream(self, group: str, name: str) -> None:
        """Its events are gone at once; their space comes back with the next `expire`."""
        owner = self[group]
        self.store.control.remove_stream(owner.stream(name).id)
        del owner.streams[name]

    def retain(self, name: str, days: int | None) -> None:
        """Set the retention in days; `None` keeps events for ever."""
        if days is not None and days not in RETENTION_DAYS:
            allowed = ", ".join(map(str, RETENTION_DAYS))
            raise invalid_parameter(
                f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy "
                f"constraint: Member must satisfy enum value set: [{allowed}]",
            )
        group = self[name]
        self.store.control.set_retention(group.id, days)
        group.retention_days = days

    def expire(self, now_ms: int) -> None:
        """Give back the space of every event past its group's retention, and of deleted streams."""
        oldest_ms: dict[int, int] = {}
        for group in self._groups.values():
            oldest = group.oldest_ms(now_ms)
            for stream in group.streams.values():
                stream.oldest_ms = oldest
                oldest_ms[stream.id] = oldest
        self.store.sweep(oldest_ms)
