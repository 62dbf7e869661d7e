"""Numbers, times and descriptions, as people and CloudWatch read them."""

from __future__ import annotations

from decimal import Decimal

from inferwatch.catalog.watches import DAY_S, HOUR_S, MINUTE_S


def plain(number: float) -> str:
    """A number without an exponent, which CloudWatch's expressions and statistics do not take."""
    text = f"{Decimal(f'{number:.15g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def span(seconds: int) -> str:
    """`5 minutes`, `1 hour`, `3 days`."""
    for size, word in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def short_span(seconds: int) -> str:
    """`5m`, `1h`, `3d`."""
    count, word = span(seconds).split()
    return f"{count}{word[0]}"


def description(said: str, means: str, first: str, runbook: str | None) -> str:
    """What is so, what it means, what to do: in the order in which somebody just woken needs it."""
    parts = [said, means, f"First: {first}" if first else "", f"Runbook: {runbook}" if runbook else ""]
    return " ".join(part for part in parts if part)


def sentence(clause: str) -> str:
    """Begins with a capital, ends with a full stop."""
    return f"{clause[0].upper()}{clause[1:]}."
