"""Records reach the log group, or are accounted for: against a server that does as it is told."""

from __future__ import annotations

import itertools
import json
import logging
import os
import threading
from pathlib import Path

import pytest

from inferwatch.ship.policy import Policy
from inferwatch.ship.report import Report
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target


def emit(shipper, *numbers, text=""):
    for number in numbers:
        shipper.emit({"n": number, "text": text})


def check(shipper):
    stats = shipper.stats()
    assert stats.accepted == stats.delivered + stats.spooled + stats.rejected + stats.dropped
    return stats


def test_records_arrive_whole_and_in_order(shipper, logs):
    """As one batch, signed, to the group and stream of the target."""
    emit(shipper, 1, 2, 3, text='quote " and é')

    assert shipper.flush() == Report(sent=3)
    assert logs.records() == [{"n": n, "text": 'quote " and é'} for n in (1, 2, 3)]
    (batch,) = logs.batches
    assert (batch["logGroupName"], batch["logStreamName"]) == ("/app", "s")
    (headers,) = logs.headers
    assert headers["Content-Type"] == "application/x-amz-json-1.1"
    assert headers["X-Amz-Target"] == "Logs_20140328.PutLogEvents"
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert "/eu-west-1/logs/aws4_request" in headers["Authorization"]


def test_a_lingering_batch_goes_by_itself(target, logs):
    """Without a flush, after the linger."""
    shipper = Shipper(target, linger_s=0.01)
    emit(shipper, 1)

    assert logs.asked.wait(5)
    assert shipper.flush().waiting == 0
    assert logs.numbers() == [1]
    shipper.close()


def test_a_full_batch_does_not_linger(shipper, logs):
    """10,000 events are a batch; the one after stays."""
    emit(shipper, *range(10_001))

    assert logs.asked.wait(5)
    shipper.flush()
    assert [len(batch["logEvents"]) for batch in logs.batches] == [10_000, 1]
    assert logs.numbers() == list(range(10_001))


def test_nothing_emitted_starts_nothing(shipper, logs):
    """No thread, no request."""
    assert shipper.flush() == Report()
    assert shipper._thread is None
    assert logs.operations == []


@pytest.mark.parametrize(
    "step",
    [500, 503, 429, "reset", "html", (400, "ThrottlingException"), (400, "AccessDeniedException"), 404],
    ids=str,
)
def test_what_may_pass_is_tried_again(shipper, logs, step):
    """Twice it fails, and nothing is lost."""
    logs.script = [step, step]
    emit(shipper, 1, 2)

    assert shipper.flush() == Report(sent=2)
    assert logs.numbers() == [1, 2]
    stats = check(shipper)
    assert (stats.requests, stats.retries, stats.last_error) == (3, 2, None)


def test_a_missing_group_and_stream_are_created(shipper, logs):
    """Group first, then stream, then the same batch again."""
    logs.exists = False
    emit(shipper, 1)

    assert shipper.flush() == Report(sent=1)
    assert logs.created == [("CreateLogGroup", "/app"), ("CreateLogStream", "s")]
    assert logs.operations == [
        "PutLogEvents", "CreateLogStream", "CreateLogGroup", "CreateLogStream", "PutLogEvents",
    ]  # fmt: skip


def test_a_created_group_is_told_once_in_a_process(logs, caplog):
    """By its name and by who would set its retention; not when it is created again, or by another sender."""
    for _ in range(2):
        logs.created.clear()
        logs.exists = False
        target = Target("/told", "eu-west-1", "app", log_stream="s", endpoint_url=logs.url)
        shipper = Shipper(target, linger_s=60, chance=lambda: 0.0)
        for number in (1, 2):
            emit(shipper, number)
            assert shipper.flush() == Report(sent=1)
        shipper.close()

    (told,) = [record for record in caplog.records if "/told" in record.message]
    assert logs.operations.count("CreateLogGroup") == 2
    assert (told.name, told.levelname) == ("inferwatch", "WARNING")
    assert told.message == (
        "log group /told was missing: it is created here, without a retention, so its events are kept for ever; "
        "a Pulumi program, applied with `pulumi up` or `inferwatch up`, would set one"
    )


@pytest.mark.parametrize("kind", ["CreateLogStream", "CreateLogGroup"])
def test_a_group_that_another_created_is_not_told(logs, caplog, kind):
    """Whether it was there before, or came in the same moment."""
    logs.exists = False
    logs.created = [("CreateLogGroup", "/theirs")] if kind == "CreateLogStream" else []
    logs.taken = {"/theirs"} if kind == "CreateLogGroup" else set()
    target = Target("/theirs", "eu-west-1", "app", log_stream="s", endpoint_url=logs.url)
    shipper = Shipper(target, linger_s=60, chance=lambda: 0.0)
    emit(shipper, 1)

    assert shipper.flush() == Report(sent=1)

    shipper.close()
    assert kind in logs.operations
    assert "/theirs" not in caplog.text


def test_rejected_events_are_counted_with_the_reason(shipper, logs):
    """HTTP 200, and yet two of three are not there."""
    logs.script = [{"tooOldLogEventEndIndex": 2}]
    emit(shipper, 1, 2, 3)

    report = shipper.flush()

    assert (report.sent, report.rejected) == (1, 2)
    assert report.last_error == "CloudWatch Logs rejected 2 of 3 events: too old"
    assert shipper.flush() == Report()
    check(shipper)


def test_a_poisoned_record_is_found_and_the_others_arrive(shipper, logs):
    """Seven records, one of which AWS refuses with any company."""
    emit(shipper, 1, 2, 3, 4)
    emit(shipper, 5, text="poison")
    emit(shipper, 6, 7)

    report = shipper.flush()

    assert logs.numbers() == [1, 2, 3, 4, 6, 7]
    assert (report.sent, report.rejected, report.waiting) == (6, 1, 0)
    assert report.last_error == "CloudWatch Logs refused a record (InvalidParameterException: as told)"
    check(shipper)


def test_an_outage_keeps_records_and_says_why(tmp_path, caplog):
    """Nobody listens on port 9: the flush ends in time, with a sentence; waits are kept while closing too."""
    target = Target(log_group="/a", region="r", service="s", endpoint_url="http://127.0.0.1:9")
    shipper = Shipper(target, chance=lambda: 1.0)
    emit(shipper, 1, 2)

    report = shipper.flush(0.1)

    assert (report.sent, report.waiting) == (0, 2)
    assert report.last_error == "no answer from http://127.0.0.1:9/ (connection refused or host unreachable)"
    assert str(report) == f"sent 0, waiting 2, dropped 0, rejected 0: {report.last_error}"
    shipper.close(0.3)
    assert 2 <= check(shipper).requests <= 6
    assert "2 records not delivered before closing" in caplog.text
    check(shipper)


def test_a_hung_server_does_not_hold_up_closing(shipper, logs):
    """Closing has its own limit; what is left is still counted."""
    logs.script = ["hang"]
    emit(shipper, 1)
    assert shipper.flush(0.05).waiting == 1
    assert logs.asked.wait(5)

    report = shipper.close(0.05)

    assert report.waiting == 1
    assert check(shipper).spooled == 1


def test_closing_sends_what_waits(shipper, logs):
    """And later records are counted as dropped."""
    emit(shipper, 1, 2)

    assert shipper.close() == Report(sent=2)
    emit(shipper, 3)

    assert logs.numbers() == [1, 2]
    stats = check(shipper)
    assert (stats.delivered, stats.dropped, stats.last_error) == (2, 1, "a record came after closing")


def test_closing_without_a_thread_sends_too(target, logs, monkeypatch):
    """At the end of the interpreter no thread can be started any more."""

    def refuse(thread):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    shipper = Shipper(target)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        emit(shipper, 1)

    assert shipper.close() == Report(sent=1)
    assert logs.numbers() == [1]


def test_the_sender_is_known_before_it_runs(shipper, logs, monkeypatch):
    """Closing at that moment must not send beside it: once each, by one thread."""
    start, known, closers = threading.Thread.start, [], []

    def start_while_closing(thread):
        if thread.name == "inferwatch-ship":
            known.append(shipper._thread is thread)
            closers.append(threading.Thread(target=shipper.close))
            start(closers[0])
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_while_closing)
    emit(shipper, 1)
    closers[0].join()

    assert known == [True]
    assert logs.numbers() == [1]
    assert check(shipper).delivered == 1


def test_a_signal_handler_in_the_middle_of_an_emit_may_do_everything(shipper, logs):
    """The lock is its own thread's: nothing waits for it, and what was emitted is sent afterwards."""
    admit, found = shipper._spool._admit, []

    def interrupted(*event):
        shipper._spool._admit = admit
        emit(shipper, 2)
        found.extend([shipper.flush(), shipper.stats().spooled, shipper.close()])
        admit(*event)

    shipper._spool._admit = interrupted
    thread = threading.Thread(target=emit, args=(shipper, 1), daemon=True)
    thread.start()
    thread.join(5)

    assert found == [Report(), 0, Report()]
    assert shipper.flush() == Report(sent=2)
    assert logs.numbers() == [1, 2]


def test_a_signal_handler_in_the_middle_of_starting_may_close(shipper, logs, monkeypatch):
    """The thread is not there yet: the exit closes instead."""
    start = threading.Thread.start

    def start_interrupted(thread):
        if thread.name == "inferwatch-ship":
            shipper.close()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_interrupted)
    emit(shipper, 1)

    assert shipper.close() == Report(sent=1)
    assert logs.numbers() == [1]


def test_a_flush_without_time_still_ends_the_linger(shipper, logs):
    """It asks for sending; only the waiting is cut short."""
    emit(shipper, 1)

    assert shipper.flush(0).waiting in (0, 1)
    assert logs.asked.wait(5)


def test_nudges_do_not_pile_up(shipper, logs):
    """However often somebody asks while the sender is busy."""
    logs.script = ["hang"]
    emit(shipper, 1)
    shipper.flush(0)
    assert logs.asked.wait(5)

    for _ in range(100):
        shipper.flush(0)
        emit(shipper, 2)

    assert shipper._nudges.qsize() <= 1
    assert shipper._delivery._interrupts.qsize() <= 1
    logs.release.set()


def test_flushes_side_by_side_share_what_was_sent(shipper, logs):
    """Nothing is reported twice, and nothing less than nothing."""
    reports = []

    def work():
        for _ in range(20):
            emit(shipper, 1)
            reports.append(shipper.flush())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert min(report.sent for report in reports) >= 0
    assert sum(report.sent for report in reports) == 80


def test_reports_are_since_the_last_flush_and_stats_since_the_beginning(shipper, logs):
    """Two flushes of one record each."""
    emit(shipper, 1)
    shipper.flush()
    emit(shipper, 2)

    assert shipper.flush() == Report(sent=1)
    assert check(shipper).delivered == 2


def test_overflow_is_counted_and_reported(target, logs):
    """Two slabs hold a record of a million characters each; the third pushes the first out."""
    shipper = Shipper(target, linger_s=60, policy=Policy(max_bytes=2**22))
    logs.script = ["hang"]
    for number in range(5):
        emit(shipper, number, text="x" * 1_000_000)

    logs.release.set()
    report = shipper.flush(10)

    stats = check(shipper)
    assert (stats.accepted, stats.spooled) == (5, 0)
    assert report.dropped == stats.dropped >= 1
    assert logs.numbers()[-1] == 4
    assert "the oldest records were dropped" in report.last_error
    shipper.close()


def test_threads_lose_nothing(shipper, logs):
    """Eight of them, under throttling."""
    logs.script = [(400, "ThrottlingException"), 500, "reset", 200, 500]
    threads = [threading.Thread(target=emit, args=(shipper, *range(n, n + 250))) for n in range(0, 2000, 250)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    shipper.flush(10)

    assert sorted(logs.numbers()) == list(range(2000))
    assert check(shipper).delivered == 2000


def test_timestamps_in_a_batch_never_decrease(target, logs):
    """The clock steps back between two records: order is kept, and the time before stands."""
    clock = itertools.chain([2_000, 1_000], itertools.repeat(2_500))
    shipper = Shipper(target, wall_ms=lambda: next(clock))
    emit(shipper, 1, 2, 3)
    shipper.flush()

    assert [event["timestamp"] for event in logs.delivered] == [2_000, 2_000, 2_500]
    assert logs.numbers() == [1, 2, 3]
    shipper.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_fresh(shipper, logs, target):
    """It sends its own record over its own connection, and not its parent's."""
    emit(shipper, 1)

    child = os.fork()
    if child == 0:
        emit(shipper, 2)
        report = shipper.flush()
        os._exit(0 if report == Report(sent=1) else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert logs.numbers() == [2]
    assert shipper.flush() == Report(sent=1)
    assert logs.numbers() == [2, 1]


def test_on_loopback_missing_credentials_are_test_and_said(shipper, logs, caplog, monkeypatch):
    """Once, however often it sends."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    emit(shipper, 1)
    shipper.flush()
    emit(shipper, 2)

    assert shipper.flush() == Report(sent=1)
    assert all("Credential=test/" in headers["Authorization"] for headers in logs.headers)
    assert caplog.text.count("signing as `test`") == 1


def test_off_loopback_missing_credentials_make_records_wait(caplog, monkeypatch):
    """Nothing is sent; the report says what to do. They can be added later."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    target = Target(log_group="/a", region="r", service="s", endpoint_url="http://192.0.2.1")
    shipper = Shipper(target, chance=lambda: 1.0)
    emit(shipper, 1)

    report = shipper.flush(0.5)

    assert report.waiting == 1
    assert report.last_error.startswith("no AWS credentials found: set AWS_PROFILE or AWS_ACCESS_KEY_ID")
    assert caplog.text.count("no AWS credentials found") == 1
    shipper.close(0)


def test_a_region_left_open_is_the_aws_profiles(logs):
    """Looked up by the sender, beside the credentials."""
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("[default]\nregion = eu-north-1\n")
    shipper = Shipper(Target(log_group="/a", region=None, service="s", endpoint_url=logs.url))
    emit(shipper, 1)

    assert shipper.flush() == Report(sent=1)
    assert "/eu-north-1/logs/aws4_request" in logs.headers[0]["Authorization"]
    shipper.close()


def test_no_region_anywhere_makes_records_wait(logs):
    """The report says what to do; it can be named later."""
    shipper = Shipper(Target(log_group="/a", region=None, service="s", endpoint_url=logs.url))
    emit(shipper, 1)

    report = shipper.flush(0.2)

    assert report.waiting == 1
    assert report.last_error == "no AWS region is known: set AWS_REGION, or name one in the AWS profile"
    shipper.close(0)


def test_a_proxy_that_wants_a_password_gets_it(logs, monkeypatch):
    """From its URL, where it is percent-encoded."""
    monkeypatch.setenv("http_proxy", logs.url.replace("http://", "http://me:p%40ss@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    target = Target(log_group="/a", region="r", service="s", endpoint_url="http://logs.example")
    shipper = Shipper(target)
    emit(shipper, 1)

    assert shipper.flush() == Report(sent=1)
    headers = {name.lower(): value for name, value in logs.headers[0].items()}
    assert headers["proxy-authorization"] == "Basic bWU6cEBzcw=="
    shipper.close()


def test_our_own_requests_are_not_logged(shipper, logs, caplog):
    """Even at DEBUG: an application that ships its logs through us would never be done."""
    caplog.set_level(logging.DEBUG)
    emit(shipper, 1)
    shipper.flush()

    assert [record.name for record in caplog.records if record.name.startswith(("urllib3", "botocore"))] == []
    logging.getLogger("urllib3.connectionpool").debug("the application's own")
    assert "the application's own" in caplog.text


def test_the_body_is_what_the_service_model_asks_for(shipper, logs):
    """Names as botocore's model `logs/2014-03-28` spells them."""
    emit(shipper, 1)
    shipper.flush()

    (batch,) = logs.batches
    assert set(batch) == {"logGroupName", "logStreamName", "logEvents"}
    (event,) = batch["logEvents"]
    assert set(event) == {"timestamp", "message"}
    assert json.loads(event["message"]) == {"n": 1, "text": ""}
