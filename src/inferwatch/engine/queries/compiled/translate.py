"""An expression → its facet; a condition → a condition of SQL. See `insights.evaluate` for what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.nodes import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    Field,
    In,
    Length,
    Like,
    Literal,
    Negative,
    Not,
    Or,
)
from inferwatch.engine.insights.patterns import Regex
from inferwatch.engine.queries.compiled.calls import CALLS
from inferwatch.engine.queries.compiled.compare import compare
from inferwatch.engine.queries.compiled.facets import (
    NOTHING,
    Facet,
    Kind,
    NotCompiled,
    constant,
    numeric,
    quoted,
)

_ARITHMETIC = {
    "+": "({} + {})",
    "-": "({} - {})",
    "*": "({} * {})",
    "/": "({} / nullif({}, 0))",
    "%": "fmod({}, {})",
    "^": "pow({}, {})",
}


class Translator:
    """Says expressions over the fields of one relation.

    Args:
        field: A field's facet.
        known: Calls that were computed already.
    """

    def __init__(
        self, field: Callable[[str], Facet], context: Context, known: Mapping[Call, Facet] | None = None
    ) -> None:
        self._field = field
        self._context = context
        self._known = known or {}

    def condition(self, node: Expression) -> str:
        """What a filter lets through; false or null is what it does not."""
        match node:
            case And():
                return "(" + " and ".join(map(self.condition, node.parts)) + ")"
            case Or():
                return (
                    "(" + " or ".join(f"coalesce({self.condition(part)}, false)" for part in node.parts) + ")"
                )
            case Not():
                return f"(not coalesce({self.condition(node.of)}, false))"
            case Comparison():
                return compare(node.operator, self.value(node.left), self.value(node.right))
            case In():
                return self._in(node)
            case Like():
                return self._like(node)
            case Call(name="ispresent"):
                return self.value(node.arguments[0]).is_present
            case Call(name="isnumeric"):
                found = self.value(node.arguments[0])
                return "false" if found.kind is Kind.NOTHING else f"({found.as_number} is not null)"
        return _truth(self.value(node))

    def _in(self, node: In) -> str:
        value = self.value(node.value)
        if value.kind is Kind.NOTHING:
            return "false"
        among = [self.value(each) for each in node.among]
        if value.kind is Kind.TEXT and all(
            each.kind is Kind.TEXT and each.constant is not None for each in among
        ):
            listed = ", ".join(each.as_text for each in among)
            return f"({value.as_text} {'not in' if node.negated else 'in'} ({listed}))"
        found = " or ".join(f"coalesce({compare('=', value, each)}, false)" for each in among)
        return f"({value.is_present} and not ({found}))" if node.negated else f"({found})"

    def _like(self, node: Like) -> str:
        value = self.value(node.value)
        if value.kind is Kind.NOTHING:
            return "false"
        if isinstance(node.pattern, Regex):
            found = f"regexp_matches({value.as_text}, {quoted(node.pattern.text)})"
        else:
            found = f"contains({value.as_text}, {quoted(node.pattern)})"
        return f"(not {found})" if node.negated else found

    def value(self, node: Expression) -> Facet:
        match node:
            case Field():
                return self._field(node.name)
            case Literal():
                return constant(node.value)
            case Arithmetic():
                left, right = self.value(node.left), self.value(node.right)
                if Kind.NOTHING in (left.kind, right.kind):
                    return NOTHING
                return numeric(_ARITHMETIC[node.operator].format(left.as_double, right.as_double))
            case Negative():
                of = self.value(node.of)
                return NOTHING if of.kind is Kind.NOTHING else numeric(f"(-{of.as_double})")
            case Call():
                return self._known[node] if node in self._known else self._call(node)
        raise NotCompiled(type(node).__name__)

    def _call(self, node: Call) -> Facet:
        match node.name:
            case "bin":
                return self._rounded(self._field("@timestamp"), node.arguments[0], up=False)
            case "datefloor" | "dateceil":
                moment = self.value(node.arguments[0])
                return self._rounded(moment, node.arguments[1], up=node.name == "dateceil")
            case "now":
                return Facet(Kind.INTEGER, str(self._context.now_s))
            case "coalesce":
                values = [self.value(argument) for argument in node.arguments]
                return _one_of(values, lambda shown: f"coalesce({', '.join(shown)})")
            case "if" | "case":
                return self._chosen(node)
            case "isempty":
                found = self.value(node.arguments[0])
                return Facet(Kind.INTEGER, f"coalesce({found.as_text} = '', true)::bigint")
        say = CALLS.get(node.name)
        if say is None or (node.name == "strcontains" and len(node.arguments) > 2):
            raise NotCompiled(node.name)
        values = [self.value(argument) for argument in node.arguments]
        return NOTHING if any(value.kind is Kind.NOTHING for value in values) else say(*values)

    def _rounded(self, moment: Facet, length: Expression, *, up: bool) -> Facet:
        assert isinstance(length, Length)
        if moment.kind is Kind.NOTHING:
            return NOTHING
        if moment.kind is not Kind.MOMENT or length.period.months:
            raise NotCompiled("a period of the calendar, or of what is no moment")
        ms = length.period.ms
        return Facet(Kind.MOMENT, f"(({moment.number} + {ms - 1 if up else 0}) // {ms} * {ms})")

    def _chosen(self, node: Call) -> Facet:
        """`if` and `case`: conditions and values by turns, and maybe a last value."""
        arguments = node.arguments
        conditions = [self.condition(each) for each in arguments[: len(arguments) // 2 * 2 : 2]]
        values = [self.value(each) for each in arguments[1::2]]
        if len(arguments) % 2:
            values.append(self.value(arguments[-1]))

        def say(shown: list[str]) -> str:
            branches = "".join(
                f" when {condition} then {value}" for condition, value in zip(conditions, shown, strict=False)
            )
            last = f" else {shown[-1]}" if len(arguments) % 2 else ""
            return f"(case{branches}{last} end)"

        return _one_of(values, say)


def _truth(value: Facet) -> str:
    if value.kind is Kind.NOTHING:
        return "false"
    if value.is_numeric:
        return f"({value.number} <> 0)"
    return f"coalesce({value.as_number} <> 0, {value.as_text} = 'true')"


def _one_of(values: list[Facet], say: Callable[[list[str]], str]) -> Facet:
    """A value that is one of several."""
    kinds = {value.kind for value in values} - {Kind.NOTHING}
    if not kinds:
        return NOTHING
    if kinds <= {Kind.INTEGER, Kind.NUMBER}:
        kind = Kind.INTEGER if kinds == {Kind.INTEGER} else Kind.NUMBER
        if len(kinds) == 2:
            raise NotCompiled("integers and fractions by turns")
        return Facet(kind, say([value.as_number for value in values]))
    if kinds == {Kind.MOMENT}:
        return Facet(Kind.MOMENT, say([value.as_number for value in values]))
    if Kind.MOMENT in kinds:
        raise NotCompiled("moments and other values by turns")
    text = say([value.as_text for value in values])
    return Facet(Kind.TEXT if kinds == {Kind.TEXT} else Kind.ANY, None, text)
