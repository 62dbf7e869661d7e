"""What a segment's file holds after a crash, or after something bent its bytes.

A frame that ends beyond the file, and is the last, was being written when the process died: it was never
acknowledged, and is cut, and so is what its events add to metrics, written just ahead of it. An unfinished
footer is cut too. Anything else that does not match its checksum is damage: it is named, the file as it was
is set aside, and every whole frame is kept.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

from inferwatch.engine.store.catalogue import is_sealed_name
from inferwatch.engine.store.control import FILE as CONTROL_FILE
from inferwatch.engine.store.folder import Folder
from inferwatch.engine.store.frame import (
    ADDED_STREAM,
    HEAD_BYTES,
    MAGIC,
    Damaged,
    Head,
    check_payload,
    read_head,
)
from inferwatch.engine.store.segment import (
    FOOTER_MAGIC,
    HEADER_BYTES,
    Header,
    Index,
    number_of,
    read_footer,
    read_header,
)
from inferwatch.model.errors import UsageError

SET_ASIDE = ".damaged"


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in the store that is not what was written.

    Args:
        offset: Where in the file it begins.
        set_aside: The file that keeps the damaged bytes; `None` where nothing but an index was lost.
    """

    file: str
    offset: int
    what: str
    set_aside: str | None

    def __str__(self) -> str:
        kept = "nothing is set aside" if self.set_aside is None else f"set aside as {self.set_aside}"
        return f"{self.file}, byte {self.offset}: {self.what}; {kept}, the rest is served"


@dataclass(frozen=True, slots=True)
class Found:
    """A segment as it can be served.

    Args:
        rolled: It has its footer.
    """

    index: Index
    rolled: bool


def require_control(path: Path) -> None:
    """Begun again, it would give old events to new streams, and take sealed files for leftovers.

    Raises:
        UsageError: There are events, and no control state beside them.
    """
    if (path / CONTROL_FILE).exists():
        return
    for file in path.iterdir():
        is_segment = number_of(file.name) is not None and file.stat().st_size > HEADER_BYTES
        if is_segment or is_sealed_name(file.name):
            raise UsageError(
                f"{path / CONTROL_FILE} is missing: without it the events beside it have no names; "
                "restore it from a copy, or give inferwatch another folder"
            )


def recover(folder: Folder, name: str, damages: list[Damage]) -> Found | None:
    """Make one segment's file good; `None` where its header is lost, and with it the file."""
    size = folder.size(name)
    try:
        header = read_header(folder.read(name, 0, HEADER_BYTES))
    except Damaged as damaged:
        folder.rename(name, name + SET_ASIDE)
        damages.append(Damage(name, 0, str(damaged), name + SET_ASIDE))
        return None
    try:
        index = read_footer(header, size, lambda at, length: folder.read(name, at, length))
    except Damaged as damaged:
        damages.append(Damage(name, size, str(damaged), None))
        index = None
    if index is not None:
        return Found(index, rolled=True)
    data = folder.read(name, 0, size)
    scan = scan_frames(data, header)
    if not scan.damages:
        return Found(scan.index, rolled=False)
    aside = name + SET_ASIDE
    folder.replace(aside, [data])
    kept = (data[at : at + head.frame_bytes] for at, head in scan.frames)
    folder.replace(name, [header.pack(), *kept])
    damages.extend(Damage(name, offset, what, aside) for offset, what in scan.damages)
    again = Index(header)
    for _, head in scan.frames:
        again.add(head)
    return Found(again, rolled=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in a segment's bytes.

    Args:
        index: Of the frames before the first damage.
        frames: (offset, head) of every whole frame that belongs to no torn end.
        damages: (offset, what) of everything else but a torn end.
    """

    index: Index
    frames: list[tuple[int, Head]]
    damages: list[tuple[int, str]]


def scan_frames(data: bytes, header: Header) -> Scan:
    """Read a segment from its first frame to its last, looking for whole frames beyond damage."""
    view = memoryview(data)
    index = Index(header)
    frames: list[tuple[int, Head]] = []
    damages: list[tuple[int, str]] = []
    at = HEADER_BYTES
    while at < len(data):
        head: Head | None = None
        try:
            head = read_head(view, at, header.seed)
            check_payload(head, view[at + HEAD_BYTES : at + head.frame_bytes], header.seed)
        except Damaged as damaged:
            following = _next_frame(data, at + 1, header.seed)
            if following is None and _is_torn(data, at, head):
                break
            damages.append((at, str(damaged)))
            if following is None:
                break
            at = following
            continue
        frames.append((at, head))
        at += head.frame_bytes
    if frames and _is_ahead(frames[-1][1]):
        frames.pop()
    for at, head in frames:
        if not damages or at < damages[0][0]:
            index.add(head)
    return Scan(index, frames, damages)


def tables_of(data: bytes, header: Header) -> dict[int, array[int]]:
    """The frame tables of a segment whose footer is damaged, from its frames."""
    index = Index(header)
    for at, head in scan_frames(data, header).frames:
        index.end = at
        index.add(head)
    return index.tables or {}


def _next_frame(data: bytes, start: int, seed: int) -> int | None:
    """Where the next whole head begins."""
    at = data.find(MAGIC, start)
    while at >= 0:
        try:
            read_head(data, at, seed)
        except Damaged:
            at = data.find(MAGIC, at + 1)
        else:
            return at
    return None


def _is_ahead(head: Head) -> bool:
    """Is the next frame written together with this one? See `ADDED_STREAM`."""
    return head.stream_id == ADDED_STREAM and head.group_id > 0


def _is_torn(data: bytes, at: int, head: Head | None) -> bool:
    """Is this how a write looks that the process did not live to finish?"""
    left = len(data) - at
    if head is not None:
        return left < head.frame_bytes
    start = data[at : at + len(FOOTER_MAGIC)]
    if FOOTER_MAGIC.startswith(start):
        return True
    return left < HEAD_BYTES and data[at : at + len(MAGIC)] == MAGIC[:left]
