"""The refusal of a query, in AWS's code and with the place."""

from __future__ import annotations

from inferwatch.lang.source import Span, caret
from inferwatch.model.errors import AwsError


class MalformedQuery(AwsError):
    """A query that cannot be run as it stands; `line` and `column` are 1-based.

    Differs: of AWS's texts only a few are known; most of ours are our own words.
    """

    def __init__(self, problem: str, text: str, span: Span) -> None:
        self.problem = problem
        self.span = span
        self.line = text.count("\n", 0, span.start) + 1
        self.column = span.start - (text.rfind("\n", 0, span.start) + 1) + 1
        self.picture = caret(text, span.start)
        message = f"{problem} at line {self.line}, column {self.column}"
        location = {"startCharOffset": span.start, "endCharOffset": span.end}
        details: dict[str, object] = {"queryCompileError": {"location": location, "message": message}}
        super().__init__("MalformedQueryException", message, status=400, details=details)
