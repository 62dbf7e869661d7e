"""Locals of a generated function: what stands at each selector, and its type.

The message is decoded into a struct of only the members that some selector begins with; their values are read
as JSON says, of any type, so a field whose type drifts is nothing special. Where a member's name does not fit
a struct, or a selector begins with a wildcard, the whole object is decoded.

The fast parser is stricter than JSON (numbers out of a double's range, halves of characters), so what it
refuses goes to the interpreter, as does every message that is no JSON object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from inferwatch.engine.filterpattern.document import SHORTEST_NESTED, may_nest_too_deep
from inferwatch.engine.filterpattern.nodes import Index, Member, Selector, Step
from inferwatch.engine.filterpattern.writer import Writer
from inferwatch.model.text import is_whole

_REFUSALS = (msgspec.DecodeError, UnicodeError, RecursionError)
# Names that msgspec cannot give to a struct's member.
_UNFIT = re.compile(r'[\x00-\x1f"\\]')


@dataclass(frozen=True, slots=True)
class Decoder:
    """How the message becomes `d`.

    Args:
        members: JSON name → attribute of the struct; `None` where `d` is a whole object.
    """

    decode: Callable[[str], Any]
    members: dict[str, str] | None


def make_decoder(selectors: Sequence[Selector]) -> Decoder:
    """The cheapest decoder that answers all of these."""
    first = [selector.steps[0] for selector in selectors]
    names = sorted({step.name for step in first if isinstance(step, Member)})
    is_fit = all(isinstance(step, Member) for step in first)
    if not is_fit or any(_UNFIT.search(name) or not is_whole(name) for name in names):
        return Decoder(msgspec.json.Decoder(dict).decode, None)
    members = {name: f"f{number}" for number, name in enumerate(names)}
    struct = msgspec.defstruct(
        "Members",
        [(attribute, Any, msgspec.UNSET) for attribute in members.values()],
        rename={attribute: name for name, attribute in members.items()},
        gc=False,
    )
    return Decoder(msgspec.json.Decoder(struct).decode, members)


def write_decoding(writer: Writer, decoder: Decoder) -> None:
    """The message `m` becomes `d`, `None` where only the interpreter can tell what it is."""
    writer.namespace |= {
        "decode": decoder.decode,
        "refusals": _REFUSALS,
        "short": SHORTEST_NESTED,
        "is_odd": may_nest_too_deep,
    }
    writer.line("try:")
    writer.line("    d = None if len(m) > short and is_odd(m) else decode(m)")
    writer.line("except refusals:")
    writer.line("    d = None")


class Nodes:
    """Writes a local for each place on first use, behind the decoding of the document."""

    def __init__(self, writer: Writer, decoder: Decoder) -> None:
        self._writer = writer
        self._decoder = decoder
        self._known: dict[tuple[str, object], str] = {}
        self.unset = writer.bind(msgspec.UNSET)
        self._nan = writer.bind(float("nan"))

    def node(self, steps: tuple[Step, ...]) -> str:
        """What stands there, or `UNSET`; the steps hold no wildcard."""
        if not steps:
            return "d"
        return self._once("v", steps, lambda: self._reach(steps))

    def kind(self, node: str) -> str:
        return self._once("t", node, lambda: f"type({node})")

    def number(self, node: str) -> str:
        """The node if it is a number, else NaN, which compares false with everything."""
        kind = self.kind(node)
        return self._once("n", node, lambda: f"{node} if {kind} is int or {kind} is float else {self._nan}")

    def text(self, node: str) -> str:
        """The node if it is a string, else `None`."""
        return self._once("s", node, lambda: f"{node} if {self.kind(node)} is str else None")

    def scalar(self, node: str) -> str:
        """Is it a string or a number?"""
        kind = self.kind(node)
        return self._once("c", node, lambda: f"{kind} is str or {kind} is int or {kind} is float")

    def _reach(self, steps: tuple[Step, ...]) -> str:
        constant = self._writer.constant
        *before, last = steps
        match last:
            case Member(name) if not before:
                members = self._decoder.members
                return f"d.get({constant(name)}, {self.unset})" if members is None else f"d.{members[name]}"
            case Member(name):
                parent = self.node(tuple(before))
                found = f"{parent}.get({constant(name)}, {self.unset})"
                return f"{found} if type({parent}) is dict else {self.unset}"
            case Index(position):
                parent, at = self.node(tuple(before)), constant(position)
                is_there = f"type({parent}) is list and {at} < len({parent})"
                return f"{parent}[{at}] if {is_there} else {self.unset}"
            case _:
                raise AssertionError("a wildcard yields many nodes")

    def _once(self, prefix: str, key: object, expression: Callable[[], str]) -> str:
        name = self._known.get((prefix, key))
        if name is None:
            text = expression()
            name = self._known[prefix, key] = self._writer.fresh(prefix)
            self._writer.line(f"{name} = {text}")
        return name
