"""STS: who am I."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.wire.operations.operation import Operation, Params


def _get_caller_identity(engine: Engine, _params: Params) -> Params:
    account_id = engine.realm.account_id
    return {"Account": account_id, "UserId": account_id, "Arn": f"arn:aws:iam::{account_id}:root"}


OPERATIONS: Final = {"GetCallerIdentity": Operation(_get_caller_identity, "")}
