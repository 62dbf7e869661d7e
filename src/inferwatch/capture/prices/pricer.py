"""What an ended call cost: by a price of one's own, else by the list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.prices.cost import UNPRICED, Cost, PriceList
from inferwatch.capture.prices.own import OwnPrices, Price
from inferwatch.capture.prices.table import TABLE, NotRead, Table
from inferwatch.model.loopback import is_loopback

# Prices of the list change at quarters of an hour at most, UTC.
_BUCKET_MS: Final = 15 * 60_000
_KEPT_MAX: Final = 1_000
_NS_PER_HOUR: Final = 3_600_000_000_000

_Key: TypeAlias = tuple[int, str, str | None, str, str | None, str | None, bool]


class Pricer:
    """Finds each model's prices once in a quarter of an hour, and multiplies. Safe in threads.

    Args:
        own: Prices by model, before those of the list.
    """

    def __init__(self, own: Mapping[str, Price] = MappingProxyType({}), *, table: Table = TABLE) -> None:
        self._own = OwnPrices(own)
        self._table = table
        self._known: dict[_Key, PriceList | None] = {}

    def prepare(self, request: Request) -> None:
        """A call begins that may be priced by the list: have it read meanwhile."""
        if request.endpoint_host is None or not is_loopback(request.endpoint_host):
            self._table.prepare()

    def cost(self, draft: Draft, ended_ns: int) -> Cost | None:
        """What a call cost that ended at `ended_ns`; `None` where nobody knows what it used."""
        if not draft.usage:
            return None
        prices = self._prices(draft)
        if prices is None:
            return UNPRICED
        hours = (ended_ns - draft.started_ns) / _NS_PER_HOUR
        return prices.cost(draft.usage, hours=hours, is_estimate=draft.usage_source == "estimated")

    def _prices(self, draft: Draft) -> PriceList | None:
        request, known = draft.request, self._known
        key = (
            draft.started_ms // _BUCKET_MS, request.provider, request.endpoint_host, request.model,
            draft.model_served, draft.service_tier, request.batch,
        )  # fmt: skip
        if key in known:
            return known[key]
        if len(known) >= _KEPT_MAX:
            known = self._known = {}
        try:
            known[key] = self._find(draft)
        except NotRead:
            return None
        return known[key]

    def _find(self, draft: Draft) -> PriceList | None:
        """By the model that answered, else by the one that was asked."""
        models = [model for model in (draft.model_served, draft.request.model) if model]
        own = (self._own.find(draft.request.provider, model) for model in models)
        price = next((found for found in own if found is not None), None)
        if price is not None and price.discount is None:
            return price.listed(self._own.id)
        lists = (self._listed(draft, model) for model in models)
        listed = next((found for found in lists if found is not None), None)
        if listed is None or price is None or price.discount is None:
            return listed
        return listed.times(1 - price.discount, f"{listed.id}+{self._own.id}")

    def _listed(self, draft: Draft, model: str) -> PriceList | None:
        request = draft.request
        if request.endpoint_host is not None and is_loopback(request.endpoint_host):
            return None
        context = {}
        if draft.service_tier:
            context["service_tier"] = draft.service_tier
        if request.batch:
            context["processing"] = "batch"
        return self._table.find(request.provider, request.endpoint_host, model, draft.started_ms, context)
