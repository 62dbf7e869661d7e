"""Which inferences a series is of: all of them, one named model's, or those of every other model.

A metric has no total over its dimensions in CloudWatch, so each scope has filters of its own: all inferences
without a dimension, named models with the dimension `model` (a misspelt name makes no metric), and the others
under a namespace beside it, where models are named and the default alarms watch the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inferwatch.catalog.expressions import Term
from inferwatch.catalog.metrics import DIMENSION, METRICS
from inferwatch.catalog.readings import Embedded, Filter, Source
from inferwatch.infra.plan.errors import refuse
from inferwatch.infra.plan.model import DEFAULT
from inferwatch.infra.plan.words import plain
from inferwatch.model.limits import FILTER_PATTERN_MAX_CHARS

CHOSEN: Final = "CHOSEN-MODEL"
"""Stands for the model that a dashboard's reader chooses."""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of CloudWatch, with the statistic to read it by.

    Args:
        scale: What the statistic is multiplied by to be in the catalog's unit.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of one plan.

    Args:
        models: The named ones.
    """

    namespace: str
    source: Source
    models: tuple[str, ...]

    @property
    def others_namespace(self) -> str:
        return f"{self.namespace}/others"

    def of_all(self, term: Term) -> Series:
        """Of all inferences."""
        return self._series(term, self.namespace, {})

    def of_model(self, term: Term, model: str) -> Series:
        """Of a named model; of all that are not named for `"default"`."""
        if model != DEFAULT:
            return self._series(term, self.namespace, {DIMENSION: model})
        if self.models and isinstance(self._reading(term), Filter):
            return self._series(term, self.others_namespace, {})
        return self.of_all(term)

    def named_condition(self) -> str:
        """Holds for events of named models."""
        return " || ".join(f'{self.source.model} = "{model}"' for model in self.models)

    def others_condition(self) -> str:
        """Holds for events of the other models."""
        return " && ".join(f'{self.source.model} != "{model}"' for model in self.models)

    def _reading(self, term: Term) -> Filter | Embedded:
        reading = self.source.readings[term.metric]
        assert isinstance(reading, Filter | Embedded), f"{self.source.name} does not give {term.metric}"
        return reading

    def _series(self, term: Term, namespace: str, dimensions: Mapping[str, str]) -> Series:
        reading = self._reading(term)
        # A number of samples, or a share of them, has no unit of its own.
        is_plain = term.statistic == "SampleCount" or term.statistic.startswith("PR(")
        name = reading.name or METRICS[term.metric].name
        statistic = _scaled(term.statistic, reading.scale)
        return Series(namespace, name, dimensions, statistic, 1.0 if is_plain else reading.scale)


def pattern(condition: str, also: str = "") -> str:
    """A filter pattern of a condition, and of another one.

    Raises:
        UsageError: It is too long: too many models are named.
    """
    text = f"{{ ({condition}) && ({also}) }}" if also else f"{{ {condition} }}"
    if len(text) > FILTER_PATTERN_MAX_CHARS:
        raise refuse(
            "models",
            f"a filter that names them all has {len(text):,} characters; CloudWatch takes "
            f"{FILTER_PATTERN_MAX_CHARS:,}: name fewer",
        )
    return text


def _scaled(statistic: str, scale: float) -> str:
    """A percentile rank's bound is in the metric's own unit: `PR(:4000)` of seconds is `PR(:4)`."""
    if scale == 1 or not statistic.startswith("PR("):
        return statistic
    low, _, high = statistic[3:-1].partition(":")
    return f"PR({_bound(low, scale)}:{_bound(high, scale)})"


def _bound(text: str, scale: float) -> str:
    return plain(float(text) / scale) if text else ""
