"""Where a program is applied: an inferwatch engine on loopback, and the file its stack's state is kept in."""

from __future__ import annotations

import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from inferwatch.model.errors import UsageError
from inferwatch.model.folders import state_root
from inferwatch.model.loopback import is_loopback

_HEALTH_PATH: Final = "/_inferwatch/health"
_HEALTH_TIMEOUT_S: Final = 5.0
_ENGINE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class Target:
    """An engine that answered."""

    endpoint_url: str
    engine_id: str


def find_target(endpoint_url: str) -> Target:
    """Ask the engine who it is: a fresh in-memory engine is a fresh target.

    Raises:
        UsageError: the address is not loopback, or nothing we know answers there.
    """
    endpoint_url = loopback(endpoint_url)
    # A proxy set for the internet must not see calls to loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(endpoint_url + _HEALTH_PATH, timeout=_HEALTH_TIMEOUT_S) as answer:
            health = json.load(answer)
            engine_id = health["engine_id"]
    except urllib.error.HTTPError as error:
        error.close()
        raise UsageError(
            f"{endpoint_url} answers, but is no inferwatch engine (GET {_HEALTH_PATH}: {error.code}): "
            "give the address `inferwatch local` prints"
        ) from error
    except OSError as error:
        raise UsageError(
            f"nothing answers at {endpoint_url}: start an engine with `inferwatch local --memory`, "
            "or here with --start, or give its address with --endpoint-url"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{endpoint_url} answers, but is no inferwatch engine: give the address `inferwatch local` prints"
        ) from error
    if not isinstance(engine_id, str) or not _ENGINE_ID.fullmatch(engine_id):
        raise UsageError(f"{endpoint_url} gives an engine id that cannot name a folder: {engine_id!r}")
    return Target(endpoint_url, engine_id)


def state_file(target: Target, *, project: str, stack: str, environment: Mapping[str, str]) -> Path:
    """The file a stack's state is kept in."""
    return state_root(environment) / "stacks" / target.engine_id / project / f"{stack}.json"


def answers(endpoint_url: str) -> bool:
    """Whether something listens at an address on this computer.

    Raises:
        UsageError: the address is not loopback.
    """
    parts = urlsplit(loopback(endpoint_url))
    try:
        socket.create_connection((parts.hostname, parts.port or 80), timeout=_HEALTH_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def loopback(endpoint_url: str) -> str:
    """The address of an engine on this computer, without a slash at its end.

    Raises:
        UsageError: it is anywhere else.
    """
    parts = urlsplit(endpoint_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"{endpoint_url!r} is not an endpoint: expected something like http://127.0.0.1:4586"
        )
    if not is_loopback(parts.hostname):
        raise UsageError(f"{endpoint_url} is not on this computer: to apply a program to AWS, use pulumi up")
    return endpoint_url.rstrip("/")
