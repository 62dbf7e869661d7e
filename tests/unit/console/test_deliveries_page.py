"""The page of deliveries, as a browser without JavaScript reads it, and its JSON twin."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from inferwatch.console.deliveries import SHOWN_MAX

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def mail(engine: Any) -> dict[str, Any]:
    """A mail that cannot be written, after the notification there is."""
    failed: dict[str, Any] = engine.deliveries[0] | {
        "endpoint": "ops@example.com",
        "protocol": "email",
        "subscription_arn": "arn:aws:sns:us-east-1:123456789012:other:1",
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:other",
        "mail": "You are receiving this email because\n",
        "mail_file": "20260826T083000.000Z-m-s.eml",
        "status": "failed",
        "attempts": 51,
        "last_error": "OSError: No space left on device",
        "created_ms": engine.now_ms,
    }
    engine.deliveries.append(failed)
    return failed


@pytest.fixture
def forward(engine: Any) -> dict[str, Any]:
    """Log events on their way, the oldest of all."""
    pending: dict[str, Any] = {
        "kind": "DATA_MESSAGE",
        "destination_arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
        "address": "http://127.0.0.1:9000/f",
        "log_group": "/inferwatch/app",
        "filter_name": "errors",
        "events": 3,
        "size_bytes": 812,
        "status": "pending",
        "attempts": 1,
        "last_error": "HTTP 503",
        "created_ms": engine.deliveries[0]["created_ms"] - 1_000,
        "due_ms": engine.now_ms + 12_000,
        "finished_ms": None,
    }
    engine.forwards.append(pending)
    return pending


def test_all_that_was_sent_is_listed_newest_first(
    client: TestClient, mail: dict[str, Any], forward: dict[str, Any]
) -> None:
    """Mails, posts and forwards in one list; status, attempts, reason, when it is tried next."""
    page = client.get("/deliveries").text

    assert page.index("ops@example.com") < page.index("127.0.0.1:9000/hook") < page.index("127.0.0.1:9000/f")
    assert '<span class="delivery">failed</span>' in page
    assert "51 attempts" in page
    assert "OSError: No space left on device" in page
    assert "3 log events of /inferwatch/app" in page
    assert "812 bytes, by the filter <code>errors</code>" in page
    assert "1 attempt · next in 12 s" in page


def test_what_was_said_can_be_opened(client: TestClient, mail: dict[str, Any]) -> None:
    """A mail as it reads, with its file; an alarm's JSON on lines of its own."""
    page = client.get("/deliveries").text

    assert "You are receiving this email because" in page
    assert "<code>/data/mail/20260826T083000.000Z-m-s.eml</code>" in page
    assert "{\n  &#34;AlarmName&#34;: &#34;slow-inferences&#34;" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=failed", {"ops@example.com"}),
        ("status=pending", {"http://127.0.0.1:9000/f"}),
        ("status=delivered", {"http://127.0.0.1:9000/hook"}),
        ("topic=arn:aws:sns:us-east-1:123456789012:other", {"ops@example.com"}),
        ("topic=arn:aws:sns:us-east-1:123456789012:other&status=pending", set()),
    ],
)
def test_the_address_narrows_the_list(
    client: TestClient, mail: dict[str, Any], forward: dict[str, Any], query: str, shown: set[str]
) -> None:
    """The twin too, and the page's own link to it."""
    page = client.get(f"/deliveries?{query}").text
    twin = client.get(f"/deliveries.json?{query}").json()

    every = {"ops@example.com", "http://127.0.0.1:9000/hook", "http://127.0.0.1:9000/f"}
    assert {text for text in every if text in page} == shown
    assert {one.get("endpoint") or one["address"] for one in twin["deliveries"]} == shown
    assert "/deliveries.json?" in page


def test_how_many_there_are_of_each_is_said(
    client: TestClient, mail: dict[str, Any], forward: dict[str, Any]
) -> None:
    """Whatever is shown; what failed is in the title."""
    page = client.get("/deliveries?status=pending").text

    assert [words for words in ("all 3", "pending 1", "delivered 1", "failed 1") if words in page] == [
        "all 3", "pending 1", "delivered 1", "failed 1",
    ]  # fmt: skip
    assert "<title>Deliveries · 1 failed · inferwatch</title>" in page


def test_nothing_yet_teaches_the_way(client: TestClient, engine: Any) -> None:
    """From a topic to an alarm's first word."""
    engine.deliveries = []

    page = client.get("/deliveries").text

    assert "aws sns subscribe --topic-arn ARN --protocol email" in page
    assert "aws cloudwatch set-alarm-state" in page


def test_a_status_that_nothing_has_is_said(client: TestClient) -> None:
    """With the way back."""
    page = client.get("/deliveries?status=failed").text

    assert 'Nothing failed. <a href="/deliveries">All deliveries</a>' in page


def test_a_status_that_there_is_not_is_refused(client: TestClient) -> None:
    """By name."""
    answer = client.get("/deliveries.json?status=lost")

    assert answer.status_code == 400
    assert answer.json()["error"] == 'status: expected one of pending, delivered, failed, found "lost"'


def test_an_invitation_shows_the_link_that_confirms(client: TestClient, engine: Any) -> None:
    """For whoever has no webhook that does it."""
    engine.deliveries[0] |= {
        "kind": "SubscriptionConfirmation",
        "subject": None,
        "confirm_url": "http://x/?a=1&b",
    }

    page = client.get("/deliveries").text

    assert "Asked to confirm its subscription" in page
    assert 'until <a href="http://x/?a=1&amp;b">its link</a> is followed' in page


def test_what_strangers_wrote_stays_text(client: TestClient, engine: Any) -> None:
    """In every field that is shown."""
    fields = ("subject", "message", "mail", "mail_file", "endpoint", "last_error", "message_id", "status")
    engine.deliveries[0] |= dict.fromkeys(fields, HOSTILE)
    engine.deliveries[0] |= {"mail_file": HOSTILE, "topic_arn": HOSTILE}

    page = client.get("/deliveries", params={"topic": HOSTILE}).text

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") > 5


def test_long_lists_and_long_texts_are_cut_and_say_so(client: TestClient, engine: Any) -> None:
    """The twin has all of it."""
    one = engine.deliveries[0] | {"message": "m" * 10_000}
    engine.deliveries = [one | {"message_id": f"id-{number}"} for number in range(SHOWN_MAX + 5)]

    page = client.get("/deliveries").text

    assert page.count("<details") == SHOWN_MAX
    assert "m" * 8_001 not in page
    assert "The newest 100; 5 more are in" in page
    twin = client.get("/deliveries.json").json()["deliveries"]
    assert (len(twin), len(twin[0]["message"])) == (SHOWN_MAX + 5, 10_000)


def test_every_page_leads_there(client: TestClient) -> None:
    """An alarm's to what went through its topic, in the reader's region."""
    alarm = client.get("/alarms/slow-inferences?region=us-east-1").text

    assert '<a class="place" href="/deliveries">Deliveries</a>' in client.get("/").text
    assert 'href="/deliveries?region=eu-west-1"' in client.get("/?region=eu-west-1").text
    assert 'href="/deliveries?topic=arn%3Aaws%3Asns%3Aus-east-1%3A' in alarm
