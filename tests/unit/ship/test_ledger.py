"""The sender's own books go with the records, once a minute, and are no inference."""

from __future__ import annotations

import re
from pathlib import Path

import orjson

from inferwatch.engine.filterpattern import Event, compile_pattern
from inferwatch.ship.ledger import Ledger
from inferwatch.ship.report import Stats
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.slab import Piece
from inferwatch.ship.target import Target

PROGRAM = Path(__file__).parents[3] / "examples" / "published" / "__main__.py"


def ledger():
    return Ledger("web", "h", 7, now_s=0.0)


def test_a_record_says_what_became_of_all():
    """With the longest wait of a settled event."""
    books = ledger()
    for first_ms in (4_000, 1_000, 3_000):
        books.settled(Piece("s", b'{"timestamp":%d,"message":"x"},' % first_ms, 1), now_ms=5_000)

    stats = Stats(accepted=9, delivered=5, spooled=1, rejected=2, dropped=1, requests=4, retries=3, resent=2)
    assert books.next(stats, now_ms=1_795_521_600_000, now_s=60.0) == {
        "type": "ship", "ts": "2026-11-24T12:00:00.000Z", "service": "web", "host": "h", "pid": 7,
        "queue_age_ms": 4_000, "accepted": 9, "delivered": 5, "spooled": 1, "rejected": 2, "dropped": 1,
        "requests": 4, "retries": 3, "resent": 2, "mended": 0,
    }  # fmt: skip


def test_it_is_told_once_a_minute_while_others_come():
    """Its own records are no reason for the next."""
    books = ledger()
    told = [
        books.next(Stats(accepted=accepted), now_ms=0, now_s=now_s) is not None
        for accepted, now_s in [
            (5, 59.0),
            (5, 60.0),
            (7, 61.0),
            (7, 120.0),
            (8, 180.0),
            (8, 300.0),
            (10, 301.0),
        ]
    ]

    assert told == [False, True, False, True, False, False, True]


def test_no_metric_takes_it_for_an_inference():
    """Of those in the example."""
    event = Event(orjson.dumps(ledger().next(Stats(accepted=1), now_ms=0, now_s=60.0)).decode())

    patterns = re.findall(r"""["'](\{ \$.* \})["']""", PROGRAM.read_text())
    assert patterns
    assert not [pattern for pattern in patterns if compile_pattern(pattern).matches(event)]


def test_it_arrives_with_the_records_of_who_asked(logs):
    """A minute has passed when the second is about to be sent."""
    now_s = [0.0]
    target = Target("/app", "r", "web", "s", logs.url)
    shipper = Shipper(target, linger_s=0, tells=True, monotonic_s=lambda: now_s[0])
    shipper.emit({"n": 1})
    shipper.flush()
    now_s[0] = 61.0
    shipper.emit({"n": 2})
    shipper.flush()
    shipper.close()

    kinds = [record.get("type") for record in logs.records()]
    assert kinds == [None, None, "ship"]
    assert logs.records()[2]["delivered"] == 1
