"""Whom alarms tell, as a Pulumi program says it: what it says with Outputs becomes leaves of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pulumi
    import pulumi_aws as aws

    Target: TypeAlias = "pulumi.Input[str] | aws.sns.Topic | Webhook"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that confirms SNS subscriptions, as PagerDuty's and Opsgenie's CloudWatch integrations do.

    Args:
        name: Of its subscription; it stays when the URL changes.
        url: Whoever has it can raise alarms of his own, so keep it in a secret setting:
            `Webhook("pager", config.require_secret("pagerUrl"))`.
    """

    name: str
    url: pulumi.Input[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Whom to tell of what; a recovery is told to the same.

    A target is an SNS topic or its ARN, the ARN of a Lambda function as text, an e-mail address, a `Webhook`,
    or the https URL of one.
    """

    critical: Sequence[Target] = ()
    warning: Sequence[Target] = ()
