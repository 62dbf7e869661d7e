"""`--require-auth`: calls are signed with a known key, and the console is opened by a token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from inferwatch.local import LocalServer
from inferwatch.local.keys import read_keys
from inferwatch.model.errors import UsageError
from inferwatch.wire.sigv4 import Key

slow = pytest.mark.slow
ID, SECRET, THEIRS = "AKIAEXAMPLE", "right", "222222222222"
KEYS = {ID: Key(ID, SECRET), "AKIATHEIRS": Key("AKIATHEIRS", SECRET, "token", THEIRS)}


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(port=0, keys=KEYS) as running:
        yield running


def _client(
    server: LocalServer, service: str, key: str = ID, secret: str = SECRET, token: str | None = None
) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def _ask(
    server: LocalServer, path: str, method: str = "GET", host: str = "engine.example", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(server.endpoint_url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@slow
def test_signed_calls_are_taken_in_the_account_of_their_key(server: LocalServer) -> None:
    """Of every service."""
    for service, call in (
        ("logs", "describe_log_groups"),
        ("cloudwatch", "list_metrics"),
        ("sns", "list_topics"),
    ):
        getattr(_client(server, service), call)()

    own = _client(server, "sts").get_caller_identity()["Account"]
    theirs = _client(server, "sts", "AKIATHEIRS", token="token").get_caller_identity()["Account"]

    assert (own, theirs) == ("000000000000", THEIRS)


@slow
@pytest.mark.parametrize(
    ("service", "call", "wrong_secret", "unknown"),
    [
        ("logs", "describe_log_groups", "InvalidSignatureException", "UnrecognizedClientException"),
        ("cloudwatch", "list_metrics", "InvalidSignatureException", "UnrecognizedClientException"),
        ("sns", "list_topics", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("iam", "list_roles", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    ],
)
def test_other_calls_are_refused_in_the_services_own_words(
    server: LocalServer, service: str, call: str, wrong_secret: str, unknown: str
) -> None:
    """A wrong secret, an unknown key; a key of twelve digits is no way in."""
    codes = []
    for key, secret in ((ID, "wrong"), ("AKIANOBODY", SECRET), (THEIRS, SECRET)):
        with pytest.raises(ClientError) as refused:
            getattr(_client(server, service, key, secret), call)()
        codes.append(refused.value.response["Error"]["Code"])

    assert codes == [wrong_secret, unknown, unknown]
    assert server.cloud.regions == []


@slow
def test_an_unsigned_call_is_refused(server: LocalServer) -> None:
    """Whichever way it is made."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    target = {"X-Amz-Target": "Logs_20140328.DescribeLogGroups", "Content-Type": "application/x-amz-json-1.1"}

    linked, _, told = _ask(server, "/?Action=ListTopics&Version=2010-03-31")
    posted, _, _ = _ask(server, "/", "POST", **form)
    json_call, _, document = _ask(server, "/", "POST", **target)

    assert (linked, posted, json_call) == (403, 403, 400)
    assert b"<Code>MissingAuthenticationToken</Code>" in told
    assert json.loads(document)["__type"] == "MissingAuthenticationTokenException"


@slow
def test_health_is_open_and_our_other_calls_are_not(server: LocalServer) -> None:
    """`deliveries` shows messages; `reset` empties everything."""
    token = server.console_url.partition("token=")[2]
    bearer = {"Authorization": f"Bearer {token}"}
    before = server.cloud.engine_id

    assert _ask(server, "/_inferwatch/health")[0] == 200
    assert _ask(server, "/_inferwatch/deliveries")[0] == 401
    assert _ask(server, "/_inferwatch/deliveries", Authorization="Bearer guess")[0] == 401
    assert _ask(server, "/_inferwatch/deliveries", **bearer)[0] == 200
    assert _ask(server, "/_inferwatch/reset", "POST")[0] == 401
    assert server.cloud.engine_id == before
    assert _ask(server, "/_inferwatch/reset", "POST", **bearer)[0] == 200
    assert server.cloud.engine_id != before


@slow
def test_the_console_is_opened_by_the_token_once_and_by_its_cookie_from_then_on(server: LocalServer) -> None:
    """No script reads the cookie, no other site sends it, and the token stays in no address."""
    token = server.console_url.partition("token=")[2]

    closed, _, _ = _ask(server, "/")
    wrong, _, _ = _ask(server, "/?token=guess")
    status, headers, _ = _ask(server, f"/?range=1h&token={token}")
    cookie = headers["set-cookie"]
    opened, _, page = _ask(server, headers["location"], Cookie=cookie.partition(";")[0])
    twin, _, _ = _ask(server, "/index.json", Cookie="inferwatch-0=x; a=b")

    assert (closed, wrong, status, opened, twin) == (401, 401, 303, 200, 401)
    assert headers["location"] == "/?range=1h"
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert b"<html" in page


@slow
@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "/%5Cevil.example/", "/%0d%0aX: y"])
def test_the_way_back_leads_nowhere_else(server: LocalServer, path: str) -> None:
    """A link with the token in it is a link into this engine."""
    token = server.console_url.partition("token=")[2]

    _, headers, _ = _ask(server, f"{path.replace(' ', '%20')}?token={token}")

    assert headers["location"].startswith("/")
    assert headers["location"][1:2] not in ("/", "\\")
    assert "x" not in headers


@slow
def test_another_sites_page_cannot_use_the_cookie(server: LocalServer) -> None:
    """Even from a browser that sends it; our own page can."""
    token = server.console_url.partition("token=")[2]
    _, headers, _ = _ask(server, f"/?token={token}")
    cookie = headers["set-cookie"].partition(";")[0]

    foreign = _ask(server, "/_inferwatch/reset", "POST", Cookie=cookie, Origin="https://evil.example")[0]
    own = _ask(server, "/_inferwatch/reset", "POST", Cookie=cookie, Origin="http://engine.example")[0]

    assert (foreign, own) == (403, 200)


@slow
def test_links_inside_messages_need_no_key(server: LocalServer) -> None:
    """Whoever gets the mail confirms it."""
    sns = _client(server, "sns", "AKIATHEIRS", token="token")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    bearer = {"Authorization": f"Bearer {server.console_url.partition('token=')[2]}"}
    _, _, told = _ask(server, f"/_inferwatch/deliveries?account={THEIRS}", **bearer)
    link = urlsplit(json.loads(told)["deliveries"][0]["confirm_url"])

    status, _, _ = _ask(server, f"{link.path}?{link.query}")

    assert status == 200
    assert sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"].startswith(topic)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "engine.example"])
def test_listening_beyond_this_machine_without_keys_is_refused(host: str) -> None:
    """Loudly, and with the way out."""
    with pytest.raises(
        UsageError, match="refused without --require-auth, for anybody who reaches this machine"
    ):
        LocalServer(port=0, host=host)


@slow
def test_with_keys_it_listens_everywhere() -> None:
    """Its own address is one that this machine reaches."""
    with LocalServer(port=0, host="0.0.0.0", keys=KEYS) as server:
        assert server.endpoint_url.startswith("http://127.0.0.1:")
        assert _client(server, "sts").get_caller_identity()["Account"] == "000000000000"


def test_a_host_of_another_machine_is_said() -> None:
    """No traceback."""
    with pytest.raises(UsageError, match=r"port 0 on 192\.0\.2\.1 cannot be used"):
        LocalServer(port=0, host="192.0.2.1", keys=KEYS)


def test_keys_are_read_from_a_credentials_file(tmp_path: Path) -> None:
    """Each section is one."""
    file = tmp_path / "keys"
    file.write_text(
        "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = a%b=c\nregion = eu-west-1\n"
        "[ci]\naws_access_key_id=ASIA2\naws_secret_access_key=s\naws_session_token=t\n"
        "[theirs]\naws_access_key_id=222222222222\naws_secret_access_key=s\n"
        "[named]\naws_access_key_id=AKIA3\naws_secret_access_key=s\naws_account_id=333333333333\n"
    )

    assert read_keys(file, {}) == {
        "AKIA1": Key("AKIA1", "a%b=c"),
        "ASIA2": Key("ASIA2", "s", "t"),
        THEIRS: Key(THEIRS, "s", None, THEIRS),
        "AKIA3": Key("AKIA3", "s", None, "333333333333"),
    }


def test_keys_are_read_from_the_environment() -> None:
    """As clients read them."""
    environment = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}

    assert read_keys(None, environment) == {"AKIA1": Key("AKIA1", "s", "t")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no keys"),
        ("[a]\naws_access_key_id=A\n", r"\[a\] of .* lacks aws_secret_access_key"),
        ("[a]\naws_secret_access_key=hush\n", r"\[a\] of .* lacks aws_access_key_id"),
        ("aws_secret_access_key=hush\n", r"is no credentials file \(MissingSectionHeaderError\)"),
        ("[a]\nhush\n", r"is no credentials file \(ParsingError\)"),
        ("[a]\naws_access_key_id=A\naws_secret_access_key=s\naws_account_id=1\n", "is no account id"),
    ],
)
def test_a_file_without_keys_is_said_without_its_secrets(tmp_path: Path, text: str, said: str) -> None:
    """In one sentence."""
    file = tmp_path / "keys"
    file.write_text(text)

    with pytest.raises(UsageError, match=said) as refused:
        read_keys(file, {})

    assert "hush" not in str(refused.value)


def test_no_keys_at_all_is_said(tmp_path: Path) -> None:
    """And a file that is not there."""
    with pytest.raises(UsageError, match="--require-auth: there are no keys"):
        read_keys(None, {})
    with pytest.raises(UsageError, match=r"cannot read .*: No such file or directory"):
        read_keys(tmp_path / "none", {})


def test_the_console_changes_nothing(connect: Callable[..., Any]) -> None:
    """All its routes are read: a page that changes something needs a token of its own first."""
    from starlette.routing import Mount, Route

    from inferwatch.console.app import create_console

    routes = create_console(object(), default_region="us-east-1").routes  # type: ignore[arg-type]

    methods = {route.path: route.methods for route in routes if isinstance(route, Route)}
    assert methods
    assert {path for path, taken in methods.items() if taken != {"GET", "HEAD"}} == set()
    assert [route.path for route in routes if isinstance(route, Mount)] == ["/static"]
