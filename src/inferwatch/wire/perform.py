"""An operation carried out and kept, and all that was kept done over."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from inferwatch.engine.alarms.alarm import Transition
from inferwatch.engine.alarms.contributors import contributor
from inferwatch.engine.alarms.state import Evaluation, State
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.engine import Engine
from inferwatch.engine.journal import Entry, Journal, Outcome
from inferwatch.engine.notify.delivery import Delivery, Status
from inferwatch.model.errors import AwsError
from inferwatch.wire.operations import OPERATIONS, Params, check, invoke
from inferwatch.wire.operations.logs import group_of_arn

_LOGGER = logging.getLogger("inferwatch.wire")
# No operations of AWS's: what an evaluation did, and what time did.
_TRANSITION = "AlarmEnteredState"
_RELEASE = "AlarmActionsSetFree"


def perform(cloud: Cloud, region: str, service: str, name: str, params: Params) -> Params:
    """Carry out an operation; one that must outlive a restart is on disk before anything of it is done.

    Raises:
        AwsError: In AWS's words; `NotKept` where the disk refuses. Nothing was done.
    """
    engine = cloud.engine(region)
    operation = OPERATIONS[service].get(name)
    if cloud.journal is None or operation is None or not operation.is_kept:
        return invoke(engine, service, name, params)
    check(service, name, params)
    entry = Entry(cloud.clock.now_ms(), region, service, name, params, cloud.draw_ids())
    with _living(cloud, cloud.journal, entry):
        return operation.run(engine, params)


def keep(cloud: Cloud, journal: Journal) -> None:
    """From now on, keep what changes."""
    cloud.journal = journal
    cloud.on_transition = partial(_keep_transition, cloud, journal)
    cloud.on_released = partial(_keep_release, cloud, journal)
    cloud.on_answered = partial(_keep_outcome, cloud, journal)


def _keep_transition(
    cloud: Cloud, journal: Journal, region: str, transition: Transition
) -> AbstractContextManager[None]:
    """Keep what an evaluation decided, so that a restart tells nobody a second time.

    Differs: where the disk of the data folder refuses that, the alarm keeps its state and tells nobody, and
    each round decides anew, until the disk takes it: what came and went meanwhile is never told.
    """
    current = transition.current
    params: Params = {
        "AlarmName": transition.alarm.definition.name,
        "StateValue": current.state,
        "StateReason": current.reason,
        "StateReasonData": current.reason_data,
    }
    if transition.contributor is not None:
        params["Contributor"] = [list(pair) for pair in transition.contributor.attributes]
    entry = Entry(transition.at_ms, region, "cloudwatch", _TRANSITION, params, cloud.draw_ids())
    return _living(cloud, journal, entry)


def _keep_release(cloud: Cloud, journal: Journal, region: str, at_ms: int) -> AbstractContextManager[None]:
    """Keep that actions which were held back until now are done, for the same reason."""
    return _living(cloud, journal, Entry(at_ms, region, "cloudwatch", _RELEASE, {}, cloud.draw_ids()))


@contextmanager
def _living(cloud: Cloud, journal: Journal, entry: Entry) -> Iterator[None]:
    """Keep an entry, then do it at its moment and with its ids, as a restart will."""
    with journal.keeping(entry), cloud.living(entry.at_ms, entry.ids):
        yield


def restore(cloud: Cloud, journal: Journal) -> None:
    """Do all that the journal holds over, each entry at its moment and with its ids.

    Nobody is told twice: only what was not answered is sent. What can no longer be done (its log group is
    gone, its destination has no address now) is left out, and said in the log.

    Differs: where the engine died after a receiver's answer and before its note of it, the message is sent
    again, with the same MessageId; SNS promises no more than to deliver at least once.
    """
    outcomes = journal.outcomes()
    for entry in journal.entries():
        engine = cloud.engine(entry.region)
        recall = partial(_recall, outcomes, entry.is_settled)
        with cloud.living(entry.at_ms, entry.ids, recall):
            try:
                _relive(engine, entry)
            except AwsError as refused:
                _LOGGER.warning("%s of before cannot be done over: %s", entry.name, refused.message)
    cloud.resume()
    _settle(cloud, journal)


def _settle(cloud: Cloud, journal: Journal) -> None:
    """Drop what came of deliveries that nobody is shown any more, and publications that are over."""
    journal.settle(map(_outcome, cloud.deliveries()), forgotten="Publish")


def _keep_outcome(cloud: Cloud, journal: Journal, delivery: Delivery) -> None:
    """What the disk does not take waits for it; where the engine dies meanwhile, it is sent once more."""
    journal.note(_outcome(delivery), cloud.clock.now_ms())
    try:
        if journal.is_to_be_settled:
            _settle(cloud, journal)
    except sqlite3.Error as refused:
        _LOGGER.error("what came of deliveries stays on disk, and is dropped later: %s", refused)


def _recall(outcomes: Mapping[tuple[str, str], Outcome], is_settled: bool, delivery: Delivery) -> bool:
    """Tell a delivery what came of it; `False` where it is over and forgotten."""
    outcome = outcomes.get(delivery.key)
    if outcome is None:
        return not is_settled
    delivery.status = Status(outcome.status)
    delivery.attempts = outcome.attempts
    delivery.last_error = outcome.last_error
    delivery.due_ms = outcome.due_ms
    delivery.finished_ms = outcome.finished_ms
    return True


def _outcome(delivery: Delivery) -> Outcome:
    return Outcome(
        *delivery.key,
        delivery.status,
        delivery.attempts,
        delivery.last_error,
        delivery.due_ms,
        delivery.finished_ms,
    )


def _relive(engine: Engine, entry: Entry) -> None:
    if entry.name == _TRANSITION:
        params = entry.params
        evaluation = Evaluation(State(params["StateValue"]), params["StateReason"], params["StateReasonData"])
        attributes = params.get("Contributor")
        if attributes is None:
            engine.alarms.evaluated(params["AlarmName"], evaluation, entry.at_ms)
        else:
            whose = contributor(tuple((key, value) for key, value in attributes))
            engine.alarms.contributor_evaluated(params["AlarmName"], whose, evaluation, entry.at_ms)
    elif entry.name == _RELEASE:
        engine.alarms.pass_time(entry.at_ms)
    elif not _is_of_an_earlier_group(engine, entry):
        invoke(engine, entry.service, entry.name, entry.params)


def _is_of_an_earlier_group(engine: Engine, entry: Entry) -> bool:
    """Was this done to a log group that was deleted since, and is another now?"""
    named = entry.params.get("logGroupName") or entry.params.get("logGroupIdentifier")
    if named is None:
        return False
    name = group_of_arn(engine, str(named))
    return any(group.name == name and entry.at_ms < group.created_ms for group in engine.logs)
