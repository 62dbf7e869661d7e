"""Carrying a notification to its endpoint over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import urllib3

from inferwatch.engine.notify.envelope import Post

Poster: TypeAlias = Callable[[Post], int]
"""Sends a post and returns the answer's HTTP status; raises OSError where none came."""

# SNS waits 15 s for an endpoint's answer. Source: SNS Developer Guide, "HTTP/HTTPS notifications".
_TIMEOUT_S = 15.0


def http_poster() -> Poster:
    """A poster with connections of its own: no redirects, no retries, for SNS has its own."""
    pool = urllib3.PoolManager(retries=False, timeout=_TIMEOUT_S, maxsize=4)

    def post(item: Post) -> int:
        try:
            return pool.request("POST", item.url, headers=item.headers, body=item.body, redirect=False).status
        except urllib3.exceptions.HTTPError as failed:
            raise OSError(str(failed)) from failed

    return post
