"""Records as lines of the standard output: whole ones, counted, and never an exception."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import runpy
import threading
from pathlib import Path

import pytest

import inferwatch
from inferwatch.capture.default import DEFAULT
from inferwatch.ship.lines import Lines

ROOT = Path(__file__).parents[3]


@pytest.fixture
def pipe():
    """(lines, read): what has been written so far."""
    source, sink = os.pipe()
    os.set_blocking(source, False)

    def read():
        found = b""
        while True:
            try:
                part = os.read(source, 2**16)
            except BlockingIOError:
                return found
            if not part:
                return found
            found += part

    yield Lines(sink), read
    for fd in (source, sink):
        with contextlib.suppress(OSError):
            os.close(fd)


@pytest.fixture
def default(monkeypatch):
    monkeypatch.setattr(DEFAULT, "recorder", None)
    monkeypatch.setattr(DEFAULT, "retired", ())


def test_each_record_is_a_line(pipe):
    """JSON, in order; all of it is written when `emit` returns."""
    lines, read = pipe

    lines.emit({"n": 1, "text": "a\nb"})
    lines.emit({"n": 2})

    assert read() == b'{"n":1,"text":"a\\nb"}\n{"n":2}\n'
    assert (lines.stats().accepted, lines.stats().delivered) == (2, 2)
    assert (lines.flush().sent, lines.flush().sent) == (2, 0)


def test_lines_of_many_threads_stay_whole():
    """Longer than a pipe takes at once, eight threads, one reader: every line parses."""
    source, sink = os.pipe()
    lines = Lines(sink)
    found = []

    def read():
        with os.fdopen(source, "rb") as file:
            found.extend(json.loads(line)["n"] for line in file)

    def emit(first):
        for number in range(first, first + 50):
            lines.emit({"n": number, "text": "x" * 20_000})

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=emit, args=(n * 50,)) for n in range(8)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    os.close(sink)
    reader.join()

    assert sorted(found) == list(range(400))
    assert lines.stats().delivered == lines.stats().accepted == 400


def test_what_is_no_json_goes_as_what_can_be_recorded(pipe):
    """A circle, NaN, an object, half a surrogate; ten megabytes are shortened."""
    lines, read = pipe
    circle = {"n": 1}
    circle["self"] = circle

    for record in (circle, {"n": float("nan")}, {"n": object()}, {"n": "\ud800"}, {"n": "x" * 10_000_000}):
        lines.emit(record)

    records = [json.loads(line) for line in read().splitlines()]
    assert [record["unrecorded"] for record in records] == [["self"], ["n"], ["n"], ["n"], ["n"]]
    assert (lines.stats().delivered, lines.stats().mended) == (5, 5)


def test_what_cannot_be_recorded_is_rejected_and_counted(pipe):
    """Ten megabytes in a hundred thousand fields fit no event."""
    lines, read = pipe

    lines.emit({f"k{number}": "x" * 100 for number in range(100_000)})

    assert read() == b""
    assert lines.stats().rejected == lines.stats().accepted == 1
    assert "larger than" in lines.flush().last_error


def test_a_closed_output_is_counted_and_said_once(pipe, caplog):
    """The application goes on."""
    lines, _ = pipe
    os.close(lines._fd)

    lines.emit({"n": 1})
    lines.emit({"n": 2})

    assert (lines.stats().dropped, lines.stats().accepted) == (2, 2)
    assert lines.flush().last_error == "the standard output takes no records (Bad file descriptor)"
    assert caplog.text.count("takes no records") == 1


def test_a_line_that_was_broken_off_spoils_no_other(pipe, monkeypatch):
    """The next one begins on a line of its own."""
    lines, read = pipe
    write, script = os.write, [3, OSError(5, "Input/output error")]

    def fail(fd, data):
        step = script.pop(0) if script else len(data)
        if isinstance(step, OSError):
            raise step
        return write(fd, data[:step])

    monkeypatch.setattr(os, "write", fail)
    lines.emit({"n": 1})
    lines.emit({"n": 2})
    lines.emit({"n": 3})

    assert read().split(b"\n") == [b'{"n', b'{"n":2}', b'{"n":3}', b""]
    assert (lines.stats().dropped, lines.stats().delivered) == (1, 2)


def test_an_emit_in_the_middle_of_a_line_comes_after_it(pipe, monkeypatch):
    """As a signal handler's does."""
    lines, read = pipe
    write, script = os.write, [4]

    def interrupted(fd, data):
        if script:
            at = script.pop()
            lines.emit({"n": "handler"})
            return write(fd, data[:at])
        return write(fd, data)

    monkeypatch.setattr(os, "write", interrupted)
    lines.emit({"n": 1})

    assert read() == b'{"n":1}\n{"n":"handler"}\n'


def test_configured_to_stdout_nothing_else_is_needed(default, capfd):
    """No log group, no region, no thread; logs travel too, without metrics."""
    before = set(threading.enumerate())
    inferwatch.configure(destination="stdout", service="shop", emf="Shop")
    with inferwatch.inference("chat", provider="p", model="m") as call:
        call.usage(input_tokens=3, output_tokens=4)
        call.finish("stop")
    inferwatch.LogHandler().emit(logging.makeLogRecord({"name": "app", "msg": "hello"}))
    report = inferwatch.flush()

    record, log = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (directive,) = record["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Shop", [[], ["model"]])
    assert {"Name": "input_tokens", "Unit": "Count"} in directive["Metrics"]
    assert all(metric["Name"] in record for metric in directive["Metrics"])
    assert (log["message"], "_aws" in log) == ("hello", False)
    assert (report.sent, inferwatch.stats().delivered) == (2, 2)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"destination": "file"}, "destination='file': expected one of cloudwatch, stdout"),
        ({"emf": ""}, "emf='': expected a metric namespace"),
        ({"emf": "AWS/Logs"}, "not beginning AWS/"),
        ({"emf": "a:b"}, "emf='a:b'"),
    ],
)
def test_a_wrong_word_is_named(default, wrong, said):
    """And nothing is configured."""
    with pytest.raises(inferwatch.UsageError, match=said):
        inferwatch.configure(log_group="/app", region="r", **wrong)

    assert DEFAULT.recorder is None


def test_the_lambda_example_runs(default, capfd):
    """One line an invocation, and the function's answer."""
    handler = runpy.run_path(str(ROOT / "examples" / "lambda" / "handler.py"))["handler"]

    assert handler({"question": "why is it so"}, None) == {"statusCode": 200, "body": "WHY IS IT SO"}

    (record,) = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert (record["service"], record["input_tokens"]) == ("shop", 4)
    assert record["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "inferwatch/shop"
