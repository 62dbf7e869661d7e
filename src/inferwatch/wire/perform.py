"""An operation carried out and kept, and all that was kept done over."""

from __future__ import annotations

import logging

from inferwatch.engine.alarms.alarm import Transition
from inferwatch.engine.alarms.state import Evaluation, State
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.engine import Engine
from inferwatch.engine.journal import Entry, Journal
from inferwatch.model.errors import AwsError
from inferwatch.wire.operations import OPERATIONS, Params, invoke
from inferwatch.wire.operations.logs import group_of_arn

_LOGGER = logging.getLogger("inferwatch.wire")
# No operations of AWS's: what an evaluation did, and what time did.
_TRANSITION = "AlarmEnteredState"
_RELEASE = "AlarmActionsSetFree"


def perform(cloud: Cloud, region: str, service: str, name: str, params: Params) -> Params:
    """Carry out an operation; where it must outlive a restart it is on disk before this returns."""
    engine = cloud.engine(region)
    operation = OPERATIONS[service].get(name)
    if cloud.journal is None or operation is None or not operation.is_kept:
        return invoke(engine, service, name, params)
    with cloud.recording() as (at_ms, ids):
        result = invoke(engine, service, name, params)
    cloud.journal.record(Entry(at_ms, region, service, name, params, ids))
    return result


def keep_transition(journal: Journal, region: str, transition: Transition) -> None:
    """Keep what an evaluation decided, so that a restart tells nobody a second time."""
    current = transition.current
    params: Params = {
        "AlarmName": transition.alarm.definition.name,
        "StateValue": current.state,
        "StateReason": current.reason,
        "StateReasonData": current.reason_data,
    }
    journal.record(Entry(transition.at_ms, region, "cloudwatch", _TRANSITION, params, []))


def keep_release(journal: Journal, region: str, at_ms: int) -> None:
    """Keep that actions which were held back until now are done, for the same reason."""
    journal.record(Entry(at_ms, region, "cloudwatch", _RELEASE, {}, []))


def restore(cloud: Cloud, journal: Journal) -> None:
    """Do all that the journal holds over, each entry at its moment and with its ids, telling nobody.

    What can no longer be done (its log group is gone, its destination has no address now) is left out, and
    said in the log.
    """
    for entry in journal.entries():
        engine = cloud.engine(entry.region)
        with cloud.reliving(entry.at_ms, entry.ids):
            try:
                _relive(engine, entry)
            except AwsError as refused:
                _LOGGER.warning("%s of before cannot be done over: %s", entry.name, refused.message)
    cloud.resume()


def _relive(engine: Engine, entry: Entry) -> None:
    if entry.name == _TRANSITION:
        params = entry.params
        evaluation = Evaluation(State(params["StateValue"]), params["StateReason"], params["StateReasonData"])
        engine.alarms.evaluated(params["AlarmName"], evaluation, entry.at_ms)
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
