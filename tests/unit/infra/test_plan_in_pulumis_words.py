"""A plan is spelt as pulumi_aws takes it: every property is an argument of its class, and none is missing."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from inferwatch.infra.plan import Anomaly, Given, Model, Mute, Notify, Plan, Resource, Slo, Spec, plan
from inferwatch.infra.plan import resource as types

SPEC = Spec(
    "shop",
    models={"gpt-5": Model()},
    slos=[Slo("availability", objective=0.999)],
    anomalies=[Anomaly("duration")],
    notify=Notify(
        critical=[Given("pager"), "arn:aws:lambda:eu-west-1:123456789012:function:page"],
        warning=["ml@example.com", "https://hook.example/x"],
    ),
    mutes=[Mute("night", schedule="cron(0 2 * * *)", minutes=60)],
    indexes=["model"],
    masks=["EmailAddress"],
    tags={"team": "shop"},
)
# Objects within properties, and their classes' names behind that of the resource.
NESTED = {
    (types.METRIC_FILTER, "metric_transformation"): "MetricTransformation",
    (types.METRIC_ALARM, "metric_queries"): "MetricQuery",
    (types.METRIC_ALARM, "metric"): "MetricQueryMetric",
    (types.MUTE_RULE, "rule"): "Rule",
    (types.MUTE_RULE, "schedule"): "RuleSchedule",
    (types.MUTE_RULE, "mute_targets"): "MuteTargets",
}


def test_every_type_of_resource_is_in_the_plan() -> None:
    """So that none of them escapes what follows."""
    tokens = {value for name, value in vars(types).items() if name.isupper() and isinstance(value, str)}

    assert {resource.type for resource in plan(SPEC).resources} == tokens


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:pulumi_aws"
)  # importing its lambda says so of a class
def test_properties_are_the_arguments_of_pulumis_classes() -> None:
    """All the way down; what is missing or unknown fails to bind."""
    planned: Plan = plan(SPEC)

    for resource in planned.resources:
        _bind(resource, "", dict(resource.properties))


def _bind(resource: Resource, part: str, properties: dict[str, Any]) -> None:
    _, place, name = resource.type.split(":")
    folder = place.split("/")[0]
    module = importlib.import_module(
        f"pulumi_aws.{folder}_" if folder == "lambda" else f"pulumi_aws.{folder}"
    )
    inspect.signature(getattr(module, f"{name}{part}Args").__init__).bind(None, **properties)
    for key, value in properties.items():
        if nested := NESTED.get((resource.type, key)):
            for each in value if isinstance(value, list) else [value]:
                _bind(resource, nested, each)
