"""Where a post or a mail can go."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


def scheme_and_host(url: str) -> tuple[str, str]:
    """Either is empty where an address has none.

    Raises:
        ValueError: Text that is no address: its port, or a host that cannot be looked up.
    """
    parts = urlsplit(url)
    host, _ = parts.hostname or "", parts.port
    host.encode("idna")
    return parts.scheme, host


def is_mail_address(text: str) -> bool:
    """One mailbox: a name, `@` and a domain, in ASCII, as RFC 5322 writes them without quotes."""
    name, _, domain = text.partition("@")
    has_parts = all(name.split(".")) and all(domain.split("."))
    return has_parts and _MAIL.fullmatch(text) is not None
