"""Structured logs go where inferences go, and are never taken for one."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import orjson
import pytest

import inferwatch
from inferwatch.capture.default import DEFAULT
from inferwatch.engine.filterpattern import Event, compile_pattern
from inferwatch.ship.log_handler import LogHandler

PROGRAM = Path(__file__).parents[3] / "examples" / "published" / "__main__.py"


@pytest.fixture
def log():
    entries = []
    logger = logging.Logger("shop.cart")
    logger.addHandler(LogHandler(entries.append))
    logger.entries = entries
    return logger


def test_an_entry_says_who_what_and_when(log):
    """Arguments are filled in; what is extra stays apart."""
    log.warning("%d items", 3, extra={"cart": 7})

    (entry,) = log.entries
    assert entry.pop("ts").endswith("Z")
    assert entry == {
        "type": "log",
        "level": "WARNING",
        "logger": "shop.cart",
        "message": "3 items",
        "fields": {"cart": 7},
    }


def test_a_dictionary_is_its_fields(log):
    """As structured loggers give it."""
    log.info({"event": "paid", "eur": 12.5}, extra={"cart": 7})

    assert log.entries[0]["fields"] == {"event": "paid", "eur": 12.5, "cart": 7}
    assert "message" not in log.entries[0]


def test_an_exception_is_there_with_its_traceback(log):
    """As text."""
    try:
        raise ValueError("as told")
    except ValueError:
        log.exception("failed")

    assert log.entries[0]["exception"].endswith("ValueError: as told")


def test_arguments_that_do_not_fit_are_no_fault(log):
    """The text is there as it was written."""
    log.info("%d items", "three")

    assert log.entries[0]["message"] == "%d items"


def test_our_own_warnings_are_left_to_others():
    """Each would be the cause of the next."""
    entries = []
    logging.Logger("inferwatch.wire").addHandler(LogHandler(entries.append))
    LogHandler(entries.append).handle(logging.makeLogRecord({"name": "inferwatch", "msg": "waiting"}))

    assert entries == []


def test_no_metric_takes_it_for_an_inference(log):
    """Whatever fields it has."""
    log.error("x", extra={"status": "error", "duration_ms": 5, "operation": "chat", "input_tokens": 1})
    event = Event(message=orjson.dumps(log.entries[0]).decode())

    patterns = re.findall(r"""["'](\{ \$.* \})["']""", PROGRAM.read_text())
    assert "{ $.duration_ms >= 0 }" in patterns
    for pattern in patterns:
        assert not compile_pattern(pattern).matches(event), pattern


def test_it_goes_through_the_configured_sender(logs, monkeypatch, tmp_path):
    """With what it cannot say in JSON mended."""
    monkeypatch.setattr(DEFAULT, "recorder", None)
    monkeypatch.setattr(DEFAULT, "retired", ())
    inferwatch.configure(log_group="/app", region="r", endpoint_url=logs.url, spool_dir=tmp_path, linger_s=60)
    logger = logging.Logger("shop")
    logger.addHandler(inferwatch.LogHandler())
    logger.info("hello", extra={"bad": float("nan")})
    report = inferwatch.flush()
    DEFAULT.recorder.shipper.close()

    assert report.sent == 1
    assert logs.records()[0]["message"] == "hello"
    assert logs.records()[0]["unrecorded"] == ["fields"]
