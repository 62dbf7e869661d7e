"""Signature Version 4 by the server's clock: a machine whose own is wrong is heard all the same.

Source: Signature Version 4: a request is refused that is more than five minutes off; AWS's SDKs learn the
difference from the answer's Date header, as this does.
"""

from __future__ import annotations

import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final

_TIMESTAMP: Final = "%Y%m%dT%H%M%SZ"
# A Date has whole seconds, and an answer takes its time.
_TOLERANCE_S: Final = 60.0


def skew_s(date: str | None, now_s: float) -> float | None:
    """How far the server's clock is ahead of ours, in seconds; zero where that hardly is; `None` is unknown.

    Args:
        date: The Date header.
        now_s: Ours, since the epoch.
    """
    try:
        ahead_s = parsedate_to_datetime(date or "").timestamp() - now_s
    except ValueError:
        return None
    return ahead_s if abs(ahead_s) > _TOLERANCE_S else 0.0


def signer(credentials: Any, region: str, now_s: float) -> Any:
    """botocore's own, for this moment."""
    return _clocked()(credentials, "logs", region, now_s)


@cache
def _clocked() -> Any:
    from botocore.auth import SigV4Auth

    class Clocked(SigV4Auth):  # type: ignore[misc] # botocore has no types
        def __init__(self, credentials: Any, service: str, region: str, now_s: float) -> None:
            super().__init__(credentials, service, region)
            self._now = datetime.datetime.fromtimestamp(now_s, datetime.UTC)

        def _modify_request_before_signing(self, request: Any) -> None:
            request.context["timestamp"] = self._now.strftime(_TIMESTAMP)
            super()._modify_request_before_signing(request)

    return Clocked
