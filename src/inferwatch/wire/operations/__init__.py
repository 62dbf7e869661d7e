"""Every operation the engine serves, by service and name.

In:  parameters in AWS's casing, timestamps as int epoch ms.
Out: results in the same form; refusals as `AwsError`.

Differs: AWS throttles calls beyond rates of their own (10 a second for FilterLogEvents); here none is.
"""

from __future__ import annotations

from typing import Final

from inferwatch.engine.engine import Engine
from inferwatch.model.errors import Unsupported
from inferwatch.wire.models import service_model
from inferwatch.wire.operations import (
    alarms,
    anomaly_detectors,
    dashboards,
    data_protection,
    functions,
    iam,
    index_policies,
    logs,
    metric_data,
    metric_filters,
    metrics,
    queries,
    query_definitions,
    sns,
    sts,
    subscription_filters,
    widget_image,
)
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.validate import validate

__all__ = ["OPERATIONS", "Operation", "Params", "check", "invoke"]

OPERATIONS: Final[dict[str, dict[str, Operation]]] = {
    "logs": logs.OPERATIONS
    | metric_filters.OPERATIONS
    | subscription_filters.OPERATIONS
    | data_protection.OPERATIONS
    | index_policies.OPERATIONS
    | query_definitions.OPERATIONS
    | queries.OPERATIONS,
    "cloudwatch": metrics.OPERATIONS
    | metric_data.OPERATIONS
    | alarms.OPERATIONS
    | anomaly_detectors.OPERATIONS
    | dashboards.OPERATIONS
    | widget_image.OPERATIONS,
    "sns": sns.OPERATIONS,
    "sts": sts.OPERATIONS,
    "iam": iam.OPERATIONS,
    "lambda": functions.OPERATIONS,
}


def invoke(engine: Engine, service: str, name: str, params: Params) -> Params:
    """Validate a call of a modelled operation and carry it out. Raises as `check`, and AwsError."""
    return check(service, name, params).run(engine, params)


def check(service: str, name: str, params: Params) -> Operation:
    """The operation, where a call of it is one that the service's model allows.

    Raises:
        AwsError: In AWS's words; Unsupported for an operation or member that AWS has and inferwatch lacks.
    """
    model = service_model(service)
    operation = OPERATIONS[service].get(name)
    if operation is None:
        raise Unsupported(f"the operation {name} of {service}")
    if not operation.checks_itself:
        validate(service, model.operation_model(name).input_shape, params)
    operation.refuse_unknown(name, params)
    return operation
