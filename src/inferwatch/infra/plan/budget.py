"""What inferences may cost."""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.infra.plan.errors import check_number, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """US dollars in any hour, and in any 24 hours: at `warn_at` of it a warning, beyond it a page.

    `None` is no limit. Cost is what records say: list prices, without inferences of unknown price.
    """

    usd_per_hour: float | None = None
    usd_per_day: float | None = None
    warn_at: float = 0.8


def check_budget(budget: Budget) -> None:
    """Raises UsageError."""
    for argument in ("usd_per_hour", "usd_per_day"):
        if (limit := getattr(budget, argument)) is not None:
            check_number(f"budget.{argument}", limit, above=0)
    check_number("budget.warn_at", budget.warn_at, above=0)
    if budget.warn_at >= 1:
        raise refuse("budget.warn_at", f"expected a share of the budget below 1, got {budget.warn_at!r}")
