"""One account in one region, wired: log events → metrics → alarms → notifications.

One thread at a time may use an engine. It does nothing by itself: operations arrive, and `run_due` is called
when time has moved; the same path serves a real clock, a test's, and a replay's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict

from inferwatch.engine.alarms.alarm import Transition
from inferwatch.engine.alarms.cadence import round_after
from inferwatch.engine.alarms.store import Alarms
from inferwatch.engine.anomaly.bands import Bands
from inferwatch.engine.arn import Realm
from inferwatch.engine.clock import Clock
from inferwatch.engine.dashboards.store import Dashboards
from inferwatch.engine.dataprotection.mask import mask
from inferwatch.engine.dataprotection.protection import DataProtection
from inferwatch.engine.emf.measure import embedded_samples
from inferwatch.engine.fieldindexes import FieldIndexes
from inferwatch.engine.functionpolicies import FunctionPolicies
from inferwatch.engine.identity.identity import Identity
from inferwatch.engine.keeping import Keeping
from inferwatch.engine.logs.batch import InputEvent, Rejected, sort_batch
from inferwatch.engine.logs.events import encode_key
from inferwatch.engine.logs.groups import LogGroups
from inferwatch.engine.measuring import gather
from inferwatch.engine.metricfilters.filter import Transformation, make_filter
from inferwatch.engine.metricfilters.store import MetricFilters
from inferwatch.engine.metrics.addition import Addition, Values, add_all
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.metrics.store import MetricStore
from inferwatch.engine.notify.delivery import Delivery
from inferwatch.engine.notify.envelope import Office
from inferwatch.engine.notify.topics import Topics
from inferwatch.engine.queries.queries import Queries
from inferwatch.engine.querydefinitions import QueryDefinitions
from inferwatch.engine.store.control import FilterRow
from inferwatch.engine.store.store import Store
from inferwatch.engine.subscriptions.forward import Subscriptions
from inferwatch.engine.subscriptions.payload import ForwardedEvent
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import HOUR_MS

_LOGGER = logging.getLogger("inferwatch.engine")


class Engine:
    """Amazon CloudWatch for one realm.

    Args:
        new_id: Makes unique ids (UUIDs).
        office: What notifications are sent with.
        is_to_be_made: Asked of each delivery, as `Topics` does.
        on_transition: Told of each change of state that an evaluation makes; its actions are done within the
            context it gives.
        on_released: Told each moment at which time sets held-back actions free; they are done within the
            context it gives.
        addresses: Of subscription filters' destinations: ARN → http(s) address.
        store: Keeps log events, in memory unless given; what was put is durable once it has been synced.
        checkpoint: Keeps metrics, together with the store; without it they are gone with the process.
        dashboards: The account's, which all regions share; its own where none are given.
        identity: The account's roles and policies, likewise.
    """

    def __init__(
        self,
        realm: Realm,
        clock: Clock,
        *,
        new_id: Callable[[], str],
        office: Office,
        is_to_be_made: Callable[[Delivery], bool] = lambda _: True,
        on_transition: Callable[[Transition], AbstractContextManager[None]] = lambda _: nullcontext(),
        on_released: Callable[[int], AbstractContextManager[None]] = lambda _: nullcontext(),
        addresses: Mapping[str, str] | None = None,
        store: Store | None = None,
        checkpoint: Checkpoint | None = None,
        dashboards: Dashboards | None = None,
        identity: Identity | None = None,
    ) -> None:
        self.realm = realm
        self.clock = clock
        self.new_id = new_id
        self.logs = LogGroups(Store.in_memory() if store is None else store)
        self.filters = MetricFilters()
        self._load_filters()
        self.metrics = MetricStore()
        self.bands = Bands(self.metrics)
        self.keeping = (
            None if checkpoint is None else Keeping(self.metrics, self.logs.store, checkpoint, clock.now_ms())
        )
        self.dashboards = Dashboards(realm) if dashboards is None else dashboards
        self.topics = Topics(realm, new_id, office, is_to_be_made)
        self.protection = DataProtection()
        self.field_indexes = FieldIndexes()
        self.function_policies = FunctionPolicies(realm)
        self.query_definitions = QueryDefinitions(new_id)
        self.queries = Queries(realm, self.logs, self.protection, new_id)
        self.identity = Identity(realm.account_id, new_id) if identity is None else identity
        self.subscriptions = Subscriptions(realm, dict(addresses or {}), new_id)
        self.alarms = Alarms(realm, self.topics.publish, on_transition, on_released, self.bands)
        self._looked_ms = clock.now_ms()
        self._next_sweep_ms = clock.now_ms() + HOUR_MS
        self._trouble = ""

    @property
    def now_ms(self) -> int:
        return self.clock.now_ms()

    @property
    def next_round_ms(self) -> int:
        """When alarms are looked at next."""
        return round_after(self._looked_ms, any_short=self.alarms.any_short)

    def put_log_events(self, group: str, stream: str, events: Sequence[InputEvent]) -> Rejected:
        """Store a batch; what measures and forwards it sees it masked."""
        owner = self.logs[group]
        target = owner.stream(stream)
        now_ms = self.now_ms
        batch = sort_batch(events, now_ms, owner.retention_days)
        # All samples are made before anything is stored: a fault leaves nothing half-done.
        policy = self.protection.policy(group)
        messages = [mask(event.message, policy) for event in batch.accepted]
        timestamps = [event.timestamp_ms for event in batch.accepted]
        measured = self._measure(group, messages, timestamps, now_ms)
        ahead = self.keeping.record(measured) if self.keeping is not None and measured else None
        sequence = target.append(batch.accepted, now_ms, ahead=ahead)
        add_all(measured, self.metrics)
        if self.subscriptions.filters.of_group(group):
            forwarded = [
                ForwardedEvent(encode_key((at_ms, sequence + index)), at_ms, message)
                for index, (at_ms, message) in enumerate(zip(timestamps, messages, strict=True))
            ]
            self.subscriptions.forward(group, stream, forwarded, now_ms)
        return batch.rejected

    def _measure(
        self, group: str, messages: Sequence[str], timestamps: Sequence[int], ingestion_ms: int
    ) -> list[Values]:
        """What metric filters and embedded metrics make of events."""
        measured = gather(self.filters.samples(group, messages), timestamps)
        measured += _embedded(group, messages, timestamps, ingestion_ms)
        return measured

    def add_metrics(self, additions: Sequence[Addition]) -> None:
        """Keep and add all of them, or none.

        Raises:
            AwsError: InternalServiceFault, where the disk refuses.
        """
        if self.keeping is not None:
            self.keeping.add(additions, self.now_ms)
        add_all(additions, self.metrics)

    def put_metric_filter(
        self,
        group: str,
        name: str,
        pattern: str,
        transformation: Transformation,
        system_dimensions: dict[str, str],
    ) -> None:
        """Make or replace a filter; it measures what comes from now on.

        Raises:
            AwsError: In AWS's words.
        """
        made = make_filter(name, pattern, transformation, self.now_ms, system_dimensions=system_dimensions)
        regexes = self.subscriptions.filters.regexes(group)
        self.filters.put(self.logs[group].name, made, other_regexes=regexes)
        definition = {"transformation": asdict(transformation), "system_dimensions": system_dimensions}
        self.logs.store.control.save_filter(FilterRow(group, name, pattern, definition, made.created_ms))

    def delete_metric_filter(self, group: str, name: str) -> None:
        self.filters.delete(self.logs[group].name, name)
        self.logs.store.control.remove_filter(group, name)

    def _load_filters(self) -> None:
        for row in self.logs.store.control.filters():
            made = make_filter(
                row.name,
                row.pattern,
                Transformation(**row.transformation["transformation"]),
                row.created_ms,
                system_dimensions=row.transformation["system_dimensions"],
            )
            self.filters.put(row.group, made)

    def reopen(self) -> None:
        """After a restart: say what is damaged, and sweep what expired meanwhile."""
        for damage in self.logs.store.damages:
            _LOGGER.error("%s", damage)
        self.logs.expire(self.now_ms)
        self.metrics.forget(self.now_ms)

    def delete_log_group(self, name: str) -> None:
        """Its streams, events and filters go with it; metrics stay."""
        self.logs.delete(name)
        self.filters.forget_group(name)
        self.protection.forget_group(name)
        self.field_indexes.forget_group(name)
        self.subscriptions.forget_group(name, self.now_ms)

    def resume(self) -> None:
        """Go on from now: rounds of the past are not held again, nor its log events forwarded."""
        self.subscriptions.forget_pending()
        self._looked_ms = self.now_ms

    def run_due(self) -> None:
        """Hold every alarm round that time has brought, each at its own moment; seal; sweep hourly."""
        now_ms = self.now_ms
        self.subscriptions.flush(now_ms)
        while (round_ms := self.next_round_ms) <= now_ms:
            self._looked_ms = round_ms
            self.alarms.pass_time(round_ms)
            self.alarms.evaluate(self.metrics, round_ms)
        self._looked_ms = max(self._looked_ms, now_ms)
        self.alarms.pass_time(now_ms)
        if now_ms >= self._next_sweep_ms:
            self.logs.expire(now_ms)
            self.metrics.forget(now_ms)
            self.alarms.forget(now_ms)
            self.queries.forget(now_ms)
            self._next_sweep_ms = now_ms + HOUR_MS
        if self.keeping is not None:
            self.keeping.run_due(now_ms)
        self._seal()

    def save(self) -> None:
        """Put the checkpoint on disk that `run_due` began, after the store was synced; from any thread."""
        if self.keeping is not None and self.keeping.is_due:
            self.keeping.save()

    def close(self) -> None:
        """Everything is on disk, and its files are free."""
        self.queries.close()
        try:
            if self.keeping is not None:
                self.keeping.close()
        finally:
            self.logs.store.close()

    def _seal(self) -> None:
        """Give full segments to the sealing process; what keeps it from that is said once."""
        trouble = ""
        try:
            self.logs.store.seal()
        except AwsError as refused:
            trouble = refused.message
        if trouble and trouble != self._trouble:
            _LOGGER.error("log segments cannot be sealed: %s", trouble)
        self._trouble = trouble


def _embedded(
    group: str, messages: Sequence[str], timestamps: Sequence[int], ingestion_ms: int
) -> Iterator[Values]:
    for item in embedded_samples(messages, timestamps, group, ingestion_ms):
        yield Values(item.metric, item.timestamp_ms, item.unit, list(item.values), item.resolution_s)
