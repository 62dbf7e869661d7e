"""All metric filters of a group → one Python function over one parse of each event.

The function is text made here, compiled and run with the filters' constants bound by name. It says what
`apply.py` says, which is its specification: a message that the fast parser refuses goes to `apply.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias, cast

from inferwatch.engine.filterpattern.asking import Asking, write_regex, write_terms
from inferwatch.engine.filterpattern.check import selectors_of
from inferwatch.engine.filterpattern.decoder import Decoder, Nodes, make_decoder, write_decoding
from inferwatch.engine.filterpattern.nodes import Fields, Regex, Selector, Terms
from inferwatch.engine.filterpattern.pattern import CompiledSelector
from inferwatch.engine.filterpattern.tokens import read_fields
from inferwatch.engine.filterpattern.writer import Writer
from inferwatch.engine.metricfilters.apply import apply_filters, default_sample
from inferwatch.engine.metricfilters.filter import MetricFilter
from inferwatch.engine.metricfilters.sample import NO_DIMENSIONS, Sample
from inferwatch.engine.metricfilters.sources import Place, dimension_at, number_at, token_at
from inferwatch.model.limits import METRIC_VALUE_MAX

Samples: TypeAlias = Callable[[Sequence[str]], Iterator[tuple[int, MetricFilter, Sample]]]


def compile_filters(filters: Sequence[MetricFilter]) -> Samples:
    """A function from messages to (index of the message, filter, sample), in order."""
    return cast(Samples, _Function(filters).function("samples"))


class _Function(Writer):
    """The text of one group's function."""

    def __init__(self, filters: Sequence[MetricFilter]) -> None:
        super().__init__()
        self.namespace |= {
            "limit": METRIC_VALUE_MAX,
            "sample": Sample,
            "none": NO_DIMENSIONS,
            "later": object(),
            "read_fields": read_fields,
            "token_at": token_at,
            "number_at": number_at,
            "dimension_at": dimension_at,
        }
        self._filters = filters
        self._once: dict[tuple[str, object], str] = {}
        self._selectors = [selector for item in filters for selector in _selectors(item)]
        decoder = make_decoder(self._selectors)
        self._nodes = Nodes(self, decoder)
        self._asking = Asking(self, self._nodes)
        self.line("def samples(messages):")
        self.indent()
        self.line("for i, m in enumerate(messages):")
        self.indent()
        if self._selectors:
            self._write_decoding(decoder)
        conditions = self._shared([self._condition(item) for item in filters])
        made = [self._made(item) for item in filters]
        for item, condition, lines in zip(filters, conditions, made, strict=True):
            self._write_filter(item, condition, lines)

    def _write_decoding(self, decoder: Decoder) -> None:
        self.namespace["interpret"] = partial(apply_filters, self._filters)
        write_decoding(self, decoder)
        self.line("if d is None:")
        self.line("    for f, made in interpret(m):")
        self.line("        yield i, f, made")
        self.line("    continue")

    def _condition(self, item: MetricFilter) -> str:
        match item.pattern.tree:
            case Terms() as terms:
                return write_terms(self, terms)
            case Regex() as regex:
                return write_regex(self, regex)
            case Fields() as fields:
                return f"{self._texts(fields)} is not None"
            case condition:
                return self._asking.condition(condition)

    def _shared(self, conditions: list[str]) -> list[str]:
        """A condition that several filters have is asked once."""
        names: dict[str, str] = {}
        for condition, count in Counter(conditions).items():
            if count > 1:
                names[condition] = self.fresh("b")
                self.line(f"{names[condition]} = {condition}")
        return [names.get(condition, condition) for condition in conditions]

    def _write_filter(self, item: MetricFilter, condition: str, made: list[str]) -> None:
        self.line(f"if {condition}:")
        for line in made:
            self.line(f"    {line}")
        default = default_sample(item)
        if default is not None:
            self.line("else:")
            self.line(f"    yield i, {self._filter(item)}, {self.bind(default)}")

    def _made(self, item: MetricFilter) -> list[str]:
        """What happens on a match; the locals it needs are written at once."""
        to = self._filter(item)
        if isinstance(item.value, float):
            if not item.dimensions:
                same = Sample(item.value, item.system_dimensions or NO_DIMENSIONS)
                return [f"yield i, {to}, {self.bind(same)}"]
            before, dimensions = self._dimensions(item)
            return [*before, f"yield i, {to}, sample({self.bind(item.value)}, {dimensions})"]
        node = self._place(item.value, item)
        is_plain = not item.dimensions and not item.system_dimensions
        value, lines = self._value(item.value, node, is_plain)
        lines.append(f"if {value} is not None:")
        if is_plain:
            lines.append(f"    yield i, {to}, {value}")
        else:
            before, dimensions = self._dimensions(item)
            lines += [f"    {line}" for line in [*before, f"yield i, {to}, sample({value}, {dimensions})"]]
        default = default_sample(item)
        if default is not None:
            lines.append(f"elif {node} is {self._nodes.unset} or {node} is None:")
            lines.append(f"    yield i, {to}, {self.bind(default)}")
        return lines

    def _value(self, place: Place, node: str, is_plain: bool) -> tuple[str, list[str]]:
        """(Local of a sample, number or `None`; lines that set it): made once an event, when first needed."""
        sampled = "sample(g, none) if (g := number_at({0})) is not None else None"
        numeric = "number_at({0})"
        if isinstance(place, CompiledSelector):
            kind = self._nodes.kind(node)
            fast = f"({kind} is float or {kind} is int) and -limit <= {{0}} <= limit"
            sampled = f"sample(float({{0}}), none) if {fast} else {sampled}"
            numeric = f"float({{0}}) if {fast} else {numeric}"
        name = self._local("p" if is_plain else "g", node, "later")
        text = (sampled if is_plain else numeric).format(node)
        return name, [f"if {name} is later:", f"    {name} = {text}"]

    def _dimensions(self, item: MetricFilter) -> tuple[list[str], str]:
        """(Lines to run before, the expression): all of the filter's dimensions, or none."""
        lines, names, entries = [], [], []
        for key, place in item.dimensions:
            node, name = self._place(place, item), self.fresh("x")
            found = f"dimension_at({node})"
            if isinstance(place, CompiledSelector):
                found = f"{self._nodes.text(node)} or {found}"
            lines.append(f"{name} = {found}")
            names.append(name)
            entries.append(f"{self.constant(key)}: {name}")
        entries += [
            f"{self.constant(key)}: {self.constant(text)}" for key, text in item.system_dimensions.items()
        ]
        literal = f"{{{', '.join(entries)}}}"
        return lines, f"{literal} if {' and '.join(names)} else none" if names else literal

    def _place(self, place: Place, item: MetricFilter) -> str:
        """A local that holds what stands there."""
        if isinstance(place, CompiledSelector):
            return self._nodes.node(place.selector.steps)
        fields = item.pattern.tree
        assert isinstance(fields, Fields)
        texts = self._texts(fields)
        return self._local("w", (texts, place), f"token_at({texts}, {self.constant(place.position)})")

    def _texts(self, fields: Fields) -> str:
        """A local that holds a space-delimited pattern's fields, or `None`."""
        return self._local("w", fields, f"read_fields({self.bind(fields)}, m)")

    def _filter(self, item: MetricFilter) -> str:
        name = self._once.get(("f", id(item)))
        if name is None:
            name = self._once["f", id(item)] = self.bind(item)
        return name

    def _local(self, prefix: str, key: object, expression: str) -> str:
        name = self._once.get((prefix, key))
        if name is None:
            name = self._once[prefix, key] = self.fresh(prefix)
            self.line(f"{name} = {expression}")
        return name


def _selectors(item: MetricFilter) -> Iterator[Selector]:
    """Every way into the JSON message that a filter takes."""
    yield from selectors_of(item.pattern.tree)
    for place in (item.value, *(place for _, place in item.dimensions)):
        if isinstance(place, CompiledSelector):
            yield place.selector
