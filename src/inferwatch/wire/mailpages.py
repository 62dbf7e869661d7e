"""The pages that a mail's links lead to: what a person sees who confirms a subscription, or ends one.

Source: the addresses in AWS's mails, and what its pages say, as their readers posted them.
Differs: how AWS's pages look, what they say of a link that is no good, and its way back after leaving.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.letter import CONFIRMATION_PAGE, REMOVAL_PAGE, removal_url
from inferwatch.model.errors import AwsError, NotKept
from inferwatch.wire.perform import perform
from inferwatch.wire.request import Request, region_of
from inferwatch.wire.respond import Response

_Form: TypeAlias = Mapping[str, str]
_HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def visit(cloud: Cloud, request: Request, default_region: str) -> Response | None:
    """Do what the link says, and answer with its page; `None` for any other address."""
    act = _PAGES.get(request.path)
    if act is None or request.method != "GET":
        return None
    form = dict(parse_qsl(request.query))
    try:
        title, body = act(cloud, region_of(request, form, default_region), form)
    except NotKept as refused:
        return _page(503, "Not now", f"<p>{escape(refused.message)}</p>")
    except AwsError as refused:
        return _page(400, "This link is no good", f"<p>{escape(refused.message)}</p>")
    return _page(200, title, body)


def _confirm(cloud: Cloud, region: str, form: _Form) -> tuple[str, str]:
    params = {name: form.get(name, "") for name in ("TopicArn", "Token")}
    arn = perform(cloud, region, "sns", "ConfirmSubscription", params)["SubscriptionArn"]
    topics = cloud.engine(region).topics
    endpoint = topics.subscription(arn).shown_endpoint
    leave = escape(removal_url(topics.subscription(arn), ""))
    return "Subscription confirmed!", (
        f"<p>You have subscribed {escape(endpoint)} to the topic:<br><b>{escape(arn.split(':')[5])}</b>.</p>"
        f"<p>Your subscription's id is:<br>{escape(arn)}</p>"
        f'<p>If it was not your intention to subscribe, <a href="{leave}">click here to unsubscribe</a>.</p>'
    )


def _leave(cloud: Cloud, region: str, form: _Form) -> tuple[str, str]:
    arn = form.get("SubscriptionArn", "")
    perform(cloud, region, "sns", "Unsubscribe", {"SubscriptionArn": arn})
    return "Subscription removed!", f"<p>Your subscription's id was:<br>{escape(arn)}</p>"


def _page(status: int, title: str, body: str) -> Response:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><h1>{title}</h1>{body}</html>"
    )
    return Response(status, dict(_HEADERS), text.encode())


_PAGES: Final[dict[str, Callable[[Cloud, str, _Form], tuple[str, str]]]] = {
    CONFIRMATION_PAGE: _confirm,
    REMOVAL_PAGE: _leave,
}
