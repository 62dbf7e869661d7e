"""aws.cloudwatch.Dashboard.

Source: terraform-provider-aws `internal/service/cloudwatch/dashboard.go`; API reference, "PutDashboard".
"""

# ruff: noqa: ARG002 - a method takes what the contract gives it
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import Compare
from inferwatch.deploy.resources.handler import (
    Handler,
    Kind,
    Live,
    PassingOver,
    Problem,
    Property,
    document_problems,
)
from inferwatch.deploy.values import Properties

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
# AWS answers an unknown name with the first; the second is its name in the service model.
_GONE: Final = ("ResourceNotFound", "DashboardNotFoundError")


class Dashboard(Handler):
    """A dashboard; its body is compared as JSON, for AWS gives it back without white space."""

    token = "aws:cloudwatch/dashboard:Dashboard"
    words = "dashboard"
    computed = ("dashboardArn",)
    properties: ClassVar = {
        "dashboardName": Property(Kind.STRING, required=True, forces_new=True),
        "dashboardBody": Property(Kind.STRING, required=True, compare=Compare.JSON),
        "region": Property(Kind.STRING, forces_new=True),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        name = inputs["dashboardName"]
        if isinstance(name, str) and not _NAME.fullmatch(name):
            yield Problem("dashboardName", f"{name!r} is not 1-255 letters, digits, dashes and underscores")
        yield from document_problems("dashboardBody", inputs["dashboardBody"])

    def create(self, clients: Clients, inputs: Properties) -> Live:
        name = inputs["dashboardName"]
        clients.cloudwatch(inputs.get("region")).put_dashboard(
            DashboardName=name, DashboardBody=inputs["dashboardBody"]
        )
        return self.must_read(clients, name, inputs)

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        with PassingOver(*_GONE):
            found = clients.cloudwatch(state.get("region")).get_dashboard(DashboardName=id)
            return Live(
                id,
                {
                    "dashboardName": id,
                    "dashboardBody": found["DashboardBody"],
                    "dashboardArn": found["DashboardArn"],
                    "region": state.get("region") or clients.region,
                },
            )
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        return self.create(clients, inputs)

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver(*_GONE):
            clients.cloudwatch(state.get("region")).delete_dashboards(DashboardNames=[id])

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        return self.read(clients, inputs["dashboardName"], inputs)
