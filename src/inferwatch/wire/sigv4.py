"""Signature Version 4: is a request signed with a key that is known, lately, and whole?

In a header (`Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`) or in the query of
a presigned address (`X-Amz-Signature` and its fellows). What is signed:

    canonical request   method, path, query, the signed headers, SHA-256 of the body
    text to sign        algorithm, moment, scope (day/region/service/aws4_request), SHA-256 of the former
    key                 HMAC of the scope's parts, one by one, beginning with "AWS4" + secret

Source: IAM User Guide, "Create a signed AWS API request", "Troubleshoot Signature Version 4".
Differs: the scope's service is not compared with the one that is called: AWS refuses a signature for another,
we take it. Codes are those of JSON services; the texts are known from their users' reports.
"""

from __future__ import annotations

import hmac
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from inferwatch.model.errors import AwsError
from inferwatch.wire.request import Request

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_SKEW: Final = timedelta(minutes=5)
_MOMENT: Final = "%Y%m%dT%H%M%SZ"
_EXPIRES_MAX_S: Final = 7 * 86_400
_FIELD: Final = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
# What decides where a request goes and as whom must be signed where it is sent.
_ALWAYS_SIGNED: Final = ("host", "x-amz-target", "x-amz-date", "x-amz-security-token")
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class Key:
    """What a client signs with.

    Args:
        token: Of a session; every request has to carry it then.
        account_id: Whose it is; `None` for the engine's own account.
    """

    id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says of its signature.

    Args:
        valid_s: How long after its moment it may be used; `None` for a header's, which is for now.
    """

    key_id: str
    scope: str
    signed_headers: tuple[str, ...]
    signature: str
    moment: str
    token: str | None
    valid_s: int | None


def verify(request: Request, keys: Mapping[str, Key], now: datetime) -> Key:
    """The key that a request is rightly signed with.

    Raises:
        AwsError: MissingAuthenticationTokenException, IncompleteSignatureException,
            UnrecognizedClientException, InvalidSignatureException.
    """
    claim = _claim(request)
    key = keys.get(claim.key_id)
    if key is None or not _is_same(claim.token or "", key.token or ""):
        raise AwsError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            status=403,
        )
    _check_signed(claim, request)
    _check_moment(claim, now)
    if not _is_same(_sign(key.secret, claim, request), claim.signature):
        raise _invalid(_MISMATCH)
    return key


def _is_same(one: str, other: str) -> bool:
    """In a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def _claim(request: Request) -> _Claim:
    header = request.headers.get("authorization")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if header is not None and header.startswith(f"{ALGORITHM} "):
        fields = _fields(header)
        moment, token = request.headers.get("x-amz-date", ""), request.headers.get("x-amz-security-token")
        valid_s = None
    elif header is None and query.get("X-Amz-Algorithm") == ALGORITHM:
        fields = {
            name: query.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")
        }
        moment, token = query.get("X-Amz-Date", ""), query.get("X-Amz-Security-Token")
        valid_s = _expires(query.get("X-Amz-Expires", ""))
    else:
        raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", status=403)
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise _incomplete(f"Authorization header requires '{name}' parameter.")
    if not re.fullmatch(r"\d{8}T\d{6}Z", moment, re.ASCII):
        raise _incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    key_id, _, scope = fields["Credential"].partition("/")
    if not re.fullmatch(r"\d{8}/[a-z0-9-]+/[a-z0-9-]+/aws4_request", scope, re.ASCII):
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            f"keyid/date/region/service/term, got '{fields['Credential']}'"
        )
    signed = tuple(fields["SignedHeaders"].split(";"))
    return _Claim(key_id, scope, signed, fields["Signature"], moment, token, valid_s)


def _fields(header: str) -> dict[str, str]:
    """Each part that is there once: of two, the other would be read elsewhere."""
    found = _FIELD.findall(header)
    names = [name for name, _ in found]
    return {name: value for name, value in found if names.count(name) == 1}


def _expires(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or int(text) > _EXPIRES_MAX_S:
        raise _incomplete(
            f"X-Amz-Expires must be a number of at most {_EXPIRES_MAX_S} seconds, found '{text}'"
        )
    return int(text)


def _check_signed(claim: _Claim, request: Request) -> None:
    missing = [
        name
        for name in _ALWAYS_SIGNED
        if name not in claim.signed_headers and (name == "host" or name in request.headers)
    ]
    if missing:
        raise _invalid(f"'{missing[0]}' must be a 'SignedHeader' in the AWS Authorization.")


def _check_moment(claim: _Claim, now: datetime) -> None:
    """A signature is good for five minutes around its moment; a presigned one as long as it says."""
    try:
        moment = datetime.strptime(claim.moment, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise _incomplete(f"Date must be in ISO-8601 'basic format'. Got '{claim.moment}'.") from None
    if claim.moment[:8] != claim.scope[:8]:
        raise _invalid(
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.scope[:8]}' != '{claim.moment[:8]}', from '{claim.moment}'."
        )
    if moment > now + _SKEW:
        raise _invalid(
            f"Signature not yet current: {claim.moment} is still later than "
            f"{now + _SKEW:{_MOMENT}} ({now:{_MOMENT}} + 5 min.)"
        )
    ends = moment + (_SKEW if claim.valid_s is None else timedelta(seconds=claim.valid_s))
    if now > ends:
        oldest = now - (ends - moment)
        raise _invalid(
            f"Signature expired: {claim.moment} is now earlier than "
            f"{oldest:{_MOMENT}} ({now:{_MOMENT}} - {round((ends - moment).total_seconds() / 60)} min.)"
        )


def _sign(secret: str, claim: _Claim, request: Request) -> str:
    """The signature that this request has with a secret, in hexadecimal."""
    hashed = sha256(_canonical(claim, request).encode()).hexdigest()
    text = "\n".join((ALGORITHM, claim.moment, claim.scope, hashed))
    key = f"AWS4{secret}".encode()
    for part in claim.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical(claim: _Claim, request: Request) -> str:
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in claim.signed_headers
    )
    return "\n".join(
        (
            request.method,
            _canonical_path(request.raw_path),
            _canonical_query(request.query),
            headers,
            ";".join(claim.signed_headers),
            sha256(request.body).hexdigest(),
        )
    )


def _canonical_path(raw: str) -> str:
    """As it was sent, without detours, and once more percent-encoded."""
    path = posixpath.normpath(raw or "/").replace("//", "/", 1)
    is_folder = raw.endswith("/") and path != "/"
    return quote(f"{path}/" if is_folder else path, safe="/~")


def _canonical_query(query: str) -> str:
    """Sorted by name, then value, both as bytes."""
    fields = (field.partition("=") for field in query.split("&") if field)
    encoded = sorted(
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, _, value in fields
    )
    return "&".join(f"{name}={value}" for name, value in encoded if name != "X-Amz-Signature")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidSignatureException", message, status=403)


def _incomplete(message: str) -> AwsError:
    return AwsError("IncompleteSignatureException", message)
