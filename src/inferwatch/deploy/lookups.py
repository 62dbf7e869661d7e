"""The functions a program can call to look something up, by Pulumi token; any other is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.policydocument import make_policy_document
from inferwatch.deploy.resources.log_group import LogGroup
from inferwatch.deploy.values import Properties
from inferwatch.model.region import partition_of

Lookup: TypeAlias = Callable[[Clients, Properties], Properties]


def _caller_identity(clients: Clients, _: Properties) -> Properties:
    answer = clients.sts().get_caller_identity()
    return {
        "id": answer["Account"],
        "accountId": answer["Account"],
        "arn": answer["Arn"],
        "userId": answer["UserId"],
    }


def _region(clients: Clients, arguments: Properties) -> Properties:
    region = arguments.get("region") or arguments.get("name") or clients.region
    partition = partition_of(region)
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": partition["regions"][region]["description"],
        "endpoint": f"ec2.{region}.{partition['dnsSuffix']}",
    }


def _partition(clients: Clients, _: Properties) -> Properties:
    partition = partition_of(clients.region)
    suffix = partition["dnsSuffix"]
    return {
        "id": partition["partition"],
        "partition": partition["partition"],
        "dnsSuffix": suffix,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def _log_group(clients: Clients, arguments: Properties) -> Properties:
    name = arguments["name"]
    live = LogGroup().read(clients, name, arguments)
    if live is None:
        raise LookupError(f"the endpoint has no log group {name!r}")
    kept = {key: live.outputs[key] for key in ("arn", "name", "region", "retentionInDays", "tags")}
    return {"id": live.id, **kept}


def _policy_document(_: Clients, arguments: Properties) -> Properties:
    return make_policy_document(arguments)


LOOKUPS: Final[Mapping[str, Lookup]] = MappingProxyType(
    {
        "aws:cloudwatch/getLogGroup:getLogGroup": _log_group,
        "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
        "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
        "aws:index/getPartition:getPartition": _partition,
        "aws:index/getRegion:getRegion": _region,
    }
)
