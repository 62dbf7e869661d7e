"""Tokens → nodes.

    rule     = all { OR all }
    all      = operand { AND operand }
    operand  = { NOT } ( "(" rule ")" | TRUE | FALSE | STATE "(" alarm ")" | quorum )
    quorum   = AT_LEAST "(" NUMBER | NUMBER% "," [ NOT ] STATE "," "(" alarm { "," alarm } ")" ")"
    STATE    = ALARM | OK | INSUFFICIENT_DATA

Source: CloudWatch API reference, "PutCompositeAlarm"; User Guide, "Create a composite alarm"; error texts
recorded, 2026-09.
Differs: which words AWS expects inside parentheses was not recorded, nor its text for a rule of too many
elements, nor whether an alarm called like a word of the language needs quotes; here it needs none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from inferwatch.engine.alarmrules.errors import RuleError
from inferwatch.engine.alarmrules.lexer import END, Token, tokens
from inferwatch.engine.alarmrules.nodes import STATES, AtLeast, Constant, Every, InState, Not, Rule, Some

ELEMENTS_MAX: Final = 500
"""Alarms, TRUE, FALSE and parentheses. Source: API reference, "PutCompositeAlarm"."""

_STATE: Final = "ALARM, OK, or INSUFFICIENT_DATA"
_OPERAND: Final = f"'(', 'NOT', AT_LEAST, TRUE or FALSE, {_STATE}"
_END: Final = "<EOF>"
_NUMBER = re.compile(r"(\d+)(%?)", re.ASCII)
_SIGNIFICANT_DIGITS = 9


def parse(text: str) -> Rule:
    """Read a rule.

    Raises:
        RuleError: In AWS's words.
    """
    return _Reader(tokens(text)).rule()


@dataclass(slots=True)
class _Level:
    """What stands so far between two parentheses; `negations` are the NOTs before the next operand."""

    choices: list[Rule] = field(default_factory=list)
    chain: list[Rule] = field(default_factory=list)
    negations: int = 0

    def add(self, operand: Rule) -> None:
        self.chain.append(Not(operand, self.negations) if self.negations else operand)
        self.negations = 0

    def end_chain(self) -> None:
        self.choices.append(self.chain[0] if len(self.chain) == 1 else Every(tuple(self.chain)))
        self.chain = []

    def whole(self) -> Rule:
        self.end_chain()
        return self.choices[0] if len(self.choices) == 1 else Some(tuple(self.choices))


class _Reader:
    """Reads from left to right; `elements` counts what AWS limits.

    Parentheses are a list, not calls: rules nest up to 250 deep.
    """

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._elements = 0

    def rule(self) -> Rule:
        levels = [_Level()]
        while True:
            operand = self._operand(levels)
            if operand is None:
                continue
            levels[-1].add(operand)
            while not self._joins(levels[-1], is_outermost=len(levels) == 1):
                whole = levels.pop().whole()
                if not levels:
                    return whole
                levels[-1].add(whole)

    def _operand(self, levels: list[_Level]) -> Rule | None:
        """An operand; `None` where one only begins, by NOT or a parenthesis."""
        token = self._next()
        match token.keyword:
            case "NOT":
                levels[-1].negations += 1
                return None
            case "(":
                self._count(token)
                levels.append(_Level())
                return None
            case "TRUE" | "FALSE":
                self._count(token)
                return Constant(token.text == "TRUE")
            case "AT_LEAST":
                return self._quorum()
            case state if state in STATES:
                self._expect("(")
                alarm = self._alarm()
                self._expect(")")
                return InState(state, alarm)
            case _:
                raise _unsupported(token, _OPERAND)

    def _joins(self, level: _Level, is_outermost: bool) -> bool:
        """Does AND or OR follow an operand? Else the level ends here."""
        token = self._next()
        match token.keyword:
            case "AND":
                return True
            case "OR":
                level.end_chain()
                return True
        end, shown = (END, _END) if is_outermost else (")", "')'")
        if token.keyword != end:
            # Before the end AWS names the end alone, elsewhere AND and OR too.
            is_last = self._peek().keyword == end
            raise _unsupported(token, shown if is_last else f"{shown}, 'AND', 'OR'")
        if not is_outermost:
            self._count(token)
        return False

    def _quorum(self) -> Rule:
        self._expect("(")
        token = self._next()
        number = _NUMBER.fullmatch(token.keyword)
        if number is None:
            raise _unsupported(token, "NUMBER, PERCENTAGE NUMBER")
        self._expect(",")
        is_negated = self._is("NOT")
        self._at += is_negated
        state = self._next()
        if state.keyword not in STATES:
            raise _unsupported(state, _STATE if is_negated else f"'NOT', {_STATE}")
        self._expect(",")
        self._expect("(")
        alarms = [self._alarm()]
        while self._is(","):
            self._at += 1
            alarms.append(self._alarm())
        self._expect(")")
        self._expect(")")
        # A number of ten digits and more is out of range, whatever its digits.
        least = int(number.group(1).lstrip("0")[:_SIGNIFICANT_DIGITS] or "0")
        return AtLeast(least, bool(number.group(2)), is_negated, state.text, tuple(alarms))

    def _alarm(self) -> str:
        token = self._next()
        if token.keyword in ("(", ")", ",", END) or not token.name:
            raise _unsupported(token, "ALARM NAME or ALARM ARN")
        self._count(token)
        return token.name

    def _peek(self) -> Token:
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _is(self, text: str) -> bool:
        return self._peek().keyword == text

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.keyword != text:
            raise _unsupported(token, f"'{text}'")

    def _count(self, token: Token) -> None:
        self._elements += 1
        if self._elements > ELEMENTS_MAX:
            raise RuleError(f"the rule has more than {ELEMENTS_MAX} elements", token.offset)


def _unsupported(token: Token, expected: str) -> RuleError:
    message = f"Unsupported token '{token.text or _END}' at char {token.offset}, must be: {expected}"
    return RuleError(message, token.offset)
