"""Bodies are compressed where that is worth it, and where they are taken."""

from __future__ import annotations

import gzip
import json
import sys
from functools import partial
from types import ModuleType

import boto3
import pytest

from inferwatch.local import LocalServer
from inferwatch.ship.compress import compressor, may_refuse_gzip
from inferwatch.ship.send import Transport
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target


@pytest.fixture
def without_isal(monkeypatch):
    monkeypatch.setitem(sys.modules, "isal.igzip", None)


@pytest.fixture
def with_isal(monkeypatch):
    """What its own module of this name does: the standard library's, faster."""
    fast = ModuleType("isal.igzip")
    fast.compress = lambda data, level, *, mtime: gzip.compress(data, level, mtime=mtime)
    monkeypatch.setitem(sys.modules, "isal", ModuleType("isal"))
    monkeypatch.setitem(sys.modules, "isal.igzip", fast)


def send(logs, *, compress, count=1):
    transport = partial(Transport, compress=compress)
    shipper = Shipper(
        Target("/app", "r", "s", "s", logs.url), linger_s=60, transport=transport, chance=lambda: 0.0
    )
    for number in range(count):
        shipper.emit({"n": number, "text": "x" * 2_000})
        shipper.flush()
    report = shipper.close()
    assert report.waiting == 0
    return [headers.get("Content-Encoding") for headers in logs.headers]


@pytest.mark.parametrize(
    ("asked", "is_loopback", "does"),
    [(None, False, False), (None, True, False), (True, True, True), (False, False, False)],
)
def test_without_isal_only_who_asks_gets_it(without_isal, asked, is_loopback, does):
    """zlib would cost more CPU time than all the rest."""
    assert (compressor(asked, is_loopback=is_loopback) is not None) == does


@pytest.mark.parametrize(
    ("asked", "is_loopback", "does"),
    [(None, False, True), (None, True, False), (True, True, True), (False, False, False)],
)
def test_with_isal_all_but_loopback_gets_it(with_isal, asked, is_loopback, does):
    """And what it makes is gzip."""
    compress = compressor(asked, is_loopback=is_loopback)

    assert (compress is not None) == does
    assert compress is None or gzip.decompress(compress(b"text")) == b"text"


def test_a_compressed_batch_is_signed_and_arrives(logs):
    """Small calls are left as they are."""
    logs.exists = False

    codings = send(logs, compress=True)

    assert logs.numbers() == [0]
    assert codings == ["gzip", None, None, None, "gzip"]


@pytest.mark.parametrize(
    "answer", [(415, b""), (400, b""), (400, json.dumps({"__type": "SerializationException"}).encode())]
)
def test_an_endpoint_that_does_not_know_gzip_gets_plain_bodies(logs, answer):
    """From the second request on without trying."""
    logs.gzip_answer = answer

    assert send(logs, compress=True, count=2) == ["gzip", None, None]
    assert logs.numbers() == [0, 1]


def test_a_refusal_that_plain_bodies_get_too_says_nothing_about_gzip(logs):
    """It is tried again compressed."""
    logs.gzip_answer = (415, b"")
    logs.script = [500]

    assert send(logs, compress=True) == ["gzip", None, "gzip", None]
    assert logs.numbers() == [0]


@pytest.mark.parametrize(
    ("status", "code"),
    [(200, None), (400, "InvalidParameterException"), (400, "ThrottlingException"), (500, None)],
)
def test_other_answers_are_about_other_things(status, code):
    """They are judged as ever."""
    assert not may_refuse_gzip(status, json.dumps({"__type": code} if code else {}).encode())


@pytest.mark.slow
def test_the_embedded_engine_takes_it(tmp_path):
    """As AWS does."""
    with LocalServer(port=0) as server:
        target = Target("/app", "us-east-1", "s", "s", server.endpoint_url)
        shipper = Shipper(target, transport=partial(Transport, compress=True))
        shipper.emit({"text": "x" * 2_000})
        assert shipper.flush().sent == 1
        shipper.close()
        logs = boto3.client(
            "logs", endpoint_url=server.endpoint_url, region_name="us-east-1",
            aws_access_key_id="t", aws_secret_access_key="t",
        )  # fmt: skip
        (event,) = logs.filter_log_events(logGroupName="/app")["events"]

    assert json.loads(event["message"]) == {"text": "x" * 2_000}
