"""Where a post can go."""

from __future__ import annotations

from urllib.parse import urlsplit


def scheme_and_host(url: str) -> tuple[str, str]:
    """Either is empty where an address has none.

    Raises:
        ValueError: Text that is no address: its port, or a host that cannot be looked up.
    """
    parts = urlsplit(url)
    host, _ = parts.hostname or "", parts.port
    host.encode("idna")
    return parts.scheme, host
