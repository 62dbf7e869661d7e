"""Metrics across crashes: what was acknowledged counts exactly once, wherever the process died.

A crash is a copy of the folder as it is at that moment: what a killed process leaves behind.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.metrics.checkpoint import Checkpoint
from inferwatch.engine.metrics.histogram import Histogram
from inferwatch.engine.metrics.store import Metric
from inferwatch.engine.store.segment import name_of
from inferwatch.engine.store.store import Store
from inferwatch.model.errors import UsageError
from inferwatch.testing.aws import client

NOON_MS = 1_795_521_600_000
REGION, GROUP, STREAM = "us-east-1", "/inferwatch/app", "worker-1"
Figures = dict[tuple[str, str], dict[int, Histogram]]
FullDisk = Callable[[], AbstractContextManager[None]]


class Machine:
    """Engines on folders, one after the other."""

    def __init__(self, clock: ManualClock, path: Path) -> None:
        self.clock = clock
        self.running = ExitStack()
        self.segment_bytes = 2**20
        self._paths = (path / f"data-{number}" for number in count(1))
        self._folders: dict[int, Path] = {}

    def start(self, folder: Path | None = None) -> Cloud:
        """An engine on a folder, on an empty one where none is given."""
        folder = folder or next(self._paths)
        cloud = Cloud(
            self.clock,
            open_store=lambda region: Store.open(folder / region, segment_bytes=self.segment_bytes),
            open_checkpoint=lambda region: Checkpoint(folder / region / "metrics.db"),
        )
        cloud.engine(REGION).reopen()
        self.running.callback(cloud.close)
        self._folders[id(cloud)] = folder
        return cloud

    def folder(self, cloud: Cloud) -> Path:
        return self._folders[id(cloud)]

    def copy(self, cloud: Cloud) -> Path:
        """What a process that is killed now leaves behind."""
        copied = next(self._paths)
        shutil.copytree(self.folder(cloud), copied)
        return copied

    def crash(self, cloud: Cloud) -> Cloud:
        """The next engine after one that is killed now."""
        return self.start(self.copy(cloud))

    def stop(self) -> None:
        self.running.close()


@pytest.fixture
def machine(clock: ManualClock, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(clock, tmp_path)
    yield made
    made.stop()


def _prepare(cloud: Cloud) -> None:
    """A group whose filter takes every `$.d`, by `$.model`."""
    logs = client(cloud, "logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    _filter(cloud, "$.d")


def _filter(cloud: Cloud, value: str) -> None:
    client(cloud, "logs").put_metric_filter(
        logGroupName=GROUP,
        filterName="f",
        filterPattern="{ $.d >= 0 }",
        metricTransformations=[
            {
                "metricName": "d",
                "metricNamespace": "NS",
                "metricValue": value,
                "dimensions": {"model": "$.model"},
            }
        ],
    )


def _log(cloud: Cloud, *values: float) -> None:
    """An event for each value, and one with an embedded metric of all of them."""
    now_ms = cloud.clock.now_ms()
    directive = {
        "Namespace": "NS",
        "Dimensions": [[]],
        "Metrics": [{"Name": "emf", "StorageResolution": 1}],
    }
    embedded = {"_aws": {"Timestamp": now_ms, "CloudWatchMetrics": [directive]}, "emf": list(values)}
    documents = [*({"d": value, "model": "m"} for value in values), embedded]
    client(cloud, "logs").put_log_events(
        logGroupName=GROUP,
        logStreamName=STREAM,
        logEvents=[{"timestamp": now_ms, "message": json.dumps(document)} for document in documents],
    )


def _put(cloud: Cloud, *values: float) -> None:
    """The values in every form that PutMetricData has."""
    name = {"MetricName": "put", "Timestamp": cloud.clock.now_ms() / 1_000}
    summary = {"SampleCount": 2, "Sum": sum(values), "Minimum": min(values), "Maximum": max(values)}
    client(cloud, "cloudwatch").put_metric_data(
        Namespace="NS",
        MetricData=[
            {**name, "Value": values[0]},
            {**name, "Values": list(values), "StorageResolution": 1},
            {**name, "Values": list(values), "Counts": [1.5] * len(values), "Unit": "Seconds"},
            {**name, "StatisticValues": summary, "Dimensions": [{"Name": "model", "Value": "m"}]},
        ],
    )


def _figures(cloud: Cloud) -> Figures:
    """(name with dimensions, unit) → summaries by the minute, to the last bit."""
    metrics = cloud.engine(REGION).metrics
    window = (NOON_MS - 86_400_000, cloud.clock.now_ms() + 60_000)
    return {
        (f"{metric.name} {dict(metric.dimensions)}", unit): deepcopy(
            metrics.periods(metric, 60, window[0], window[1] - window[1] % 60_000, unit)
        )
        for metric in metrics.visible(cloud.clock.now_ms())
        for unit in metrics.units(metric, *window)
    }


def _checkpoint(cloud: Cloud, clock: ManualClock) -> None:
    clock.move_to(clock.now_ms() + 30_000)
    cloud.run_due()
    assert cloud.has_checkpoints_due
    cloud.sync()
    cloud.save()


def _samples(figures: Figures, name: str, unit: str = "None") -> float:
    return sum(summary.count for summary in figures[name, unit].values())


def test_everything_counts_once_after_a_crash(machine: Machine, clock: ManualClock) -> None:
    """Before the first checkpoint, between two, and after the last; filters, embedded metrics and PutMetricData."""
    cloud = machine.start()
    _prepare(cloud)
    for number in range(6):
        _log(cloud, 0.1, number / 3)
        _put(cloud, 0.7, number / 7)
        before = _figures(cloud)
        again = machine.crash(cloud)
        assert _figures(again) == before
        if number % 2:
            _checkpoint(again, clock)
            assert _figures(machine.crash(again)) == before
        cloud = again

    assert _samples(before, "d {'model': 'm'}") == 12
    assert _samples(before, "emf {}") == 12
    assert _samples(before, "put {}") == 18
    assert _samples(before, "put {}", "Seconds") == 18
    assert _samples(before, "put {'model': 'm'}") == 12


def test_a_clean_end_leaves_nothing_to_be_added_again(machine: Machine) -> None:
    """All of it is in the checkpoint."""
    cloud = machine.start()
    _prepare(cloud)
    _log(cloud, 1.0, 2.0)
    _put(cloud, 3.0)
    before = _figures(cloud)

    machine.stop()
    again = machine.start(machine.folder(cloud))

    assert list(again.engine(REGION).logs.store.added(_position(again))) == []
    assert _figures(again) == before


@pytest.mark.parametrize("change", ["filter", "no filter", "no stream", "no group", "policy", "swept"])
@pytest.mark.parametrize("saved", [False, True], ids=["not saved", "saved"])
def test_what_was_measured_does_not_change_with_what_measured_it(
    machine: Machine, clock: ManualClock, change: str, saved: bool
) -> None:
    """Another filter, no filter, no group, a policy, no event left: a crash after it adds what was added then."""
    cloud = machine.start()
    _prepare(cloud)
    logs = client(cloud, "logs")
    _log(cloud, 1.0, 2.0)
    if saved:
        _checkpoint(cloud, clock)
        _log(cloud, 4.0)
    names = {"logGroupName": GROUP}
    match change:
        case "filter":
            _filter(cloud, "1")
        case "no filter":
            logs.delete_metric_filter(**names, filterName="f")
        case "no stream":
            logs.delete_log_stream(**names, logStreamName=STREAM)
        case "no group":
            logs.delete_log_group(**names)
        case "policy":
            cloud.engine(REGION).protection.put(GROUP, POLICY, clock.now_ms())
        case "swept":
            logs.put_retention_policy(**names, retentionInDays=1)
            clock.move_to(clock.now_ms() + 2 * 86_400_000)
            cloud.engine(REGION).logs.expire(clock.now_ms())
    before = cloud.engine(REGION).metrics.periods(
        Metric.of("NS", "d", {"model": "m"}), 60, NOON_MS, NOON_MS + 60_000, "None"
    )

    again = machine.crash(cloud)

    after = again.engine(REGION).metrics.periods(
        Metric.of("NS", "d", {"model": "m"}), 60, NOON_MS, NOON_MS + 60_000, "None"
    )
    assert after == before
    assert [summary.sum for summary in after.values()] == [7.0 if saved else 3.0]


POLICY = json.dumps(
    {
        "Name": "p",
        "Version": "2021-06-01",
        "Statement": [
            {
                "Sid": sid,
                "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
                "Operation": operation,
            }
            for sid, operation in (
                ("audit", {"Audit": {"FindingsDestination": {}}}),
                ("mask", {"Deidentify": {"MaskConfig": {}}}),
            )
        ],
    }
)


class _Killed(Exception):
    """The process ends here."""


@pytest.mark.parametrize(
    "point",
    [
        "metrics.checkpoint.Checkpoint.save",
        "metrics.checkpoint.Checkpoint._save",
        "store.store.Store.keep_added",
    ],
)
def test_a_crash_between_any_two_steps_of_a_checkpoint(
    machine: Machine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Before the transaction, inside of it, and after it was committed."""
    cloud = machine.start()
    _prepare(cloud)
    _log(cloud, 1.5)
    _checkpoint(cloud, clock)
    _log(cloud, 0.1, 0.2)
    _put(cloud, 0.3)
    clock.move_to(clock.now_ms() + 30_000)
    cloud.run_due()
    cloud.sync()
    _put(cloud, 0.4)
    before = _figures(cloud)

    def killed(*_: Any) -> None:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(f"inferwatch.engine.{point}", killed)
        with pytest.raises(_Killed):
            cloud.save()
    again = machine.crash(cloud)

    assert _figures(again) == before
    _put(again, 0.5)
    assert _figures(machine.crash(again)) == _figures(again) != before


def test_a_checkpoint_counts_nothing_that_is_not_on_disk(machine: Machine, clock: ManualClock) -> None:
    """It waits until the log store is, and is then of the moment at which it was begun."""
    cloud = machine.start()
    _put(cloud, 0.1)
    clock.move_to(clock.now_ms() + 30_000)
    cloud.run_due()
    _put(cloud, 0.2)
    cloud.save()
    early = _position(cloud)

    cloud.sync()
    clock.move_to(clock.now_ms() + 30_000)
    cloud.run_due()
    cloud.save()

    assert (early, _position(cloud)) == (0, 2)
    assert _figures(machine.crash(cloud)) == _figures(cloud)


def test_a_crash_in_the_middle_of_the_transaction(machine: Machine, clock: ManualClock) -> None:
    """Half of it is written, and none of it counts."""
    cloud = machine.start()
    _prepare(cloud)
    _log(cloud, 1.5)
    keeping = cloud.engine(REGION).keeping
    assert keeping is not None
    before = _figures(cloud)

    keeping._checkpoint._database.execute("BEGIN IMMEDIATE")
    for change in cloud.engine(REGION).metrics.take_changes():
        keeping._checkpoint._save(change)
    again = machine.crash(cloud)
    keeping._checkpoint._database.execute("ROLLBACK")

    assert before
    assert _figures(again) == before


def test_a_request_that_was_cut_off_is_there_wholly_or_not_at_all(machine: Machine) -> None:
    """In logs and metrics alike, at every byte of what it wrote."""
    cloud = machine.start()
    _prepare(cloud)
    segment = Path(REGION, name_of(1))
    _put(cloud, 1.0)
    start = (machine.folder(cloud) / segment).stat().st_size
    before = _figures(cloud)
    _log(cloud, 2.0)
    end = (machine.folder(cloud) / segment).stat().st_size

    for size in range(start, end, 17):
        folder = machine.copy(cloud)
        os.truncate(folder / segment, size)
        again = machine.start(folder)

        events = client(again, "logs").filter_log_events(logGroupName=GROUP)["events"]
        assert (events, _figures(again)) == ([], before), size


def test_a_full_disk_refuses_a_request_wholly(machine: Machine, full_disk: FullDisk) -> None:
    """500, as PutLogEvents says it: it counts neither now nor after a restart, and the next one does."""
    cloud = machine.start()
    _put(cloud, 1.0)
    before = _figures(cloud)
    with full_disk(), pytest.raises(botocore.exceptions.ClientError) as refused:
        _put(cloud, 2.0)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    error = refused.value.response["Error"]
    assert error["Code"] == "InternalServiceError"
    assert error["Message"] == "inferwatch cannot write to its log store: No space left on device"
    assert _figures(cloud) == before == _figures(machine.crash(cloud))
    _put(cloud, 3.0)
    assert _figures(machine.crash(cloud)) == _figures(cloud) != before


def test_a_checkpoint_that_the_disk_refuses_is_tried_again(
    machine: Machine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once; nothing is lost meanwhile, and nothing doubled by the one that goes well."""
    cloud = machine.start()
    _prepare(cloud)
    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(Checkpoint, "save", _refuse)
        for value in (0.1, 0.2, 0.3):
            _log(cloud, value)
            _checkpoint(cloud, clock)
            assert not cloud.has_checkpoints_due
            assert _figures(machine.crash(cloud)) == _figures(cloud)

    _put(cloud, 0.4)
    _checkpoint(cloud, clock)
    _checkpoint(cloud, clock)

    assert [record.getMessage() for record in caplog.records] == [
        "metrics are not saved, and stay in the log store until they are: the disk is full"
    ]
    assert list(cloud.engine(REGION).logs.store.added(_position(cloud))) == []
    assert _figures(machine.crash(cloud)) == _figures(cloud)


def _position(cloud: Cloud) -> int:
    keeping = cloud.engine(REGION).keeping
    assert keeping is not None
    return keeping._checkpoint.position


def _refuse(*_: Any) -> None:
    raise OSError("the disk is full")


def test_a_large_record_does_not_wait_for_its_time(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a start never has much to add again."""
    monkeypatch.setattr("inferwatch.engine.keeping._RECORDS_MAX_CHARS", 3_000)
    cloud = machine.start()
    _put(cloud, 1.0)
    cloud.run_due()
    early = cloud.has_checkpoints_due

    _put(cloud, *(number / 3 for number in range(100)))
    cloud.run_due()

    assert (early, cloud.has_checkpoints_due) == (False, True)


def test_nothing_new_is_no_checkpoint(machine: Machine, clock: ManualClock) -> None:
    """An engine that rests writes nothing."""
    cloud = machine.start()
    _put(cloud, 1.0)
    _checkpoint(cloud, clock)
    clock.move_to(clock.now_ms() + 60_000)

    cloud.run_due()

    assert not cloud.has_checkpoints_due


def test_a_damaged_checkpoint_keeps_the_engine_from_starting(machine: Machine) -> None:
    """One sentence; deleted, as it says, the engine begins with what the log store still holds."""
    cloud = machine.start()
    _prepare(cloud)
    _put(cloud, 1.0)
    _log(cloud, 2.0)
    before = _figures(cloud)
    machine.stop()
    path = machine.folder(cloud) / REGION / "metrics.db"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)

    with pytest.raises(UsageError, match=r"metrics\.db is damaged"):
        machine.start(machine.folder(cloud))

    path.unlink()
    assert _figures(machine.start(machine.folder(cloud))) == before


def test_a_log_store_older_than_its_metrics_is_named(
    machine: Machine, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """An old copy was put back: said at the start, and what comes then counts once all the same."""
    cloud = machine.start()
    _prepare(cloud)
    segment = machine.folder(cloud) / REGION / name_of(1)
    old = segment.read_bytes()
    _log(cloud, 1.0)
    _checkpoint(cloud, clock)
    before = _figures(cloud)
    machine.stop()
    segment.write_bytes(old)

    with caplog.at_level(logging.ERROR):
        again = machine.start(machine.folder(cloud))
    _put(again, 2.0)
    _log(again, 3.0)

    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("the log store ends at event 0, its metrics were saved at event 3: an older copy")
    assert _samples(_figures(again), "d {'model': 'm'}") == _samples(before, "d {'model': 'm'}") + 1
    assert _figures(machine.crash(again)) == _figures(again)


def test_a_damaged_record_is_named_and_the_rest_counts(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    """As log events are."""
    cloud = machine.start()
    segment = machine.folder(cloud) / REGION / name_of(1)
    _put(cloud, 1.0)
    end = segment.stat().st_size
    _put(cloud, 2.0)
    _put(cloud, 4.0)
    folder = machine.copy(cloud)
    data = bytearray((folder / REGION / name_of(1)).read_bytes())
    data[end - 1] ^= 1
    (folder / REGION / name_of(1)).write_bytes(data)

    with caplog.at_level(logging.ERROR):
        again = machine.start(folder)

    (said,) = {record.getMessage() for record in caplog.records}
    assert said.startswith("segment-00000001.log, byte 80: a frame does not match its checksum; set aside")
    (summary,) = _figures(again)["put {}", "None"].values()
    assert (summary.count, summary.sum) == (4.0, 12.0)


@pytest.mark.slow
def test_metrics_outlive_the_segments_they_came_in(machine: Machine, clock: ManualClock) -> None:
    """Rolled, sealed and swept away, with a crash at every step."""
    machine.segment_bytes = 300
    cloud = machine.start()
    _prepare(cloud)
    for number in range(12):
        _log(cloud, number / 10)
        _put(cloud, number / 7)
        if number % 4 == 3:
            _checkpoint(cloud, clock)
        store = cloud.engine(REGION).logs.store
        while store.seal(timeout_s=30):
            pass
        cloud.engine(REGION).logs.expire(clock.now_ms())
        before = _figures(cloud)
        cloud = machine.crash(cloud)
        assert _figures(cloud) == before

    assert _samples(before, "d {'model': 'm'}") == 12
