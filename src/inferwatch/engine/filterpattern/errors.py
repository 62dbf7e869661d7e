"""How a filter pattern is refused: AWS's text for clients, a column and a caret for people.

Differs: FilterLogEvents says "Invalid filter pattern…" on AWS; here it has TestMetricFilter's words.
"""

from __future__ import annotations

from inferwatch.lang.cursor import Cursor
from inferwatch.lang.source import caret
from inferwatch.model.errors import AwsError

# Source: answers of TestMetricFilter, eu-west-1, 2026-09.
GENERIC = "Invalid metric filter pattern"
BAD_REGEX = "Failed to compile regular expression."
TOO_MANY_REGEXES = "Your input has exceeded the maximum of 2 regular expressions per filter pattern."
TOO_MANY_WILDCARDS = (
    "Your filter pattern has a JSON path selector that exceeds the maximum of 1 wildcard allowed per json "
    "selector."
)


class PatternError(AwsError):
    """A pattern that AWS refuses; `column` is 1-based, `hint` says what would be right."""

    def __init__(self, message: str, pattern: str, offset: int, hint: str) -> None:
        super().__init__("InvalidParameterException", message)
        self.pattern = pattern
        self.column = offset + 1
        self.hint = hint

    def picture(self, width: int | None = None) -> str:
        """Several lines for a person: what, where, and what was expected; see `caret` for the `width`."""
        shown = caret(self.pattern, self.column - 1, width)
        return f"filter pattern, column {self.column}: {self.hint}\n{shown}"


def invalid_characters(term: str, pattern: str, offset: int, hint: str) -> PatternError:
    return PatternError(f"Invalid character(s) in term '{term}'", pattern, offset, hint)


def expected(cursor: Cursor, hint: str) -> PatternError:
    """AWS's generic refusal, with what stands at the cursor."""
    found = f'found "{cursor.peek()}"' if cursor.peek() else "the pattern ends"
    return PatternError(GENERIC, cursor.text, cursor.offset, f"{hint}; {found}")
