"""Nodes → the type of their result, and what AWS refuses of how they are put together.

Source: CloudWatch User Guide, "Using math expressions".
Differs: the texts are ours, in the form of those recorded; scalars inside of an array are refused, and
so are an index of SLICE and a limit of SORT that are written as no whole number from 0.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import assert_never

from inferwatch.engine.metricmath.functions import FUNCTIONS, Function
from inferwatch.engine.metricmath.nodes import (
    Array,
    Call,
    Chain,
    Expression,
    Keyword,
    Negate,
    Number,
    Reference,
    Text,
)
from inferwatch.engine.metricmath.values import Type
from inferwatch.model.errors import AwsError, expression_failure


def type_of(expression: Expression, known: Mapping[str, Type], metrics: Container[str], name: str) -> Type:
    """The type of an expression's result.

    Args:
        known: Types of the queries it reads, by id.
        metrics: Ids of those queries that are metrics.
        name: The query's id, as AWS's texts name it.

    Raises:
        AwsError: ValidationException, where the parts do not fit together.
    """
    return _Types(known, metrics, name).of(expression)


class _Types:
    def __init__(self, known: Mapping[str, Type], metrics: Container[str], name: str) -> None:
        self._known = known
        self._metrics = metrics
        self._name = name

    def of(self, expression: Expression) -> Type:
        match expression:
            case Number():
                return Type.SCALAR
            case Text():
                return Type.TEXT
            case Keyword():
                return Type.KEYWORD
            case Reference(name):
                return self._known[name]
            case Negate(operand):
                return self._operand(operand, "-")
            case Chain(first, rest):
                result = self._operand(first, rest[0][0])
                for sign, operand in rest:
                    result = self._met(result, self._operand(operand, sign), sign)
                return result
            case Array(items):
                return self._array(items)
            case Call("PERIOD", arguments):
                return self._period(arguments)
            case Call("METRICS", arguments):
                return self._metrics_of(arguments)
            case Call("SEARCH", arguments):
                return self._search(arguments)
            case Call("ANOMALY_DETECTION_BAND", arguments):
                return self._band(arguments)
            case Call(name, arguments):
                return self._call(name, FUNCTIONS[name], arguments)
            case _:
                assert_never(expression)

    def _operand(self, expression: Expression, sign: str) -> Type:
        kind = self.of(expression)
        if kind in (Type.TEXT, Type.KEYWORD):
            raise self._error(f"{sign} cannot be applied to {kind.value}")
        return kind

    def _met(self, left: Type, right: Type, sign: str) -> Type:
        if left is right is Type.ARRAY:
            raise self._error(f"{sign} cannot be applied to two arrays of time series")
        return next((kind for kind in (Type.ARRAY, Type.SERIES) if kind in (left, right)), Type.SCALAR)

    def _array(self, items: Sequence[Expression]) -> Type:
        for item in items:
            kind = self.of(item)
            if kind not in (Type.SERIES, Type.ARRAY):
                raise self._error(f"an array holds time series, not {kind.value}")
        return Type.ARRAY

    def _period(self, arguments: Sequence[Expression]) -> Type:
        match arguments:
            case [Reference(name)] if name in self._metrics:
                return Type.SCALAR
            case _:
                raise self._error("PERIOD takes the id of one metric")

    def _metrics_of(self, arguments: Sequence[Expression]) -> Type:
        match arguments:
            case [] | [Text()]:
                return Type.ARRAY
            case _:
                raise self._error("METRICS takes nothing, or a text that ids contain")

    def _search(self, arguments: Sequence[Expression]) -> Type:
        match arguments:
            case [Text(), Text()] | [Text(), Text(), Number()]:
                return Type.ARRAY
            case _:
                raise self._error("SEARCH takes a search and a statistic in quotes, and perhaps a period")

    def _band(self, arguments: Sequence[Expression]) -> Type:
        match arguments:
            case [Reference(name)] | [Reference(name), Number()] if self._known[name] is Type.SERIES:
                return Type.ARRAY
            case _:
                raise self._error(
                    "ANOMALY_DETECTION_BAND takes the id of one time series, and perhaps a number of "
                    "standard deviations"
                )

    def _call(self, name: str, function: Function, arguments: Sequence[Expression]) -> Type:
        most = len(function.takes)
        least = most - function.optional
        if not least <= len(arguments) <= most:
            wanted = str(most) if least == most else f"{least} or {most}"
            noun, verb = "argument" if most == 1 else "arguments", "is" if len(arguments) == 1 else "are"
            raise self._error(f"{name} takes {wanted} {noun}, {len(arguments)} {verb} given")
        kinds = [self.of(argument) for argument in arguments]
        for position, (kind, wanted_kinds) in enumerate(zip(kinds, function.takes, strict=False)):
            if kind not in wanted_kinds:
                expected = " or ".join(each.value for each in wanted_kinds)
                raise self._error(f"argument {position + 1} of {name} is {expected}, not {kind.value}")
            argument = arguments[position]
            words = function.words.get(position, ())
            if isinstance(argument, Keyword) and argument.name not in words:
                raise self._error(f"argument {position + 1} of {name} is one of {', '.join(words)}")
            if position in function.counts and not _may_count(argument):
                raise self._error(f"argument {position + 1} of {name} is a whole number from 0")
        if name == "IF" and kinds[0] is Type.SCALAR and Type.SERIES in kinds and Type.SCALAR in kinds[1:]:
            raise self._error("with a scalar condition both branches of IF are of one type")
        return function.gives(kinds)

    def _error(self, problem: str) -> AwsError:
        return expression_failure(self._name, problem)


def _may_count(argument: Expression) -> bool:
    """May it be a whole number from 0? Of what is computed nobody knows before."""
    match argument:
        case Number(value):
            return value.is_integer()
        case Negate(Number(value)):
            return value == 0
        case _:
            return True
