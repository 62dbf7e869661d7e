"""The arithmetic of streams and retries, on numbers worked out by hand."""

from __future__ import annotations

from inferwatch.capture.attempts import Attempts
from inferwatch.capture.identity import ulid, writer_name
from inferwatch.capture.timeline import Timeline
from inferwatch.model.moment import iso_ms

MS = 1_000_000


def test_gaps_between_chunks():
    """Chunks after 100, 120, 200 ms: gaps of 20 and 80."""
    timeline = Timeline(0)
    for now_ms in (100, 120, 200):
        timeline.content(now_ms * MS)

    assert timeline.ttft_ms == 100.0
    assert timeline.itl_mean_ms == 50.0
    assert timeline.itl_max_ms == 80.0
    assert timeline.output_tps(30, 300 * MS) == 150.0


def test_one_chunk_has_no_gap():
    """Absent, not zero."""
    timeline = Timeline(0)
    timeline.content(5 * MS)

    assert timeline.itl_mean_ms is None
    assert timeline.itl_max_ms is None
    assert timeline.output_tps(1, 5 * MS) is None


def test_an_answer_in_one_chunk_has_no_rate():
    """Forty tokens at once, and the stream ends 10 microseconds later: not four million a second."""
    timeline = Timeline(0)
    timeline.content(5 * MS)

    assert timeline.output_tps(40, 5 * MS + 10_000) is None


def test_two_throttles_then_fine():
    """Answers after 10 ms each; waits of 500 and 900 ms."""
    attempts = Attempts()
    for sent_ms, answered_ms, status in ((0, 10, 429), (510, 520, 429), (1420, 1500, 200)):
        attempts.sent(sent_ms * MS)
        attempts.answered(status, answered_ms * MS)

    assert (attempts.count, attempts.throttles, attempts.errors) == (3, 2, ["429", "429"])
    assert attempts.retry_wait_ms == 1400.0


def test_a_wait_after_silence_is_unknown():
    """The transport does not say when it gave up on the first attempt."""
    attempts = Attempts()
    attempts.sent(0)
    attempts.sent(700 * MS)
    attempts.answered(200, 800 * MS)

    assert (attempts.count, attempts.errors, attempts.retry_wait_ms) == (2, ["no_response"], None)


def test_a_redirect_is_one_attempt():
    """The second request follows the first."""
    attempts = Attempts()
    attempts.sent(0)
    attempts.answered(307, 10 * MS, redirect=True)
    attempts.sent(11 * MS)
    attempts.answered(200, 20 * MS)

    assert (attempts.count, attempts.errors, attempts.retry_wait_ms) == (1, [], None)


def test_names_are_made_of_time_and_randomness():
    """The ULID of the specification's own example time; all bits set is the largest."""
    assert ulid(1_469_918_176_385, bytes(10)) == "01ARYZ6S410000000000000000"
    assert ulid(2**48 - 1, b"\xff" * 10) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"
    assert writer_name(b"\xff" * 5) == "zzzzzzzz"
    assert iso_ms(0) == "1970-01-01T00:00:00.000Z"
