"""An HTTP request → which service, operation and region, and in which protocol.

Services are told apart as AWS does: `X-Amz-Target`, an RPC path, or a form's `Action` and `Version`; the
region comes from the signature's scope. Source: Smithy protocols; Signature Version 4.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, unquote

from inferwatch.model.errors import AwsError
from inferwatch.model.region import check_region
from inferwatch.wire.models import service_of_target, service_of_version
from inferwatch.wire.rest import find_operation, is_rest

BODY_MAX_BYTES: Final = 32 * 1024 * 1024
# In the header, or in the query of a presigned address.
_CREDENTIAL = re.compile(
    r"Credential=(?P<key>[^/,&\s]*)/\d{8}/(?P<region>[a-z0-9-]+)/[a-z0-9-]+/aws4_request"
)
_CBOR_PATH = re.compile(r"/service/([A-Za-z0-9]+)/operation/([A-Za-z0-9]+)")
_ARN = re.compile(r"arn:[^:]*:[^:]*:(?P<region>[a-z0-9-]+):(?P<account>\d*)")
_ARN_FIELDS = ("TopicArn", "SubscriptionArn")


class Protocol(Enum):
    JSON_1_0 = "application/x-amz-json-1.0"
    JSON_1_1 = "application/x-amz-json-1.1"
    CBOR = "application/cbor"
    QUERY = "text/xml"
    REST_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """Header names are lower case.

    Args:
        raw_path: The path with its percent signs, as it was sent.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    raw_path: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a request asks for.

    Args:
        form: The fields of a query request, or of a REST request's path and query.
    """

    service: str
    operation: str
    protocol: Protocol
    form: Mapping[str, str]


def target_of(request: Request, body: bytes) -> Target | None:
    """`None` where the request is no AWS call at all.

    Raises:
        AwsError: UnknownOperationException, for a service nobody has.
    """
    header = request.headers.get("x-amz-target")
    if header is not None:
        prefix, _, operation = header.partition(".")
        is_1_1 = "json-1.1" in request.headers.get("content-type", "")
        protocol = Protocol.JSON_1_1 if is_1_1 else Protocol.JSON_1_0
        return Target(_known(service_of_target, prefix, header), operation, protocol, {})
    path = _CBOR_PATH.fullmatch(request.path)
    if path is not None:
        service = _known(service_of_target, path.group(1), request.path)
        return Target(service, path.group(2), Protocol.CBOR, {})
    if is_rest(request.path):
        found = find_operation(request.method, request.path)
        if found is None:
            raise AwsError("UnknownOperationException", f"No service answers to {request.path}.")
        fields = dict(parse_qsl(request.query, keep_blank_values=True)) | found.params
        return Target(found.service, found.operation, Protocol.REST_JSON, fields)
    if request.path == "/":
        form = _form(request, body)
        if "Action" in form:
            # Links inside SNS messages carry no version. Source: SNS Developer Guide, SubscribeURL.
            version = form.get("Version", "2010-03-31")
            service = _known(service_of_version, version, f"{form['Action']} of version {version}")
            return Target(service, form["Action"], Protocol.QUERY, form)
    return None


def _known(find: Callable[[str], str | None], key: str, shown: str) -> str:
    service = find(key)
    if service is None:
        raise AwsError("UnknownOperationException", f"No service answers to {shown}.")
    return service


def _form(request: Request, body: bytes) -> dict[str, str]:
    fields = dict(parse_qsl(request.query, keep_blank_values=True))
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        fields |= parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return fields


def region_of(request: Request, form: Mapping[str, str], default: str) -> str:
    """The region of the signature's scope, else of the ARN a link names, else the default.

    Raises:
        AwsError: InvalidSignatureException, for a region that AWS has not.
    """
    named = _credential_of(request) or _arn_of(form)
    if named is None:
        return default
    try:
        return check_region(named["region"])
    except LookupError as unknown:
        raise AwsError(
            "InvalidSignatureException", f"Credential should be scoped to a valid region: {unknown}"
        ) from None


def _credential_of(request: Request) -> re.Match[str] | None:
    """The key and scope that a request claims to be signed with."""
    header = _CREDENTIAL.search(request.headers.get("authorization", ""))
    return header or _CREDENTIAL.search(unquote(request.query))


def _arn_of(form: Mapping[str, str]) -> re.Match[str] | None:
    found = (_ARN.match(form.get(name, "")) for name in _ARN_FIELDS)
    return next(filter(None, found), None)


def key_of(request: Request) -> str | None:
    """The access key id that a request claims to be signed with."""
    named = _credential_of(request)
    return None if named is None else named["key"]


def account_of_link(request: Request) -> str | None:
    """The account of the ARN that a link inside a message names."""
    named = _arn_of(dict(parse_qsl(request.query)))
    return None if named is None else named["account"]


def plain_body(request: Request) -> bytes:
    """The body without its gzip coding.

    Raises:
        AwsError: A body that is broken, or larger than 32 MiB once unpacked.
    """
    if request.headers.get("content-encoding", "identity") == "identity":
        return request.body
    if request.headers["content-encoding"] != "gzip":
        raise AwsError(
            "SerializationException",
            f"Content-Encoding {request.headers['content-encoding']} is not supported",
        )
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(request.body, BODY_MAX_BYTES + 1)
    except zlib.error:
        raise AwsError("SerializationException", "The gzip body could not be unpacked") from None
    if len(body) > BODY_MAX_BYTES:
        raise AwsError("RequestEntityTooLarge", f"The body exceeds {BODY_MAX_BYTES} bytes", status=413)
    if not unpacker.eof:
        raise AwsError("SerializationException", "The gzip body ends too early")
    return body
