"""The mail that SNS sends to an e-mail subscription, as a file (RFC 5322).

Source: mails of the real service that their receivers posted; SNS Developer Guide, "Email notifications".
Differs: mail is written to a file, never sent, and without AWS's DKIM signature or HTML. Its links lead to
pages of this engine, named as AWS's. Controls, and signs that turn the direction of
writing, are written as JSON escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from urllib.parse import urlencode

from inferwatch.engine.notify.envelope import CONFIRMATION, Office, Said, document
from inferwatch.engine.notify.topic import Subscription
from inferwatch.model.visible import visible

_LINE_MAX_BYTES: Final = 998  # of RFC 5322: lines up to that stay as they are, longer ones are encoded
_READABLE: Final = SMTP.clone(max_line_length=_LINE_MAX_BYTES)
CONFIRMATION_PAGE: Final = "/confirmation.html"
REMOVAL_PAGE: Final = "/unsubscribe.html"
_SENDER: Final = "AWS Notifications"
_NAME_MAX_CHARS: Final = 100  # as AWS allows a display name
_MAILBOX: Final = "no-reply@sns.amazonaws.com"
_CONFIRMATION_SUBJECT: Final = "AWS Notification - Subscription Confirmation"
_DEFAULT_SUBJECT: Final = "AWS Notification Message"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail ready to be written.

    Args:
        name: Of its file: by time, and the same whenever this delivery is written.
    """

    name: str
    body: bytes


def letter(said: Said, sender: str, office: Office) -> Letter:
    """`sender`: the topic's display name, which may be empty."""
    return Letter(file_name(said), _mail(said, sender, office).as_bytes())


def file_name(said: Said) -> str:
    moment = datetime.fromtimestamp(said.created_ms / 1_000, UTC)
    stamp = f"{moment:%Y%m%dT%H%M%S}.{said.created_ms % 1_000:03d}Z"
    return f"{stamp}-{said.message_id}-{_name(said)}.eml"


def subject_of(said: Said) -> str:
    if said.kind == CONFIRMATION:
        return _CONFIRMATION_SUBJECT
    return _DEFAULT_SUBJECT if said.subject is None else said.subject


def confirmation_url(subscription: Subscription, base_url: str) -> str:
    query = {
        "TopicArn": subscription.topic_arn,
        "Token": subscription.token,
        "Endpoint": subscription.shown_endpoint,
    }
    return f"{base_url}{CONFIRMATION_PAGE}?{urlencode(query)}"


def removal_url(subscription: Subscription, base_url: str) -> str:
    query = {"SubscriptionArn": subscription.arn, "Endpoint": subscription.shown_endpoint}
    return f"{base_url}{REMOVAL_PAGE}?{urlencode(query)}"


def text(said: Said, office: Office) -> str:
    """What the mail says."""
    if said.subscription.protocol == "email-json":
        return f"{visible(document(said, office))}\n"
    if said.kind == CONFIRMATION:
        return (
            f"You have chosen to subscribe to the topic:\n{said.subscription.topic_arn}\n\n"
            "To confirm this subscription, click or visit the link below (If this was in error no action is "
            f"necessary):\n{confirmation_url(said.subscription, office.base_url())}\n\n"
            "Please do not reply directly to this email. If you wish to remove yourself from receiving all "
            "future SNS subscription confirmation requests please send an email to sns-opt-out@amazon.com\n"
        )
    return (
        f"{visible(_in_lines(said.message))}\n\n--\n"
        "If you wish to stop receiving notifications from this topic, please click or visit the link below "
        f"to unsubscribe:\n{removal_url(said.subscription, office.base_url())}\n\n"
        "Please do not reply directly to this email. If you have any questions or comments regarding this "
        "email, please contact us at https://aws.amazon.com/support\n"
    )


def _mail(said: Said, sender: str, office: Office) -> EmailMessage:
    words = text(said, office)
    is_plain = all(len(line) <= _LINE_MAX_BYTES for line in words.encode().splitlines())
    mail = EmailMessage(policy=_READABLE if is_plain else SMTP)
    mail["From"] = Address(_on_one_line(sender) or _SENDER, addr_spec=_MAILBOX)
    mail["To"] = Address(addr_spec=said.subscription.endpoint)
    mail["Subject"] = visible(subject_of(said))
    mail["Date"] = datetime.fromtimestamp(said.created_ms // 1_000, UTC)
    mail["Message-ID"] = f"<{said.message_id}.{_name(said)}@sns.amazonaws.com>"
    mail.set_content(words, cte=None if is_plain else "quoted-printable")
    return mail


def _name(said: Said) -> str:
    """The subscription's own, without its topic's."""
    return said.subscription.arn.rpartition(":")[2]


def _in_lines(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n")


def _on_one_line(words: str) -> str:
    return "".join(char if char.isprintable() else " " for char in words).strip()[:_NAME_MAX_CHARS]
