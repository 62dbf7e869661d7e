"""Where a subscription filter sends: AWS's resource, and the http(s) address that stands in for it here.

Source: CloudWatch Logs API reference, "PutSubscriptionFilter".
Differs: no function or stream runs here; each ARN is delivered to an address it was mapped to at the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inferwatch.engine.notify.address import scheme_and_host
from inferwatch.model.errors import Unsupported, UsageError, invalid_parameter

OPTION: Final = "--destination"


class Vendor(StrEnum):
    """The service behind a destination, as AWS's refusals spell it."""

    LAMBDA = "lambda"
    KINESIS = "kinesis"
    FIREHOSE = "firehose"


@dataclass(frozen=True, slots=True)
class Destination:
    arn: str
    vendor: Vendor
    name: str
    url: str


_PREFIX = r"arn:aws[a-z-]*:{service}:[a-z0-9-]+:[0-9]{{12}}:"
_ARNS: Final = {
    Vendor.LAMBDA: re.compile(
        _PREFIX.format(service="lambda") + r"function:([A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]{1,128})?)"
    ),
    Vendor.KINESIS: re.compile(_PREFIX.format(service="kinesis") + r"stream/([A-Za-z0-9_.-]{1,128})"),
    Vendor.FIREHOSE: re.compile(
        _PREFIX.format(service="firehose") + r"deliverystream/([A-Za-z0-9_.-]{1,64})"
    ),
}
_CROSS_ACCOUNT = re.compile(_PREFIX.format(service="logs") + "destination:.+")


def find_destination(arn: str, addresses: Mapping[str, str]) -> Destination:
    """What an ARN names, and its address.

    Args:
        addresses: ARN → http(s) address, as `read_addresses` gives them.

    Raises:
        AwsError: InvalidParameterException for text that names no destination.
        Unsupported: A destination without an address, or of a kind we lack.
    """
    if _CROSS_ACCOUNT.fullmatch(arn):
        raise Unsupported(
            "cross-account destinations", f"destinationArn {arn}", code="InvalidParameterException"
        )
    named = _read_arn(arn)
    if named is None:
        raise invalid_parameter(
            f'destinationArn "{arn}" is not the ARN of a Lambda function, Kinesis stream or Firehose stream'
        )
    vendor, name = named
    url = addresses.get(arn)
    if url is None:
        raise Unsupported(
            f"forwarding to {arn}",
            f"nothing of that name runs here: start with `inferwatch local {OPTION} {arn}=URL`, and URL gets "
            f"what the {vendor} destination would",
            code="InvalidParameterException",
        )
    return Destination(arn, vendor, name, url)


def _read_arn(arn: str) -> tuple[Vendor, str] | None:
    for vendor, pattern in _ARNS.items():
        match = pattern.fullmatch(arn)
        if match is not None:
            return vendor, match.group(1)
    return None


def read_addresses(texts: Iterable[str]) -> dict[str, str]:
    """`ARN=URL`, each as typed → ARN → URL.

    Raises:
        UsageError: One that cannot be used, and why.
    """
    addresses: dict[str, str] = {}
    for text in texts:
        arn, equals, url = text.partition("=")
        if not equals or _read_arn(arn) is None:
            raise UsageError(
                f'{OPTION} "{text}": expected ARN=URL, with the ARN of a Lambda function, Kinesis stream or '
                "Firehose stream"
            )
        if not _is_address(url):
            raise UsageError(f'{OPTION} "{text}": "{url}" is no http or https address')
        if addresses.get(arn, url) != url:
            raise UsageError(f"{OPTION}: {arn} is given two addresses, {addresses[arn]} and {url}")
        addresses[arn] = url
    return addresses


def _is_address(url: str) -> bool:
    try:
        scheme, host = scheme_and_host(url)
    except ValueError:
        return False
    return scheme in ("http", "https") and bool(host)
