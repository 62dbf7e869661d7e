"""Prices of your own: negotiated ones, and those of models that you serve yourself."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase

from inferwatch.capture.prices.cost import KINDS, PriceList, Rates
from inferwatch.model.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model costs you, in US dollars: for a million tokens of each kind, for a request, for an hour.

    Args:
        input: A million input tokens.
        output: A million output tokens.
        cache_read: Of the input, those read from the provider's cache; as `input` where not given.
        cache_write: Of the input, those written to it; likewise.
        cache_write_1h: Of those, the ones kept for an hour; as `cache_write`.
        audio_in: Of the input, those of sound; as `input`.
        image_in: Of the input, those of pictures; as `input`.
        reasoning: Of the output, those spent on reasoning; as `output`.
        audio_out: Of the output, those of sound; as `output`.
        request: Each request besides.
        hour: An hour of the machine that serves the model: a call costs the time it took.
        concurrency: How many calls share that machine at a time.
        discount: Instead of all these: the part of the list price that you do not pay, e.g. 0.15.

    Raises:
        UsageError: A number is none that a price can be, or nothing is given.
    """

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    audio_in: float | None = None
    image_in: float | None = None
    reasoning: float | None = None
    audio_out: float | None = None
    request: float | None = None
    hour: float | None = None
    concurrency: float = 1.0
    discount: float | None = None

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in given.items():
            if value is not None and not _is_amount(value):
                raise UsageError(f"Price({name}=...): expected a number from 0 up, got {value!r}")
        prices = {name for name, value in given.items() if value is not None} - {"concurrency", "discount"}
        if not self.concurrency:
            raise UsageError("Price(concurrency=...): expected a number above 0")
        if self.discount is not None and (prices or self.discount > 1):
            raise UsageError(
                "Price(discount=...): expected a part of the list price, 0 to 1, and no prices beside it"
            )
        if self.discount is None and not prices:
            raise UsageError("Price(): expected a price, e.g. Price(input=0.5, output=1.5), Price(hour=2)")

    def listed(self, id: str) -> PriceList:
        """As a price list of its own."""
        rates = Rates.of({kind: getattr(self, kind) for kind in KINDS}, request=self.request or 0.0)
        return PriceList(id, ((-1, rates),), (self.hour or 0.0) / self.concurrency)


class OwnPrices:
    """Prices by model: `gpt-5-mini`, `openai/gpt-5-*`, `*`; the first name that fits counts.

    Raises:
        UsageError: A name or a price is none.
    """

    def __init__(self, prices: Mapping[str, Price]) -> None:
        if not isinstance(prices, Mapping):
            raise UsageError(f"prices: expected a mapping of models to Price, got {type(prices).__name__}")
        for name, price in prices.items():
            if not isinstance(name, str) or not name:
                raise UsageError(f"prices: expected a model's name, got {name!r}")
            if not isinstance(price, Price):
                raise UsageError(f"prices[{name!r}]: expected a Price, got {type(price).__name__}")
        self._prices = dict(prices)
        told = json.dumps({name: asdict(price) for name, price in self._prices.items()}, sort_keys=True)
        self.id = f"own+{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def find(self, provider: str, model: str) -> Price | None:
        """A model's own price; `None` where it has none."""
        if not self._prices:
            return None
        return next(
            (
                price
                for name, price in self._prices.items()
                if fnmatchcase(f"{provider}/{model}" if "/" in name else model, name)
            ),
            None,
        )


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
