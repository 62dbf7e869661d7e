"""The dashboards of one account. Source: CloudWatch API reference, "PutDashboard"; recorded answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from inferwatch.engine.arn import Realm
from inferwatch.engine.dashboards.kinds import Message
from inferwatch.engine.dashboards.validate import validate
from inferwatch.model.errors import AwsError, invalid_value
from inferwatch.model.limits import DASHBOARD_NAME_MAX_CHARS, DASHBOARDS_PER_DELETION

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`body` is the JSON text as given, without white space; `tags` may be changed."""

    name: str
    arn: str
    body: str
    modified_ms: int
    tags: dict[str, str] = field(default_factory=dict)


def check_name(name: str, field: str) -> None:
    """Raises AwsError (InvalidParameterValueException); its text is AWS's, with its line's end."""
    if len(name) > DASHBOARD_NAME_MAX_CHARS:
        raise invalid_value(
            f"The value for field {field} is too long. It must have length less than or equal to "
            f"{DASHBOARD_NAME_MAX_CHARS}.\n"
        )
    if not _NAME.fullmatch(name):
        raise invalid_value(
            f"The value for field {field} contains invalid characters. It can only contain alphanumerics, "
            "dash (-) and underscore (_).\n"
        )


class Dashboards:
    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self._dashboards: dict[str, Dashboard] = {}

    def put(self, name: str, body: str, now_ms: int, tags: Mapping[str, str] | None = None) -> list[Message]:
        """Store a body, and return what is odd but allowed in it.

        A dashboard that exists keeps its tags. Source: recorded, 2026-09.

        Raises:
            AwsError: InvalidParameterValueException, DashboardInvalidInputError; nothing is stored then.
        """
        check_name(name, "DashboardName")
        document, warnings = validate(body)
        compacted = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        present = self._dashboards.get(name)
        kept = dict(tags or {}) if present is None else present.tags
        self._dashboards[name] = Dashboard(name, self._realm.dashboard(name), compacted, now_ms, kept)
        return warnings

    def get(self, name: str) -> Dashboard:
        check_name(name, "DashboardName")
        found = self._dashboards.get(name)
        if found is None:
            raise AwsError("DashboardNotFoundError", f"Dashboard {name} does not exist")
        return found

    def exists(self, name: str) -> bool:
        return name in self._dashboards

    def by_arn(self, arn: str) -> Dashboard | None:
        return next((one for one in self._dashboards.values() if one.arn == arn), None)

    def starting_with(self, prefix: str) -> list[Dashboard]:
        if prefix:
            check_name(prefix, "DashboardNamePrefix")
        return [self._dashboards[name] for name in sorted(self._dashboards) if name.startswith(prefix)]

    def delete(self, names: list[str]) -> None:
        """Unknown names pass; one bad name, and none is deleted.

        Source: recorded, 2026-09 (the documentation says otherwise of unknown names). Names count once.
        """
        if not names:
            raise invalid_value("Field DashboardNames is required and has to contain at least 1 element.")
        for index, name in enumerate(names):
            check_name(name, f"DashboardNames[{index}]")
        if len(set(names)) > DASHBOARDS_PER_DELETION:
            raise invalid_value(f"Field DashboardNames can contain up to {DASHBOARDS_PER_DELETION} elements.")
        for name in names:
            self._dashboards.pop(name, None)
