"""A data folder on a full disk: what is refused has not happened, and all goes on once there is room."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.journal import Journal
from inferwatch.local import LocalServer, data
from inferwatch.model.errors import UsageError

ALARM = {
    "AlarmName": "slow",
    "Namespace": "NS",
    "MetricName": "Latency",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 2_000.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
Connect = Callable[..., Any]
NOON_MS = 1_795_521_600_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MiB."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(path)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if made.returncode:
        pytest.skip("only root may mount a small disk")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def _fill(disk: Path) -> Path:
    """To the last page."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4_096))
    return filler


def _server(folder: Path) -> LocalServer:
    return LocalServer(port=0, data=folder, clock=ManualClock(NOON_MS), keeps_time=False)


def _change_until_refused(cloudwatch: Any) -> tuple[str, str]:
    """The last state that was taken, and what the first refusal says; some fit into what files hold already."""
    kept = "INSUFFICIENT_DATA"
    for state in ("ALARM", "OK") * 500:
        try:
            cloudwatch.set_alarm_state(AlarmName="slow", StateValue=state, StateReason="r" * 1_000)
        except ClientError as refused:
            return kept, str(refused)
        kept = state
    raise AssertionError("a full disk took everything")


def _state(cloudwatch: Any) -> str:
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    return str(alarm["StateValue"])


def test_what_a_full_disk_refuses_has_not_happened(disk: Path, connect: Connect) -> None:
    """While it is full, when there is room again, and after a restart."""
    with _server(disk / "data") as server:
        cloudwatch = connect(server.endpoint_url, "cloudwatch")
        cloudwatch.put_metric_alarm(**ALARM)
        filler = _fill(disk)
        kept, words = _change_until_refused(cloudwatch)
        while_full = _state(cloudwatch)
        filler.unlink()
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": "later"})
        cloudwatch.delete_alarms(AlarmNames=["later"])

    with _server(disk / "data") as server:
        after = _state(connect(server.endpoint_url, "cloudwatch"))

    assert "journal.sqlite cannot be written: No space left on device" in words
    assert while_full == after == kept


def test_a_full_disk_is_not_begun_on(disk: Path, connect: Connect) -> None:
    """One sentence says so, and what to do; with room, what was there is there."""
    with _server(disk / "data") as server:
        connect(server.endpoint_url, "cloudwatch").put_metric_alarm(**ALARM)
    filler = _fill(disk)

    with pytest.raises(UsageError, match=r"a data folder: No space left on device; make room"):
        _server(disk / "data")

    filler.unlink()
    with _server(disk / "data") as server:
        assert _state(connect(server.endpoint_url, "cloudwatch")) == "INSUFFICIENT_DATA"


def test_a_region_that_finds_no_room_is_told_so(disk: Path, connect: Connect) -> None:
    """Its first call makes its folder."""
    with _server(disk / "data") as server:
        filler = _fill(disk)
        with pytest.raises(ClientError, match="No space left on device"):
            connect(server.endpoint_url, "cloudwatch").describe_alarms()
        filler.unlink()

        assert connect(server.endpoint_url, "cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_a_read_only_disk_is_not_begun_on(disk: Path) -> None:
    """As a full one."""
    with _server(disk / "data"):
        pass
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    with pytest.raises(UsageError, match="a data folder: Read-only file system"):
        _server(disk / "data")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_a_trial_is_not_begun_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Where no disk can be mounted: the call that asks it fails. The folder is free again."""

    def refuse(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(data.os, "fsync", refuse)
        with pytest.raises(UsageError, match=os.strerror(number)):
            _server(tmp_path)

    with _server(tmp_path):
        pass


def test_a_disk_that_refuses_at_the_end_of_the_start_is_not_begun_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was over is dropped then; the folder is free again."""

    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "settle", refuse)
        with pytest.raises(UsageError, match="disk I/O error; make room"):
            _server(tmp_path)

    with _server(tmp_path):
        pass
