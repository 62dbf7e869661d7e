"""Group commit: one sync serves many, none is answered before its bytes are on disk, failures reach all."""

from __future__ import annotations

import asyncio
import threading

import pytest

from inferwatch.wire.commit import GroupCommit


class Disk:
    """Counts writes and syncs; a sync waits for `go` where it is set."""

    def __init__(self, go: threading.Event | None = None) -> None:
        self.written = 0
        self.synced = 0
        self.syncs = 0
        self.go = go
        self.began = threading.Event()
        self.error: OSError | None = None

    def sync(self) -> None:
        upto = self.written
        self.syncs += 1
        self.began.set()
        if self.go is not None:
            assert self.go.wait(10)
        if self.error is not None:
            raise self.error
        self.synced = upto

    def commit(self) -> GroupCommit:
        return GroupCommit(lambda: self.synced < self.written, self.sync)


async def _write(disk: Disk, commit: GroupCommit) -> int:
    """One request: write, wait, and say how much was on disk when it was answered."""
    disk.written += 1
    mine = disk.written
    await commit.wait()
    assert disk.synced >= mine
    return mine


async def _one_syncing() -> tuple[Disk, GroupCommit, asyncio.Task[int]]:
    """A request whose sync has begun, and waits for `go`."""
    disk = Disk(go=threading.Event())
    commit = disk.commit()
    first = asyncio.create_task(_write(disk, commit))
    await asyncio.to_thread(disk.began.wait, 10)
    return disk, commit, first


def test_many_requests_share_few_syncs() -> None:
    """Those that come during a sync wait for the next one, together."""

    async def scenario() -> None:
        disk, commit, first = await _one_syncing()
        others = [asyncio.create_task(_write(disk, commit)) for _ in range(50)]
        await asyncio.sleep(0)
        disk.go.set()

        await asyncio.gather(first, *others)

        assert disk.syncs == 2

    asyncio.run(scenario())


def test_nothing_to_write_waits_for_nothing() -> None:
    """A reading request costs no sync."""
    disk = Disk()

    asyncio.run(disk.commit().wait())

    assert disk.syncs == 0


def test_a_refusing_disk_fails_every_request_that_waited() -> None:
    """Nobody is told yes; later requests are tried anew."""

    async def scenario() -> None:
        disk = Disk()
        disk.error = OSError(28, "No space left on device")
        commit = disk.commit()

        answers = await asyncio.gather(*(_write(disk, commit) for _ in range(3)), return_exceptions=True)
        disk.error = None
        later = await _write(disk, commit)

        assert [str(answer) for answer in answers] == ["[Errno 28] No space left on device"] * 3
        assert later == 4

    asyncio.run(scenario())


@pytest.mark.filterwarnings("error")
def test_a_client_that_goes_away_does_not_stop_the_others() -> None:
    """Cancelling one waiter leaves the rest to be answered."""

    async def scenario() -> None:
        disk, commit, first = await _one_syncing()
        second = asyncio.create_task(_write(disk, commit))
        third = asyncio.create_task(_write(disk, commit))
        await asyncio.sleep(0)
        second.cancel()
        disk.go.set()

        answers = await asyncio.gather(first, second, third, return_exceptions=True)

        assert (answers[0], answers[2]) == (1, 3)

    asyncio.run(scenario())


def test_the_one_that_syncs_may_go_away_too() -> None:
    """Whoever waits next takes it on."""

    async def scenario() -> None:
        disk, commit, first = await _one_syncing()
        second = asyncio.create_task(_write(disk, commit))
        await asyncio.sleep(0)
        first.cancel()
        disk.go.set()

        answers = await asyncio.gather(first, second, return_exceptions=True)

        assert answers[1] == 2

    asyncio.run(scenario())
