"""The page of deliveries: what was sent to whom, and what came of it, newest first."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

from inferwatch.console.links import Links
from inferwatch.console.views import Page
from inferwatch.drawing.api import Api, Shape
from inferwatch.model.errors import UsageError

STATUSES: Final = ("pending", "delivered", "failed")
SHOWN_MAX: Final = 100
_TEXT_MAX_CHARS: Final = 8_000
_NONE_WORDS: Final = {
    "": "Nothing was sent",
    "pending": "Nothing is under way",
    "delivered": "Nothing was delivered",
    "failed": "Nothing failed",
}
_WORDS: Final = {
    "SubscriptionConfirmation": "Asked to confirm its subscription",
    "CONTROL_MESSAGE": "Asked whether the destination is there",
}


async def deliveries_page(api: Api, links: Links) -> Page:
    """Build `/deliveries`, which `?status=` and `?topic=` narrow.

    Raises:
        UsageError: A status that there is not.
    """
    status, topic = links.filters.get("status", ""), links.filters.get("topic", "")
    if status and status not in STATUSES:
        raise UsageError(f'status: expected one of {", ".join(STATUSES)}, found "{status}"')
    health = await api.local("/_inferwatch/health")
    answer = await api.local(f"/_inferwatch/deliveries?region={links.region}")
    every = _rows(answer)
    rows = [row for row in every if not topic or row.get("topic_arn") == topic]
    counts = Counter(row["status"] for row in rows)
    matching = [row for row in rows if not status or row["status"] == status]
    context = {
        "links": links,
        "now_ms": health["now_ms"],
        "health": health,
        "status": status,
        "topic": topic,
        "counts": [("", "all", len(rows)), *((name, name, counts[name]) for name in STATUSES)],
        "rows": [_card(row, answer.get("mail_folder")) for row in matching[:SHOWN_MAX]],
        "more": max(0, len(matching) - SHOWN_MAX),
        "nothing_yet": not every,
        "none_words": _NONE_WORDS[status],
    }
    data = {
        "now_ms": health["now_ms"],
        "region": links.region,
        "status": status or None,
        "topic_arn": topic or None,
        "mail_folder": answer.get("mail_folder"),
        "deliveries": matching,
    }
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "asof": ("parts/asof.html", {}),
        "statuses": ("parts/statuses.html", {}),
        "deliveries": ("parts/deliveries.html", {}),
    }
    title = f"Deliveries · {counts['failed']} failed" if counts["failed"] else "Deliveries"
    layout = "list" if every else "lesson"
    return Page("deliveries.html", f"{title} · inferwatch", context, data, parts, layout=layout)


def _rows(answer: Shape) -> list[Shape]:
    """Notifications and forwards in one list, newest first."""
    both = [*answer["deliveries"], *answer.get("forwards", ())]
    return sorted(both, key=lambda row: -int(row["created_ms"]))


def _card(row: Shape, folder: str | None) -> Shape:
    is_forward = "destination_arn" in row
    file = row.get("mail_file")
    said, cut = _said(row)
    return {
        **row,
        "id": _id(row),
        "title": _title(row),
        "to": row["destination_arn"] if is_forward else f"{row['protocol']} {row['endpoint']}",
        "through": row["address"] if is_forward else row["topic_arn"].rpartition(":")[2],
        "said": said,
        "cut": cut,
        "confirm_url": row.get("confirm_url"),
        "file": f"{folder}/{file}" if folder and file else None,
    }


def _id(row: Shape) -> str:
    """Of its element: the same at every look, so that what was opened stays open."""
    name = f"{row['message_id']}-{row['subscription_arn']}" if "message_id" in row else _forward_name(row)
    return f"d-{''.join(char if char.isalnum() else '-' for char in name)}"


def _forward_name(row: Shape) -> str:
    return f"{row['created_ms']}-{row['log_group']}-{row['filter_name']}"


def _title(row: Shape) -> str:
    if row["kind"] == "DATA_MESSAGE":
        events = row["events"]
        return f"{events} log {'event' if events == 1 else 'events'} of {row['log_group']}"
    return str(_WORDS.get(row["kind"]) or row.get("subject") or "Without a subject")


def _said(row: Shape) -> tuple[str, bool]:
    """What it said, and whether the rest of that is left out here; nothing of a forward."""
    text = str(row.get("mail") or _indented(row.get("message") or ""))
    return text[:_TEXT_MAX_CHARS], len(text) > _TEXT_MAX_CHARS


def _indented(message: str) -> str:
    """An alarm's JSON on lines of its own."""
    try:
        document = json.loads(message)
    except (ValueError, RecursionError):
        return message
    is_nested = isinstance(document, dict | list)
    return json.dumps(document, indent=2, ensure_ascii=False) if is_nested else message
