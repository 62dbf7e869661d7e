"""The AWS API over HTTP: a boto3 client where drawing asks for one, with all times as epoch milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from inferwatch.drawing.api import Shape
from inferwatch.model.errors import AwsError, Unsupported
from inferwatch.model.limits import SECOND_MS

# What every refusal has; the rest are members of its own shape.
_NO_DETAILS = ("Error", "ResponseMetadata")
_TIMES = ("StartTime", "EndTime", "StartDate", "EndDate")


class RemoteApi:
    """One endpoint.

    Args:
        client: Makes the boto3 client of a service in a region; asked once for each.
    """

    def __init__(self, client: Callable[[str, str], Any]) -> None:
        self._make = client
        self._clients: dict[tuple[str, str], Any] = {}

    async def call(self, region: str, service: str, operation: str, params: Mapping[str, object]) -> Shape:
        """Call one operation; this blocks, which a command may.

        Raises:
            AwsError: The endpoint refused the call, or could not be asked.
        """
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError

        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._make(service, region)
        sent = {name: _moment(value) if name in _TIMES else value for name, value in params.items()}
        method = getattr(self._clients[key], xform_name(operation), None)
        if method is None:
            raise AwsError("UnknownOperation", f"the installed botocore does not know {operation}")
        try:
            answer = method(**sent)
        except ClientError as error:
            told = error.response["Error"]
            details = {name: value for name, value in error.response.items() if name not in _NO_DETAILS}
            raise AwsError(told["Code"], told["Message"], details=details) from None
        except BotoCoreError as error:
            raise AwsError("ConnectionError", str(error)) from None
        result: Shape = _in_ms(answer)
        return result

    async def local(self, path: str) -> Shape:
        """AWS has no calls of ours."""
        raise Unsupported(path)


def _moment(time_ms: object) -> object:
    return datetime.fromtimestamp(time_ms / SECOND_MS, UTC) if isinstance(time_ms, int | float) else time_ms


def _in_ms(value: Any) -> Any:
    match value:
        case datetime():
            return round(value.timestamp() * SECOND_MS)
        case list():
            return [_in_ms(one) for one in value]
        case dict():
            return {name: _in_ms(one) for name, one in value.items()}
        case _:
            return value
