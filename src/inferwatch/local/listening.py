"""Where a server listens: on this machine alone, unless whoever asks has to sign."""

from __future__ import annotations

import socket
from typing import Final

from inferwatch.model.errors import UsageError
from inferwatch.model.loopback import is_loopback

LOOPBACK_HOST: Final = "127.0.0.1"
_EVERYWHERE: Final = {"0.0.0.0": LOOPBACK_HOST, "::": "::1"}


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections; port 0 picks a free one.

    Raises:
        UsageError: The host is none of this machine's, or the port is taken.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as unknown:
        raise UsageError(f"--host {host} is no address of this machine ({unknown})") from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
    except OSError as refused:
        listener.close()
        raise UsageError(
            f"port {port} on {host} cannot be used ({refused.strerror}): stop what listens there, or choose "
            "another with --port"
        ) from None
    listener.listen(1_024)
    return listener


def check_reach(host: str, *, is_guarded: bool) -> None:
    """Raises UsageError where whoever reaches this machine would be let in."""
    if not is_guarded and not is_loopback(_in_address(host)):
        raise UsageError(
            f"--host {host}: refused without --require-auth, for anybody who reaches this machine could read "
            "and change all that is kept, prompts too; add --require-auth and --keys FILE, or stay on "
            f"{LOOPBACK_HOST}"
        )


def address(host: str, port: int) -> str:
    """What clients on this machine say; a server that listens everywhere is on loopback too."""
    return f"http://{_in_address(_EVERYWHERE.get(host, host))}:{port}"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
