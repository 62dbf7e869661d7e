"""Plans put onto the embedded engine by AWS's own calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import botocore.validate
import pytest

from inferwatch.infra.plan import Given, Plan, Resource, fill, references
from inferwatch.infra.plan import resource as types
from inferwatch.infra.plan.values import ACCOUNT_ID, CONSOLE_DOMAIN, PARTITION, REGION, Leaf, Ref
from inferwatch.wire.operations import OPERATIONS

GIVEN: dict[Leaf, str] = {
    REGION: "us-east-1",
    ACCOUNT_ID: "123456789012",
    PARTITION: "aws",
    CONSOLE_DOMAIN: "console.aws.amazon.com",
}
_ALARM_MEMBERS = {
    "name": "AlarmName",
    "alarm_description": "AlarmDescription",
    "namespace": "Namespace",
    "metric_name": "MetricName",
    "statistic": "Statistic",
    "extended_statistic": "ExtendedStatistic",
    "period": "Period",
    "comparison_operator": "ComparisonOperator",
    "threshold": "Threshold",
    "threshold_metric_id": "ThresholdMetricId",
    "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm",
    "treat_missing_data": "TreatMissingData",
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
}
Aws = Callable[[str], Any]
Apply = Callable[..., dict[Leaf, str]]


@pytest.fixture
def apply(aws: Aws) -> Apply:
    """`apply(plan)` makes every resource, in order, and gives what became known: names and ARNs.

    An operation or parameter that the engine does not have yet is held against the service's own model.
    """
    return lambda plan, **given: _Applying(aws, given).all_of(plan)


class _Applying:
    def __init__(self, aws: Aws, given: Mapping[str, str]) -> None:
        self._aws = aws
        self._known = {**GIVEN, **{Given(name): arn for name, arn in given.items()}}
        self._make: dict[str, Callable[[str, dict[str, Any]], dict[str, str]]] = {
            types.LOG_GROUP: self._log_group,
            types.LOG_STREAM: self._log_stream,
            types.METRIC_FILTER: self._metric_filter,
            types.INDEX_POLICY: self._index_policy,
            types.DATA_PROTECTION: self._data_protection,
            types.QUERY_DEFINITION: self._query_definition,
            types.METRIC_ALARM: self._metric_alarm,
            types.COMPOSITE_ALARM: self._composite_alarm,
            types.MUTE_RULE: self._mute_rule,
            types.DASHBOARD: self._dashboard,
            types.TOPIC: self._topic,
            types.SUBSCRIPTION: self._subscription,
            types.LAMBDA_PERMISSION: lambda _, __: {},
        }

    def all_of(self, plan: Plan) -> dict[Leaf, str]:
        for resource in plan.resources:
            self._one(resource)
        return self._known

    def _one(self, resource: Resource) -> None:
        assert set(references(resource.properties)) <= self._known.keys(), resource.key
        properties = fill(resource.properties, self._known)
        made = self._make[resource.type](resource.key, properties)
        self._known |= {Ref(resource.key, attribute): value for attribute, value in made.items()}

    def _call(self, service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        client = self._aws(service)
        model = client.meta.service_model.operation_model(operation)
        report = botocore.validate.ParamValidator().validate(params, model.input_shape)
        assert not report.has_errors(), report.generate_report()
        known = OPERATIONS[service].get(operation)
        if known is None or not params.keys() <= set(known.accepts.split()):
            return {}
        made: dict[str, Any] = client._make_api_call(operation, params)
        return made

    def _log_group(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        name = properties["name"]
        tags = {"tags": properties["tags"]} if "tags" in properties else {}
        self._call("logs", "CreateLogGroup", {"logGroupName": name, **tags})
        if days := properties.get("retention_in_days"):
            self._call("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": days})
        return {"name": name, "arn": f"arn:aws:logs:us-east-1:123456789012:log-group:{name}"}

    def _log_stream(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        params = {"logGroupName": properties["log_group_name"], "logStreamName": properties["name"]}
        self._call("logs", "CreateLogStream", params)
        return {"name": properties["name"]}

    def _metric_filter(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        transformation = properties["metric_transformation"]
        call = {
            "metricName": transformation["name"],
            "metricNamespace": transformation["namespace"],
            "metricValue": transformation["value"],
            "unit": transformation["unit"],
            "dimensions": transformation.get("dimensions", {}),
        }
        params = {
            "logGroupName": properties["log_group_name"],
            "filterName": properties["name"],
            "filterPattern": properties["pattern"],
            "metricTransformations": [call],
        }
        self._call("logs", "PutMetricFilter", params)
        return {"name": properties["name"]}

    def _index_policy(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        params = {
            "logGroupIdentifier": properties["log_group_name"],
            "policyDocument": properties["policy_document"],
        }
        self._call("logs", "PutIndexPolicy", params)
        return {}

    def _data_protection(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        params = {
            "logGroupIdentifier": properties["log_group_name"],
            "policyDocument": properties["policy_document"],
        }
        self._call("logs", "PutDataProtectionPolicy", params)
        return {}

    def _query_definition(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        params = {
            "name": properties["name"],
            "queryString": properties["query_string"],
            "logGroupNames": properties["log_group_names"],
        }
        self._call("logs", "PutQueryDefinition", params)
        return {}

    def _metric_alarm(self, key: str, properties: dict[str, Any]) -> dict[str, str]:
        params = {_ALARM_MEMBERS[name]: value for name, value in properties.items() if name in _ALARM_MEMBERS}
        if dimensions := properties.get("dimensions"):
            params["Dimensions"] = _dimensions(dimensions)
        if queries := properties.get("metric_queries"):
            params["Metrics"] = [_query(query) for query in queries]
        self._call("cloudwatch", "PutMetricAlarm", params)
        return {"name": properties["name"], "arn": _alarm_arn(properties["name"])}

    def _composite_alarm(self, key: str, properties: dict[str, Any]) -> dict[str, str]:
        params = {
            "AlarmName": properties["alarm_name"],
            "AlarmDescription": properties["alarm_description"],
            "AlarmRule": properties["alarm_rule"],
            "AlarmActions": properties.get("alarm_actions", []),
            "OKActions": properties.get("ok_actions", []),
        }
        self._call("cloudwatch", "PutCompositeAlarm", params)
        return {"alarm_name": params["AlarmName"], "arn": _alarm_arn(params["AlarmName"])}

    def _mute_rule(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        schedule = properties["rule"]["schedule"]
        rule = {
            "Schedule": {
                "Expression": schedule["expression"],
                "Duration": schedule["duration"],
                "Timezone": schedule["timezone"],
            }
        }
        targets = {"AlarmNames": properties["mute_targets"]["alarm_names"]}
        params = {"Name": properties["name"], "Rule": rule, "MuteTargets": targets}
        self._call("cloudwatch", "PutAlarmMuteRule", params)
        return {}

    def _dashboard(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        name = properties["dashboard_name"]
        params = {"DashboardName": name, "DashboardBody": properties["dashboard_body"]}
        answer = self._call("cloudwatch", "PutDashboard", params)
        assert answer.get("DashboardValidationMessages", []) == []
        return {"dashboard_name": name}

    def _topic(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        return {"arn": self._call("sns", "CreateTopic", {"Name": properties["name"]})["TopicArn"]}

    def _subscription(self, _: str, properties: dict[str, Any]) -> dict[str, str]:
        params = {
            "TopicArn": properties["topic"],
            "Protocol": properties["protocol"],
            "Endpoint": properties["endpoint"],
        }
        self._call("sns", "Subscribe", params)
        return {}


def _alarm_arn(name: str) -> str:
    return f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"


def _dimensions(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _query(query: dict[str, Any]) -> dict[str, Any]:
    call: dict[str, Any] = {"Id": query["id"], "ReturnData": query.get("return_data", False)}
    if metric := query.get("metric"):
        named = {
            "Namespace": metric["namespace"],
            "MetricName": metric["metric_name"],
            "Dimensions": _dimensions(metric.get("dimensions", {})),
        }
        call["MetricStat"] = {"Metric": named, "Period": metric["period"], "Stat": metric["stat"]}
    else:
        call |= {"Expression": query["expression"], "Label": query["label"]}
    return call
