"""`SOURCE logGroups(namePrefix: ["/app"])`: which log groups are searched; the first command, if it is there.

Source: CloudWatch Logs User Guide, "SOURCE".
"""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.engine.insights.commands.command import Columns, Step
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.reader import Reader
from inferwatch.lang.source import Span

_MOST_PREFIXES = 5
_MOST_ACCOUNTS = 20


@dataclass(frozen=True, slots=True)
class Source:
    """Log groups whose names begin with one of `prefixes`, in one of `accounts`, if any are given."""

    prefixes: tuple[str, ...]
    accounts: tuple[str, ...]
    classes: tuple[str, ...]
    span: Span

    @property
    def waits(self) -> bool:
        return False

    def bind(self, _context: Context) -> Step:
        return lambda rows: rows

    def shown(self, columns: Columns) -> Columns:
        return columns


def read_source(reader: Reader, start: int) -> Source:
    at = reader.start
    word = reader.name()
    if word is None or word.lower() not in ("loggroups", "datasource", "loggrouptags"):
        raise reader.expected("logGroups(…)", at)
    if word.lower() != "loggroups":
        raise reader.error(f"inferwatch does not support SOURCE {word} yet", reader.since(at))
    given: dict[str, tuple[str, ...]] = {}
    reader.need_sign("(")
    while not reader.take_sign(")"):
        _read_argument(reader, given)
        if not reader.take_sign(",") and not reader.is_next(")"):
            raise reader.expected("',' or ')'")
    prefixes = given.get("nameprefix", ())
    accounts = given.get("accountidentifiers", given.get("accountidentifier", ()))
    if len(prefixes) > _MOST_PREFIXES or len(accounts) > _MOST_ACCOUNTS:
        problem = f"at most {_MOST_PREFIXES} prefixes and {_MOST_ACCOUNTS} accounts can be given"
        raise reader.error(problem, reader.since(at))
    return Source(prefixes, accounts, given.get("class", ()), reader.since(start))


def _read_argument(reader: Reader, given: dict[str, tuple[str, ...]]) -> None:
    at = reader.start
    name = reader.need_name("namePrefix, accountIdentifier or class").lower()
    if name not in ("nameprefix", "accountidentifier", "accountidentifiers", "class") or name in given:
        raise reader.expected("namePrefix, accountIdentifier or class, each once", at)
    reader.need_sign(":")
    reader.need_sign("[")
    texts: list[str] = []
    while not reader.take_sign("]"):
        text = reader.quoted()
        if text is None:
            raise reader.expected("a text in quotes")
        texts.append(text)
        if not reader.take_sign(",") and not reader.is_next("]"):
            raise reader.expected("',' or ']'")
    given[name] = tuple(texts)
