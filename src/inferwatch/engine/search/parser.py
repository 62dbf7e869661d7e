"""A search's text → nodes.

    search    = [ "{" name { "," name } "}" [ "," ] ] [ or ]
    or        = and { "OR" and }
    and       = not { [ "AND" ] not }
    not       = "NOT" not | "(" or ")" | [ name "=" ] ( term | "(" or ")" )

Source: CloudWatch User Guide, "Search expression syntax", read 2026-11.
Differs: the texts of refusals are ours; AWS's were not recorded. A schema that names no dimension finds
metrics of any, as the guide's example of exact matches has it. One that nests more than 50 deep is refused.
"""

from __future__ import annotations

import re

from inferwatch.engine.search.nodes import And, Condition, Not, Or, Schema, Search, Term
from inferwatch.lang.cursor import Cursor
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import SEARCH_MAX_CHARS

_BARE = re.compile(r'[^\s{}(),="]+')
_OPERATORS = ("AND", "OR", "NOT")
_MAX_DEPTH = 50


class SearchError(AwsError):
    """A search that cannot be read; `column` is 1-based and counts within it."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__("ValidationException", f"{problem} at column {offset + 1} of the search", status=400)
        self.column = offset + 1


def parse(text: str) -> Search:
    """Raises SearchError."""
    if len(text) > SEARCH_MAX_CHARS:
        raise SearchError(f"a search has at most {SEARCH_MAX_CHARS} characters, not {len(text)},", 0)
    reader = _Reader(Cursor(text))
    schema = reader.schema()
    condition = None if reader.at_end else reader.any_of(None, 0)
    if not reader.at_end:
        raise reader.error("expected a term")
    if schema is None and condition is None:
        raise reader.error("expected a schema or a term")
    return Search(schema, condition)


class _Reader:
    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    @property
    def at_end(self) -> bool:
        self.cursor.skip_space()
        return self.cursor.at_end

    def schema(self) -> Schema | None:
        if not self.cursor.take_next("{"):
            return None
        names = [self.name()]
        while self.cursor.take_next(","):
            names.append(self.name())
        if not self.cursor.take_next("}"):
            raise self.error('expected "," or "}"')
        self.cursor.take_next(",")
        return Schema(names[0], frozenset(names[1:]))

    def name(self) -> str:
        found = self.text()
        if found is None or not found[0]:
            raise self.error("expected a name")
        return found[0]

    def any_of(self, designator: str | None, depth: int) -> Condition:
        parts = [self.all_of(designator, depth)]
        while self.word("OR"):
            parts.append(self.all_of(designator, depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all_of(self, designator: str | None, depth: int) -> Condition:
        parts = [self.negated(designator, depth)]
        while self.word("AND") or not (self.at_end or self.cursor.peek() == ")" or self.is_next("OR")):
            parts.append(self.negated(designator, depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self, designator: str | None, depth: int) -> Condition:
        if depth > _MAX_DEPTH:
            raise self.error(f"a search nests at most {_MAX_DEPTH} deep;")
        if self.word("NOT"):
            return Not(self.negated(designator, depth + 1))
        if self.cursor.take_next("("):
            return self.closed(designator, depth)
        return self.term(designator, depth)

    def closed(self, designator: str | None, depth: int) -> Condition:
        inner = self.any_of(designator, depth + 1)
        if not self.cursor.take_next(")"):
            raise self.error('expected ")"')
        return inner

    def term(self, designator: str | None, depth: int) -> Condition:
        if any(map(self.is_next, _OPERATORS)):
            raise self.error("expected a term")
        found = self.text()
        if found is None:
            raise self.error("expected a term")
        if not self.cursor.take_next("="):
            return Term(*found, designator)
        if designator is not None:
            raise self.error(f"{designator}= holds no further designator")
        if self.cursor.take_next("("):
            return self.closed(found[0], depth)
        value = self.text()
        if value is None:
            raise self.error(f"expected what {found[0]} is")
        return Term(*value, found[0])

    def text(self) -> tuple[str, bool] | None:
        """A bare word, or a text in quotes; and whether it was in quotes."""
        self.cursor.skip_space()
        quoted = self.cursor.match_quoted('"')
        if quoted is not None:
            return quoted, True
        bare = self.cursor.match(_BARE)
        return None if bare is None else (bare, False)

    def is_next(self, word: str) -> bool:
        start = self.cursor.offset
        found = self.word(word)
        self.cursor.offset = start
        return found

    def word(self, word: str) -> bool:
        self.cursor.skip_space()
        start = self.cursor.offset
        if self.cursor.match(_BARE) == word:
            return True
        self.cursor.offset = start
        return False

    def error(self, problem: str) -> SearchError:
        return SearchError(problem, self.cursor.offset)
