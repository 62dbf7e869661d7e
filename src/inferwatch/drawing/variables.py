"""A body's `variables`: what the reader may choose, and the body that this choice makes.

A property variable gives every property of its name another value, and every dimension of its name in the
rows of metrics; a pattern variable puts another text in its pattern's place wherever the widgets have it.

Source: CloudWatch API reference, "Dashboard body structure and syntax", `variables`; User Guide, "Dashboard
variables".
Differs: a property variable leaves search expressions and metric math as they are. Values from tags are not
offered: such a variable is an input of text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from inferwatch.drawing.api import Api, pages
from inferwatch.drawing.body import parse_body, read_document
from inferwatch.drawing.rows import BodyError, written_out
from inferwatch.drawing.timerange import DEFAULT, Window
from inferwatch.drawing.widgets import Dashboard
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import VARIABLE_VALUES_MAX

_FIRST = "__FIRST"
_SEARCH_PERIOD_S = 3_600
# Without ${LABEL} a search puts its series' own labels behind. No name holds a tab.
_BREAK = "\t"


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose, and how it is called."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. `subject` is the property or the pattern; `search` where its options are searched for."""

    id: str
    label: str
    kind: Literal["property", "pattern"]
    subject: str
    input: Literal["input", "select", "radio"]
    options: tuple[Option, ...] = ()
    default: str | None = None
    visible: bool = True
    search: str = ""
    populate_from: str = ""
    note: str = ""

    def value(self, chosen: Mapping[str, str]) -> str | None:
        """What it stands for now: the reader's choice, the default, or nothing: the body stays as it is."""
        found = chosen.get(self.id, self.default)
        if found != _FIRST:
            return found
        return self.options[0].value if self.options else None


async def read_chosen(
    api: Api, region: str, text: str, chosen: Mapping[str, str], now_ms: int
) -> tuple[Dashboard, tuple[Variable, ...]]:
    """Read a body as GetDashboard gives it, as the reader's choice makes it, and what there is to choose."""
    document = parse_body(text) or {}
    variables = await with_options(api, region, read_variables(document), DEFAULT.window(now_ms))
    return read_document(chosen_body(document, variables, chosen), region=region), variables


def read_variables(body: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Read what PutDashboard has passed; what cannot be read is left out."""
    given = body.get("variables")
    return tuple(
        variable
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, dict) and (variable := _variable(one)) is not None
    )


def _variable(given: Mapping[str, Any]) -> Variable | None:
    kind: Literal["property", "pattern"] = "pattern" if given.get("type") == "pattern" else "property"
    name, subject, field = given.get("id"), given.get(kind), given.get("inputType")
    if not isinstance(name, str) or not isinstance(subject, str) or not subject:
        return None
    options = tuple(
        Option(_text(one["value"]), str(one.get("label") or _text(one["value"])))
        for one in given.get("values") or []
        if isinstance(one, dict) and "value" in one
    )
    search, populate_from = given.get("search"), given.get("populateFrom")
    is_searched = isinstance(search, str) and isinstance(populate_from, str)
    return Variable(
        id=name,
        label=str(given.get("label") or subject),
        kind=kind,
        subject=subject,
        input="radio" if field == "radio" else "select" if field == "select" else "input",
        options=options,
        default=None if given.get("defaultValue") is None else _text(given["defaultValue"]),
        visible=given.get("visible") is not False,
        search=str(search) if is_searched else "",
        populate_from=str(populate_from) if is_searched else "",
        note="" if options or is_searched or field == "input" else "values from tags are not offered here",
    )


def _text(value: object) -> str:
    """A value as JSON has it: `true`, not `True`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


async def with_options(
    api: Api, region: str, variables: Sequence[Variable], window: Window
) -> tuple[Variable, ...]:
    """The variables with what their searches find; what is refused becomes a note beside an input of text."""
    return tuple([await _searched(api, region, one, window) if one.search else one for one in variables])


async def _searched(api: Api, region: str, variable: Variable, window: Window) -> Variable:
    # Metric math knows no escapes: a text stands in the quotes that it does not hold.
    quote = '"' if "'" in variable.search else "'"
    name = _property_of(variable.populate_from).replace("'", "\\'")
    query = {
        "Id": "v",
        "Expression": f"SEARCH({quote}{variable.search}{quote}, 'SampleCount', {_SEARCH_PERIOD_S})",
        "Label": f"${{PROP('{name}')}}{_BREAK}${{LABEL}}",
        "Period": _SEARCH_PERIOD_S,
    }
    params = {"MetricDataQueries": [query], "StartTime": window.from_ms, "EndTime": window.to_ms}
    found: set[str] = set()
    try:
        async for page in pages(api, region, "cloudwatch", "GetMetricData", params):
            results = page.get("MetricDataResults", [])
            found |= {result["Label"].partition(_BREAK)[0] for result in results}
    except AwsError as error:
        return replace(variable, note=f"its values cannot be searched for: {error.message or error.code}")
    found.discard("--")
    options = tuple(Option(one, one) for one in sorted(found)[:VARIABLE_VALUES_MAX])
    note = "" if options else "its search finds nothing"
    return replace(variable, options=options, note=note)


def _property_of(populate_from: str) -> str:
    known = {"MetricName", "Namespace", "Region", "AccountId"}
    return populate_from if populate_from in known else f"Dim.{populate_from}"


def chosen_body(
    body: Mapping[str, Any], variables: Sequence[Variable], chosen: Mapping[str, str]
) -> dict[str, Any]:
    """The body with every variable's value in its place; one nested beyond Python's depth stays as it is."""
    try:
        return {**body, "widgets": _chosen_widgets(body.get("widgets"), variables, chosen)}
    except RecursionError:
        return dict(body)


def _chosen_widgets(widgets: Any, variables: Sequence[Variable], chosen: Mapping[str, str]) -> Any:
    for variable in variables:
        value = variable.value(chosen)
        if value is None:
            continue
        if variable.kind == "pattern":
            widgets = _with_text(widgets, variable.subject, value)
        else:
            widgets = _with_property(widgets, variable.subject, value)
    return widgets


def _with_text(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return value.replace(old, new)
        case list():
            return [_with_text(one, old, new) for one in value]
        case dict():
            return {name: _with_text(one, old, new) for name, one in value.items()}
        case _:
            return value


def _with_property(value: Any, name: str, new: str) -> Any:
    match value:
        case list():
            return [_with_property(one, name, new) for one in value]
        case dict():
            return {
                key: _same_kind(one, new)
                if key == name and isinstance(one, str | int | float)
                else _rows(one, name, new)
                if key == "metrics"
                else _with_property(one, name, new)
                for key, one in value.items()
            }
        case _:
            return value


def _same_kind(old: str | float, new: str) -> Any:
    """The value in the kind of that which stood there: a period stays a number."""
    if isinstance(old, bool):
        return new == "true"
    if isinstance(old, int | float):
        try:
            return int(new)
        except ValueError:
            return new
    return new


def _rows(metrics: Any, name: str, new: str) -> Any:
    """Rows of metrics written out, so that a dimension is found that a row takes from the one above."""
    if not isinstance(metrics, list):
        return metrics
    try:
        return list(_written_rows(metrics, name, new))
    except BodyError:
        return metrics


def _written_rows(metrics: list[Any], name: str, new: str) -> Iterator[Any]:
    above: list[str] = []
    for index, row in enumerate(metrics):
        if not isinstance(row, list) or not row:
            yield row
            continue
        options = [_with_property(row[-1], name, new)] if isinstance(row[-1], dict) else []
        words = row[: len(row) - len(options)]
        if words:
            above = written_out(words, above, index)
            words = [
                new if place % 2 and place > 2 and above[place - 1] == name else word
                for place, word in enumerate(above)
            ]
        yield [*words, *options]
