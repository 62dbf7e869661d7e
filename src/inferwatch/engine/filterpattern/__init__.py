"""The filter pattern language of CloudWatch Logs: which log events match.

In:  a pattern's text, from a metric filter or FilterLogEvents.
Out: a `Pattern` that answers `matches(message)`, to `logs` and `metricfilters`.

This version understands the empty pattern and JSON patterns `{ ... }` without regular expressions;
the other kinds are refused by name.
"""

from inferwatch.engine.filterpattern.errors import PatternError
from inferwatch.engine.filterpattern.pattern import Pattern, compile_pattern, compile_selector, parse_document

__all__ = ["Pattern", "PatternError", "compile_pattern", "compile_selector", "parse_document"]
