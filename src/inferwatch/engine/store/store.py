"""The store: log events in segments, the same on disk and in memory.

Rules: an append is readable at once and durable after the next `sync`; sequences rise for ever; whatever does
not match its checksum is named in `damages` and never served.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, TypeAlias

from inferwatch.engine.store import control as control_file
from inferwatch.engine.store.archive import Archive
from inferwatch.engine.store.catalogue import Layout
from inferwatch.engine.store.control import Control
from inferwatch.engine.store.folder import TEMPORARY, AppendFile, DiskFolder, Folder, MemoryFolder
from inferwatch.engine.store.frame import ADDED_STREAM, Encoder, Event, Key
from inferwatch.engine.store.lock import FolderLock
from inferwatch.engine.store.read import merged
from inferwatch.engine.store.reader import Reader
from inferwatch.engine.store.recovery import Damage, recover, require_control, scan_frames
from inferwatch.engine.store.segment import HEADER_BYTES, Header, Index, name_of, number_of
from inferwatch.engine.store.sweep import kept_frames, sealable, verdict
from inferwatch.engine.store.tail import Tail
from inferwatch.engine.store.totals import Totals, TotalsByStream
from inferwatch.model.errors import AwsError, UsageError

_LOGGER = logging.getLogger("inferwatch.store")
SEGMENT_BYTES: Final = 64 * 2**20
# However well events compress, sealing one segment has to fit in memory.
_SEGMENT_RAW_BYTES = 256 * 2**20
# sequence, group, stream, timestamps, messages
_Unpacked: TypeAlias = tuple[int, int, int, Sequence[int], Sequence[str]]


def _any_seed() -> int:
    return int.from_bytes(os.urandom(4), "little")


class Store:
    """Log events and their control state.

    One thread at a time may use it, but for `sync`, which any thread may call while others go on.

    Attributes:
        control: Groups, streams and metric filters.
        damages: What was found damaged since this store was opened.
    """

    def __init__(
        self,
        folder: Folder,
        control: Control,
        *,
        path: Path | None = None,
        lock: FolderLock | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        new_seed: Callable[[], int] = _any_seed,
    ) -> None:
        self.control = control
        self.damages: list[Damage] = []
        self._folder = folder
        self._path = path
        self._lock = lock
        self._segment_bytes = segment_bytes
        self._new_seed = new_seed
        self._encoder = Encoder()
        self._segments: dict[int, Index] = {}
        self._totals = TotalsByStream()
        self._reader = Reader(folder, self.damages)
        self._archive = Archive(folder, path, control, self._reader.name_damage)
        self._added_from = 0
        self._active, file = self._recover()
        self._tail = Tail(file)
        self._raw_bytes = self._active.raw_bytes
        self._next_sequence = self._sequence_after_all()
        self._totals.count_again(self._segments.values(), self._archive.each_stream())

    @classmethod
    def in_memory(cls) -> Self:
        return cls(MemoryFolder(), Control(None))

    @classmethod
    def open(cls, path: Path, *, segment_bytes: int = SEGMENT_BYTES) -> Self:
        """The store in a folder, made where there is none, and made good where a crash or worse left it.

        Raises:
            UsageError: Another process uses it, it cannot be written, or its control state is damaged or
                gone from beside its events.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = FolderLock(path)
        except OSError as refused:
            raise UsageError(f"{path} cannot be used as a data folder: {refused.strerror}") from None
        with contextlib.ExitStack() as undo:
            undo.callback(lock.close)
            require_control(path)
            control = Control(path / control_file.FILE)
            undo.callback(control.close)
            store = cls(DiskFolder(path), control, path=path, lock=lock, segment_bytes=segment_bytes)
            undo.pop_all()
        return store

    def close(self) -> None:
        """Everything appended is durable; the folder is free for others."""
        try:
            self._archive.close()
            self.sync()
        finally:
            self._tail.close()
            self._folder.close()
            self.control.close()
            if self._lock is not None:
                self._lock.close()

    # --- Writing.

    @property
    def appended(self) -> int:
        """How many times something was appended."""
        return self._tail.appended

    @property
    def synced(self) -> int:
        """How many of the first of these are durable."""
        return self._tail.synced

    @property
    def dirty(self) -> bool:
        """Is there anything appended that is not durable yet?"""
        return self.synced < self.appended

    def append(
        self,
        group_id: int,
        stream_id: int,
        timestamps: Sequence[int],
        messages: Sequence[str],
        ingestion_ms: int,
        *,
        ahead: str | None = None,
    ) -> int:
        """Store one request's events, oldest first; the sequence of the first.

        Not durable before the next `sync` has returned.

        Args:
            ahead: What they add to metrics: stored with them, or not at all. See `added`.

        Raises:
            AwsError: ServiceUnavailableException, where the disk refuses; nothing was stored.
        """
        sequence = self._next_sequence
        if not messages:
            return sequence
        frames = []
        if ahead is not None:
            frames.append((sequence, len(messages), ADDED_STREAM, [sequence], [ahead]))
            sequence += 1
        self._append([*frames, (sequence, group_id, stream_id, timestamps, messages)], ingestion_ms)
        return sequence

    def append_added(self, text: str, ingestion_ms: int) -> None:
        """Store what was added to metrics by itself, as `append` stores events."""
        sequence = self._next_sequence
        self._append([(sequence, 0, ADDED_STREAM, [sequence], [text])], ingestion_ms)

    def _append(self, frames: Sequence[_Unpacked], ingestion_ms: int) -> None:
        """Append frames, all or none of them."""
        try:
            if self._is_full:
                self._roll()
            made = [
                self._encoder.encode(
                    timestamps,
                    messages,
                    seed=self._active.header.seed,
                    sequence=sequence,
                    ingestion_ms=ingestion_ms,
                    group_id=group_id,
                    stream_id=stream_id,
                )
                for sequence, group_id, stream_id, timestamps, messages in frames
            ]
            self._tail.append(b"".join(packed for _, packed in made))
        except OSError as refused:
            if self._folder.size(name_of(self._active.header.number)) != self._active.end:
                self._tail.is_suspect = True  # Half a frame could not be taken back.
            raise self._refused(refused) from refused
        for head, _ in made:
            self._next_sequence += head.events
            self._raw_bytes += head.raw_bytes
            self._active.add(head)
            self._totals.add(head)

    def sync(self) -> None:
        """Everything that was appended before this call is durable when it returns.

        Raises:
            OSError: The disk refuses: what was appended since the last sync is not known to be durable.
        """
        self._tail.sync()

    def _refused(self, error: OSError) -> AwsError:
        text = f"inferwatch cannot write to its log store: {error.strerror or error}"
        return AwsError("ServiceUnavailableException", text, status=500)

    @property
    def _is_full(self) -> bool:
        is_large = self._active.end >= self._segment_bytes or self._raw_bytes >= _SEGMENT_RAW_BYTES
        return self._tail.is_suspect or is_large

    def _roll(self) -> None:
        """Go on in a new segment, which is there before the old one gets its footer.

        Without a footer a segment is read from end to end at the next start; nothing else depends on it.
        """
        number = self._active.header.number + 1
        header = Header(number, self._next_sequence, self._new_seed())
        file = self._folder.create(name_of(number), header.pack())
        old = self._active
        if not self._tail.is_suspect:
            with contextlib.suppress(OSError):
                self._tail.append_last(old.footer())
                old.tables = None
        self._tail.go_on_in(file)
        self._active = self._segments[number] = Index(header)
        self._raw_bytes = 0

    # --- Reading.

    def scan(
        self, stream_ids: Collection[int], start: Key, end: Key, *, descending: bool = False
    ) -> Iterator[Event]:
        """Events of some streams with `start <= key < end`, in reading order or against it, one by one."""
        parts = [
            *self._reader.parts(self._segments.values(), stream_ids, start, end, descending=descending),
            *self._archive.parts(stream_ids, start, end, descending=descending),
        ]
        return merged(parts, start, end, descending=descending)

    @property
    def next_sequence(self) -> int:
        """What is appended next has this sequence, or a later one."""
        return self._next_sequence

    def skip_to(self, sequence: int) -> None:
        """Give no sequence before this one: it was given once, to what is here no more."""
        self._next_sequence = max(self._next_sequence, sequence)

    def added(self, sequence: int) -> Iterator[tuple[int, str]]:
        """(sequence, text) of everything from a sequence on that was added to metrics, in order."""
        for event in self.scan([ADDED_STREAM], (sequence, 0), (2**63, 0)):
            yield event.sequence, event.message

    def keep_added(self, sequence: int) -> None:
        """What was added to metrics before this sequence may be swept, or sealed away."""
        self._added_from = sequence

    def totals(self, stream_id: int) -> Totals | None:
        """`None` for a stream without events."""
        return self._totals.get(stream_id)

    @property
    def layout(self) -> Layout | None:
        """Where the events lie, for another process to read; `None` where they are in memory."""
        if self._path is None:
            return None
        segments = {name_of(number): index.end for number, index in self._segments.items()}
        return Layout(self._path, segments, tuple(self._archive.files()))

    # --- Coming and going.

    def _recover(self) -> tuple[Index, AppendFile]:
        """Make every segment good, and open the newest for appending."""
        for name in self._folder.names():
            if name.endswith(TEMPORARY):
                self._folder.remove(name)
        sealed = self._archive.recover()
        for segment in sealed:
            self._folder.remove(name_of(segment))
        numbers = [number for name in self._folder.names() if (number := number_of(name)) is not None]
        newest: tuple[Index, AppendFile] | None = None
        for number in numbers:
            found = recover(self._folder, name_of(number), self.damages)
            if found is None:
                continue
            self._segments[number] = found.index
            if found.rolled:
                continue
            file = self._folder.resume(name_of(number), found.index.end)
            if number == numbers[-1]:
                newest = found.index, file
            else:
                self._give_footer(found.index, file)
        for damage in self.damages:
            _LOGGER.warning("%s", damage)
        return newest or self._begin(max((*numbers, *sealed), default=0) + 1)

    def _sequence_after_all(self) -> int:
        in_segments = max((index.next_sequence for index in self._segments.values()), default=1)
        return max(in_segments, self._archive.next_sequence)

    def _give_footer(self, index: Index, file: AppendFile) -> None:
        file.append(index.footer())
        file.sync()
        file.close()
        index.tables = None

    def _begin(self, number: int) -> tuple[Index, AppendFile]:
        header = Header(number, self._sequence_after_all(), self._new_seed())
        file = self._folder.create(name_of(number), header.pack())
        index = self._segments[number] = Index(header)
        return index, file

    def sweep(self, oldest_ms: Mapping[int, int]) -> None:
        """Give back the space of events that nobody can read any more.

        Args:
            oldest_ms: Every stream there is, with the moment before which its events have expired.

        Raises:
            AwsError: ServiceUnavailableException, where the disk refuses.
        """
        oldest_ms = {**oldest_ms, ADDED_STREAM: self._added_from}
        try:
            if self._active.end > HEADER_BYTES and verdict(self._active, oldest_ms) != "keep":
                self._roll()
                self.sync()
            for number, index in list(self._segments.items()):
                if index is not self._active and number != self._archive.under_way:
                    self._sweep_segment(number, index, oldest_ms)
            self._archive.sweep(oldest_ms)
        except OSError as refused:
            raise self._refused(refused) from refused
        self._reader.forget()
        self._totals.count_again(self._segments.values(), self._archive.each_stream())

    def _sweep_segment(self, number: int, index: Index, oldest_ms: Mapping[int, int]) -> None:
        name = name_of(number)
        match verdict(index, oldest_ms):
            case "keep":
                return
            case "delete":
                self._folder.remove(name)
                del self._segments[number]
            case "rewrite":
                data = self._folder.read(name, 0, index.end)
                again = Index(index.header)
                kept = []
                scan = scan_frames(data, index.header)
                for offset, what in scan.damages:
                    self._reader.name_damage(name, offset, what)
                for at, head in kept_frames(scan, oldest_ms):
                    again.add(head)
                    kept.append(data[at : at + head.frame_bytes])
                self._folder.replace(name, [again.header.pack(), *kept, again.footer()])
                again.tables = None
                self._segments[number] = again

    def seal(self, *, timeout_s: float = 0) -> bool:
        """Turn rolled segments into columns, in a process of its own: take over what it has finished, and
        hand it the oldest segment that is left. Call it now and then; it does not wait unless told to.
        Events of streams that the control state does not know are gone, and are left out.

        Returns:
            Whether a segment is under way.

        Raises:
            AwsError: ServiceUnavailableException, where the disk refuses; the segment stays as it was.
        """
        try:
            sealed = self._archive.finished(timeout_s=timeout_s)
            if sealed is not None:
                del self._segments[sealed]
                self._folder.remove(name_of(sealed))
                self._reader.forget()
                self._totals.count_again(self._segments.values(), self._archive.each_stream())
            ready = sealable(self._segments, self._active, self._added_from)
            return self._archive.go_on(ready, f"{self._new_seed():08x}")
        except OSError as refused:
            raise self._refused(refused) from refused
