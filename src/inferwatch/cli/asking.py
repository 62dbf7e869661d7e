"""Which CloudWatch a command asks, and a sentence where that does not answer."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inferwatch.model.limits import LOCAL_ENDPOINT_URL

if TYPE_CHECKING:
    from inferwatch.drawing.remote import RemoteApi

_DEFAULT_REGION = "us-east-1"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Region = Annotated[
    str | None, typer.Option("--region", help="Without --endpoint-url: Amazon CloudWatch in this region.")
]
EndpointUrl = Annotated[
    str | None,
    typer.Option("--endpoint-url", envvar="AWS_ENDPOINT_URL", help="The CloudWatch that answers there."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One endpoint, or AWS where it is `None`, and the region in it."""

    endpoint_url: str | None
    region: str

    def connect(self) -> RemoteApi:
        """Its API; clients are made when they are needed, and kept."""
        from inferwatch.drawing.remote import RemoteApi

        return RemoteApi(self._client)

    @property
    def name(self) -> str:
        return self.endpoint_url or f"Amazon CloudWatch in {self.region}"

    def _client(self, service: str, region: str) -> Any:
        from botocore.exceptions import BotoCoreError

        from inferwatch.deploy.clients import make_client
        from inferwatch.model.errors import UsageError

        try:
            return make_client(service, self.endpoint_url, region)
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"{self.name} cannot be asked: {error}") from None

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn a refusal, or no answer at all, into a sentence.

        Raises:
            UsageError: With that sentence.
        """
        from inferwatch.model.errors import AwsError, Unsupported, UsageError

        try:
            yield
        except Unsupported:
            raise  # ours, not the endpoint's
        except AwsError as error:
            if error.code != "ConnectionError":
                raise UsageError(f"{self.name} refused: {error.message or error.code}") from None
            if self.endpoint_url is None or "connect" not in error.message.lower():
                raise UsageError(f"{self.name} could not be asked: {error.message}") from None
            way_out = "start an engine with `inferwatch local`, or name another with --endpoint-url"
            raise UsageError(f"nothing answers at {self.name}: {way_out}") from None


def one_line(what: str, text: str) -> str:
    """`text`, where it can be a name, or the beginning of one.

    Raises:
        UsageError: It is empty, no UTF-8, or holds control characters, as a line break.
    """
    from inferwatch.model.errors import UsageError
    from inferwatch.model.text import is_whole

    if not text:
        raise UsageError(f"{what}: expected a name, found an empty text")
    if not is_whole(text):
        raise UsageError(f'{what} "{text}": expected UTF-8')
    if _CONTROL.search(text):
        shown = _CONTROL.sub(" ", text)
        raise UsageError(f'{what} "{shown}": expected no line break or other control character in a name')
    return text


def asked_of(endpoint_url: str | None, region: str | None) -> Asked:
    """The endpoint that was named; else AWS where a region was; else an engine on this computer."""
    if region is not None:
        one_line("--region", region)
    endpoint = endpoint_url or (LOCAL_ENDPOINT_URL if region is None else None)
    known = (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    return Asked(endpoint, region or next(filter(None, known), _DEFAULT_REGION))
