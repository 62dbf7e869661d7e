"""One AWS request → one AWS response: decode, invoke, encode. No sockets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from inferwatch.drawing.painting import PaintingError, Picture, paint
from inferwatch.engine.cloud import Cloud
from inferwatch.model.errors import AwsError, UsageError
from inferwatch.wire.codecs import cbor, json, query, rest
from inferwatch.wire.errors import as_query, describe
from inferwatch.wire.models import service_model
from inferwatch.wire.operations import OPERATIONS, Params
from inferwatch.wire.operations.operation import HEADERS
from inferwatch.wire.perform import perform
from inferwatch.wire.request import Protocol, Request, Target, plain_body, region_of, target_of
from inferwatch.wire.rest import is_rest

_LOGGER = logging.getLogger("inferwatch.wire")
_TYPES = {Protocol.QUERY: "text/xml", Protocol.CBOR: "application/cbor"}


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Unpainted:
    """An answer that lacks its picture: what to paint, and what the painted picture makes of it."""

    picture: Picture
    finish: Callable[[bytes | PaintingError], Response]


def respond(cloud: Cloud, request: Request, request_id: str, default_region: str) -> Response | None:
    """Answer an AWS call; `None` where the request is none.

    Whatever goes wrong is an AWS error in the caller's protocol; a fault of ours is logged too.
    """
    answer = begin(cloud, request, request_id, default_region)
    if not isinstance(answer, Unpainted):
        return answer
    try:
        return answer.finish(paint(answer.picture))
    except PaintingError as failed:
        return answer.finish(failed)


def begin(
    cloud: Cloud, request: Request, request_id: str, default_region: str
) -> Response | Unpainted | None:
    """Do all of `respond` that needs the engine; a picture is left to be painted elsewhere."""
    target: Target | None = None
    try:
        body = plain_body(request)
        target = target_of(request, body)
        if target is None:
            return None
        _check_size(target, len(body))
        params = _parse(target, body)
        region = region_of(request, target.form, default_region)
        result = perform(cloud, region, target.service, target.operation, params)
        picture = result.get("MetricWidgetImage")
        if isinstance(picture, Picture):
            is_raw = params.get("OutputFormat") == "image/png"
            return Unpainted(picture, partial(_painted, target, request, request_id, is_raw))
        return _success(target, result, request_id)
    except AwsError as error:
        return _failure(target, error, request, request_id)
    except UsageError as refused:  # a region's first call makes its folder, where there may be no room
        _LOGGER.error("%s", refused)
        return _failure(target, AwsError("InternalFailure", str(refused), status=500), request, request_id)
    except Exception:
        _LOGGER.exception("%s failed", target.operation if target else request.path)
        fault = AwsError("InternalFailure", "inferwatch failed to carry this out: see its log", status=500)
        return _failure(target, fault, request, request_id)


def _check_size(target: Target, size_bytes: int) -> None:
    """Source: answers of the metric service that its users posted, 2020 to 2025."""
    operation = OPERATIONS[target.service].get(target.operation)
    limit = operation.body_max_bytes if operation is not None else None
    if limit is not None and size_bytes > limit:
        message = f"Request size {size_bytes} exceeded {limit} bytes"
        raise AwsError("RequestEntityTooLarge", message, status=413)


def _painted(
    target: Target, request: Request, request_id: str, is_raw: bool, png: bytes | PaintingError
) -> Response:
    """The answer of GetMetricWidgetImage: in the protocol's own shape, or the picture alone."""
    if isinstance(png, PaintingError):
        _LOGGER.error("%s failed: %s", target.operation, png)
        fault = AwsError("InternalFailure", str(png), status=500)
        return _failure(target, fault, request, request_id)
    if is_raw:
        return Response(200, {"content-type": "image/png", "x-amzn-requestid": request_id}, png)
    return _success(target, {"MetricWidgetImage": png}, request_id)


def _parse(target: Target, body: bytes) -> Params:
    model = service_model(target.service)
    if target.operation not in model.operation_names:
        code = "InvalidAction" if target.protocol is Protocol.QUERY else "UnknownOperationException"
        raise AwsError(code, f"Could not find operation {target.operation} of {target.service}.")
    shape = model.operation_model(target.operation).input_shape
    match target.protocol:
        case Protocol.QUERY:
            return query.parse(shape, target.form)
        case Protocol.CBOR:
            return cbor.parse(shape, body)
        case Protocol.JSON_1_0 | Protocol.JSON_1_1:
            return json.parse(shape, body)
        case Protocol.REST_JSON:
            return rest.parse(shape, target.form, body)


def _success(target: Target, result: Params, request_id: str) -> Response:
    model = service_model(target.service)
    shape = model.operation_model(target.operation).output_shape
    headers = result.pop(HEADERS, {})
    status = 200
    match target.protocol:
        case Protocol.QUERY:
            namespace = model.metadata["xmlNamespace"]
            body = query.render(target.operation, shape, result, namespace, request_id)
        case Protocol.CBOR:
            body = cbor.render(shape, result)
        case Protocol.JSON_1_0 | Protocol.JSON_1_1:
            body = json.render(shape, result)
            if not body and target.service == "cloudwatch":
                body = b"{}"  # CloudWatch Logs answers with nothing. Source: both recorded, 2026.
        case Protocol.REST_JSON:
            body = json.render(shape, result)
            status = model.operation_model(target.operation).http["responseCode"]
    response = _response(target.protocol, status, body, request_id)
    response.headers.update(headers)
    return response


def failure(request: Request, error: AwsError, request_id: str) -> Response:
    """The error in the protocol that the request speaks."""
    try:
        target = target_of(request, plain_body(request))
    except AwsError:
        target = None
    return _failure(target, error, request, request_id)


def _failure(target: Target | None, error: AwsError, request: Request, request_id: str) -> Response:
    service = target.service if target is not None else "logs"
    protocol = target.protocol if target is not None else _guess_protocol(request)
    described = describe(service, error)
    if protocol is Protocol.QUERY:
        described = as_query(described)
        namespace = service_model(service).metadata.get("xmlNamespace", "")
        body = query.render_error(
            described.code, described.message, described.is_sender, namespace, request_id
        )
        return _response(protocol, described.status, body, request_id)
    if protocol is Protocol.REST_JSON:
        response = _response(protocol, described.status, rest.render_error(described), request_id)
        response.headers["x-amzn-errortype"] = described.kind
        return response
    # A failure to read the request spells `Message` with a capital. Source: recorded, 2026-09.
    key = "Message" if error.code == "SerializationException" else "message"
    document: dict[str, Any] = {"__type": described.kind, key: described.message, **described.details}
    body = cbor.dumps(document) if protocol is Protocol.CBOR else json.dumps(document)
    response = _response(protocol, described.status, body, request_id)
    if "x-amzn-query-mode" in request.headers:
        side = "Sender" if described.is_sender else "Receiver"
        response.headers["x-amzn-query-error"] = f"{described.code};{side}"
    elif described.is_sender:
        # Without query compatibility every client error is 400. Source: recorded, 2026-09.
        return Response(400, response.headers, body)
    return response


def _guess_protocol(request: Request) -> Protocol:
    if is_rest(request.path):
        return Protocol.REST_JSON
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return Protocol.CBOR
    return Protocol.JSON_1_1 if "x-amz-target" in request.headers else Protocol.QUERY


def _response(protocol: Protocol, status: int, body: bytes, request_id: str) -> Response:
    headers = {
        "content-type": _TYPES.get(protocol, protocol.value),
        "x-amzn-requestid": request_id,
    }
    if protocol is Protocol.CBOR:
        headers["smithy-protocol"] = "rpc-v2-cbor"
    return Response(status, headers, body)
