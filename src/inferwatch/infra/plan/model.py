"""A model's thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from inferwatch.catalog.watches import OF_MODELS, SEVERITIES, Levels, Watch
from inferwatch.infra.plan.errors import check_known, check_number, check_text, refuse

DEFAULT: Final = "default"
RESERVED: Final = ("all", "slo", "custom", "anomaly")
_MODEL_MAX_CHARS: Final = 128

Threshold: TypeAlias = float | Mapping[str, float] | Levels | Literal["off"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """From where on a model warns and pages.

    Each threshold is a number (the critical level, alone), a mapping or `Levels` with `warning`, `critical`
    or both, `"off"`, or `None`: as for `"default"`, and there the catalog's own.

    Args:
        latency_p99_ms: p99 of the whole duration, in milliseconds.
        ttft_p99_ms: p99 of the time to first token, in milliseconds.
        error_rate: Failed inferences as a share of those ended: 0.02 is two in a hundred.
        throttle_rate: Throttled ones likewise.
    """

    latency_p99_ms: Threshold = None
    ttft_p99_ms: Threshold = None
    error_rate: Threshold = None
    throttle_rate: Threshold = None


def check_models(models: Mapping[str, Model]) -> None:
    """Raises UsageError."""
    for name, model in models.items():
        where = f"models[{name!r}]"
        check_text(
            where,
            name,
            rf'[^\x00-\x1f\x7f"\\]{{1,{_MODEL_MAX_CHARS}}}',
            f"a model's name of 1-{_MODEL_MAX_CHARS} characters without quotes and backslashes",
        )
        if "*" in name:
            raise refuse(where, "a pattern of several models has no alarm of its own: name each model")
        if name in RESERVED:
            raise refuse(
                where, f"the names {', '.join(RESERVED)} are taken by alarms that are not about models"
            )
        if not isinstance(model, Model):
            raise refuse(where, f"expected a Model, got {model!r}")
        for watch in OF_MODELS.values():
            assert watch.argument is not None
            _levels(f"{where}.{watch.argument}", getattr(model, watch.argument), watch)


def levels_of(models: Mapping[str, Model], name: str, watch: Watch) -> Levels:
    """The levels of one model: its own, else those of `"default"`, else the catalog's."""
    assert watch.argument is not None
    for each in (name, DEFAULT):
        if each in models:
            given = getattr(models[each], watch.argument)
            if given is not None:
                return _levels(f"models[{each!r}].{watch.argument}", given, watch)
    return watch.levels


def _levels(argument: str, given: object, watch: Watch) -> Levels:
    match given:
        case None | "off":
            return Levels()
        case Levels():
            levels = given
        case Mapping():
            check_known(argument, given, SEVERITIES)
            levels = Levels(**given)
        case _:
            levels = Levels(critical=given)  # type: ignore[arg-type]  # checked below
    most = 1.0 if watch.factor == 100 else None
    for severity in SEVERITIES:
        if (level := levels.of(severity)) is not None:
            check_number(f"{argument} ({severity})", level, above=0, most=most)
    if levels.warning is not None and levels.critical is not None and levels.warning >= levels.critical:
        raise refuse(argument, f"warning ({levels.warning:g}) is not below critical ({levels.critical:g})")
    return levels
