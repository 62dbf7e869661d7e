"""Every engine of one process: an account and region each, made when first spoken to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from inferwatch.engine.arn import Realm
from inferwatch.engine.clock import Clock
from inferwatch.engine.engine import Engine
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.engine.notify.signing import SigningKey

DEFAULT_ACCOUNT_ID = "000000000000"


class Cloud:
    """Engines by region.

    Args:
        region_label: A region's name for people, e.g. `us-east-1` → `US East (N. Virginia)`.
        base_url: Where the process answers HTTP; set once its port is known.
        new_id: Makes unique ids; tests give a counter.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        account_id: str = DEFAULT_ACCOUNT_ID,
        region_label: Callable[[str], str] = str,
        base_url: str = "",
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.clock = clock
        self.account_id = account_id
        self.base_url = base_url
        self.engine_id = new_id()
        self.signing_key = SigningKey()
        self._region_label = region_label
        self.new_id = new_id
        self._engines: dict[str, Engine] = {}

    def engine(self, region: str) -> Engine:
        engine = self._engines.get(region)
        if engine is None:
            engine = self._engines[region] = Engine(
                Realm(self.account_id, region, self._region_label(region)),
                self.clock,
                new_id=self.new_id,
                base_url=lambda: self.base_url,
                sign=self.signing_key.sign,
            )
        return engine

    def find(self, region: str) -> Engine | None:
        """The engine of a region that has been spoken to."""
        return self._engines.get(region)

    @property
    def regions(self) -> list[str]:
        return sorted(self._engines)

    def run_due(self) -> None:
        for engine in list(self._engines.values()):
            engine.run_due()

    def due_deliveries(self) -> Iterator[Delivery]:
        """Posts to send now; call `delivery.answered` with what came of each."""
        for engine in list(self._engines.values()):
            yield from engine.topics.due(engine.now_ms)
