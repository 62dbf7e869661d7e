"""One signed request to CloudWatch Logs and its answer: JSON 1.1 over urllib3, no SDK client.

botocore gives credentials, signatures and the region's endpoint. Everything here runs in the sender's thread,
also the imports, which cost more than a thousand records. A fork waits for them, and for what enters OpenSSL
before the first request: a lock that a thread of the parent holds then stays locked in the child for ever.
"""

from __future__ import annotations

import importlib
import logging
import os
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from inferwatch.model.process import warn, warn_once
from inferwatch.ship.compress import WORTHWHILE_BYTES, Compress, compressor, may_refuse_gzip
from inferwatch.ship.retry import CREDENTIALS_FAULTS, error_code_of
from inferwatch.ship.sign import signer, skew_s
from inferwatch.ship.target import Target

if TYPE_CHECKING:
    import urllib3

_CONNECT_TIMEOUT_S: Final = 3.0
_READ_TIMEOUT_S: Final = 10.0
_TARGET_PREFIX: Final = "Logs_20140328"
_REMOTE_CREDENTIALS: Final = (
    "container-role",
    "iam-role",
)  # asked over the network, slow where nobody answers
_MODULES: Final = (
    "urllib3", "botocore.auth", "botocore.awsrequest", "botocore.credentials", "botocore.exceptions",
    "botocore.httpsession", "botocore.session", "botocore.utils",
    "encodings.idna",  # the socket module's, when it first resolves a name
)  # fmt: skip
_LOGGERS: Final = (
    "urllib3.connection", "urllib3.connectionpool", "urllib3.poolmanager", "urllib3.util.retry",
    "botocore.auth", "botocore.configprovider", "botocore.credentials", "botocore.hooks",
    "botocore.httpsession", "botocore.loaders", "botocore.regions", "botocore.session", "botocore.tokens",
    "botocore.utils",
)  # fmt: skip

_PREPARING: Final = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_PREPARING.acquire, after_in_parent=_PREPARING.release, after_in_child=_PREPARING.release
    )
_SENDING: Final[ContextVar[bool]] = ContextVar("inferwatch_sending", default=False)


class NoAnswerError(Exception):
    """The request could not be sent, or nobody answered it: why, in words.

    Args:
        is_ambiguous: It may have been sent, and carried out.
    """

    def __init__(self, reason: str, *, is_ambiguous: bool = False) -> None:
        super().__init__(reason)
        self.is_ambiguous = is_ambiguous


class Answer(NamedTuple):
    """An HTTP answer, whatever its status; without a request id it may be another's than CloudWatch Logs'."""

    status: int
    body: bytes
    request_id: str | None = None


class Transport:
    """Sends requests of one process to one target. Not for use by several threads at once."""

    def __init__(
        self,
        target: Target,
        *,
        compress: bool | None = None,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        """Args:
        compress: See `compress.compressor`.
        """
        self._target = target
        self._asked_to_compress = compress
        self._compress: Compress | None = None
        self._is_compress_known = False
        self._wall_s = wall_s
        self._skew_s = 0.0  # how far the server's clock is ahead
        self._url: str | None = None
        self._pool: urllib3.PoolManager | None = None
        self._session: Any = None
        self._credentials: Any = None
        silence_own_transport()

    def post(self, operation: str, body: bytes, *, timeout_s: float | None = None) -> Answer:
        """Call one operation with an encoded body.

        Args:
            timeout_s: Wait no longer than this for connecting, and again for the answer.

        Raises:
            NoAnswerError: There are no credentials, or the network failed.
        """
        _import_all()
        import urllib3

        token = _SENDING.set(True)
        try:
            return self._coded(operation, body, timeout_s)
        except (urllib3.exceptions.HTTPError, OSError) as fault:
            reason = f"no answer from {self._endpoint()} ({_in_words(fault)})"
            raise NoAnswerError(reason, is_ambiguous=_may_have_been_sent(fault)) from fault
        finally:
            _SENDING.reset(token)

    def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            self._pool.clear()

    def _coded(self, operation: str, body: bytes, timeout_s: float | None) -> Answer:
        """Compressed, where that is wanted and taken; once refused and then taken plain, never again."""
        if not self._is_compress_known:
            self._is_compress_known = True
            with _PREPARING:  # it may import
                self._compress = compressor(self._asked_to_compress, is_loopback=self._target.is_loopback)
        if self._compress is None or len(body) < WORTHWHILE_BYTES:
            return self._sent(operation, body, timeout_s)
        answer = self._sent(operation, self._compress(body), timeout_s, coding="gzip")
        if not may_refuse_gzip(answer.status, answer.body):
            return answer
        answer = self._sent(operation, body, timeout_s)
        if answer.status == 200:
            self._compress = None
            warn_once(f"{self._endpoint()} does not take gzip: requests are sent as they are")
        return answer

    def _sent(
        self, operation: str, body: bytes, timeout_s: float | None, *, coding: str | None = None
    ) -> Answer:
        headers = self._signed(operation, body, coding)
        answer = self._connected().request(
            "POST",
            self._endpoint(),
            body=body,
            headers=headers,
            redirect=False,
            timeout=_timeout(timeout_s),
        )
        skew = skew_s(answer.headers.get("Date"), self._wall_s())
        self._skew_s = self._skew_s if skew is None else skew
        if answer.status != 200 and error_code_of(answer.data) in CREDENTIALS_FAULTS:
            self._credentials = self._session = None  # look afresh: there may be new ones
        return Answer(answer.status, answer.data, answer.headers.get("x-amzn-RequestId"))

    def _signed(self, operation: str, body: bytes, coding: str | None) -> dict[str, str]:
        from botocore.awsrequest import AWSRequest

        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{_TARGET_PREFIX}.{operation}",
        }
        if coding is not None:
            headers["Content-Encoding"] = coding
        request = AWSRequest("POST", self._endpoint(), data=body, headers=headers)
        now_s = self._wall_s() + self._skew_s
        signer(self._found_credentials(), self._region(), now_s).add_auth(request)
        return dict(request.headers.items())

    def _found_credentials(self) -> Any:
        """Frozen for one request: botocore renews those that expire."""
        from botocore.credentials import Credentials
        from botocore.exceptions import BotoCoreError

        if self._credentials is None:
            with _PREPARING:  # it makes an SSL context for each remote method
                resolver = self._botocore().get_component("credential_provider")
            if self._target.is_loopback:
                for method in _REMOTE_CREDENTIALS:
                    resolver.remove(method)
            try:
                self._credentials = resolver.load_credentials()
            except BotoCoreError as fault:
                raise NoAnswerError(f"the AWS credentials cannot be read ({fault})") from fault
        if self._credentials is None and self._target.is_loopback:
            warn(f"no AWS credentials found: signing as `test` for {self._target.endpoint_url}")
            self._credentials = Credentials("test", "test")
        if self._credentials is None:
            self._session = None  # look afresh next time: they may have been added meanwhile
            raise NoAnswerError(
                "no AWS credentials found: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or give the host a role"
            )
        try:
            return self._credentials.get_frozen_credentials()
        except BotoCoreError as fault:
            raise NoAnswerError(f"the AWS credentials cannot be renewed ({fault})") from fault

    def _botocore(self) -> Any:
        if self._session is None:
            from botocore.session import Session

            self._session = Session()
        return self._session

    def _region(self) -> str:
        region = self._target.region or self._botocore().get_config_variable("region")
        if not isinstance(region, str) or not region:
            self._session = None  # look afresh next time: it may have been named meanwhile
            raise NoAnswerError("no AWS region is known: set AWS_REGION, or name one in the AWS profile")
        return region

    def _endpoint(self) -> str:
        if self._url is None:
            given = self._target.endpoint_url
            self._url = given.rstrip("/") + "/" if given is not None else self._regional_endpoint()
        return self._url

    def _regional_endpoint(self) -> str:
        region = self._region()
        known = self._botocore().get_component("endpoint_resolver").construct_endpoint("logs", region)
        return f"https://{known['hostname'] if known else f'logs.{region}.amazonaws.com'}/"

    def _connected(self) -> urllib3.PoolManager:
        if self._pool is None:
            import urllib3
            from botocore.httpsession import get_cert_path
            from botocore.utils import get_environ_proxies

            options: dict[str, Any] = {
                "num_pools": 1,
                "maxsize": 1,
                "retries": False,
                "ca_certs": os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True),
            }
            url = self._endpoint()
            proxies = {} if self._target.is_loopback else get_environ_proxies(url)
            proxy = proxies.get(url.partition(":")[0])
            if proxy:
                self._pool = urllib3.ProxyManager(proxy, proxy_headers=_proxy_headers(proxy), **options)
            else:
                self._pool = urllib3.PoolManager(**options)
        return self._pool


def _import_all() -> None:
    """Import what sending needs; what is here already costs next to nothing."""
    with _PREPARING:
        for name in _MODULES:
            importlib.import_module(name)


def _proxy_headers(proxy: str) -> dict[str, str]:
    """What a proxy asks for whose URL names a user: urllib3 leaves that part out."""
    import urllib3

    auth = urllib3.util.parse_url(proxy).auth
    return {} if auth is None else dict(urllib3.util.make_headers(proxy_basic_auth=unquote(auth)))


def silence_own_transport() -> None:
    """Keep our own requests out of the logs: an application that logs through us would never be done."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_not_ours)  # adding the same filter again changes nothing


def _is_not_ours(_: logging.LogRecord) -> bool:
    return not _SENDING.get()


def _timeout(limit_s: float | None) -> urllib3.Timeout:
    import urllib3

    connect, read = _CONNECT_TIMEOUT_S, _READ_TIMEOUT_S
    if limit_s is not None:
        connect, read = min(connect, limit_s), min(read, limit_s)
    return urllib3.Timeout(connect=connect, read=read)


def _may_have_been_sent(fault: Exception) -> bool:
    from urllib3 import exceptions

    return not isinstance(fault, (exceptions.NewConnectionError, exceptions.ConnectTimeoutError))


def _in_words(fault: Exception) -> str:
    from urllib3 import exceptions

    match fault:
        case exceptions.NameResolutionError():
            return "its name cannot be resolved"
        case exceptions.NewConnectionError():
            return "connection refused or host unreachable"
        case exceptions.TimeoutError():
            return "timed out"
        case exceptions.SSLError():
            return "its certificate is not trusted"
        case exceptions.ProtocolError():
            return "the connection broke"
        case _:
            return type(fault).__name__
