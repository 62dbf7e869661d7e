"""A query's expressions: text → nodes.

    or         := and { "or" and }
    and        := not { "and" not }
    not        := ( "not" | "!" ) not | comparison
    comparison := sum [ ( = != < <= > >= ) sum
                      | [ "not" ] "in" "[" sum { "," sum } "]"
                      | ( [ "not" ] "like" | "=~" ) ( text | /regex/ ) ]
    sum        := product { ( + | - ) product }
    product    := power { ( * | / | % ) power }
    power      := signed [ "^" power ]
    signed     := "-" signed | member
    member     := primary { "[" index "]" | "." name }
    primary    := number | text | true | false | "(" or ")" | name "(" [ argument { "," … } ] ")" | name

Source: CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from inferwatch.engine.insights.aggregates import AGGREGATES
from inferwatch.engine.insights.functions import FUNCTIONS, TAKES_PERIOD
from inferwatch.engine.insights.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Field,
    In,
    Item,
    Length,
    Like,
    Literal,
    Member,
    Negative,
    Not,
    Or,
    Star,
)
from inferwatch.engine.insights.patterns import Regex
from inferwatch.engine.insights.reader import Reader
from inferwatch.lang.source import Span

_COMPARISONS: Final = ("!=", "<=", ">=", "=", "<", ">")


def read_expression(reader: Reader) -> Expression:
    """Raises MalformedQuery."""
    reader.enter()
    found = _either(reader)
    reader.leave()
    return found


def read_items(reader: Reader) -> tuple[Item, ...]:
    """Expressions with their columns: `a, b * 2 as twice`."""
    items = [read_item(reader)]
    while reader.take_sign(","):
        items.append(read_item(reader))
    return tuple(items)


def read_item(reader: Reader) -> Item:
    start = reader.start
    expression = read_expression(reader)
    name = expression.name if isinstance(expression, Field) else reader.written(start)
    if reader.take_word("as"):
        name = reader.need_name("a name for the column")
    return Item(expression, name)


def read_field(reader: Reader) -> Field:
    start = reader.start
    name = reader.need_name("a field")
    return Field(name, reader.since(start))


def read_fields(reader: Reader) -> tuple[Field, ...]:
    found = [read_field(reader)]
    while reader.take_sign(","):
        found.append(read_field(reader))
    return tuple(found)


def _either(reader: Reader) -> Expression:
    start = reader.start
    parts = [_both(reader)]
    while reader.take_word("or"):
        parts.append(_both(reader))
    return parts[0] if len(parts) == 1 else Or(tuple(parts), reader.since(start))


def _both(reader: Reader) -> Expression:
    start = reader.start
    parts = [_not(reader)]
    while reader.take_word("and"):
        parts.append(_not(reader))
    return parts[0] if len(parts) == 1 else And(tuple(parts), reader.since(start))


def _not(reader: Reader) -> Expression:
    start = reader.start
    if reader.take_word("not") or (not reader.is_next("!=") and reader.take_sign("!")):
        reader.enter()
        of = _not(reader)
        reader.leave()
        return Not(of, reader.since(start))
    return _comparison(reader)


def _comparison(reader: Reader) -> Expression:
    start = reader.start
    left = _sum(reader)
    if reader.take_sign("=~"):
        return Like(left, _pattern(reader), False, reader.since(start))
    sign = reader.take_sign(*_COMPARISONS)
    if sign is not None:
        return Comparison(sign, left, _sum(reader), reader.since(start))
    negated = reader.take_word("not") is not None
    if reader.take_word("in"):
        return In(left, _among(reader), negated, reader.since(start))
    if reader.take_word("like"):
        return Like(left, _pattern(reader), negated, reader.since(start))
    if negated:
        raise reader.expected("'in' or 'like'")
    return left


def _among(reader: Reader) -> tuple[Expression, ...]:
    if reader.is_next("("):
        at = reader.start
        raise reader.error("inferwatch does not support a query within a query yet", Span(at, at + 1))
    reader.need_sign("[")
    among = [_sum(reader)]
    while reader.take_sign(","):
        among.append(_sum(reader))
    reader.need_sign("]")
    return tuple(among)


def _pattern(reader: Reader) -> str | Regex:
    found = reader.quoted()
    if found is not None:
        return found
    regex = reader.regex()
    if regex is None:
        raise reader.expected("a text in quotes or a /regular expression/")
    return regex


def _sum(reader: Reader) -> Expression:
    return _chain(reader, _product, "+", "-")


def _product(reader: Reader) -> Expression:
    return _chain(reader, _power, "*", "/", "%")


def _chain(reader: Reader, operand: Callable[[Reader], Expression], *signs: str) -> Expression:
    """Operators of one rank, from left to right; a long chain is as deep as it is long."""
    start, depth = reader.start, reader.depth
    left = operand(reader)
    while (sign := reader.take_sign(*signs)) is not None:
        reader.enter()
        left = Arithmetic(sign, left, operand(reader), reader.since(start))
    reader.depth = depth
    return left


def _power(reader: Reader) -> Expression:
    start = reader.start
    left = _signed(reader)
    if not reader.take_sign("^"):
        return left
    reader.enter()
    right = _power(reader)
    reader.leave()
    return Arithmetic("^", left, right, reader.since(start))


def _signed(reader: Reader) -> Expression:
    start = reader.start
    if not reader.take_sign("-"):
        return _member(reader)
    reader.enter()
    of = _signed(reader)
    reader.leave()
    return Negative(of, reader.since(start))


def _member(reader: Reader) -> Expression:
    start, depth = reader.start, reader.depth
    found = _primary(reader)
    while True:
        if reader.take_sign("["):
            reader.enter()
            key: str | int = reader.whole("an index")
            reader.need_sign("]")
        elif reader.take_sign("."):
            reader.enter()
            key = reader.need_name("a key")
        else:
            reader.depth = depth
            return found
        found = Member(found, key, reader.since(start))


def _primary(reader: Reader) -> Expression:
    start = reader.start
    if reader.take_sign("("):
        found = read_expression(reader)
        reader.need_sign(")")
        return found
    value = reader.number()
    text = reader.quoted() if value is None else None
    if value is not None or text is not None:
        return Literal(value if value is not None else text or "", reader.since(start))
    is_bare = not reader.is_next("`")
    name = reader.name()
    if name is None:
        raise reader.expected("a field, a value or a function")
    if is_bare and reader.is_next("("):
        return _call(reader, name, start)
    if is_bare and name.lower() in ("true", "false"):
        return Literal(name.lower(), reader.since(start))
    return Field(name, reader.since(start))


def _call(reader: Reader, written: str, start: int) -> Expression:
    name, span = written.lower(), reader.since(start)
    known = AGGREGATES.get(name) or FUNCTIONS.get(name)
    if known is None:
        raise reader.error(f"unknown function '{written}'", span)
    reader.need_sign("(")
    arguments: list[Expression] = []
    if not reader.is_next(")"):
        arguments.append(_argument(reader, name, 0))
        while reader.take_sign(","):
            arguments.append(_argument(reader, name, len(arguments)))
    reader.need_sign(")")
    if not known.fewest <= len(arguments) <= known.most:
        raise reader.error(f"{known.name} takes {known.arity}, not {len(arguments)}", reader.since(start))
    return Call(name, tuple(arguments), reader.since(start))


def _argument(reader: Reader, function: str, index: int) -> Expression:
    start = reader.start
    if function == "count" and reader.take_sign("*"):
        return Star(reader.since(start))
    if TAKES_PERIOD.get(function) == index:
        period = reader.period()
        if period is None:
            raise reader.expected("a period, as 5m, 1h or 1d")
        return Length(period, reader.since(start))
    return read_expression(reader)
