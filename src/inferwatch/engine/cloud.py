"""Every engine of one process: an account and region each, made when first spoken to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from inferwatch.engine.alarms.alarm import Transition
from inferwatch.engine.arn import Realm
from inferwatch.engine.clock import Clock, RewindableClock
from inferwatch.engine.dashboards.store import Dashboards
from inferwatch.engine.engine import Engine
from inferwatch.engine.identity.identity import Identity
from inferwatch.engine.journal import Journal
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.notify.delivery import Delivery, Dispatch
from inferwatch.engine.notify.envelope import Office
from inferwatch.engine.notify.signing import SigningKey
from inferwatch.engine.store.store import Store

DEFAULT_ACCOUNT_ID = "000000000000"
# One more than Subscribe makes: what a subscriber is told gives no other id away.
_IDS_DRAWN: Final = 4


class Cloud:
    """Engines by region.

    Args:
        region_label: A region's name for people, e.g. `us-east-1` → `US East (N. Virginia)`.
        base_url: Where the process answers HTTP; set once its port is known.
        addresses: Of subscription filters' destinations: ARN → http(s) address.
        new_id: Makes unique ids; tests give a counter.
        open_store: Opens a region's log store.
        open_checkpoint: Opens what keeps a region's metrics, after its store; `None` where nothing does.
        signing_key: Signs notifications; made where none is given, which takes 0.1 s.

    Where it is set, `journal` keeps what a restart must bring back; `on_transition` is told (region,
    transition) of each change of state that an evaluation makes, `on_released` (region, epoch ms) of each
    moment at which time sets alarm actions free, and both give the context in which the actions are done;
    `on_answered` is told of each delivery after each attempt; `mail_folder` is where mails are written.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        account_id: str = DEFAULT_ACCOUNT_ID,
        region_label: Callable[[str], str] = str,
        base_url: str = "",
        addresses: Mapping[str, str] | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
        open_store: Callable[[str], Store] = lambda _: Store.in_memory(),
        open_checkpoint: Callable[[str], Checkpoint | None] = lambda _: None,
        signing_key: SigningKey | None = None,
    ) -> None:
        self._clock = RewindableClock(clock)
        self.account_id = account_id
        self.base_url = base_url
        self.engine_id = new_id()
        self.signing_key = signing_key or SigningKey()
        self.mail_folder: Path | None = None
        self.journal: Journal | None = None
        self.on_transition: Callable[[str, Transition], AbstractContextManager[None]] | None = None
        self.on_released: Callable[[str, int], AbstractContextManager[None]] | None = None
        self.on_answered: Callable[[Delivery], None] | None = None
        self._region_label = region_label
        self._addresses = dict(addresses or {})
        self._make_id = new_id
        self._open_store = open_store
        self._open_checkpoint = open_checkpoint
        self._given_ids: Iterator[str] | None = None
        self._recall: Callable[[Delivery], bool] | None = None
        self._engines: dict[str, Engine] = {}
        self._dashboards: Dashboards | None = None
        self._identity = Identity(account_id, self.new_id)

    @property
    def clock(self) -> Clock:
        return self._clock

    def new_id(self) -> str:
        """A unique id; within `living`, the next of that moment's."""
        return self._make_id() if self._given_ids is None else next(self._given_ids)

    def draw_ids(self) -> list[str]:
        """What `living` takes, for a moment that is new."""
        return [self._make_id() for _ in range(_IDS_DRAWN)]

    @contextmanager
    def living(
        self, at_ms: int, ids: Sequence[str], recall: Callable[[Delivery], bool] | None = None
    ) -> Iterator[None]:
        """One moment, and the ids that are made in it, for as long as this lasts: the same at each time.

        Args:
            ids: The first; those beyond follow from the last.
            recall: Tells a delivery of the past what came of it; `False` where it is over and forgotten.
        """
        self._clock.shown_ms, self._given_ids, self._recall = at_ms, self._ids(ids), recall
        try:
            yield
        finally:
            self._clock.shown_ms, self._given_ids, self._recall = None, None, None

    def _ids(self, first: Sequence[str]) -> Iterator[str]:
        yield from first
        seed = first[-1] if first else self._make_id()
        for number in count():
            yield str(uuid.UUID(bytes=sha256(f"{seed}/{number}".encode()).digest()[:16], version=4))

    def resume(self) -> None:
        """After the past was done over: go on from now."""
        for engine in self._engines.values():
            engine.resume()

    def engine(self, region: str) -> Engine:
        engine = self._engines.get(region)
        if engine is None:
            engine = self._engines[region] = self._make_engine(region)
        return engine

    def _make_engine(self, region: str) -> Engine:
        realm = Realm(self.account_id, region, self._region_label(region))
        self._dashboards = self._dashboards or Dashboards(realm)
        with ExitStack() as undo:
            store = self._open_store(region)
            undo.callback(store.close)
            checkpoint = self._open_checkpoint(region)
            if checkpoint is not None:
                undo.callback(checkpoint.close)
            engine = Engine(
                realm,
                self._clock,
                new_id=self.new_id,
                office=Office(lambda: self.base_url, self.signing_key.sign),
                is_to_be_made=self._is_to_be_made,
                addresses=self._addresses,
                on_transition=partial(self._tell, region),
                on_released=partial(self._tell_released, region),
                store=store,
                checkpoint=checkpoint,
                dashboards=self._dashboards,
                identity=self._identity,
            )
            undo.pop_all()
        return engine

    def _is_to_be_made(self, delivery: Delivery) -> bool:
        return self._recall is None or self._recall(delivery)

    def _tell(self, region: str, transition: Transition) -> AbstractContextManager[None]:
        return nullcontext() if self.on_transition is None else self.on_transition(region, transition)

    def _tell_released(self, region: str, at_ms: int) -> AbstractContextManager[None]:
        return nullcontext() if self.on_released is None else self.on_released(region, at_ms)

    def find(self, region: str) -> Engine | None:
        """The engine of a region that has been spoken to."""
        return self._engines.get(region)

    @property
    def regions(self) -> list[str]:
        return sorted(self._engines)

    @property
    def is_dirty(self) -> bool:
        """Was anything written that is not yet on disk?"""
        return any(engine.logs.store.dirty for engine in self._engines.values())

    def sync(self) -> None:
        """Put everything written so far on disk; any thread may call this while others go on.

        Raises:
            OSError: The disk refuses.
        """
        for engine in list(self._engines.values()):
            engine.logs.store.sync()

    def reset(self) -> None:
        """Begin again with nothing, as another engine: for one that keeps nothing on disk."""
        self.close()
        self._engines, self._dashboards = {}, None
        self._identity = Identity(self.account_id, self.new_id)
        self.engine_id = self.new_id()

    def close(self) -> None:
        """Everything is on disk, and the data folder free."""
        for engine in self._engines.values():
            engine.close()

    @property
    def has_checkpoints_due(self) -> bool:
        """Is it time to call `save`?"""
        return any(engine.keeping is not None and engine.keeping.is_due for engine in self._engines.values())

    def save(self) -> None:
        """After a `sync`: put every checkpoint on disk that is due; any thread may call this meanwhile."""
        for engine in list(self._engines.values()):
            engine.save()

    def run_due(self) -> None:
        if self.journal is not None:
            self.journal.try_again(self._clock.now_ms())
        for engine in list(self._engines.values()):
            engine.run_due()

    @property
    def has_queries_running(self) -> bool:
        return any(engine.queries.are_running for engine in self._engines.values())

    def step_queries(self) -> bool:
        """Get every query further, by some milliseconds' work each; is there more to do than to wait?"""
        works_here = False
        for engine in self._engines.values():
            works_here = engine.queries.step(engine.now_ms) or works_here
        return works_here

    def due_deliveries(self) -> Iterator[Delivery]:
        """Posts to send and mails to write now; call `answered` with what came of each."""
        for engine in list(self._engines.values()):
            yield from engine.topics.due(engine.now_ms)

    def due_forwards(self) -> Iterator[Dispatch]:
        """Log events to forward now, as `due_deliveries`."""
        for engine in list(self._engines.values()):
            yield from engine.subscriptions.outbox.due(engine.now_ms)

    def answered(self, dispatch: Dispatch, status: int | None, error: str | None) -> None:
        """One attempt is over: see `Dispatch.answered`."""
        dispatch.answered(status, error, self._clock.now_ms())
        if self.on_answered is not None and isinstance(dispatch, Delivery):
            self.on_answered(dispatch)

    def deliveries(self) -> Iterator[Delivery]:
        """Every one that is on its way, and the newest that are over; of all regions."""
        for engine in self._engines.values():
            yield from engine.topics.deliveries()
