"""How a kind of log tells a metric: by a filter, by a number embedded in its events, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

COUNT: Final = "Count"
MILLISECONDS: Final = "Milliseconds"


@dataclass(frozen=True, slots=True)
class Filter:
    """Events that a JSON condition holds for, and what each of them is worth.

    Args:
        condition: As it stands between the braces of a filter pattern.
        value: A number, or the selector of one in the event.
        unit: CloudWatch's unit of that number.
        scale: What the number is multiplied by to be in the metric's own unit.
        name: The metric's name, where that is not the catalog's: a figure in another unit has another name.
        note: What a reader should know of this log's figure.
    """

    condition: str
    value: str = "1"
    unit: str = COUNT
    scale: float = 1.0
    name: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A number that the event itself publishes, in the embedded metric format, under its own name."""

    unit: str
    name: str | None = None
    note: str = ""
    scale: float = field(default=1.0, init=False)


@dataclass(frozen=True, slots=True)
class Absent:
    """This log cannot give the metric, and why."""

    why: str


Reading: TypeAlias = Filter | Embedded | Absent


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of log that inferences are told in.

    Args:
        model: Selector of the model's name: the only dimension there is.
        readings: One for every metric of the catalog, by its key.
        fields: The names that saved queries use → this log's field in Logs Insights, or an expression of it.
    """

    name: str
    about: str
    model: str
    readings: Mapping[str, Reading]
    fields: Mapping[str, str]

    def gives(self, metric: str) -> bool:
        """Can it tell this metric?"""
        return not isinstance(self.readings[metric], Absent)
