"""An endpoint in a few dictionaries: it keeps what it is told, records every call and can be made to fail."""

# ruff: noqa: N803 - arguments are spelled as boto3 takes them
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.endpoint import Edge
from inferwatch.deploy.result import Event
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

ACCOUNT = "000000000000"


def refusal(operation: str, code: str, message: str = "refused") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeExceptions:
    ClientError = ClientError


@dataclass
class FakeAws:
    """Stands where `Clients` stands."""

    endpoint_url: str = "http://127.0.0.1:1"
    region: str = "us-east-1"
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    streams: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    filters: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict)
    dashboards: dict[str, str] = field(default_factory=dict)
    topics: dict[str, dict[str, str]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, str]] = field(default_factory=dict)
    # Operation -> what it raises, before or after it is carried out.
    fails: dict[str, Exception] = field(default_factory=dict)
    fails_after: dict[str, Exception] = field(default_factory=dict)

    exceptions = FakeExceptions

    def logs(self, region: str | None = None) -> FakeAws:
        return self

    cloudwatch = sns = sts = logs

    def in_region(self, region: str) -> FakeAws:
        self.region = region
        return self

    def named(self, prefix: str) -> list[str]:
        """The operations called, of one verb."""
        return [operation for operation, _ in self.calls if operation.startswith(prefix)]

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        handle = getattr(type(self), f"do_{operation}", None)
        if handle is None:
            raise AttributeError(operation)

        def call(**arguments: Any) -> Any:
            self.calls.append((operation, arguments))
            if operation in self.fails:
                raise self.fails[operation]
            answer = handle(self, **arguments)
            if operation in self.fails_after:
                raise self.fails_after[operation]
            return answer

        return call

    def get_paginator(self, operation: str) -> Any:
        outer = self

        class Paginator:
            def paginate(self, **arguments: Any) -> Iterator[Any]:
                yield getattr(outer, operation)(**arguments)

        return Paginator()

    # --- logs

    def do_create_log_group(self, logGroupName: str, tags: dict[str, str] | None = None) -> None:
        if logGroupName in self.groups:
            raise refusal(
                "CreateLogGroup", "ResourceAlreadyExistsException", "The specified log group already exists"
            )
        self.groups[logGroupName] = {"tags": dict(tags or {})}

    def do_put_retention_policy(self, logGroupName: str, retentionInDays: int) -> None:
        self.groups[logGroupName]["retentionInDays"] = retentionInDays

    def do_delete_retention_policy(self, logGroupName: str) -> None:
        del self.groups[logGroupName]["retentionInDays"]

    def do_describe_log_groups(self, logGroupNamePrefix: str) -> Any:
        return {
            "logGroups": [
                {"logGroupName": name, "arn": f"{self._arn('logs')}log-group:{name}:*"}
                | {key: value for key, value in group.items() if key != "tags"}
                for name, group in sorted(self.groups.items())
                if name.startswith(logGroupNamePrefix)
            ]
        }

    def do_list_tags_for_resource(self, resourceArn: str = "", **named: str) -> Any:
        """Of log groups; alarms and topics have none here."""
        return {"tags": self.groups[resourceArn.rsplit(":", 1)[-1]]["tags"]} if resourceArn else {"Tags": []}

    def do_tag_resource(self, resourceArn: str = "", tags: dict[str, str] | None = None, **sns: Any) -> None:
        if resourceArn:
            self.groups[resourceArn.rsplit(":", 1)[-1]]["tags"].update(tags or {})

    def do_untag_resource(self, resourceArn: str = "", tagKeys: list[str] | None = None, **sns: Any) -> None:
        for key in tagKeys or ():
            del self.groups[resourceArn.rsplit(":", 1)[-1]]["tags"][key]

    def do_delete_log_group(self, logGroupName: str) -> None:
        if logGroupName not in self.groups:
            raise refusal("DeleteLogGroup", "ResourceNotFoundException")
        del self.groups[logGroupName]

    def do_create_log_stream(self, logGroupName: str, logStreamName: str) -> None:
        if logGroupName not in self.groups:
            raise refusal("CreateLogStream", "ResourceNotFoundException")
        self.streams[logGroupName, logStreamName] = {"arn": f"{self._arn('logs')}log-stream:{logStreamName}"}

    def do_describe_log_streams(self, logGroupName: str, logStreamNamePrefix: str) -> Any:
        return {
            "logStreams": [
                {"logStreamName": name, **stream}
                for (group, name), stream in sorted(self.streams.items())
                if group == logGroupName and name.startswith(logStreamNamePrefix)
            ]
        }

    def do_delete_log_stream(self, logGroupName: str, logStreamName: str) -> None:
        del self.streams[logGroupName, logStreamName]

    def do_put_metric_filter(self, logGroupName: str, filterName: str, **rest: Any) -> None:
        self.filters[logGroupName, filterName] = rest

    def do_describe_metric_filters(self, logGroupName: str, filterNamePrefix: str) -> Any:
        return {
            "metricFilters": [
                {"filterName": name} | made
                for (group, name), made in self.filters.items()
                if group == logGroupName and name.startswith(filterNamePrefix)
            ]
        }

    def do_delete_metric_filter(self, logGroupName: str, filterName: str) -> None:
        del self.filters[logGroupName, filterName]

    # --- CloudWatch

    def do_put_metric_alarm(self, AlarmName: str, **rest: Any) -> None:
        self.alarms[AlarmName] = rest

    def do_describe_alarms(self, AlarmNames: list[str], AlarmTypes: list[str]) -> Any:
        found = [name for name in AlarmNames if name in self.alarms]
        return {
            "MetricAlarms": [
                {"AlarmName": name, "AlarmArn": f"{self._arn('cloudwatch')}alarm:{name}"} | self.alarms[name]
                for name in found
            ]
        }

    def do_delete_alarms(self, AlarmNames: list[str]) -> None:
        for name in AlarmNames:
            self.alarms.pop(name, None)

    def do_put_dashboard(self, DashboardName: str, DashboardBody: str) -> None:
        self.dashboards[DashboardName] = DashboardBody

    def do_get_dashboard(self, DashboardName: str) -> Any:
        if DashboardName not in self.dashboards:
            raise refusal("GetDashboard", "ResourceNotFound")
        arn = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{DashboardName}"
        return {"DashboardArn": arn, "DashboardBody": self.dashboards[DashboardName]}

    def do_delete_dashboards(self, DashboardNames: list[str]) -> None:
        for name in DashboardNames:
            del self.dashboards[name]

    # --- SNS and STS

    def do_create_topic(self, Name: str, **rest: Any) -> Any:
        arn = f"{self._arn('sns')}{Name}"
        self.topics.setdefault(arn, {})
        return {"TopicArn": arn}

    def do_get_topic_attributes(self, TopicArn: str) -> Any:
        if TopicArn not in self.topics:
            raise refusal("GetTopicAttributes", "NotFound")
        return {"Attributes": {"Owner": ACCOUNT} | self.topics[TopicArn]}

    def do_set_topic_attributes(self, TopicArn: str, AttributeName: str, AttributeValue: str) -> None:
        self.topics[TopicArn][AttributeName] = AttributeValue

    def do_delete_topic(self, TopicArn: str) -> None:
        self.topics.pop(TopicArn, None)

    def do_subscribe(self, TopicArn: str, Protocol: str, Endpoint: str, **rest: Any) -> Any:
        for arn, known in self.subscriptions.items():
            if (known["TopicArn"], known["Protocol"], known["Endpoint"]) == (TopicArn, Protocol, Endpoint):
                return {"SubscriptionArn": arn}
        arn = f"{TopicArn}:{len(self.subscriptions) + 1}"
        self.subscriptions[arn] = {"TopicArn": TopicArn, "Protocol": Protocol, "Endpoint": Endpoint}
        return {"SubscriptionArn": arn}

    def do_get_subscription_attributes(self, SubscriptionArn: str) -> Any:
        return {"Attributes": self.subscriptions[SubscriptionArn]}

    def do_set_subscription_attributes(self, **rest: Any) -> None:
        self.subscriptions[rest["SubscriptionArn"]][rest["AttributeName"]] = rest["AttributeValue"]

    def do_unsubscribe(self, SubscriptionArn: str) -> None:
        self.subscriptions.pop(SubscriptionArn, None)

    def do_get_caller_identity(self) -> Any:
        return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root", "UserId": ACCOUNT}

    def _arn(self, service: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:"


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


@pytest.fixture
def refuse() -> Callable[..., ClientError]:
    """Makes the error an endpoint answers with: an operation, a code, a text."""
    return refusal


@pytest.fixture
def no_answer() -> EndpointConnectionError:
    """What boto3 raises when a call got no answer."""
    return EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def edge(aws: FakeAws, events: list[Event]) -> Edge:
    """The fake endpoint, a clock that ticks a second at a call, and suffixes 0000001, 0000002, ..."""
    seconds = itertools.count()
    suffixes = itertools.count(1)
    return Edge(
        clients=aws,  # type: ignore[arg-type]
        now=lambda: f"2026-11-24T00:00:{next(seconds):02}Z",
        suffix=lambda _urn: f"{next(suffixes):07x}",
        emit=events.append,
    )


class EngineClients(Clients):
    """Clients of an engine in this process."""

    def __init__(self, cloud: Cloud, region: str = "us-east-1") -> None:
        super().__init__("http://127.0.0.1:4586", region)
        self._cloud = cloud
        self._make = cache(lambda service, region: client(cloud, service, region=region))

    def in_region(self, region: str) -> Clients:
        return EngineClients(self._cloud, region)

    def _client(self, service: str, region: str | None) -> Any:
        return self._make(service, region or self.region)


@pytest.fixture
def engine_clients(cloud: Cloud) -> Clients:
    """An endpoint that is whole."""
    return EngineClients(cloud)
