"""Leaves → one column per path, each of one kind, and the catalogue that says which.

    I  integers, or text that is always an integer's own: BIGINT
    D  numbers: DOUBLE
    S  text that is never a number: VARCHAR
    M  mixed, or text that is sometimes a number: VARCHAR, and the numbers beside it in `path#n`: DOUBLE
    L  long text at the top level: stays in the message
    R  paths beyond the 256 most frequent: all of them in one map, `@rest`

The identity of a value is its text: 500 and "500" are one value, true is the text `true`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from inferwatch.engine.store.flatten import PLAIN_BELOW, Leaves, Piece, is_plain

Kind: TypeAlias = Literal["I", "D", "S", "M", "L", "R"]

MAX_COLUMNS: Final = 256
REST: Final = "@rest"
_LONG_BYTES = 512
_NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class Columns:
    """What was shredded.

    Args:
        arrays: Physical column name → Arrow array, maybe in chunks, one value a row.
        kinds: Path → kind.
    """

    arrays: dict[str, Any]
    kinds: dict[str, Kind]


@dataclass(frozen=True, slots=True)
class _Column:
    kind: Kind
    values: Any
    numbers: Any = None


def physical(path: str) -> str:
    """A path as a column's name: query engines fold case and refuse the empty name; `#` is ours."""
    return re.sub(r"[A-Z^#]", lambda found: "^" + found[0].lower(), path) or "^"


def columns_of(leaves: Leaves, rows: int, *, max_columns: int = MAX_COLUMNS) -> Columns:
    """Give every path its kind and its column; `leaves` is finished."""
    counts = {path: sum(len(taken) for taken, _ in pieces) for path, pieces in leaves.pieces.items()}
    order = sorted((path for path, count in counts.items() if count), key=lambda path: (-counts[path], path))
    parents = {path.rsplit(".", 1)[0] for path in order if "." in path}
    every_row = pa.array(range(rows), pa.int64())
    # Fields that come together have their rows in common: those of one set of rows are looked up once.
    places: dict[tuple[int, ...], Any] = {}
    arrays: dict[str, Any] = {}
    kinds: dict[str, Kind] = {}
    for path in order[:max_columns]:
        pieces = leaves.pieces[path]
        if _is_long(path, pieces, parents):
            kinds[path] = "L"
            continue
        column = _column(pieces)
        kinds[path] = column.kind
        same_rows = tuple(id(taken) for taken, _ in pieces)
        if same_rows not in places:
            places[same_rows] = _in_rows(pa.concat_arrays([taken for taken, _ in pieces]), every_row)
        at = places[same_rows]
        arrays[physical(path)] = column.values if at is None else column.values.take(at)
        if column.numbers is not None:
            arrays[physical(path) + "#n"] = column.numbers if at is None else column.numbers.take(at)
    rest = order[max_columns:]
    kinds.update(dict.fromkeys(rest, "R"))
    if rest:
        arrays[REST] = _rest({path: leaves.pieces[path] for path in rest}, rows)
    return Columns(arrays, kinds)


def _is_long(path: str, pieces: list[Piece], parents: set[str]) -> bool:
    if "." in path or path in parents or any(values.type != pa.string() for _, values in pieces):
        return False
    texts = pa.chunked_array([values for _, values in pieces])
    return bool(pc.sum(pc.binary_length(texts)).as_py() > _LONG_BYTES * len(texts))


def _column(pieces: list[Piece]) -> _Column:
    """One kind for all values of a path."""
    arrays = [values for _, values in pieces]
    types = {values.type for values in arrays}
    if types == {pa.int64()}:
        return _Column("I", pa.chunked_array(arrays))
    integers = [values for values in arrays if values.type == pa.int64()]
    if types <= {pa.int64(), pa.float64()} and all(map(is_plain, integers)):
        return _Column("D", pa.chunked_array([values.cast(pa.float64()) for values in arrays]))
    texts = pa.chunked_array([text_of(values) for values in arrays])
    if not _may_be_numbers(texts):
        return _Column("S", texts)
    is_number = pc.match_substring_regex(texts, _NUMBER)
    found = pc.sum(is_number).as_py()
    if not found:
        return _Column("S", texts)
    if found == len(texts) and types == {pa.string()}:
        own_integers = _own_integers(texts)
        if own_integers is not None:
            return _Column("I", own_integers)
    numbers = pc.if_else(is_number, texts, pa.scalar(None, pa.string())).cast(pa.float64())
    finite = pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))
    return _Column("M", texts, finite)


def _may_be_numbers(texts: Any) -> bool:
    """A number begins with what lies between `+` and `9`: to look costs a third of matching each text."""
    span = pc.min_max(texts).as_py()
    return bool(span["max"] >= "+" and span["min"] < ":")


def _own_integers(texts: Any) -> Any:
    """Texts as integers, where every text is what its integer would be written as."""
    try:
        integers = texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    return integers if integers.cast(pa.string()).equals(texts) else None


def text_of(values: Any) -> Any:
    """The text that is each value's identity."""
    if values.type == pa.float64():
        return pa.array([number_text(value) for value in values.to_pylist()], pa.string())
    return values if values.type == pa.string() else values.cast(pa.string())


def number_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < PLAIN_BELOW else repr(value)


def _in_rows(taken: Any, every_row: Any) -> Any:
    """For each row the value's index, null where there is none, of two the first; `None` if it is its own."""
    return None if taken.equals(every_row) else pc.index_in(every_row, value_set=taken)


def _rest(pieces: Mapping[str, list[Piece]], rows: int) -> Any:
    """A map of path → text for each row."""
    each = [(path, taken, values) for path, of_path in pieces.items() for taken, values in of_path]
    paths = pa.concat_arrays([pa.repeat(pa.scalar(path, pa.string()), len(taken)) for path, taken, _ in each])
    taken = pa.concat_arrays([taken for _, taken, _ in each])
    texts = pa.concat_arrays([text_of(values) for _, _, values in each])
    order = pc.array_sort_indices(taken)
    counts = [0] * (rows + 1)
    for row in taken.to_pylist():
        counts[row + 1] += 1
    offsets = pa.array(accumulate(counts), pa.int32())
    return pa.MapArray.from_arrays(offsets, paths.take(order), texts.take(order))
