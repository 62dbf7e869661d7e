"""A refusal → HTTP status, code and type, as the service's model has them.

Source: Smithy, "AWS query compatible"; `__type` prefixes recorded from the metric service, 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from inferwatch.model.errors import AwsError
from inferwatch.wire.models import service_model

_CORAL_SHAPES = frozenset(
    {
        "InvalidParameterValueException",
        "InvalidParameterCombinationException",
        "MissingRequiredParameterException",
    }
)


# What is wrong with a signature has other names in query services. Source: SNS and IAM API references,
# "Common Errors".
_QUERY_CODES = {
    "IncompleteSignatureException": ("IncompleteSignature", 400),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
}
_CORAL = frozenset({*_CORAL_SHAPES, *_QUERY_CODES})


@dataclass(frozen=True, slots=True)
class WireError:
    """One error as clients see it.

    Args:
        code: The short code: of query answers, and of the `x-amzn-query-error` header.
        status: The HTTP status with that code.
        kind: `__type` of JSON and CBOR answers.
    """

    code: str
    status: int
    kind: str
    message: str
    details: dict[str, Any]

    @property
    def is_sender(self) -> bool:
        return self.status < 500


def describe(service: str, error: AwsError) -> WireError:
    """The code's shape in the service's model says the rest; any other code stands for itself, as 400."""
    model = service_model(service)
    known: dict[str, Any] = {}
    if error.code in model.shape_names:
        known = model.shape_for(error.code).metadata.get("error") or {}
    code = known.get("code", error.code)
    status = error.status or known.get("httpStatusCode", 400)
    return WireError(code, status, _kind(service, error.code), error.message, error.details)


def as_query(error: WireError) -> WireError:
    """As a service of the query protocol names it."""
    code, status = _QUERY_CODES.get(error.code, (error.code, error.status))
    return replace(error, code=code, status=status)


def _kind(service: str, shape: str) -> str:
    if service != "cloudwatch":
        return shape
    if shape in _CORAL:
        return f"com.amazon.coral.service#{shape}"
    if shape == "ValidationException":
        return f"com.amazon.coral.validate#{shape}"
    return f"com.amazonaws.cloudwatch.v2010_08_01#{shape}"
