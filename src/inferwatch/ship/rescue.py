"""Deliver the spools of processes that are gone: what `inferwatch ship DIR` does."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from inferwatch.ship.adopt import adopt
from inferwatch.ship.berth import Orphan, berths, hold, slabs_in, write_dead_letters
from inferwatch.ship.delivery import Delivery, Wire
from inferwatch.ship.report import in_one_sentence
from inferwatch.ship.salvage import salvage
from inferwatch.ship.send import Transport
from inferwatch.ship.slab import Place, Slab
from inferwatch.ship.spool import Spool
from inferwatch.ship.target import Target


@dataclass(slots=True)
class Rescue:
    """What became of everything found.

    Args:
        left: Records still there, and `trouble` says why.
        damaged: Files of which nothing can be read: left as they are.
        held: Folders with records of processes that still run, and deliver for themselves.
    """

    delivered: int = 0
    rejected: int = 0
    left: int = 0
    damaged: list[str] = field(default_factory=list)
    held: list[Path] = field(default_factory=list)
    trouble: str | None = None


class Rescuer:
    """Sends one folder after the other.

    Args:
        region: Instead of the one that the records were for.
        endpoint_url: Instead of the one that the records were for.
        patience_s: Give up where nothing has been settled for so long.
        chance: A random number from 0 to below 1.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        patience_s: float = 30.0,
        transport: Callable[[Target], Wire] = Transport,
        monotonic_s: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.found = Rescue()
        self._region = region
        self._endpoint_url = endpoint_url
        self._patience_s = patience_s
        self._transport = transport
        self._monotonic_s = monotonic_s
        self._chance = chance

    def rescue(self, folder: Path) -> Rescue:
        """Deliver what is in every spool under a folder."""
        for path in list(berths(folder)):
            orphan = hold(path)
            if orphan is None:
                if _has_records(path):
                    self.found.held.append(path)
                continue
            try:
                self._deliver(orphan)
            finally:
                orphan.leave()
        return self.found

    def _deliver(self, orphan: Orphan) -> None:
        spool = Spool(_no_slab, max_slabs=1)
        bury = partial(write_dead_letters, orphan.path.parent)
        _, damaged = adopt(orphan, spool, lambda _: True, bury)
        self.found.damaged += damaged
        if spool.next_piece() is not None:
            wire = self._transport(self._target(spool.place))
            delivery = Delivery(spool, wire, bury=bury, monotonic_s=self._monotonic_s, chance=self._chance)
            self._send_all(spool, delivery)
            wire.close()
            self.found.trouble = in_one_sentence((self.found.trouble, delivery.trouble))
        now = spool.counts()
        if now.dropped:
            self.found.trouble = in_one_sentence((self.found.trouble, now.loss))
        self.found.delivered += now.delivered
        self.found.rejected += now.rejected
        self.found.left += now.spooled + now.dropped

    def _send_all(self, spool: Spool, delivery: Delivery) -> None:
        delivery.close_at(self._monotonic_s() + self._patience_s)
        while (piece := spool.next_piece()) is not None and delivery.settle(piece):
            delivery.close_at(self._monotonic_s() + self._patience_s)

    def _target(self, place: Place) -> Target:
        return Target(
            log_group=place.log_group,
            region=self._region or place.region,
            service="inferwatch-ship",
            endpoint_url=self._endpoint_url or place.endpoint_url,
        )


def _has_records(path: Path) -> bool:
    return any(isinstance(slab, Slab) and salvage(slab).count for slab in slabs_in(path))


def _no_slab(_size: int) -> Slab:
    raise OSError("nothing is put into a spool that is being emptied")
