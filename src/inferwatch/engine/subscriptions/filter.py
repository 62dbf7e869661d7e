"""Subscription filters, and which ones AWS refuses.

Source: CloudWatch Logs API reference, "PutSubscriptionFilter"; texts recorded from the real service, 2026-02.
Differs: AWS's pages say 2 and 5 for the most a group may have; we take 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inferwatch.engine.filterpattern import Extractor, Pattern, compile_extractor, compile_pattern
from inferwatch.engine.subscriptions.destination import Destination, Vendor, find_destination
from inferwatch.model.errors import AwsError, invalid_parameter
from inferwatch.model.limits import REGEX_FILTERS_PER_GROUP

FILTERS_PER_GROUP: Final = 2
BY_LOG_STREAM: Final = "ByLogStream"
RANDOM: Final = "Random"


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """A filter ready to run.

    Args:
        extract: The pattern as a function: what it finds in a message, `None` where that does not match.
        distribution: `ByLogStream` or `Random`: what a Kinesis record's partition key is made from.
    """

    name: str
    created_ms: int
    pattern: Pattern
    extract: Extractor
    destination: Destination
    role_arn: str | None
    distribution: str


def make_filter(
    name: str,
    pattern: str,
    destination_arn: str,
    *,
    addresses: Mapping[str, str],
    role_arn: str | None = None,
    distribution: str = BY_LOG_STREAM,
    created_ms: int,
) -> SubscriptionFilter:
    """Compile a filter.

    Raises:
        AwsError: InvalidParameterException in AWS's words.
        Unsupported: A destination without an address here.
    """
    compiled = compile_pattern(pattern)
    destination = find_destination(destination_arn, addresses)
    vendor = destination.vendor
    if vendor is Vendor.LAMBDA and role_arn is not None:
        raise invalid_parameter("destinationArn for vendor lambda cannot be used with roleArn")
    if vendor is not Vendor.LAMBDA and role_arn is None:
        raise invalid_parameter(f"destinationArn for vendor {vendor} cannot be used without roleArn")
    return SubscriptionFilter(
        name, created_ms, compiled, compile_extractor(compiled), destination, role_arn, distribution
    )


class SubscriptionFilters:
    """Subscription filters by log group and name."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, SubscriptionFilter]] = {}

    def put(self, group: str, made: SubscriptionFilter, *, other_regexes: int = 0) -> None:
        """Add a filter, or replace the one of its name.

        Args:
            other_regexes: How many metric filters of the group hold a regular expression.

        Raises:
            AwsError: LimitExceededException, for too many filters, or too many with a regular expression.
        """
        others = [item for item in self.of_group(group) if item.name != made.name]
        regexes = other_regexes + sum(item.pattern.has_regex for item in others)
        if len(others) >= FILTERS_PER_GROUP or (
            made.pattern.has_regex and regexes >= REGEX_FILTERS_PER_GROUP
        ):
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        self._groups.setdefault(group, {})[made.name] = made

    def regexes(self, group: str) -> int:
        """How many of a group's filters hold a regular expression."""
        return sum(item.pattern.has_regex for item in self.of_group(group))

    def delete(self, group: str, name: str) -> None:
        if self._groups.get(group, {}).pop(name, None) is None:
            raise AwsError("ResourceNotFoundException", "The specified subscription filter does not exist.")

    def of_group(self, group: str) -> list[SubscriptionFilter]:
        """In order of their names."""
        return sorted(self._groups.get(group, {}).values(), key=lambda item: item.name)

    def forget_group(self, group: str) -> None:
        self._groups.pop(group, None)
