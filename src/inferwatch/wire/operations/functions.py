"""Lambda: resource policies of functions, with which an alarm may invoke them."""

from __future__ import annotations

import json
from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.wire.operations.operation import Operation, Params


def _add(engine: Engine, params: Params) -> Params:
    statement = engine.function_policies.add(
        params["FunctionName"], params.get("Qualifier"), params["StatementId"], params
    )
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


def _get(engine: Engine, params: Params) -> Params:
    return {"Policy": engine.function_policies.document(params["FunctionName"], params.get("Qualifier"))}


def _remove(engine: Engine, params: Params) -> Params:
    engine.function_policies.remove(params["FunctionName"], params.get("Qualifier"), params["StatementId"])
    return {}


_WHICH: Final = "FunctionName Qualifier"
OPERATIONS: Final = {
    "AddPermission": Operation(
        _add,
        f"{_WHICH} StatementId Action Principal SourceArn SourceAccount EventSourceToken PrincipalOrgID",
        is_kept=True,
    ),
    "GetPolicy": Operation(_get, _WHICH),
    "RemovePermission": Operation(_remove, f"{_WHICH} StatementId", is_kept=True),
}
