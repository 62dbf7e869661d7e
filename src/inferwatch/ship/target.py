"""Where records go: one log group, one log stream per process, in one region, at one endpoint."""

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
_STREAM_FORBIDDEN: Final = re.compile(r"[:*]")
_STREAM_PARTS: Final = ("service", "host", "pid")


@dataclass(frozen=True, slots=True)
class Target:
    """A place for records, checked.

    Args:
        region: `None` is the AWS profile's, looked up before the first request.
        endpoint_url: `None` is AWS's own endpoint of the region.
        log_stream: A name, or a template of `{service}`, `{host}` and `{pid}`.

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
        self.stream_name(host="h", pid=1)

    def stream_name(self, *, host: str, pid: int) -> str:
        """The log stream of one process; what AWS does not take in a name becomes `-`."""
        name = self.log_stream.format(
            service=_STREAM_FORBIDDEN.sub("-", self.service), host=_STREAM_FORBIDDEN.sub("-", host), pid=pid
        )
        return name[:_STREAM_MAX_CHARS]

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
            raise UsageError(f"log stream {template!r}: a name may not contain ':' or '*'")
        if part == "task":
            raise UsageError(
                f"log stream {template!r}: {{task}} is not supported yet; the task is a field of the record: "
                'filter with { $.task = "..." }'
            )
        if part is not None and (part not in _STREAM_PARTS or spec or conversion):
            raise UsageError(
                f"log stream {template!r}: expected {{service}}, {{host}} or {{pid}}, found {{{part}}}"
            )
    if not template:
        raise UsageError("log stream '': a name has at least one character")


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"endpoint {url!r}: expected a URL such as http://127.0.0.1:4586")
