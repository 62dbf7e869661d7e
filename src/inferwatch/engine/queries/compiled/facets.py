"""A value as SQL: what is known of it, and how to write its number and its text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from inferwatch.engine.insights.values import EXACT_BELOW, number, text

MACROS: Final = r"""
create or replace macro as_number(t) as case
    when regexp_full_match(t, '[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?')
    then finite(try_cast(t as double)) end;
create or replace macro as_text(x) as case
    when abs(x) < 1e15 and x = trunc(x) then x::bigint::varchar else x::varchar end;
create or replace macro as_date(x) as case when x between 0 and 253402300799999
    then strftime(make_timestamp(x * 1000), '%Y-%m-%d %H:%M:%S.%g') else x::varchar end;
create or replace macro natural_key(t) as case when t = '' then '' else array_to_string(
    list_transform(regexp_extract_all(t, '[0-9]+|[^0-9]+'), lambda c: case
        when c[1] between '0' and '9' then chr(48 + least(length(c), 9)::integer) || c else c end), '') end;
"""
FINITE: Final = "create or replace macro finite(x) as case when isfinite(x) then x end;"


class NotCompiled(Exception):
    """SQL does not say this in the same way; the text names what."""


class Kind(Enum):
    """What is known of a value before it is read."""

    INTEGER = "an integer: BIGINT"
    NUMBER = "a number: DOUBLE"
    MOMENT = "epoch ms, shown as a date: BIGINT"
    TEXT = "text, never a number"
    ANY = "text that may be a number"
    NOTHING = "missing everywhere"


@dataclass(frozen=True, slots=True)
class Facet:
    """One value.

    Args:
        number: SQL of its number, null where it is none; reckoned from `text` where it is not kept.
        text: SQL of its text; made from `number` where it is not kept.
        constant: The value itself, where it stands in the query.
    """

    kind: Kind
    number: str | None = None
    text: str | None = None
    constant: str | int | float | None = None

    @property
    def is_numeric(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.NUMBER, Kind.MOMENT)

    @property
    def as_number(self) -> str:
        if self.kind in (Kind.TEXT, Kind.NOTHING):
            return "null::double"
        return f"as_number({self.text})" if self.number is None else self.number

    @property
    def as_double(self) -> str:
        return f"({self.as_number})::double"

    @property
    def as_text(self) -> str:
        if self.text is not None:
            return self.text
        match self.kind:
            case Kind.INTEGER:
                return f"({self.number})::varchar"
            case Kind.NUMBER:
                return f"as_text({self.number})"
            case Kind.MOMENT:
                return f"as_date({self.number})"
        return "null::varchar"

    @property
    def is_present(self) -> str:
        if self.kind is Kind.NOTHING:
            return "false"
        return f"({self.text if self.number is None or self.text is not None else self.number} is not null)"


NOTHING: Final = Facet(Kind.NOTHING)


def numeric(sql: str) -> Facet:
    """A computed number; what is not finite is missing."""
    return Facet(Kind.NUMBER, f"finite({sql})")


def constant(value: str | int | float) -> Facet:
    found, shown = number(value), text(value)
    assert shown is not None
    if isinstance(value, int) and abs(value) < EXACT_BELOW:
        return Facet(Kind.INTEGER, f"{value}::bigint", quoted(shown), value)
    if isinstance(value, str):
        kind = Kind.TEXT if found is None else Kind.ANY
        return Facet(kind, None if found is None else f"{found!r}::double", quoted(value), value)
    if found is None:
        raise NotCompiled("a number beyond all doubles")
    return Facet(Kind.NUMBER, f"{found!r}::double", quoted(shown), value)


def quoted(value: str) -> str:
    if "\0" in value:
        raise NotCompiled("a text with NUL")
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
