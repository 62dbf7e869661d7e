"""`parse @message "user=* took * ms" as user, ms`: fields out of a text; what does not match stays as it is.

    parse [field] "glob" as a, b | parse [field] /(?<name>…)/ | parse [field] logfmt as m
    parse [field] csv as a, b

Source: CloudWatch Logs User Guide, "parse".
Differs: where nothing matches, a field of that name that there was is unset. `multi` is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context, evaluator
from inferwatch.engine.insights.nodes import Field
from inferwatch.engine.insights.patterns import Regex, of_glob
from inferwatch.engine.insights.reader import Reader
from inferwatch.engine.insights.values import Row, Value, text
from inferwatch.lang.source import Span

Split: TypeAlias = Callable[[str], "tuple[Value, ...] | None"]
_FORMATS: Final = ("logfmt", "csv")
_PAIR = re.compile(r'([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)')


@dataclass(frozen=True, slots=True)
class Parse:
    """`pattern` has a group for each name; a format's name stands for what it does."""

    field: Field
    pattern: Regex | str
    names: tuple[str, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return False

    def bind(self, context: Context) -> Step:
        value, split = evaluator(self.field, context), self._split()
        nothing = dict.fromkeys(self.names)

        def step(rows: Iterable[Row]) -> Iterator[Row]:
            for row in rows:
                shown = text(value(row))
                found = None if shown is None else split(shown)
                row.update(nothing if found is None else zip(self.names, found, strict=False))
                yield row

        return step

    def _split(self) -> Split:
        if isinstance(self.pattern, Regex):
            return _by_regex(self.pattern, self.names)
        return _logfmt if self.pattern == "logfmt" else _csv

    def shown(self, columns: Columns) -> Columns:
        return columns


def read_parse(reader: Reader, start: int) -> Parse:
    at = reader.start
    field = Field("@message", Span(at, at))
    if reader.peek_word() not in _FORMATS and (name := reader.name()) is not None:
        field = Field(name, reader.since(at))
    form = reader.take_word(*_FORMATS)
    if form is not None:
        return Parse(field, form, _names(reader), reader.since(start))
    at = reader.start
    glob = reader.quoted()
    if glob is not None:
        return _glob(reader, start, at, field, glob)
    regex = reader.regex()
    if regex is None:
        raise reader.expected("a text with stars, a /regular expression/, csv or logfmt")
    if not regex.names:
        raise reader.error("the regular expression names no group: (?<name>…)", reader.since(at))
    if reader.peek_word() == "as":
        raise reader.error(
            "inferwatch does not support 'as … multi' yet", Span(reader.start, reader.start + 2)
        )
    return Parse(field, regex, regex.names, reader.since(start))


def _glob(reader: Reader, start: int, at: int, field: Field, glob: str) -> Parse:
    span = reader.since(at)
    names = _names(reader)
    stars = glob.count("*")
    if stars != len(names):
        raise reader.error(f"{stars} stars, and {len(names)} names for them", span)
    return Parse(field, of_glob(glob), names, reader.since(start))


def _names(reader: Reader) -> tuple[str, ...]:
    reader.need_word("as")
    names = [reader.need_name()]
    while reader.take_sign(","):
        names.append(reader.need_name())
    return tuple(names)


def _by_regex(regex: Regex, names: tuple[str, ...]) -> Split:
    """A group that took no part in the match is unset."""
    if not regex.names:
        return regex.captures

    def split(shown: str) -> tuple[Value, ...] | None:
        found = regex.groups(shown)
        return None if found is None else tuple(found[name] for name in names)

    return split


def _logfmt(shown: str) -> tuple[Value, ...] | None:
    """One map of `key=value` and `key="a value"`."""
    pairs = {
        key: re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        for key, value in _PAIR.findall(shown)
    }
    return (pairs,) if pairs else None


def _csv(shown: str) -> tuple[Value, ...] | None:
    try:
        found = next(csv.reader([shown]), None)
    except csv.Error:
        return None
    return None if found is None else tuple(found)
