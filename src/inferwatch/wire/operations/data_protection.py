"""CloudWatch Logs: data protection policies."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.wire.operations.logs import group_named
from inferwatch.wire.operations.operation import Operation, Params


def _put(engine: Engine, params: Params) -> Params:
    group = group_named(engine, params["logGroupIdentifier"])
    engine.protection.put(group, params["policyDocument"], engine.now_ms)
    return _describe(engine, params, group)


def _get(engine: Engine, params: Params) -> Params:
    """Of a group without a policy only the identifier comes back."""
    return _describe(engine, params, group_named(engine, params["logGroupIdentifier"]))


def _delete(engine: Engine, params: Params) -> Params:
    engine.protection.delete(group_named(engine, params["logGroupIdentifier"]), engine.now_ms)
    return {}


def _describe(engine: Engine, params: Params, group: str) -> Params:
    policy = engine.protection.policy(group)
    return {
        "logGroupIdentifier": params["logGroupIdentifier"],
        "policyDocument": policy.document if policy is not None else None,
        "lastUpdatedTime": engine.protection.updated_ms(group),
    }


OPERATIONS: Final = {
    "PutDataProtectionPolicy": Operation(_put, "logGroupIdentifier policyDocument", is_kept=True),
    "GetDataProtectionPolicy": Operation(_get, "logGroupIdentifier"),
    "DeleteDataProtectionPolicy": Operation(_delete, "logGroupIdentifier", is_kept=True),
}
