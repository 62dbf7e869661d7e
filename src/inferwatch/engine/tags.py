"""What a log group carries besides its events: which tags AWS refuses, and what deletion protection forbids.

Source: CloudWatch Logs API reference, "TagResource", "CreateLogGroup", "DeleteLogGroup"; botocore's model
`logs/2014-03-28` for the shapes of keys and values.
Differs: the texts of TooManyTagsException and of a protected group are ours; AWS's were not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import re2

from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.text import is_whole

TAGS_MAX: Final = 50
KEY_MAX_CHARS: Final = 128
VALUE_MAX_CHARS: Final = 256
_KEY_PATTERN: Final = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$"
_VALUE_PATTERN: Final = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"


def merge_tags(present: Mapping[str, str], added: Mapping[str, str], resource: str) -> dict[str, str]:
    """A resource's tags with others put over them.

    Args:
        resource: Its ARN or name, for the refusal.

    Raises:
        AwsError: InvalidParameterException for a key or value AWS refuses; TooManyTagsException past 50.
    """
    faults = [fault for key, value in added.items() for fault in _faults(key, value)]
    if faults:
        noun = "error" if len(faults) == 1 else "errors"
        raise invalid_parameter(f"{len(faults)} validation {noun} detected: {'; '.join(faults)}")
    reserved = next((key for key in added if key.lower().startswith("aws:")), None)
    if reserved is not None:
        raise invalid_parameter(f'The tag key "{reserved}" begins with aws:, which is reserved for AWS.')
    merged = {**present, **added}
    if len(merged) > TAGS_MAX:
        raise AwsError(
            "TooManyTagsException",
            f"A resource can have at most {TAGS_MAX} tags; this one would have {len(merged)}.",
            details={"resourceName": resource},
        )
    return merged


def refuse_protected(group: str, is_protected: bool) -> None:
    """Raises AwsError (ValidationException) where a log group must not be deleted."""
    if is_protected:
        raise AwsError(
            "ValidationException",
            f"The log group {group} has deletion protection enabled: disable it with "
            "PutLogGroupDeletionProtection before deleting the log group.",
        )


def _faults(key: str, value: str) -> list[str]:
    """In the words of other constraint errors, which were recorded."""
    return [
        f"Value '{text}' at 'tags' failed to satisfy constraint: {whose} must satisfy constraint: [{rule}]"
        for whose, text, rule in (
            ("Map keys", key, _broken(key, 1, KEY_MAX_CHARS, _KEY_PATTERN)),
            ("Map value", value, _broken(value, 0, VALUE_MAX_CHARS, _VALUE_PATTERN)),
        )
        if rule is not None
    ]


def _broken(text: str, min_chars: int, max_chars: int, pattern: str) -> str | None:
    """The rule that a text breaks, if any; half a character fits no pattern."""
    if len(text) < min_chars:
        return f"Member must have length greater than or equal to {min_chars}"
    if len(text) > max_chars:
        return f"Member must have length less than or equal to {max_chars}"
    if not is_whole(text) or re2.fullmatch(pattern, text) is None:
        return f"Member must satisfy regular expression pattern: {pattern}"
    return None
