"""Whom alarms tell: topics and functions by ARN, people and webhooks through a topic of the plan's own.

Source: CloudWatch API reference, "PutMetricAlarm" (at most five actions a state); SNS Developer Guide,
"HTTP/S subscriptions" (an endpoint confirms its subscription itself), read 2026-11.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from inferwatch.catalog.watches import SEVERITIES, Severity
from inferwatch.infra.plan.errors import check_text, check_unique, refuse
from inferwatch.infra.plan.resource import LAMBDA_PERMISSION, SUBSCRIPTION, TOPIC, Resource
from inferwatch.infra.plan.values import Given, Ref, Value
from inferwatch.model.limits import ACTIONS_PER_STATE
from inferwatch.model.loopback import is_loopback

_ARN: Final = re.compile(r"arn:aws[a-z-]*:(sns|lambda):[a-z0-9-]+:\d{12}:(\S+)")
_NAME: Final = r"[A-Za-z0-9_-]{1,64}"
_EMAIL: Final = re.compile(r"[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+")
# Hosts of chat webhooks: they take messages of their own form only, and cannot confirm a subscription.
_CHATS: Final = {
    "hooks.slack.com": "Slack",
    "discord.com": "Discord",
    "chat.googleapis.com": "Google Chat",
    "webhook.office.com": "Microsoft Teams",
    "logic.azure.com": "Microsoft Teams",
}


@dataclass(frozen=True, slots=True)
class GivenWebhook:
    """A webhook whose URL only the deployment knows; its name, which is part of a key, outlives the URL."""

    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> Given:
        return Given(f"webhook/{self.name}/url")

    @property
    def protocol(self) -> Given:
        """`http` or `https`."""
        return Given(f"webhook/{self.name}/protocol")


Target: TypeAlias = str | Given | GivenWebhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Whom to tell of what; a recovery is told to the same.

    A target is the ARN of an SNS topic or of a Lambda function, an e-mail address, the https URL of a webhook
    that confirms SNS subscriptions (PagerDuty's and Opsgenie's CloudWatch integrations do), or `Given(name)`
    for a topic whose ARN, and `GivenWebhook(name)` for a webhook whose URL, only the deployment knows.
    """

    critical: Sequence[Target] = field(default=())
    warning: Sequence[Target] = field(default=())

    def of(self, severity: Severity) -> Sequence[Target]:
        return self.critical if severity == "critical" else self.warning


def check_notify(notify: Notify) -> None:
    """Raises UsageError."""
    for severity in SEVERITIES:
        where, targets = f"notify.{severity}", notify.of(severity)
        if isinstance(targets, str) or not isinstance(targets, Sequence):
            raise refuse(where, f"expected a list of targets, got {targets!r}")
        for target in targets:
            _check_target(where, target)
        check_unique(where, map(str, targets))
        actions = len(_direct(targets)) + (1 if _through_topic(targets) else 0)
        if actions > ACTIONS_PER_STATE:
            raise refuse(
                where,
                f"{actions} actions; an alarm takes at most {ACTIONS_PER_STATE}: subscribe some of them to "
                "one topic, and name that",
            )


def _check_target(where: str, target: Target) -> None:
    if isinstance(target, Given):
        return
    if isinstance(target, GivenWebhook):
        check_text(f"{where}: webhook", target.name, _NAME, "1-64 letters, digits, dashes or underscores")
        return
    if not isinstance(target, str):
        raise refuse(where, f"expected an ARN, an e-mail address or an https URL, got {target!r}")
    if _ARN.fullmatch(target) or _EMAIL.fullmatch(target):
        return
    if "://" not in target:
        raise refuse(
            where,
            "expected the ARN of an SNS topic or Lambda function, an e-mail address or an https URL, got "
            f"{target!r}",
        )
    check_url(where, target)


def check_topic(where: str, arn: object) -> None:
    """The ARN of a topic, once it is known.

    Raises:
        UsageError: It is another text; a function's too, for its permission is planned beforehand.
    """
    found = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    if found is None or found[1] != "sns":
        raise refuse(
            where,
            "an output is taken for the ARN of an SNS topic, and this is none: for a URL, give "
            "Webhook(name, url); for a function, give its ARN as text",
        )


def check_url(where: str, target: str) -> None:
    """A webhook's URL.

    Raises:
        UsageError: SNS cannot deliver to it, or not safely; what may be secret of it is not told.
    """
    url = urlsplit(target)
    host = url.hostname or ""
    for chat_host, chat in _CHATS.items():
        if host == chat_host or host.endswith(f".{chat_host}"):
            raise refuse(
                where,
                f"a {chat} webhook cannot be told by SNS: it cannot confirm the subscription, and takes "
                f"messages of {chat}'s own form only. Set the channel up in Amazon Q Developer in chat "
                "applications (formerly AWS Chatbot) for a topic, and name that topic here",
            )
    if url.scheme == "http" and not is_loopback(target):
        raise refuse(where, f"an alarm goes over https, got http://{host}")
    if url.scheme not in ("http", "https") or not host:
        raise refuse(where, "expected an https URL")


def is_email(target: Target) -> bool:
    """An address, which has to confirm its subscription."""
    return isinstance(target, str) and _EMAIL.fullmatch(target) is not None


def _direct(targets: Sequence[Target]) -> list[str | Given]:
    """Those that an alarm tells itself."""
    return [
        target
        for target in targets
        if isinstance(target, Given) or (isinstance(target, str) and _ARN.fullmatch(target))
    ]


def _through_topic(targets: Sequence[Target]) -> list[str | GivenWebhook]:
    return [
        target
        for target in targets
        if isinstance(target, GivenWebhook) or (isinstance(target, str) and not _ARN.fullmatch(target))
    ]


def actions(notify: Notify, severity: Severity) -> list[Value]:
    """The actions of an alarm of this severity."""
    targets = notify.of(severity)
    own: list[Value] = [Ref(f"topic/{severity}", "arn")] if _through_topic(targets) else []
    return own + list(_direct(targets))


def notify_resources(notify: Notify, name: str, tags: Value) -> Iterator[Resource]:
    """Topics, their subscriptions, and the permission that a function has to give CloudWatch."""
    functions: dict[str, None] = {}
    for severity in SEVERITIES:
        targets = notify.of(severity)
        if people := _through_topic(targets):
            yield _topic(name, severity, tags)
            for endpoint in people:
                yield _subscription(name, severity, endpoint)
        functions |= dict.fromkeys(
            target for target in _direct(targets) if isinstance(target, str) and ":lambda:" in target
        )
    for function in functions:
        yield _permission(name, function)


def _topic(name: str, severity: Severity, tags: Value) -> Resource:
    key = f"topic/{severity}"
    properties: dict[str, Value] = {"name": f"{name}-{severity}", "display_name": f"{name} {severity}"}
    return Resource(TOPIC, key, f"{name}/{key}", properties | ({"tags": tags} if tags else {}))


def _subscription(name: str, severity: Severity, target: str | GivenWebhook) -> Resource:
    protocol: str | Given
    endpoint: str | Given
    if isinstance(target, GivenWebhook):
        protocol, endpoint, word = target.protocol, target.url, target.name
    elif _EMAIL.fullmatch(target):
        protocol, endpoint, word = "email", target, target
    else:
        protocol, endpoint, word = urlsplit(target).scheme, target, _nameless(target)
    key = f"topic/{severity}/{word}"
    properties: dict[str, Value] = {
        "topic": Ref(f"topic/{severity}", "arn"),
        "protocol": protocol,
        "endpoint": endpoint,
    }
    if protocol != "email":
        properties["endpoint_auto_confirms"] = True
    return Resource(SUBSCRIPTION, key, f"{name}/{key}", properties)


def _nameless(url: str) -> str:
    """A name for a URL that does not tell it: webhooks keep their secret in the path."""
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    return f"{urlsplit(url).hostname}-{digest}"


def _permission(name: str, function: str) -> Resource:
    """Source: CloudWatch User Guide, "Invoke a Lambda function from an alarm"."""
    key = f"permission/{function}"
    properties: dict[str, Value] = {
        "action": "lambda:InvokeFunction",
        "function": function,
        "principal": "lambda.alarms.cloudwatch.amazonaws.com",
        "source_account": Given("account_id"),
        # Made of the resource's name, it would hold signs that Lambda refuses.
        "statement_id": f"{name}-alarms",
    }
    return Resource(LAMBDA_PERMISSION, key, f"{name}/{key}", properties)
