"""What a program brings as Outputs, as leaves of a plan and what they stand for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeGuard
from urllib.parse import urlsplit

import pulumi

from inferwatch.catalog.watches import SEVERITIES
from inferwatch.infra.notify import Notify, Webhook
from inferwatch.infra.plan import notify as planned
from inferwatch.infra.plan.check import check_group_name, check_tag, tag_argument
from inferwatch.infra.plan.errors import refuse
from inferwatch.infra.plan.values import Given, Leaf


class Brought:
    """Collects Outputs, and gives a plan's words for them.

    What is wrong with a text that is not known yet is said as soon as it is: in the preview already, unless a
    resource has to be made first.
    """

    def __init__(self) -> None:
        self.outputs: dict[Leaf, pulumi.Output[str]] = {}
        self._webhooks: dict[str, Webhook] = {}

    def log_group(self, name: pulumi.Input[str] | None) -> str | Given | None:
        """The name of a log group that is adopted."""
        if name is None or isinstance(name, str):
            return name
        return self._later("adopt_log_group", name, check_group_name)

    def tags(self, tags: Mapping[str, pulumi.Input[str]]) -> Mapping[str, str | Given]:
        """Tags by key.

        Raises:
            UsageError: A tag is none.
        """
        if not isinstance(tags, Mapping):
            raise refuse("tags", f"expected a mapping, got {tags!r}")
        return {key: self._tag(tag_argument(key), value) for key, value in tags.items()}

    def _tag(self, where: str, value: object) -> str | Given:
        if _is_later(value):
            return self._later(where, value, lambda known: check_tag(where, known))
        check_tag(where, value)
        return str(value)

    def notify(self, notify: Notify) -> planned.Notify:
        """Whom to tell.

        Raises:
            UsageError: A target is none.
        """
        if not isinstance(notify, Notify):
            raise refuse("notify", f"expected a Notify, got {notify!r}")
        return planned.Notify(
            **{severity: self._targets(severity, getattr(notify, severity)) for severity in SEVERITIES}
        )

    def _targets(self, severity: str, targets: Sequence[object]) -> list[planned.Target]:
        where = f"notify.{severity}"
        if isinstance(targets, str) or not isinstance(targets, Sequence):
            raise refuse(where, f"expected a list of targets, got {type(targets).__name__}")
        return [self._target(f"{where}[{number}]", target) for number, target in enumerate(targets)]

    def _target(self, where: str, target: object) -> planned.Target:
        if isinstance(target, str):
            return target
        if isinstance(target, Webhook):
            return self._webhook(where, target)
        arn = getattr(target, "arn", None) if isinstance(target, pulumi.CustomResource) else target
        if _is_later(arn):
            return self._later(where, arn, lambda known: planned.check_topic(where, known))
        expected = "a topic, an ARN, an e-mail address, a URL or a Webhook"
        raise refuse(where, f"expected {expected}, got {type(target).__name__}")

    def _webhook(self, where: str, webhook: Webhook) -> planned.GivenWebhook:
        if self._webhooks.setdefault(webhook.name, webhook).url != webhook.url:
            raise refuse(where, f"{webhook.name!r} is the name of another webhook: give each its own")
        given = planned.GivenWebhook(webhook.name)
        secret = pulumi.Output.secret(webhook.url)
        self._later(given.url.name, secret, lambda known: planned.check_url(where, known))
        scheme = self.outputs[given.url].apply(lambda url: urlsplit(url).scheme)
        self.outputs[given.protocol] = pulumi.Output.unsecret(scheme)
        return given

    def _later(self, name: str, value: pulumi.Input[str], check: Callable[[Any], None]) -> Given:
        def checked(known: str) -> str:
            check(known)
            return known

        given = Given(name)
        self.outputs[given] = pulumi.Output.from_input(value).apply(checked)
        return given


def _is_later(value: object) -> TypeGuard[pulumi.Output[str] | Awaitable[str]]:
    """Is it known only when the program runs?"""
    return isinstance(value, pulumi.Output) or hasattr(value, "__await__")
