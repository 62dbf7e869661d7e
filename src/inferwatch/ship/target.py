"""Where records go: one log group, a log stream per process or task, in one region, at one endpoint."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from inferwatch.model.errors import UsageError
from inferwatch.model.loopback import is_loopback

DEFAULT_STREAM: Final = "{service}/{host}/{pid}"

# Source: CloudWatch Logs API reference, "CreateLogGroup" and "CreateLogStream", read 2026-11.
_GROUP: Final = re.compile(r"(?!aws/)[.\-_/#A-Za-z0-9]{1,512}")
_STREAM_MAX_CHARS: Final = 512
_STREAM_FORBIDDEN: Final = re.compile(r"[:*\x00-\x1f\x7f]")
_STREAM_PARTS: Final = ("service", "host", "pid", "task")


@dataclass(frozen=True, slots=True)
class Target:
    """A place for records, checked.

    Args:
        region: `None` is the AWS profile's, looked up before the first request.
        endpoint_url: `None` is AWS's own endpoint of the region.
        log_stream: A name, or a template of `{service}`, `{host}`, `{pid}` and `{task}`.

    Raises:
        UsageError: A name AWS would refuse, or an address that is none.
    """

    log_group: str
    region: str | None
    service: str
    log_stream: str = DEFAULT_STREAM
    endpoint_url: str | None = None

    def __post_init__(self) -> None:
        _check_group(self.log_group)
        _check_stream(self.log_stream)
        if self.endpoint_url is not None:
            _check_url(self.endpoint_url)
        self.stream_name(host="h", pid=1, task="t")

    def stream_name(self, *, host: str, pid: int, task: str) -> str:
        """The log stream of one process and task; what AWS does not take in a name becomes `-`."""
        parts = {"service": self.service, "host": host, "task": task}
        clean = {name: _STREAM_FORBIDDEN.sub("-", part) for name, part in parts.items()}
        return self.log_stream.format(pid=pid, **clean)[:_STREAM_MAX_CHARS]

    @property
    def has_task(self) -> bool:
        """Does each task have a log stream of its own?"""
        return any(part == "task" for _, part, _, _ in string.Formatter().parse(self.log_stream))

    @property
    def is_loopback(self) -> bool:
        """Whether the endpoint is on this machine."""
        return self.endpoint_url is not None and is_loopback(self.endpoint_url)


def literal(stream: str) -> str:
    """The template that is exactly this name."""
    return stream.replace("{", "{{").replace("}", "}}")


def _check_group(name: str) -> None:
    if not _GROUP.fullmatch(name):
        raise UsageError(
            f"log group {name!r}: expected 1 to 512 characters a-z A-Z 0-9 . - _ / #, not beginning aws/"
        )


def _check_stream(template: str) -> None:
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as fault:
        raise UsageError(f"log stream {template!r}: {fault}; write {{{{ and }}}} for braces") from None
    for text, part, spec, conversion in pieces:
        if _STREAM_FORBIDDEN.search(text):
            raise UsageError(
                f"log stream {template!r}: a name may not contain ':', '*' or control characters"
            )
        if part is not None and (part not in _STREAM_PARTS or spec or conversion):
            raise UsageError(
                f"log stream {template!r}: expected {{service}}, {{host}}, {{pid}} or {{task}}, "
                f"found {{{part}}}"
            )
    if not template:
        raise UsageError("log stream '': a name has at least one character")


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"endpoint {url!r}: expected a URL such as http://127.0.0.1:4586")
