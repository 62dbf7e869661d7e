"""The commands, by their word; each is one file.

In:  the text after the word; then rows.
Out: a node for the parser; then rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from inferwatch.engine.insights.commands.command import Columns, Command, Step
from inferwatch.engine.insights.commands.dedup import read_dedup
from inferwatch.engine.insights.commands.display import read_display
from inferwatch.engine.insights.commands.fields import read_fields_command
from inferwatch.engine.insights.commands.filter import read_filter, read_filter_index
from inferwatch.engine.insights.commands.limit import read_limit
from inferwatch.engine.insights.commands.parse import read_parse
from inferwatch.engine.insights.commands.sort import read_sort
from inferwatch.engine.insights.commands.source import read_source
from inferwatch.engine.insights.commands.stats import read_stats
from inferwatch.engine.insights.commands.unmask import read_unmask
from inferwatch.engine.insights.commands.unnest import read_unnest
from inferwatch.engine.insights.reader import Reader

__all__ = ["COMMANDS", "REFUSED", "Columns", "Command", "Step"]

COMMANDS: Final[Mapping[str, Callable[[Reader, int], Command]]] = {
    "dedup": read_dedup,
    "display": read_display,
    "fields": read_fields_command,
    "filter": read_filter,
    "filterindex": read_filter_index,
    "limit": read_limit,
    "parse": read_parse,
    "sort": read_sort,
    "source": read_source,
    "stats": read_stats,
    "unmask": read_unmask,
    "unnest": read_unnest,
    "where": read_filter,
}
REFUSED: Final = frozenset(
    (
        "accum addtotals anomaly appendcols autoregress cidrlookup countfrequent diff estimate expand "
        "filldown fillmissing join json logcompare lookup outlier pattern relevantfields search sessionize"
    ).split()
)
"""AWS has them, inferwatch does not (yet): refused by name."""
