"""A plan's values → Pulumi's: each leaf becomes an Output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from inferwatch.infra.plan import Given, Join, Json, Ref, Value, fill, references
from inferwatch.infra.plan.values import ACCOUNT_ID, CONSOLE_DOMAIN, PARTITION, REGION, Leaf
from inferwatch.model.errors import UsageError

# Source: AWS documentation, "Getting started with the AWS Management Console", of each partition.
_CONSOLE_DOMAINS: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


class Leaves:
    """What the leaves of a plan stand for.

    Args:
        brought: What the program brings.
        options: Of the lookups of region, account and partition; each is made once, where it is needed.
    """

    def __init__(self, brought: Mapping[Leaf, pulumi.Output[str]], options: pulumi.InvokeOptions) -> None:
        self._known: dict[Leaf, pulumi.Output[str]] = dict(brought)
        self._options = options
        self._lookups: Mapping[Leaf, Callable[[], pulumi.Output[str]]] = {
            REGION: self._region,
            ACCOUNT_ID: self._account_id,
            PARTITION: self._partition,
            CONSOLE_DOMAIN: self._console_domain,
        }
        self._resources: dict[str, pulumi.CustomResource] = {}

    def add(self, key: str, resource: pulumi.CustomResource) -> None:
        """A resource that others may refer to."""
        self._resources[key] = resource

    def output(self, leaf: Leaf) -> pulumi.Output[str]:
        """What a leaf stands for."""
        if leaf not in self._known:
            self._known[leaf] = self._find(leaf)
        return self._known[leaf]

    def _find(self, leaf: Leaf) -> pulumi.Output[str]:
        if isinstance(leaf, Ref):
            found: pulumi.Output[str] = getattr(self._resources[leaf.key], leaf.attribute)
            return found
        return self._lookups[leaf]()

    def text(self, value: Value) -> pulumi.Output[str]:
        """A value that is a text."""
        return pulumi.Output.from_input(self.resolve(value))

    def resolve(self, value: Value) -> Any:
        """Plain data stays plain, so that a preview shows it."""
        match value:
            case Ref() | Given():
                return self.output(value)
            case Join(parts):
                return pulumi.Output.concat(
                    *(part if isinstance(part, str) else self.output(part) for part in parts)
                )
            case Json(document):
                return self._json(document)
            case str():
                return value
            case Mapping():
                return {key: self.resolve(item) for key, item in value.items()}
            case Sequence():
                return [self.resolve(item) for item in value]
            case _:
                return value

    def _json(self, document: Value) -> pulumi.Output[str]:
        """One Output for all leaves: a dashboard has hundreds."""
        leaves = references(document)
        filled = pulumi.Output.all(*map(self.output, leaves)).apply(
            lambda texts: fill(document, dict(zip(leaves, texts, strict=True)))
        )
        return pulumi.Output.json_dumps(filled, ensure_ascii=False)

    def _region(self) -> pulumi.Output[str]:
        return _of(aws.get_region_output(opts=self._options), "region")

    def _account_id(self) -> pulumi.Output[str]:
        return _of(aws.get_caller_identity_output(opts=self._options), "account_id")

    def _partition(self) -> pulumi.Output[str]:
        return _of(aws.get_partition_output(opts=self._options), "partition")

    def _console_domain(self) -> pulumi.Output[str]:
        return self.output(PARTITION).apply(_console_domain)


def _of(found: pulumi.Output[Any], attribute: str) -> pulumi.Output[str]:
    return found.apply(lambda known: str(getattr(known, attribute)))


def _console_domain(partition: str) -> str:
    if partition not in _CONSOLE_DOMAINS:
        known = ", ".join(_CONSOLE_DOMAINS)
        raise UsageError(f"the console of the partition {partition!r} is not known; known: {known}")
    return _CONSOLE_DOMAINS[partition]
