"""What a rule that parses may still not say."""

from __future__ import annotations

from typing import Final, assert_never

from inferwatch.engine.alarmrules.errors import RuleError
from inferwatch.engine.alarmrules.nodes import AtLeast, Constant, Every, InState, Not, Rule, Some, references

CHILDREN_MAX: Final = 100
"""Source: CloudWatch API reference, "PutCompositeAlarm"."""


def check(rule: Rule) -> None:
    """Quorums that can be reached, and no more alarms than AWS takes.

    Differs: AWS's text for too many children was not recorded.

    Raises:
        RuleError: In AWS's words.
    """
    _check_quorums(rule)
    if len(references(rule)) > CHILDREN_MAX:
        raise RuleError(f"the rule names more than {CHILDREN_MAX} alarms")


def _check_quorums(rule: Rule) -> None:
    match rule:
        case Constant() | InState():
            pass
        case AtLeast(least, is_percentage, alarms=alarms):
            if is_percentage and not 1 <= least <= 100:
                raise RuleError("AT_LEAST percentage threshold must be between 1 and 100")
            if not is_percentage and not 1 <= least <= len(alarms):
                raise RuleError(
                    f"AT_LEAST absolute threshold must be between 1 and number of alarms ({len(alarms)})"
                )
        case Not(operand):
            _check_quorums(operand)
        case Every(operands) | Some(operands):
            for operand in operands:
                _check_quorums(operand)
        case _:
            assert_never(rule)
