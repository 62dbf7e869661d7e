"""List prices: the table of `genai-prices`, and what it says of one model at one moment.

Reading the table takes half a second of CPU: a thread of its own does it, once in a process, while the first
call waits for its model. A call that ends before that waits for the rest of it, two seconds at most.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inferwatch.capture.prices.cost import PriceList, Rates
from inferwatch.model.process import in_forked_children, warn_once

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice

_WAIT_S: Final = 2.0
_SETTLE_S: Final = 30.0
_ALL: Final = -1
# The kinds of tokens that we count, by the table's names of their prices.
_KEYS: Final[Mapping[str, str]] = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "audio_in": "input_audio_mtok",
    "image_in": "input_image_mtok",
    "output": "output_mtok",
    "reasoning": "output_reasoning_mtok",
    "audio_out": "output_audio_mtok",
}
_PER_THOUSAND: Final = 1_000
# OpenTelemetry's names, and those that people write by hand, where the table has another.
# Source: OpenTelemetry, `gen_ai.provider.name`; the ids of `genai-prices`.
_PROVIDERS: Final = {
    "aws.bedrock": "aws", "bedrock": "aws", "amazon-bedrock": "aws",
    "azure.ai.openai": "azure", "azure.ai.inference": "azure", "azure_openai": "azure",
    "gcp.gemini": "google", "gcp.vertex_ai": "google", "gcp.gen_ai": "google", "gemini": "google",
    "vertex_ai": "google", "mistral_ai": "mistral", "moonshot_ai": "moonshotai", "x_ai": "x-ai",
    "xai": "x-ai",
}  # fmt: skip
# An API that others speak too: there the host says who bills.
_DIALECTS: Final = {"openai": ".api.openai.com", "anthropic": ".anthropic.com"}


class NotRead(Exception):
    """The table is being read: later it may say more."""


class Table:
    """The list prices of this process, read when somebody asks for them first.

    Args:
        wait_s: How long a call that has ended waits for them.
    """

    def __init__(self, *, wait_s: float = _WAIT_S) -> None:
        self._wait_s = wait_s
        self._start_fresh()
        in_forked_children(self._start_fresh)

    def _start_fresh(self) -> None:
        """A fork takes a table that is there along; one that is being read is waited for before it."""
        self._begin = threading.Lock()
        self._done = threading.Event()
        self._reader: threading.Thread | None = None
        self._snapshot: DataSnapshot | None = getattr(self, "_snapshot", None)
        self._id = getattr(self, "_id", "")
        if self._snapshot is not None:
            self._done.set()

    def prepare(self) -> None:
        """Begin to read the table, unless that was begun before."""
        if self._reader is not None or self._done.is_set():
            return
        with self._begin:
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, name="inferwatch-prices", daemon=True)
                self._reader.start()

    def settle(self) -> None:
        """Let a reading that is under way end: what a fork interrupts, its child would wait for, for ever."""
        if self._reader is not None:
            self._reader.join(_SETTLE_S)

    def _read(self) -> None:
        try:
            from importlib.metadata import version

            from genai_prices import data
            from genai_prices.data_snapshot import get_snapshot

            table = hashlib.sha256(Path(data.__file__).read_bytes()).hexdigest()[:8]
            self._id = f"genai-prices/{version('genai-prices')}+{table}"
            self._snapshot = get_snapshot()
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with it, calls are recorded without prices
            warn_once(f"list prices cannot be read, so calls are unpriced: {type(fault).__name__}: {fault}")
        finally:
            self._done.set()

    def find(
        self, provider: str, host: str | None, model: str, at_ms: int, context: Mapping[str, str]
    ) -> PriceList | None:
        """A model's prices at a moment; `None` where nobody lists any.

        Args:
            host: Where it is asked, when that is not the provider's own.
            context: `service_tier`, `processing`: what the call was asked or answered with.

        Raises:
            NotRead: It takes too long.
        """
        self.prepare()
        if not self._done.wait(self._wait_s):
            raise NotRead
        if self._snapshot is None:
            return None
        try:
            found = self._model(self._snapshot, provider, host, model)
            at = datetime.fromtimestamp(at_ms / 1_000, UTC)
            return PriceList(self._id, tuple(_tiers(found.get_prices(at, dict(context) or None))))
        except LookupError:
            return None

    @staticmethod
    def _model(snapshot: DataSnapshot, provider: str, host: str | None, model: str) -> ModelInfo:
        """Raises LookupError."""
        url = None
        if host is not None and provider in _DIALECTS and not host.endswith(_DIALECTS[provider]):
            url = f"https://{host}/"
        id = None if url else _PROVIDERS.get(provider.lower(), provider.lower())
        if id is not None and all(known.id != id for known in snapshot.providers):
            raise LookupError(provider)  # the table's own search takes any name that holds a known one
        return snapshot.find_provider_model(model, None, id, url)[1]


def _tiers(prices: ModelPrice) -> Iterator[tuple[int, Rates]]:
    """The rates for all calls, then those above each threshold of input tokens."""
    by_kind = {kind: getattr(prices, key) for kind, key in _KEYS.items()}
    requests = _at(prices.requests_kcount, _ALL) or 0.0
    starts = {tier.start for price in by_kind.values() for tier in getattr(price, "tiers", ())}
    for start in sorted({_ALL, *starts}):
        per_million = {kind: _at(price, start) for kind, price in by_kind.items()}
        yield start, Rates.of(per_million, request=requests / _PER_THOUSAND)


def _at(price: Any, start: int) -> float | None:
    """A price where more than `start` tokens came in."""
    if price is None:
        return None
    held = getattr(price, "base", price)
    for tier in getattr(price, "tiers", ()):
        if tier.start <= start:
            held = tier.price
    return float(held)


TABLE: Final = Table()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=TABLE.settle)
