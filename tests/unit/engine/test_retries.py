"""When a delivery is tried again: the phases of AWS's table, in seconds."""

from __future__ import annotations

from inferwatch.engine.notify.retries import HTTP, SMTP, RetryPolicy


def _delays(policy: RetryPolicy) -> list[float]:
    """Seconds between one attempt and the next, until there is no further one."""
    delays: list[float] = []
    while (delay_ms := policy.delay_ms(len(delays) + 1)) is not None:
        delays.append(delay_ms / 1_000)
    return delays


def test_an_endpoint_has_three_retries_twenty_seconds_apart() -> None:
    """SNS's default for HTTP/S."""
    assert _delays(HTTP) == [20, 20, 20]


def test_a_mail_has_fifty_retries_over_six_hours() -> None:
    """Two before the backoff, ten in it, each 1.576 times later as the one before, and 38 after it."""
    delays = _delays(SMTP)

    assert delays[:12] == [10, 10, 10, 15.761, 24.84, 39.149, 61.701, 97.244, 153.262, 241.55, 380.697, 600]
    assert delays[12:] == [600] * 38
    assert 6 * 3_600 < sum(delays) < 7 * 3_600
