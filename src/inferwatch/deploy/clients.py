"""boto3 clients: of whatever endpoint a command asks, and those a program is applied to."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from inferwatch.model.loopback import is_loopback

# What a local engine accepts when nothing better is around; never sent anywhere but to loopback.
LOCAL_KEY: Final = "test"
_CREDENTIAL_VARIABLES: Final = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")


@dataclass(slots=True)
class _Made:
    """Clients made so far, by service and region, and what they were told of the account."""

    clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    account_id: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Clients:
    """The services of one endpoint, seen from one region; safe to share between threads."""

    def __init__(self, endpoint_url: str, region: str, *, _made: _Made | None = None) -> None:
        self.endpoint_url = endpoint_url
        self.region = region
        self._made = _made or _Made()

    def in_region(self, region: str) -> Clients:
        """The same endpoint, seen from another region."""
        return Clients(self.endpoint_url, region, _made=self._made)

    def logs(self, region: str | None = None) -> Any:
        """CloudWatch Logs."""
        return self._client("logs", region)

    def cloudwatch(self, region: str | None = None) -> Any:
        """CloudWatch: alarms and dashboards."""
        return self._client("cloudwatch", region)

    def sns(self, region: str | None = None) -> Any:
        """Simple Notification Service."""
        return self._client("sns", region)

    def sts(self, region: str | None = None) -> Any:
        """Security Token Service: who am I."""
        return self._client("sts", region)

    def functions(self, region: str | None = None) -> Any:
        """Lambda."""
        return self._client("lambda", region)

    def iam(self) -> Any:
        """Identity and Access Management, which knows no regions."""
        return self._client("iam", None)

    @property
    def account_id(self) -> str:
        """Whose the endpoint is; asked for once."""
        with self._made.lock:
            known = self._made.account_id
        if known is None:
            known = self._made.account_id = str(self.sts().get_caller_identity()["Account"])
        return known

    def _client(self, service: str, region: str | None) -> Any:
        key = (service, region or self.region)
        with self._made.lock:
            if key not in self._made.clients:
                self._made.clients[key] = make_client(service, self.endpoint_url, key[1])
            return self._made.clients[key]


def _local_credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """Keyword arguments for a client of an engine on this computer: none where there are credentials."""
    if any(environment.get(variable) for variable in _CREDENTIAL_VARIABLES):
        return {}
    return {"aws_access_key_id": LOCAL_KEY, "aws_secret_access_key": LOCAL_KEY}


def make_client(service: str, endpoint_url: str | None, region: str) -> Any:
    """A client of an engine on this computer, of another endpoint or, without one, of AWS."""
    import boto3
    from botocore.config import Config

    if endpoint_url is None or not is_loopback(endpoint_url):
        return boto3.client(service, endpoint_url=endpoint_url, region_name=region)

    # A proxy set for the internet must not see calls to loopback.
    config = Config(
        proxies={},
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 3},
    )
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=region,
        config=config,
        **_local_credentials(os.environ),
    )
