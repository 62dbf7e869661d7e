"""Wrong clocks, credentials that expire, and answers that leave it open whether the events were taken."""

from __future__ import annotations

import time
from functools import partial

import pytest

from inferwatch.ship.send import Transport
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.sign import skew_s
from inferwatch.ship.target import Target


@pytest.mark.parametrize(
    ("date", "ahead_s"),
    [
        ("Tue, 24 Nov 2026 12:00:30 GMT", 0.0),
        ("Tue, 24 Nov 2026 13:00:00 GMT", 3_600.0),
        ("Mon, 23 Nov 2026 12:00:00 GMT", -86_400.0),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_date_header_tells_how_far_the_clock_is_off(date, ahead_s):
    """Less than a minute is none."""
    assert skew_s(date, 1_795_521_600.0) == ahead_s


@pytest.mark.parametrize("hours", [-48, 3])
def test_a_wrong_clock_costs_one_attempt(logs, hours):
    """The refusal says what time it is; later requests are right at once, and records keep their own time."""
    logs.clock_s = lambda: time.time() + hours * 3_600
    shipper = Shipper(Target("/app", "r", "s", "s", logs.url), linger_s=60, chance=lambda: 0.0)
    for number in (1, 2):
        shipper.emit({"n": number})
        assert shipper.flush().sent == 1
    stats = shipper.stats()
    shipper.close()

    assert (stats.requests, stats.retries) == (3, 1)


def test_a_clock_that_is_set_right_costs_one_attempt_too(logs):
    """What was learned from the wrong one is forgotten."""
    wrong = [3_600.0]
    transport = partial(Transport, wall_s=lambda: time.time() + wrong[0])
    target = Target("/app", "r", "s", "s", logs.url)
    shipper = Shipper(target, linger_s=60, chance=lambda: 0.0, transport=transport)
    for number in range(3):
        shipper.emit({"n": number})
        assert shipper.flush().sent == 1
        wrong[0] = 0.0
    stats = shipper.stats()
    shipper.close()

    assert (stats.requests, stats.retries) == (5, 2)


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_expired_credentials_are_looked_up_again(shipper, logs, monkeypatch, code):
    """Somebody has logged in anew meanwhile."""
    logs.script = [(400, code)]
    shipper.emit({"n": 1})
    shipper.flush(0)
    assert logs.asked.wait(5)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKNEW")
    report = shipper.flush()
    if "Credential=AKNEW/" not in logs.headers[-1]["Authorization"]:  # it was quicker than we were
        shipper.emit({"n": 2})
        logs.script = [(400, code)]
        shipper.flush()

    assert report.waiting == 0
    assert "Credential=AKNEW/" in logs.headers[-1]["Authorization"]


@pytest.mark.parametrize(
    ("step", "resent"), [("reset", 2), ("html", 2), (500, 2), (503, 0), (429, 0)], ids=str
)
def test_what_may_be_there_twice_is_counted(shipper, logs, step, resent):
    """Only after answers that leave it open."""
    logs.script = [step]
    for number in range(2):
        shipper.emit({"n": number})
    shipper.flush()

    assert shipper.stats().resent == resent


def test_nobody_listening_is_not_ambiguous():
    """Nothing was sent."""
    shipper = Shipper(Target("/app", "r", "s", "s", "http://127.0.0.1:9"), linger_s=60, chance=lambda: 1.0)
    shipper.emit({"n": 1})
    shipper.flush(0.2)
    stats = shipper.stats()
    shipper.close(0)

    assert stats.requests >= 1
    assert stats.resent == 0


def test_an_endpoint_that_never_gives_request_ids_is_asked_twice_once(shipper, logs):
    """It may be an emulator: from then on its word is taken."""
    logs.gives_ids = False
    for number in range(3):
        shipper.emit({"n": number})
        assert shipper.flush().waiting == 0

    stats = shipper.stats()
    assert (stats.delivered, stats.requests, stats.resent) == (3, 4, 1)


def test_an_answer_without_the_request_id_that_others_had_is_not_believed(shipper, logs):
    """Something between us and CloudWatch Logs has made it up."""
    shipper.emit({"n": 1})
    shipper.flush()
    logs.gives_ids = False
    shipper.emit({"n": 2})
    shipper.flush()

    stats = shipper.stats()
    assert (stats.delivered, stats.requests, stats.resent) == (2, 3, 1)
