"""A process ends, however it ends: what it had accepted is delivered by the next one, or by `inferwatch ship`."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from inferwatch.cli.app import run as run_cli
from inferwatch.ship.rescue import Rescuer
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target

NOBODY = "http://127.0.0.1:9"

# Says each number once it has been accepted; the endpoint's answers are not waited for.
EMITTER = """
import itertools, sys
from pathlib import Path
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target

url, spool = sys.argv[1:]
target = Target("/app", "r", "s", "s", url)
shipper = Shipper(target, spool_dir=Path(spool), linger_s=0.01)
for number in itertools.count():
    shipper.emit({"n": number, "text": "x" * 300})
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def kill_after(lines, url, spool):
    """Run the emitter until it has said so many numbers; how many it had said when it was dead."""
    command = [sys.executable, "-c", EMITTER, url, str(spool)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE) as process:
        said = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        said += process.stdout.readlines()
        assert "wait in memory" not in process.stderr.read()  # the disk refused: they are lost, as announced
    return sum(line.endswith("\n") for line in said)


def spooled(spool):
    return list(Path(spool).rglob("*.slab"))


def rescue(spool, url, **options):
    """Gives up on no server that is only slow: so are those of a busy machine."""
    return Rescuer(endpoint_url=url, patience_s=60, chance=lambda: 0.0, **options).rescue(spool)


@pytest.mark.parametrize("seed", range(100 if os.environ.get("INFERWATCH_SOAK") else 5))
def test_kill_9_loses_nothing_that_was_accepted(logs, tmp_path, seed):
    """At a random moment, in the middle of sending: every number said arrives, in order, and none twice but those
    of a request that was under way."""
    said = kill_after(random.Random(seed).randrange(1, 9_000), logs.url, tmp_path)
    before = len(logs.delivered)

    found = rescue(tmp_path, logs.url)

    arrived = logs.numbers()
    assert set(arrived) >= set(range(said))
    assert sorted(set(arrived)) == list(range(len(set(arrived))))
    assert arrived[before:] == sorted(arrived[before:])
    assert len(arrived) - len(set(arrived)) <= max(len(batch["logEvents"]) for batch in logs.batches)
    assert (found.left, found.damaged, found.held) == (0, [], [])
    assert spooled(tmp_path) == []


def test_what_is_for_another_endpoint_is_not_adopted(logs, tmp_path):
    """Not by one that sends elsewhere: it leaves them where they are."""
    said = kill_after(500, NOBODY, tmp_path)
    foreign = Shipper(Target("/other", "r", "s", "t", logs.url), spool_dir=tmp_path)
    foreign.emit({"n": -1})
    assert foreign.flush().sent == 1

    foreign.close()
    assert logs.numbers() == [-1]
    assert spooled(tmp_path)

    found = rescue(tmp_path, logs.url)
    assert (found.left, found.damaged, found.held, found.trouble) == (0, [], [], None)
    assert found.delivered >= said
    assert logs.batches[-1]["logGroupName"] == "/app"


def test_who_gives_up_in_the_middle_has_lost_nothing(logs, tmp_path):
    """No answer in time after the first slab: what is left is said, and is there the next time."""
    said = kill_after(3_500, NOBODY, tmp_path)
    logs.script = [200, 500]

    first = rescue(tmp_path, logs.url, monotonic_s=lambda: 0 if len(logs.batches) < 2 else 1_000)
    second = rescue(tmp_path, logs.url)

    assert first.delivered == len(logs.batches[0]["logEvents"]) < said
    assert first.trouble == "HTTP 500"
    assert first.delivered + first.left == first.delivered + second.delivered >= said
    assert (second.left, second.damaged, second.trouble) == (0, [], None)
    assert logs.numbers() == list(range(first.delivered + second.delivered))


def test_the_next_process_delivers_what_the_last_one_left(logs, tmp_path):
    """For the same endpoint, before its own; counted as accepted by it."""
    logs.script = ["hang"]
    said = kill_after(300, logs.url, tmp_path)
    logs.release.set()

    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, linger_s=60)
    shipper.emit({"n": "own"})
    report = shipper.flush()
    shipper.close()

    *left, own = logs.numbers()
    assert own == "own"
    assert left == list(range(len(left)))
    assert len(left) >= said
    stats = shipper.stats()
    assert report.sent == stats.accepted == stats.delivered == len(left) + 1
    assert list(tmp_path.iterdir()) == []


def test_what_was_delivered_leaves_nothing_behind(logs, tmp_path):
    """Neither slab nor folder."""
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path)
    shipper.emit({"n": 1})
    shipper.flush()
    shipper.close()

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_memory_takes_over(logs, tmp_path, caplog, monkeypatch):
    """Nothing is raised, and nothing is lost while the process lives."""

    def refuse(self, place, size):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inferwatch.ship.berth.Berth.new_slab", refuse)
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path / "full", linger_s=60)
    for number in range(10):
        shipper.emit({"n": number, "text": "x" * 900_000})
    report = shipper.flush(20)
    shipper.close()

    assert report.waiting == 0
    assert report.sent + report.dropped == 10
    assert logs.numbers() == sorted(logs.numbers())
    assert "full takes no records (No space left on device): they wait in memory" in caplog.text


def test_a_spool_that_disappears_is_counted(logs, tmp_path):
    """Somebody deletes the folder while its slabs wait."""
    logs.script = ["hang"]
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, linger_s=0)
    for number in range(4):
        shipper.emit({"n": number, "text": "x" * 900_000})
    assert logs.asked.wait(5)
    for path in spooled(tmp_path):
        path.unlink()
    logs.release.set()

    report = shipper.flush(10)
    stats = shipper.stats()
    shipper.close()

    assert report.waiting == 0
    assert stats.accepted == stats.delivered + stats.rejected + stats.dropped == 4


def test_dead_letters_can_be_read(logs, tmp_path):
    """Each with the reason, where the spool is."""
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), spool_dir=tmp_path, chance=lambda: 0.0)
    shipper.emit({"n": 1, "text": "poison"})
    shipper.emit({"n": 2})
    report = shipper.flush()
    shipper.close()

    (line,) = (tmp_path / "dead-letters.jsonl").read_text().splitlines()
    letter = json.loads(line)
    assert (report.sent, report.rejected) == (1, 1)
    assert letter["reason"] == "CloudWatch Logs refused a record (InvalidParameterException: as told)"
    assert letter["log_stream"] == "s"
    assert json.loads(json.loads(letter["event"])["message"]) == {"n": 1, "text": "poison"}


def test_a_folder_of_a_running_process_is_left_to_it(logs, tmp_path):
    """It delivers for itself; the command says so."""
    shipper = Shipper(Target("/app", "r", "s", "s", NOBODY), spool_dir=tmp_path, linger_s=60)
    shipper.emit({"n": 1})

    found = rescue(tmp_path, logs.url)
    shipper.close(0)

    assert (found.delivered, len(found.held)) == (0, 1)
    assert logs.delivered == []


def test_the_command_delivers_and_says_so(logs, tmp_path, capsys):
    """Exit 1 with a sentence while nobody answers, 0 once nothing is left."""
    said = kill_after(20, NOBODY, tmp_path)

    assert run_cli(["ship", str(tmp_path), "--endpoint-url", NOBODY, "--timeout", "0"]) == 1
    refused = capsys.readouterr()
    assert run_cli(["ship", str(tmp_path), "--endpoint-url", logs.url, "--region", "eu-west-1"]) == 0
    delivered = capsys.readouterr()
    assert run_cli(["ship", str(tmp_path), "--endpoint-url", logs.url]) == 0

    assert "records left:" in refused.err
    assert delivered.out == f"delivered {len(logs.delivered):,} records\n"
    assert len(logs.delivered) >= said
    assert "/eu-west-1/logs/" in logs.headers[0]["Authorization"]
    assert capsys.readouterr().out == "nothing was waiting\n"


def test_a_folder_that_is_none_is_named(tmp_path, capsys):
    """Exit 2."""
    assert run_cli(["ship", str(tmp_path / "nowhere")]) == 2
    assert "nowhere is no folder: name the one given as spool_dir" in capsys.readouterr().err


def test_a_damaged_file_is_named_and_left(logs, tmp_path, capsys):
    """Exit 1: it may still be read by a person."""
    folder = tmp_path / "1-a"
    folder.mkdir()
    (folder / "lock").touch()
    (folder / "00000001.slab").write_bytes(b"no slab at all")

    assert run_cli(["ship", str(tmp_path), "--endpoint-url", logs.url]) == 1
    assert "00000001.slab: it does not begin as a slab does" in capsys.readouterr().err
    assert (folder / "00000001.slab").exists()


def test_sixteen_threads_fill_slabs_without_a_loss(logs, tmp_path):
    """Under throttling, each with two thousand."""
    logs.script = [(400, "ThrottlingException"), 500, "reset"]
    target = Target("/app", "r", "s", "s", logs.url)
    shipper = Shipper(target, spool_dir=tmp_path, linger_s=0.01, chance=lambda: 0.0)

    def emit(first):
        for number in range(first, first + 2_000):
            shipper.emit({"n": number})

    threads = [threading.Thread(target=emit, args=(n * 2_000,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = shipper.flush(30)
    shipper.close()

    assert report.sent == 32_000
    assert sorted(logs.numbers()) == list(range(32_000))


def test_a_process_killed_while_it_made_a_slab_leaves_none(logs, tmp_path):
    """The file it had begun holds nothing, and goes with the folder."""
    folder = tmp_path / "1-a"
    folder.mkdir()
    (folder / "lock").touch()
    (folder / "00000001.new").write_bytes(bytes(100))

    found = rescue(tmp_path, logs.url)

    assert (found.damaged, found.left) == ([], 0)
    assert list(tmp_path.iterdir()) == []
