"""A query's text → nodes.

    SELECT function "(" name ")" FROM name | SCHEMA "(" name { "," name } ")"
    [ WHERE key ( "=" | "!=" ) ( text | CURRENT_ACCOUNT_ID "(" ")" ) { AND … } ]
    [ GROUP BY key { "," key } ] [ ORDER BY function "(" ")" [ ASC | DESC ] ] [ LIMIT number ]

Keywords in any case. Names with other than letters, digits and _ stand in double quotes, values in single.
Source: CloudWatch User Guide, "Metrics Insights query components and syntax".
Differs: of the guide's reserved words only those of the grammar want quotes; AWS accepts many of them bare.
Of its texts "Error in expression 'q': Invalid syntax" is known; what follows, ` at column N` too, is ours.
"""

from __future__ import annotations

import re
from typing import Final

from inferwatch.engine.metricinsights.nodes import Condition, Order, Query
from inferwatch.lang.cursor import Cursor
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import INSIGHTS_MAX_SERIES

FUNCTIONS: Final = ("AVG", "COUNT", "MAX", "MIN", "SUM")
RESERVED: Final = frozenset(
    (*FUNCTIONS, *"SELECT FROM SCHEMA WHERE AND GROUP BY ORDER ASC DESC LIMIT CURRENT_ACCOUNT_ID".split())
)
BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIMIT = re.compile(r"[0-9]{1,9}(?![A-Za-z0-9_])")
_SELECT = re.compile(r"\s*SELECT(?![A-Za-z0-9_(])", re.IGNORECASE)
_NEAR_CHARS = 30


class QueryError(AwsError):
    """A query that does not parse; `column` is 1-based."""

    def __init__(self, problem: str, name: str, offset: int) -> None:
        message = f"Error in expression '{name}': Invalid syntax{problem} at column {offset + 1}"
        super().__init__("ValidationException", message, status=400)
        self.column = offset + 1


def is_query(text: str) -> bool:
    """Is it SQL, and no metric math?"""
    return _SELECT.match(text) is not None


def parse(text: str, name: str) -> Query:
    """Read one query.

    Args:
        name: The query's id, as AWS's texts name it.

    Raises:
        QueryError: It does not parse.
    """
    reader = _Reader(Cursor(text), name)
    reader.need_word("SELECT")
    function = reader.function()
    reader.need("(")
    metric = reader.identifier()
    reader.need(")")
    reader.need_word("FROM")
    namespace, schema = reader.source()
    query = Query(
        function, metric, namespace, schema, reader.where(), reader.group(), reader.order(), reader.limit()
    )
    reader.cursor.skip_space()
    if not reader.cursor.at_end:
        raise reader.error()
    return query


class _Reader:
    def __init__(self, cursor: Cursor, name: str) -> None:
        self.cursor = cursor
        self.name = name

    def source(self) -> tuple[str, frozenset[str] | None]:
        if not self.word("SCHEMA"):
            return self.identifier(), None
        self.need("(")
        namespace = self.identifier()
        keys = []
        while self.cursor.take_next(","):
            keys.append(self.identifier())
        self.need(")")
        return namespace, frozenset(keys)

    def where(self) -> tuple[Condition, ...]:
        if not self.word("WHERE"):
            return ()
        conditions = [self.condition()]
        while self.word("AND"):
            conditions.append(self.condition())
        return tuple(conditions)

    def condition(self) -> Condition:
        key = self.identifier()
        equal = not self.cursor.take_next("!=")
        if equal:
            self.need("=")
        if self.word("CURRENT_ACCOUNT_ID"):
            self.need("(")
            self.need(")")
            return Condition(key, None, equal)
        self.cursor.skip_space()
        value = self.cursor.match_quoted("'")
        if value is None:
            raise self.error()
        return Condition(key, value, equal)

    def group(self) -> tuple[str, ...]:
        if not self.word("GROUP"):
            return ()
        self.need_word("BY")
        keys = [self.identifier()]
        while self.cursor.take_next(","):
            keys.append(self.identifier())
        return tuple(keys)

    def order(self) -> Order | None:
        if not self.word("ORDER"):
            return None
        self.need_word("BY")
        function = self.function()
        self.need("(")
        self.need(")")
        descending = self.word("DESC")
        if not descending:
            self.word("ASC")
        return Order(function, descending)

    def limit(self) -> int | None:
        if not self.word("LIMIT"):
            return None
        self.cursor.skip_space()
        start = self.cursor.offset
        number = self.cursor.match(_LIMIT)
        if number is None or not 1 <= int(number) <= INSIGHTS_MAX_SERIES:
            self.cursor.offset = start
            raise self.error()
        return int(number)

    def function(self) -> str:
        self.cursor.skip_space()
        start = self.cursor.offset
        word = self.cursor.match(_WORD)
        if word is None:
            raise self.error()
        if word.upper() not in FUNCTIONS:
            raise QueryError(f". '{word}' is not a valid aggregate function", self.name, start)
        return word.upper()

    def identifier(self) -> str:
        self.cursor.skip_space()
        quoted = self.cursor.match_quoted('"')
        if quoted is not None:
            return quoted
        start = self.cursor.offset
        bare = self.cursor.match(BARE)
        if bare is None:
            raise self.error()
        if bare.upper() in RESERVED:
            problem = f". Reserved keyword '{bare}' must be surrounded by double quotes"
            raise QueryError(problem, self.name, start)
        return bare

    def need_word(self, word: str) -> None:
        if not self.word(word):
            raise self.error()

    def word(self, word: str) -> bool:
        self.cursor.skip_space()
        start = self.cursor.offset
        found = self.cursor.match(_WORD)
        if found is not None and found.upper() == word:
            return True
        self.cursor.offset = start
        return False

    def need(self, sign: str) -> None:
        if not self.cursor.take_next(sign):
            raise self.error()

    def error(self) -> QueryError:
        offset = self.cursor.offset
        near = self.cursor.text[offset : offset + _NEAR_CHARS]
        return QueryError(f" near '{near}'", self.name, offset)
