"""Who may ask what.

On loopback alone: whoever is on this machine may, but no page of another site in their browser.
Where keys are required: AWS calls are signed with one of them, and the console and our own calls are opened
by the token that the engine prints. Open to all: health, the signing certificate, links inside messages.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from inferwatch.engine.notify.envelope import CERTIFICATE_PATH
from inferwatch.model.loopback import is_loopback
from inferwatch.wire.own import HEALTH, json_response
from inferwatch.wire.request import Request
from inferwatch.wire.respond import Response
from inferwatch.wire.sigv4 import Key, verify

TOKEN: Final = "token"
_OPEN: Final = (HEALTH, CERTIFICATE_PATH)


@dataclass(frozen=True, slots=True)
class Guard:
    """What is required of those who ask.

    Args:
        keys: By their ids.
        token: Opens the console and our own calls: `?token=…` once, a cookie from then on, or a bearer's.
        now: The wall clock, whatever the engine's own says.
    """

    keys: Mapping[str, Key]
    token: str
    now: Callable[[], datetime]

    def key_of(self, request: Request) -> Key:
        """Whose call this is. Raises AwsError: see `verify`."""
        return verify(request, self.keys, self.now())

    def stop(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> Response | None:
        """What a page, or a call of ours, answers to those who may not see it; `None` for those who may."""
        if path in _OPEN:
            return None
        fields = parse_qsl(query, keep_blank_values=True)
        given = dict(fields).get(TOKEN)
        if given is not None and method in ("GET", "HEAD") and self._is_token(given):
            rest = urlencode([(name, value) for name, value in fields if name != TOKEN])
            cookie = f"{self._cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
            # The path alone: two slashes at its beginning would name another host.
            place = quote("/" + path.lstrip("/\\")) + (f"?{rest}" if rest else "")
            return Response(303, {"location": place, "set-cookie": cookie, "cache-control": "no-store"}, b"")
        if self._has_token(headers):
            return None
        return json_response(
            401,
            {"message": "this needs the token of the console's address that `inferwatch local` printed"},
        )

    @property
    def _cookie(self) -> str:
        """Cookies know no ports: each engine has one of its own."""
        return f"inferwatch-{sha256(self.token.encode()).hexdigest()[:8]}"

    def _has_token(self, headers: Mapping[str, str]) -> bool:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(bearer):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and self._is_token(cookie.value)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Did a browser send this for a page of another site? AWS clients send neither header."""
    origin = headers.get("origin")
    if origin is not None:
        return not is_loopback(origin) and urlsplit(origin).netloc != headers.get("host")
    return headers.get("sec-fetch-site") == "cross-site"


def is_message_link(method: str, query: str) -> bool:
    """Links inside SNS messages are followed from anywhere."""
    action = dict(parse_qsl(query)).get("Action")
    return method == "GET" and action in ("ConfirmSubscription", "Unsubscribe")
