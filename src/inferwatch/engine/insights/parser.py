"""A query's text → its commands, read and checked.

    query := [ "SOURCE" … "|" ] command { "|" command }

Source: CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inferwatch.engine.insights.check import check
from inferwatch.engine.insights.commands import COMMANDS, REFUSED, Columns, Command
from inferwatch.engine.insights.commands.limit import Limit
from inferwatch.engine.insights.commands.source import Source
from inferwatch.engine.insights.commands.unmask import Unmask
from inferwatch.engine.insights.reader import Reader

# As AWS names them in its refusals. Source: users' reports.
_EXPECTED: Final = (
    "{K_PARSE, K_SEARCH, K_FIELDS, K_DISPLAY, K_FILTER, K_FILTER_INDEX, K_STATS, K_SORT, K_LIMIT, K_DEDUP, "
    "K_UNMASK, K_UNNEST}"
)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked; `source` is where, if the text says so."""

    text: str
    source: Source | None
    commands: tuple[Command, ...]

    @property
    def columns(self) -> Columns:
        found = Columns()
        for command in self.commands:
            found = command.shown(found)
        return found

    @property
    def rows(self) -> int | None:
        """How many rows its last `limit` lets through."""
        limits = [command.rows for command in self.commands if isinstance(command, Limit)]
        return limits[-1] if limits else None

    @property
    def unmasked(self) -> frozenset[str]:
        """The fields that are asked for as they are, whatever data protection says."""
        return frozenset(
            field.name for command in self.commands if isinstance(command, Unmask) for field in command.fields
        )


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        MalformedQuery: It cannot be run as it stands; says where.
    """
    reader = Reader(text)
    commands = [_command(reader)]
    while reader.take_sign("|"):
        commands.append(_command(reader))
    if not reader.at_end:
        raise reader.expected("'|'")
    source = commands[0] if isinstance(commands[0], Source) else None
    if source is not None:
        del commands[0]
        if not commands:
            raise reader.expected(_EXPECTED)
    return Query(text, source, check(text, commands))


def _command(reader: Reader) -> Command:
    start = reader.start
    word = reader.peek_word()
    read = COMMANDS.get(word)
    if read is None:
        error = reader.expected(_EXPECTED)
        if word in REFUSED:
            raise reader.error(f"inferwatch does not support the command '{word}' yet", error.span)
        raise error
    reader.take_word(word)
    return read(reader, start)
