"""The filter pattern language of CloudWatch Logs: which log events match.

In:  a pattern's text, from a metric filter, FilterLogEvents or TestMetricFilter.
Out: a `Pattern` that answers `matches(event)` and `extract(message)`, to `logs` and `metricfilters`; the same
     as a generated function, for those who ask of many messages.

Four kinds: terms (`ERROR ?WARN -timeout`), a regular expression (`%4[0-9]{2}%`), JSON (`{ $.a = 1 }`) and
space-delimited (`[ip, ..., status = 4*]`). Begin reading at `parser.py`.
"""

from inferwatch.engine.filterpattern.compiled import Extractor, compile_extractor, compile_matcher
from inferwatch.engine.filterpattern.document import Event, parse_document
from inferwatch.engine.filterpattern.errors import PatternError
from inferwatch.engine.filterpattern.pattern import Pattern, compile_pattern, compile_selector

__all__ = [
    "Event",
    "Extractor",
    "Pattern",
    "PatternError",
    "compile_extractor",
    "compile_matcher",
    "compile_pattern",
    "compile_selector",
    "parse_document",
]
