"""The ASGI application: the engine's time is kept, half requests are none, other sites' pages stay out."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from typing import Any

import pytest

from inferwatch.engine.accounts import Accounts
from inferwatch.engine.cloud import Cloud
from inferwatch.local import LocalServer
from inferwatch.model.errors import UsageError
from inferwatch.wire.app import WireApp

FORM = "application/x-www-form-urlencoded"
PUT = b"Action=CreateTopic&Version=2010-03-31&Name=t"


async def _nothing_behind(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError("this is no page")


def _alone(cloud: Cloud) -> Accounts:
    def refuse(account_id: str) -> Cloud:
        raise UsageError(f"no disk for {account_id}")

    return Accounts(cloud, refuse)


def _call(
    cloud: Cloud,
    body: bytes = b"",
    *,
    method: str = "POST",
    query: str = "",
    cut: bool = False,
    **headers: str,
) -> list[dict[str, Any]]:
    """Drive the application by hand; what it sent."""
    sent: list[dict[str, Any]] = []
    given = {"host": "127.0.0.1:4586", "content-type": FORM} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    parts = iter([{"type": "http.request", "body": body, "more_body": cut}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(parts)

    async def send(message: Any) -> None:
        sent.append(message)

    app = WireApp(_alone(cloud), behind=_nothing_behind, carry=lambda _: 200)
    asyncio.run(app(scope, receive, send))
    return sent


def test_a_request_that_was_cut_off_is_not_carried_out(cloud: Cloud) -> None:
    """Half a form may read like a whole one."""
    sent = _call(cloud, PUT, cut=True)

    assert sent == []
    assert cloud.engine("us-east-1").topics.all() == []


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}],
)
def test_another_sites_page_may_not_call(cloud: Cloud, headers: dict[str, str]) -> None:
    """A form or an image on any page could otherwise change the engine."""
    posted = _call(cloud, PUT, **headers)
    linked = _call(cloud, method="GET", query=PUT.decode(), **headers)

    assert (posted[0]["status"], linked[0]["status"]) == (403, 403)
    assert cloud.engine("us-east-1").topics.all() == []


def test_aws_clients_and_our_own_pages_may(cloud: Cloud) -> None:
    """Clients send no origin; our pages send ours."""
    plain = _call(cloud, PUT)
    own = _call(cloud, PUT, origin="http://127.0.0.1:4586", sec_fetch_site="same-origin")

    assert (plain[0]["status"], own[0]["status"]) == (200, 200)


def test_links_inside_messages_are_followed_from_anywhere(cloud: Cloud) -> None:
    """They are opened from a chat or a mail page."""
    query = "Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:t:x"

    sent = _call(cloud, method="GET", query=query, sec_fetch_site="cross-site")

    assert sent[0]["status"] == 200


def test_a_region_that_aws_has_not_is_refused(cloud: Cloud) -> None:
    """By its signature's scope, however long; nothing is made for it."""
    for region in ("mars-1", "x" * 300):
        scope = f"AWS4-HMAC-SHA256 Credential=test/20261124/{region}/sns/aws4_request"

        sent = _call(cloud, PUT, authorization=scope)

        assert sent[0]["status"] == 403
        assert b"<Code>SignatureDoesNotMatch</Code>" in sent[1]["body"]
        assert b"AWS has no region" in sent[1]["body"]
    assert cloud.regions == []


def test_asking_about_a_region_does_not_make_it(cloud: Cloud) -> None:
    """Reading leaves nothing behind."""
    from inferwatch.wire.own import own_call

    found = own_call(cloud, "/_inferwatch/deliveries?region=nowhere-1")

    assert (found, cloud.regions) == ({"mail_folder": None, "deliveries": [], "forwards": []}, [])


@pytest.mark.slow
def test_time_goes_on_after_a_round_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    """One fault must not stop alarms and notifications for good."""
    rounds, went_on = [], threading.Event()
    server = LocalServer(port=0)

    def fail_once() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise RuntimeError("boom")
        went_on.set()

    server.cloud.run_due = fail_once  # type: ignore[method-assign]
    with server:
        assert went_on.wait(10)

    assert "a round failed" in caplog.text


@pytest.mark.slow
def test_a_webhook_that_never_answers_does_not_hold_the_server(caplog: pytest.LogCaptureFixture) -> None:
    """It ends while the delivery still hangs."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        hook = f"http://127.0.0.1:{hanging.getsockname()[1]}/"
        server = LocalServer(port=0)
        topics = server.cloud.engine("us-east-1").topics
        topic = topics.create("t", "", {})
        topics.subscribe(topic.arn, "http", hook, raw=False, now_ms=0)
        with server:
            connection, _ = hanging.accept()

        waiting = [thread.name for thread in threading.enumerate() if thread.name == "inferwatch-post"]
        assert waiting == ["inferwatch-post"]
        assert topics.deliveries()[0].status == "pending"
        connection.close()


def test_a_delivery_under_way_ends_before_the_engine_does(cloud: Cloud) -> None:
    """Its receiver answered while the engine was stopping: after the restart it is not told again."""
    topics = cloud.engine("us-east-1").topics
    topics.subscribe(topics.create("t", "", {}).arn, "http", "http://127.0.0.1:9/", raw=False, now_ms=0)
    begun, stopping = threading.Event(), threading.Event()
    noted: list[str] = []
    cloud.on_answered = lambda delivery: noted.append(delivery.status)

    def carry(_: object) -> int:
        begun.set()
        assert stopping.wait(10)
        return 200

    async def run() -> None:
        asked = iter(("startup", "shutdown"))

        async def receive() -> dict[str, str]:
            if (kind := next(asked)) == "shutdown":
                await asyncio.to_thread(begun.wait, 10)
                stopping.set()
            return {"type": f"lifespan.{kind}"}

        async def send(_: Any) -> None:
            """Nobody hears it."""

        await WireApp(_alone(cloud), behind=_nothing_behind, carry=carry)({"type": "lifespan"}, receive, send)

    asyncio.run(run())

    assert noted == ["delivered"]


def test_an_error_body_is_json(cloud: Cloud) -> None:
    """What is neither a call nor a page is told so."""
    sent = _call(cloud, b"nonsense")

    assert sent[0]["status"] == 400
    assert "neither an AWS call nor a page" in json.loads(sent[1]["body"])["message"]
