"""JSON events → columns: every leaf by its path, transposed in groups of events that have the same keys.

Rules: the first 200 leaves of an event and no deeper than 64; null is missing; a logged key `@x` becomes
`@@x`; list elements are numbered (`tags.0`). What is not one JSON object has no leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress, islice
from operator import not_
from typing import Any, Final, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from inferwatch.engine.store.records import Records
from inferwatch.model.fields import FIELDS

MAX_LEAVES: Final = 200
MAX_DEPTH: Final = 64
_BATCH_EVENTS = 5_000
_BATCH_RECORDS = 1_000
# So many elements of lists are leaves beside all other fields of a record.
_RECORD_LISTS: Final = MAX_LEAVES - len(FIELDS)
# What an object can begin with: white space may stand before it.
_MAY_BEGIN: Final = frozenset((b"{", b" ", b"\t", b"\n", b"\r"))
# A group of fewer events of one shape is not worth a transposition.
_GROUP_EVENTS = 16

Piece: TypeAlias = tuple[Any, Any]
"""Two Arrow arrays: rows (int64), and their values (int64, float64, string or bool)."""

_TYPES: Final[dict[type, Any]] = {
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    bool: pa.bool_(),
}
_KINDS: Final = {"string": str, "int": int, "float": float, "bool": bool}
# A double below this is written as the integer it is equal to; from here on the two are told apart.
PLAIN_BELOW: Final = 10**15


class Leaves:
    """The leaves of many events.

    Attributes:
        pieces: Path → the values found there, in no order of rows.
        is_object: For each event: is it one JSON object?
    """

    def __init__(self) -> None:
        self.pieces: dict[str, list[Piece]] = {}
        self.is_object: list[bool] = []
        self._records = Records()
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode
        self._rows: list[int] = []
        self._documents: list[dict[str, Any]] = []
        self._loose: dict[str, tuple[list[int], list[Any]]] = {}

    def add(self, messages: Iterable[bytes]) -> None:
        """Events, in the order of their rows."""
        left = iter(messages)
        while batch := list(islice(left, _BATCH_RECORDS)):
            self._add_batch(batch)

    def _add_batch(self, messages: list[bytes]) -> None:
        rows = range(len(self.is_object), len(self.is_object) + len(messages))
        self.is_object += [True] * len(messages)
        records = self._records.decode(messages)
        ours = [record is not None for record in records]
        if any(ours) and not self._take_records([*compress(rows, ours)], [*compress(records, ours)]):
            ours = [False] * len(messages)
        self._take_any(compress(zip(rows, messages, strict=True), map(not_, ours)))

    def _take_records(self, rows: list[int], records: list[Any]) -> bool:
        """Our own records: every field's type is known.

        Returns:
            Whether they were taken, all or none. Others are to be read as any JSON is: a field of fractions
            decodes integers as such too, and not exactly from 2^53 on; and lists may hold too many leaves.
        """
        columns: list[tuple[str, Any]] = []
        lists: list[tuple[str, Sequence[list[Any] | None]]] = []
        for path, kind, values in self._records.columns(records):
            if kind == "string[]":
                if any(values):
                    lists.append((path, values))
                continue
            column = typed(values, _KINDS[kind])
            if column.null_count == len(column):
                continue
            if kind == "float" and not is_plain(column):
                return False
            columns.append((path, column))
        if sum(max(len(value or ()) for value in values) for _, values in lists) > _RECORD_LISTS:
            return False
        taken = pa.array(rows, pa.int64())
        for path, column in columns:
            self._piece(path, taken, column)
        for path, values in lists:
            self._column(path, rows, taken, values)
        return True

    def _take_any(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Events of any kind; objects wait until there are many to be transposed."""
        for row, message in events:
            try:
                document = self._decode(message) if message[:1] in _MAY_BEGIN else None
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                document = None
            if type(document) is not dict:
                self.is_object[row] = False
            elif _may_be_big(message) and _is_big(document):
                for path, value in leaves(document).items():
                    self._keep(path, row, value)
            else:
                self._rows.append(row)
                self._documents.append(document)
        if len(self._rows) >= _BATCH_EVENTS:
            self._transpose()

    def _transpose(self) -> None:
        rows, documents = self._rows, self._documents
        self._rows, self._documents = [], []
        self._objects("", rows, documents)

    def finish(self) -> None:
        """What waits, and values that came one by one, become pieces too."""
        self._transpose()
        for path, (rows, values) in self._loose.items():
            for kind in dict.fromkeys(map(type, values)):
                of_kind = [index for index, value in enumerate(values) if type(value) is kind]
                taken = pa.array([rows[index] for index in of_kind], pa.int64())
                self._piece(path, taken, typed([values[index] for index in of_kind], kind))
        self._loose.clear()

    def _objects(self, prefix: str, rows: list[int], documents: list[dict[str, Any]]) -> None:
        shapes: dict[tuple[str, ...], tuple[list[int], list[dict[str, Any]]]] = {}
        for row, document in zip(rows, documents, strict=True):
            keys = tuple(document)
            shape = shapes.get(keys)
            if shape is None:
                shape = shapes[keys] = ([], [])
            shape[0].append(row)
            shape[1].append(document)
        for keys, (of_shape, alike) in shapes.items():
            paths = [prefix + (key if prefix else _top(key)) for key in keys]
            if len(alike) < _GROUP_EVENTS:
                for row, document in zip(of_shape, alike, strict=True):
                    for path, value in zip(paths, document.values(), strict=True):
                        self._node(path, row, value)
                continue
            taken = pa.array(of_shape, pa.int64())
            columns = zip(*(document.values() for document in alike), strict=True)
            for path, column in zip(paths, columns, strict=True):
                self._column(path, of_shape, taken, column)

    def _column(self, path: str, rows: list[int], taken: Any, values: Sequence[Any]) -> None:
        """Values of one path in many events: one typed array where they are of one kind."""
        kinds = set(map(type, values))
        kinds.discard(type(None))
        if len(kinds) == 1:
            (kind,) = kinds
            if kind in _TYPES:
                self._piece(path, taken, typed(values, kind))
                return
        for kind in kinds:
            kept = [(row, value) for row, value in zip(rows, values, strict=True) if type(value) is kind]
            of_kind: list[int] = [row for row, _ in kept]
            alike: list[Any] = [value for _, value in kept]
            if kind in _TYPES:
                self._piece(path, pa.array(of_kind, pa.int64()), typed(alike, kind))
            elif kind is dict:
                self._objects(path + ".", of_kind, alike)
            else:
                self._lists(path + ".", of_kind, alike)

    def _lists(self, prefix: str, rows: list[int], lists: list[list[Any]]) -> None:
        """Elements are members whose names are numbers: lists of one length are of one shape."""
        lengths: dict[int, tuple[list[int], list[list[Any]]]] = {}
        for row, values in zip(rows, lists, strict=True):
            of_length = lengths.setdefault(len(values), ([], []))
            of_length[0].append(row)
            of_length[1].append(values)
        for alike in lengths.values():
            taken = pa.array(alike[0], pa.int64())
            for index, column in enumerate(zip(*alike[1], strict=True)):
                self._column(f"{prefix}{index}", alike[0], taken, column)

    def _node(self, path: str, row: int, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._node(f"{path}.{key}", row, inner)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self._node(f"{path}.{index}", row, inner)
        else:
            self._keep(path, row, value)

    def _keep(self, path: str, row: int, value: Any) -> None:
        if value is None:
            return
        loose = self._loose.get(path)
        if loose is None:
            loose = self._loose[path] = ([], [])
        loose[0].append(row)
        loose[1].append(value)

    def _piece(self, path: str, taken: Any, values: Any) -> None:
        if values.null_count:
            taken, values = taken.filter(values.is_valid()), values.drop_null()
        self.pieces.setdefault(path, []).append((taken, values))


def typed(values: Sequence[Any], kind: type) -> Any:
    """One Arrow array of values of one Python type; integers beyond 64 bits become their text."""
    try:
        # Zero and minus zero are equal, so of fractions none stands for the others.
        if kind is not float and values[0] == values[-1] and values.count(values[0]) == len(values):
            return pa.repeat(pa.scalar(values[0], _TYPES[kind]), len(values))
        # Without a type, Arrow guesses, slowly; with a wrong one it silently rounds.
        return pa.array(values, _TYPES[kind])
    except (pa.ArrowInvalid, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def is_plain(numbers: Any) -> bool:
    """Is every one below what tells an integer from a fraction?"""
    span = pc.min_max(numbers).as_py()
    return bool(span["min"] > -PLAIN_BELOW and span["max"] < PLAIN_BELOW)


def leaves(document: dict[str, Any]) -> dict[str, Any]:
    """The leaves of one event, by path, in the order they are written: the rules in plain code."""
    found: dict[str, Any] = {}
    count = 0

    def walk(node: Any, path: str, depth: int) -> None:
        nonlocal count
        members = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in members:
            if count >= MAX_LEAVES:
                return
            inner = f"{path}.{key}" if depth > 1 else _top(str(key))
            if isinstance(value, dict | list):
                if depth < MAX_DEPTH:
                    walk(value, inner, depth + 1)
            else:
                count += 1
                if value is not None:
                    found.setdefault(inner, value)

    walk(document, "", 1)
    return found


def _top(key: str) -> str:
    return "@" + key if key.startswith("@") else key


def _may_be_big(message: bytes) -> bool:
    """Leaves are at most commas and one more; depth is at most the opening brackets.

    Every leaf has its comma and every bracket its closing one: what is too short need not be counted.
    """
    size = len(message)
    return (size > 2 * MAX_LEAVES and message.count(b",") >= MAX_LEAVES) or (
        size > 2 * MAX_DEPTH and message.count(b"{") + message.count(b"[") > MAX_DEPTH
    )


def _is_big(document: dict[str, Any]) -> bool:
    leaf_count = 0
    nodes: list[tuple[Any, int]] = [(document, 1)]
    while nodes:
        node, depth = nodes.pop()
        if depth > MAX_DEPTH:
            return True
        for value in node.values() if isinstance(node, dict) else node:
            if isinstance(value, dict | list):
                nodes.append((value, depth + 1))
            else:
                leaf_count += 1
    return leaf_count > MAX_LEAVES
