"""The commands before the first that waits, within one class of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inferwatch.engine.insights.commands import Command
from inferwatch.engine.insights.commands.display import Display
from inferwatch.engine.insights.commands.fields import Fields
from inferwatch.engine.insights.commands.filter import Filter
from inferwatch.engine.insights.commands.parse import Parse
from inferwatch.engine.insights.commands.unmask import Unmask
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.nodes import Item
from inferwatch.engine.insights.patterns import Regex
from inferwatch.engine.queries.compiled.facets import NOTHING, Facet, Kind, NotCompiled, quoted
from inferwatch.engine.queries.compiled.sources import Class
from inferwatch.engine.queries.compiled.translate import Translator

_NAMED = re.compile(r"\(\?P<\w+>")
# A group that may take no part in a match, or a match of nothing: SQL gives both as the empty text.
_UNSURE = re.compile(r"\)[?*{]|\||\\[bB]|\(\?")
_LITERAL_MIN = 3


class Leading:
    """Rows of one class, as far as the leading commands bring them."""

    def __init__(self, source: Class, context: Context) -> None:
        self.relation = source.relation
        self.conditions: list[str] = []
        self._source = source
        self._aliases: dict[str, Facet] = {}
        self._translator = Translator(self.field, context)
        self._parsed = 0

    def field(self, name: str) -> Facet:
        """A field, or what a command before made of it."""
        found = self._aliases.get(name)
        return self._source.field(name) if found is None else found

    @property
    def where(self) -> str:
        return f" where {' and '.join(self.conditions)}" if self.conditions else ""

    @property
    def is_empty(self) -> bool:
        """Can no row pass?"""
        return "false" in self.conditions

    def apply(self, command: Command) -> None:
        match command:
            case Filter():
                self.conditions.append(self._translator.condition(command.condition))
            case Fields() | Display():
                self._compute(command.items)
            case Parse():
                self._parse(command)
            case Unmask():
                pass  # Groups that hide anything are not read here.
            case _:
                raise NotCompiled(type(command).__name__)

    def _compute(self, items: Iterable[Item]) -> None:
        for item in items:
            if not item.is_plain:
                self._aliases[item.name] = self._translator.value(item.expression)

    def _parse(self, command: Parse) -> None:
        regex = command.pattern
        if not isinstance(regex, Regex):
            raise NotCompiled(f"parse … {regex}")
        value = self._translator.value(command.field)
        if value.kind is Kind.NOTHING:
            self._aliases.update(dict.fromkeys(command.names, NOTHING))
            return
        groups = _NAMED.sub("(", regex.text.removeprefix("(?s)"))
        if (
            regex.is_in("")
            or _UNSURE.search(groups)
            or groups.count("(") - groups.count("\\(") != len(command.names)
        ):
            raise NotCompiled("groups that may be empty")
        flags = "(?s)" if regex.text.startswith("(?s)") else ""
        names = ", ".join(
            quoted(each) for each in ("m", *(f"g{index}" for index in range(len(command.names))))
        )
        found = f"regexp_extract({value.as_text}, {quoted(f'{flags}({groups})')}, [{names}])"
        literal = _literal(groups)
        if literal:
            found = f"case when contains({value.as_text}, {quoted(literal)}) then {found} end"
        column = f"p{self._parsed}"
        self.relation = f"(select *, {found} as {column} from {self.relation}{self.where})"
        self.conditions = []
        self._parsed += 1
        for index, name in enumerate(command.names):
            text = f"(case when {column}.m <> '' then {column}.g{index} end)"
            self._aliases[name] = Facet(Kind.ANY, None, text)


def _literal(groups: str) -> str:
    """A text that every match has in it: the longest between the groups of a glob, else none."""
    pieces = re.split(r"\(\.\*\??\)", groups)
    plain = [
        re.sub(r"\\(.)", r"\1", piece) for piece in pieces if re.fullmatch(r"(?:[\w\s]|\\[^\w])*", piece)
    ]
    longest = max(plain, key=len, default="") if len(plain) == len(pieces) else ""
    return longest if len(longest) >= _LITERAL_MIN else ""
