"""CloudWatch: dashboards.

Differs: `Size` is the body's bytes; AWS adds some of its own, 37 to a fresh dashboard without tags.
"""

from __future__ import annotations

from typing import Final

from inferwatch.engine.alarms.store import check_tags
from inferwatch.engine.engine import Engine
from inferwatch.model.errors import validation_failure
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page
from inferwatch.wire.operations.tags import tags_of

_PAGE = 1_000


def _put_dashboard(engine: Engine, params: Params) -> Params:
    name, tags = params["DashboardName"], tags_of(params)
    if not engine.dashboards.exists(name):
        check_tags(tags, {})
    warnings = engine.dashboards.put(name, params["DashboardBody"], engine.now_ms, tags)
    return {
        "DashboardValidationMessages": [
            {"DataPath": warning.path, "Message": warning.text} for warning in warnings
        ]
    }


def _get_dashboard(engine: Engine, params: Params) -> Params:
    found = engine.dashboards.get(params["DashboardName"])
    return {"DashboardArn": found.arn, "DashboardBody": found.body, "DashboardName": found.name}


def _list_dashboards(engine: Engine, params: Params) -> Params:
    found = engine.dashboards.starting_with(params.get("DashboardNamePrefix", ""))
    shown, token = page(
        found,
        lambda item: item.name,
        params.get("NextToken"),
        _PAGE,
        lambda: validation_failure("Invalid NextToken"),
    )
    return {
        "DashboardEntries": [
            {
                "DashboardName": item.name,
                "DashboardArn": item.arn,
                "LastModified": item.modified_ms,
                "Size": len(item.body.encode()),
            }
            for item in shown
        ],
        "NextToken": token,
    }


def _delete_dashboards(engine: Engine, params: Params) -> Params:
    engine.dashboards.delete(params["DashboardNames"])
    return {}


OPERATIONS: Final = {
    "PutDashboard": Operation(_put_dashboard, "DashboardName DashboardBody Tags", is_kept=True),
    "GetDashboard": Operation(_get_dashboard, "DashboardName"),
    "ListDashboards": Operation(_list_dashboards, "DashboardNamePrefix NextToken"),
    "DeleteDashboards": Operation(_delete_dashboards, "DashboardNames", is_kept=True),
}
