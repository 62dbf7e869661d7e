"""Signature Version 4, as botocore signs and as AWS's own test suite has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from inferwatch.model.errors import AwsError
from inferwatch.wire.request import Request
from inferwatch.wire.sigv4 import Key, verify

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PLAIN = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
OF_SESSION = Key("ASIAEXAMPLE", "secret", token="session/token+==")
KEYS = {key.id: key for key in (PLAIN, OF_SESSION)}
TARGET = {"X-Amz-Target": "Logs_20140328.DescribeLogGroups", "Content-Type": "application/x-amz-json-1.1"}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore signs at this moment."""
    monkeypatch.setattr(
        "botocore.auth.get_current_datetime", lambda remove_tzinfo=True: NOW.replace(tzinfo=None)
    )


def _signed(
    key: Key = PLAIN,
    *,
    method: str = "POST",
    url: str = "http://127.0.0.1:4586/",
    body: bytes = b"{}",
    headers: dict[str, str] | None = None,
    expires_s: int | None = None,
) -> Request:
    """What botocore would send: in a header, or presigned."""
    asked = AWSRequest(method, url, data=body, headers=TARGET if headers is None else headers)
    credentials = Credentials(key.id, key.secret, key.token)
    if expires_s is None:
        botocore.auth.SigV4Auth(credentials, "logs", "us-east-1").add_auth(asked)
    else:
        botocore.auth.SigV4QueryAuth(credentials, "logs", "us-east-1", expires=expires_s).add_auth(asked)
    sent = asked.prepare()
    parts = urlsplit(sent.url)
    given = {"host": parts.netloc} | {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in sent.headers.items()
    }
    return Request(method, unquote(parts.path), parts.query, given, body, parts.path)


def _changed(request: Request, **changes: Any) -> Request:
    fields = {name: getattr(request, name) for name in Request.__slots__}
    return Request(**(fields | changes))


def _refusal(request: Request, now: datetime = NOW) -> tuple[str, str]:
    with pytest.raises(AwsError) as refused:
        verify(request, KEYS, now)
    return refused.value.code, refused.value.message


def test_awss_own_example_verifies() -> None:
    """`get-vanilla` of the test suite that AWS published for signers."""
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )
    headers = {
        "host": "example.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
        "authorization": authorization,
    }
    request = Request("GET", "/", "", headers, b"", "/")

    assert verify(request, KEYS, datetime(2015, 8, 30, 12, 36, tzinfo=UTC)) is PLAIN


@pytest.mark.parametrize("key", [PLAIN, OF_SESSION])
@pytest.mark.parametrize("expires_s", [None, 60])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("GET", "/?Action=ListTopics&Version=2010-03-31"),
        ("GET", "/?b=2&a=1&a=0&c=x%20y%2Fz&d=&%C3%A9=1"),
        ("GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af/policy"),
        ("POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics"),
    ],
)
def test_what_botocore_signs_verifies(key: Key, expires_s: int | None, method: str, path: str) -> None:
    """In a header and presigned, with and without a session."""
    url = f"http://127.0.0.1:4586{path}"
    request = _signed(key, method=method, url=url, body=b"", headers={}, expires_s=expires_s)

    assert verify(request, KEYS, NOW) is key


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"raw_path": "/other"},
        {"query": "Action=DeleteTopic"},
        {"body": b'{"limit": 1}'},
    ],
)
def test_what_was_changed_on_the_way_is_refused(changes: dict[str, Any]) -> None:
    """Method, path, query and body are signed."""
    code, message = _refusal(_changed(_signed(), **changes))

    assert code == "InvalidSignatureException"
    assert message.startswith(
        "The request signature we calculated does not match the signature you provided."
    )


@pytest.mark.parametrize("name", ["host", "x-amz-target", "content-type"])
def test_a_signed_header_that_was_changed_is_refused(name: str) -> None:
    """Which operation, on which host."""
    request = _signed()

    code, _ = _refusal(_changed(request, headers={**request.headers, name: "other"}))

    assert code == "InvalidSignatureException"


def test_an_operation_that_is_not_signed_is_refused() -> None:
    """Anybody on the way could name another one."""
    request = _signed(headers={})
    unsigned = _changed(request, headers={**request.headers, "x-amz-target": "Logs_20140328.DeleteLogGroup"})

    assert _refusal(unsigned) == (
        "InvalidSignatureException",
        "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    )


def test_a_region_that_was_put_before_the_signed_one_is_refused() -> None:
    """The header that holds the signature is not signed itself."""
    request = _signed()
    other = "Credential=AKIDEXAMPLE/20261124/eu-west-1/logs/aws4_request, "
    authorization = request.headers["authorization"].replace("AWS4-HMAC-SHA256 ", f"AWS4-HMAC-SHA256 {other}")

    code, _ = _refusal(_changed(request, headers={**request.headers, "authorization": authorization}))

    assert code == "IncompleteSignatureException"


def test_a_wrong_secret_and_an_unknown_key_are_refused() -> None:
    """Each by its own name."""
    wrong, _ = _refusal(_signed(Key("AKIDEXAMPLE", "guessed")))
    unknown, message = _refusal(_signed(Key("AKIDNOBODY", "guessed")))

    assert (wrong, unknown) == ("InvalidSignatureException", "UnrecognizedClientException")
    assert message == "The security token included in the request is invalid."


@pytest.mark.parametrize(
    "key",
    [
        Key("ASIAEXAMPLE", "secret"),
        Key("ASIAEXAMPLE", "secret", token="another"),
        Key("AKIDEXAMPLE", PLAIN.secret, token="none is needed"),
    ],
)
def test_a_sessions_token_must_be_its_own(key: Key) -> None:
    """None, another's, and one where there is no session."""
    assert _refusal(_signed(key))[0] == "UnrecognizedClientException"


@pytest.mark.parametrize(
    ("minutes", "message"),
    [
        (
            5.1,
            "Signature expired: 20261124T120000Z is now earlier than 20261124T120006Z (20261124T120506Z - 5 min.)",
        ),
        (
            -5.1,
            "Signature not yet current: 20261124T120000Z is still later than 20261124T115954Z (20261124T115454Z + 5 min.)",
        ),
    ],
)
def test_a_clock_may_differ_by_five_minutes(minutes: float, message: str) -> None:
    """Of the client's, to either side."""
    request = _signed()
    near = timedelta(minutes=4.9 if minutes > 0 else -4.9)

    assert verify(request, KEYS, NOW + near) is PLAIN
    assert _refusal(request, NOW + timedelta(minutes=minutes)) == ("InvalidSignatureException", message)


def test_a_presigned_address_is_good_as_long_as_it_says() -> None:
    """And no longer."""
    request = _signed(method="GET", body=b"", headers={}, expires_s=3_600)

    assert verify(request, KEYS, NOW + timedelta(minutes=59)) is PLAIN
    code, message = _refusal(request, NOW + timedelta(minutes=61))
    assert code == "InvalidSignatureException"
    assert message.endswith("(20261124T130100Z - 60 min.)")


@pytest.mark.parametrize("expires_s", [604_801, -1])
def test_a_presigned_address_is_good_for_a_week_at_most(expires_s: int) -> None:
    """AWS refuses longer ones."""
    request = _signed(method="GET", body=b"", headers={}, expires_s=expires_s)

    assert _refusal(request)[0] == "IncompleteSignatureException"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer x", "Basic dTpw", "AWS4-HMAC-SHA512 Credential=x"]
)
def test_a_request_without_a_signature_is_refused(authorization: str | None) -> None:
    """By name."""
    headers = {"host": "127.0.0.1"} | ({} if authorization is None else {"authorization": authorization})

    assert _refusal(Request("POST", "/", "", headers, b"{}", "/")) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Signature=", "Sig="),
        ("SignedHeaders=", "Signed="),
        ("/us-east-1/", "/"),
        ("/20261124/", "/2026112/"),
        ("aws4_request", "aws3_request"),
    ],
)
def test_half_a_signature_is_refused(old: str, new: str) -> None:
    """Each part is needed."""
    request = _signed()
    authorization = request.headers["authorization"].replace(old, new)

    code, _ = _refusal(_changed(request, headers={**request.headers, "authorization": authorization}))

    assert code == "IncompleteSignatureException"


@pytest.mark.parametrize(
    "moment", ["", "20261124", "20261324T120000Z", "20261124T120000Z\n", "\uff120261124T120000Z"]
)
def test_a_moment_that_is_none_is_refused(moment: str) -> None:
    """However it is broken."""
    request = _signed()

    assert _refusal(_changed(request, headers={**request.headers, "x-amz-date": moment}))[0] in (
        "IncompleteSignatureException",
        "InvalidSignatureException",
    )


def test_a_scope_of_another_day_is_refused() -> None:
    """A signature is for one day."""
    request = _signed()
    authorization = request.headers["authorization"].replace("/20261124/", "/20261123/")

    code, message = _refusal(_changed(request, headers={**request.headers, "authorization": authorization}))

    assert code == "InvalidSignatureException"
    assert "does not match YYYYMMDD" in message
