"""What usage costs at given rates: a multiplication, in the caller, at the end of each call.

Source: the pricing pages of OpenAI, Anthropic and Google, and `genai-prices`: cached, audio and image tokens
are part of the input, reasoning is part of the output, and each is billed once, at its own rate where it has
one; above a threshold of input tokens all of the call is billed at other rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inferwatch.model.fields import CostStatus

# A metric filter reads plain numbers: a billionth of a dollar is the least.
_DECIMALS: Final = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost.

    Args:
        usd: `None` where no price is known.
        price_id: The price list it was reckoned by; `None` where none was.
    """

    status: CostStatus
    usd: float | None = None
    price_id: str | None = None


UNPRICED: Final = Cost("unpriced")


# Each kind of tokens, by the field that counts it, and the kind that it is part of: wholes come first.
WHOLES: Final[Mapping[str, str | None]] = {
    "input": None,
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "audio_in": "input",
    "image_in": "input",
    "output": None,
    "reasoning": "output",
    "audio_out": "output",
}
KINDS: Final = tuple(WHOLES)
_ALL: Final = tuple(f"{kind}_tokens" for kind, whole in WHOLES.items() if whole is None)


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars for tokens.

    Args:
        adds: By field, what a token of the kind adds to what it costs as one of the kind it is part of.
        lacks: Of input and output, those without a price.
        request: For each request.
    """

    adds: Mapping[str, float]
    lacks: tuple[str, ...]
    request: float = 0.0

    @classmethod
    def of(cls, per_million: Mapping[str, float | None], *, request: float = 0.0) -> Rates:
        """From prices of a million tokens, by kind; one without a price is billed as what it is part of."""
        adds = {}
        for kind, whole in WHOLES.items():
            price = per_million.get(kind)
            if price is not None:
                adds[f"{kind}_tokens"] = (price - _held(per_million, whole)) / 1_000_000
        return cls(adds, tuple(field for field in _ALL if field not in adds), request)

    def times(self, factor: float) -> Rates:
        """That many times as high."""
        adds = {field: rate * factor for field, rate in self.adds.items()}
        return Rates(adds, self.lacks, self.request * factor)


def _held(per_million: Mapping[str, float | None], kind: str | None) -> float:
    """What a kind is billed at: its own price, else that of its whole."""
    while kind is not None:
        price = per_million.get(kind)
        if price is not None:
            return price
        kind = WHOLES[kind]
    return 0.0


@dataclass(frozen=True, slots=True)
class PriceList:
    """The rates of one model.

    Args:
        tiers: From how many input tokens on, exclusive, which rates hold; the first is for all.
        per_hour: US dollars for each hour that the call took.
    """

    id: str
    tiers: tuple[tuple[int, Rates], ...]
    per_hour: float = 0.0

    def times(self, factor: float, id: str) -> PriceList:
        """The same prices, that many times as high."""
        tiers = tuple((start, rates.times(factor)) for start, rates in self.tiers)
        return PriceList(id, tiers, self.per_hour * factor)

    def cost(self, usage: Mapping[str, int], *, hours: float, is_estimate: bool) -> Cost:
        """What a call with this usage cost.

        An estimate, and a call of which some part has no price or no count, is `partial`.
        """
        total = usage.get("input_tokens", 0)
        rates = next(rates for start, rates in reversed(self.tiers) if total > start)
        usd, is_priced, adds = rates.request + self.per_hour * hours, self.per_hour > 0, rates.adds
        for field, tokens in usage.items():
            if field in adds:
                usd += adds[field] * tokens
                is_priced = True
        if not is_priced or _is_absurd(usage):
            return UNPRICED
        is_whole = not is_estimate and (self.per_hour > 0 or _is_whole(rates, usage))
        return Cost("priced" if is_whole else "partial", round(usd, _DECIMALS), self.id)


def _is_whole(rates: Rates, usage: Mapping[str, int]) -> bool:
    """Is all counted that has a price, and nothing that has none? Embeddings have neither for output."""
    for field in _ALL:
        if (usage.get(field, 0) > 0) if field in rates.lacks else field not in usage:
            return False
    return True


def _is_absurd(usage: Mapping[str, int]) -> bool:
    """Are parts larger than their whole?"""
    of = usage.get
    write = of("cache_write_tokens", 0)
    inner = of("cache_read_tokens", 0) + write + of("audio_in_tokens", 0) + of("image_in_tokens", 0)
    outer = of("reasoning_tokens", 0) + of("audio_out_tokens", 0)
    return (
        of("cache_write_1h_tokens", 0) > write
        or inner > of("input_tokens", inner)
        or outer > of("output_tokens", outer)
    )
