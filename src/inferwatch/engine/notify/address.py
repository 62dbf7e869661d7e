"""Where a post or a mail can go.

Source: SNS Developer Guide, "HTTP/HTTPS notifications": an address may have a user name and a password.
Differs: they go with every request as Basic authentication; Digest authentication is not done.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Final
from urllib.parse import unquote, urlsplit

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


def credentials(url: str) -> tuple[str, str | None]:
    """The address without its user name and password, and the Authorization header that they make."""
    parts = urlsplit(url)
    known, at, place = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = known.partition(":")
    basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return parts._replace(netloc=place).geturl(), f"Basic {basic}"


def is_mail_address(text: str) -> bool:
    """One mailbox: a name, `@` and a domain, in ASCII, as RFC 5322 writes them without quotes."""
    name, _, domain = text.partition("@")
    has_parts = all(name.split(".")) and all(domain.split("."))
    return has_parts and _MAIL.fullmatch(text) is not None
