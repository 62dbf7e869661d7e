"""The language of composite alarms: a rule's text → a condition on other alarms' states.

In:  AlarmRule as PutCompositeAlarm gives it, and a function that knows an alarm's state.
Out: true or false, and the alarms that decide it, to `alarms`.
"""

from inferwatch.engine.alarmrules.check import check
from inferwatch.engine.alarmrules.errors import RuleError
from inferwatch.engine.alarmrules.evaluate import deciding, evaluate
from inferwatch.engine.alarmrules.nodes import Rule, references
from inferwatch.engine.alarmrules.parser import parse
from inferwatch.engine.alarmrules.printer import write

__all__ = ["Rule", "RuleError", "check", "compile_rule", "deciding", "evaluate", "references", "write"]


def compile_rule(text: str) -> Rule:
    """Raises RuleError, in AWS's words."""
    rule = parse(text)
    check(rule)
    return rule
