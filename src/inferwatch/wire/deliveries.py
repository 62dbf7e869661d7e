"""What was sent and what came of it, for people who look: the answer of `/_inferwatch/deliveries`."""

from __future__ import annotations

from typing import Any

from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.delivery import Delivery, Dispatch, Status
from inferwatch.engine.notify.envelope import CONFIRMATION
from inferwatch.engine.notify.letter import confirmation_url, file_name, subject_of, text
from inferwatch.engine.subscriptions.forward import Forward


def describe_deliveries(cloud: Cloud, region: str) -> dict[str, Any]:
    """Notifications, and what subscription filters sent on; newest first."""
    engine = cloud.find(region)
    deliveries = [] if engine is None else engine.topics.deliveries()
    forwards = [] if engine is None else engine.subscriptions.outbox.all()
    folder = None if cloud.mail_folder is None else str(cloud.mail_folder)
    return {
        "mail_folder": folder,
        "deliveries": [_describe_delivery(delivery) for delivery in reversed(deliveries)],
        "forwards": [_describe_forward(forward) for forward in reversed(forwards)],
    }


def _describe_delivery(delivery: Delivery) -> dict[str, Any]:
    said = delivery.said
    subscription = said.subscription
    return {
        "topic_arn": subscription.topic_arn,
        "subscription_arn": subscription.arn,
        "endpoint": subscription.shown_endpoint,
        "protocol": subscription.protocol,
        "subject": subject_of(said) if subscription.is_mail else said.subject,
        "message": said.message,
        "message_id": said.message_id,
        "mail": text(said, delivery.office) if subscription.protocol == "email" else None,
        "mail_file": file_name(said) if subscription.is_mail else None,
        "confirm_url": _confirm_url(delivery),
        **_describe(delivery),
    }


def _confirm_url(delivery: Delivery) -> str | None:
    """For an invitation that was not yet followed: where a person follows it."""
    subscription = delivery.said.subscription
    is_there = subscription.arn in delivery.topic.subscriptions
    if delivery.kind != CONFIRMATION or not is_there or subscription.confirmed:
        return None
    return confirmation_url(subscription, delivery.office.base_url())


def _describe_forward(forward: Forward) -> dict[str, Any]:
    return {
        "destination_arn": forward.destination_arn,
        "address": forward.address,
        "log_group": forward.log_group,
        "filter_name": forward.filter_name,
        "events": forward.events,
        "size_bytes": forward.posted_bytes,
        **_describe(forward),
    }


def _describe(dispatch: Dispatch) -> dict[str, Any]:
    return {
        "kind": dispatch.kind,
        "status": dispatch.status,
        "attempts": dispatch.attempts,
        "last_error": dispatch.last_error,
        "created_ms": dispatch.created_ms,
        "due_ms": dispatch.due_ms if dispatch.status is Status.PENDING else None,
        "finished_ms": dispatch.finished_ms,
    }
