"""CloudWatch Logs: field index policies."""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.engine.fieldindexes import IndexPolicy
from inferwatch.wire.operations.logs import group_named
from inferwatch.wire.operations.operation import Operation, Params


def _put(engine: Engine, params: Params) -> Params:
    group = group_named(engine, params["logGroupIdentifier"])
    policy = engine.field_indexes.put(group, params["policyDocument"], engine.now_ms)
    return {"indexPolicy": _described(engine, group, policy)}


def _describe(engine: Engine, params: Params) -> Params:
    groups = [group_named(engine, identifier) for identifier in params["logGroupIdentifiers"]]
    policies = [(group, engine.field_indexes.policy(group)) for group in groups]
    return {"indexPolicies": [_described(engine, group, policy) for group, policy in policies if policy]}


def _delete(engine: Engine, params: Params) -> Params:
    """Of a group without one, nothing happens."""
    engine.field_indexes.forget_group(group_named(engine, params["logGroupIdentifier"]))
    return {}


def _described(engine: Engine, group: str, policy: IndexPolicy) -> Params:
    return {
        "logGroupIdentifier": engine.realm.log_group(group),
        "lastUpdateTime": policy.updated_ms,
        "policyDocument": policy.document,
        "source": "LOG_GROUP",
    }


OPERATIONS: Final = {
    "PutIndexPolicy": Operation(_put, "logGroupIdentifier policyDocument", is_kept=True),
    "DescribeIndexPolicies": Operation(_describe, "logGroupIdentifiers"),
    "DeleteIndexPolicy": Operation(_delete, "logGroupIdentifier", is_kept=True),
}
