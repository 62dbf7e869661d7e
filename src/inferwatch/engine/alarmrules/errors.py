"""What AWS says of a rule it cannot read."""

from __future__ import annotations

from inferwatch.model.errors import AwsError


class RuleError(AwsError):
    """A rule that does not parse or cannot hold; `offset` is the character it stands at, from 0."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__("ValidationException", f"Error in AlarmRule [{message}]")
        self.offset = offset
