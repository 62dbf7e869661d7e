"""Amazon Resource Names, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Realm:
    """One account in one region: what an engine holds, and what its ARNs begin with.

    Args:
        region_label: The region as notifications write it, e.g. `US East (N. Virginia)`.
    """

    account_id: str
    region: str
    region_label: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def log_group(self, name: str) -> str:
        return self.arn("logs", f"log-group:{name}")

    def log_stream(self, group: str, name: str) -> str:
        return self.arn("logs", f"log-group:{group}:log-stream:{name}")

    def alarm(self, name: str) -> str:
        return self.arn("cloudwatch", f"alarm:{name}")

    def mute_rule(self, name: str) -> str:
        return self.arn("cloudwatch", f"alarm-mute-rule:{name}")

    def dashboard(self, name: str) -> str:
        """Dashboards are global: no region. Source: CloudWatch API reference, "ListDashboards"."""
        return f"arn:aws:cloudwatch::{self.account_id}:dashboard/{name}"

    def topic(self, name: str) -> str:
        return self.arn("sns", name)
