"""The calls that AWS does not have, below `/_inferwatch/`.

GET  health                           is it well, who is it, since when, whose
GET  deliveries?region=R[&account=A]  notifications, and what subscription filters sent on; newest first
GET  sns.pem                          the certificate that notifications are signed with
POST reset                            empties an engine that keeps no data folder
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import parse_qsl

from inferwatch.engine.accounts import Accounts
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.notify.envelope import CERTIFICATE_PATH
from inferwatch.model.errors import UsageError
from inferwatch.wire.deliveries import describe_deliveries
from inferwatch.wire.respond import Response

PREFIX: Final = "/_inferwatch/"
HEALTH: Final = f"{PREFIX}health"
DELIVERIES: Final = f"{PREFIX}deliveries"
RESET: Final = f"{PREFIX}reset"
DEFAULT_REGION: Final = "us-east-1"


def answer_own(accounts: Accounts, method: str, path: str, query: str) -> Response:
    """Answer one of these calls, whoever asks."""
    if path == RESET:
        return _reset(accounts, method)
    if path == CERTIFICATE_PATH:
        certificate = accounts.default.signing_key.certificate_pem
        return Response(200, {"content-type": "application/x-pem-file"}, certificate)
    account_id = dict(parse_qsl(query)).get("account", accounts.default.account_id)
    cloud = accounts.find(account_id)
    if cloud is None:
        return json_response(404, {"message": f'nobody has spoken to the account "{account_id}"'})
    document = own_call(cloud, f"{path}?{query}")
    if document is None:
        known = f"{HEALTH}, {DELIVERIES} and {RESET}"
        return json_response(404, {"message": f"there is no {path}; there are {known}"})
    return json_response(200, document)


def own_call(cloud: Cloud, path: str) -> dict[str, Any] | None:
    """What one account answers to such a path with its query; `None` where there is nothing to read."""
    name, _, query = path.partition("?")
    if name == HEALTH:
        return _health(cloud)
    if name == DELIVERIES:
        return describe_deliveries(cloud, dict(parse_qsl(query)).get("region", DEFAULT_REGION))
    return None


def _health(cloud: Cloud) -> dict[str, Any]:
    trouble = "" if cloud.journal is None else cloud.journal.trouble
    return {
        "status": "failing" if trouble else "ok",
        **({"trouble": trouble} if trouble else {}),
        "engine_id": cloud.engine_id,
        "version": version("inferwatch"),
        "now_ms": cloud.clock.now_ms(),
        "account_id": cloud.account_id,
        "regions": cloud.regions,
    }


def _reset(accounts: Accounts, method: str) -> Response:
    if method != "POST":
        response = json_response(405, {"message": f"{RESET} takes POST, not {method}"})
        response.headers["allow"] = "POST"
        return response
    try:
        accounts.reset()
    except UsageError as refused:
        return json_response(409, {"message": str(refused)})
    return json_response(200, {"engine_id": accounts.default.engine_id})


def json_response(status: int, document: dict[str, Any]) -> Response:
    """An answer of ours, in none of AWS's forms."""
    return Response(status, {"content-type": "application/json"}, json.dumps(document).encode())
