"""The dashboards of one account. Source: CloudWatch API reference, "PutDashboard"; recorded answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from inferwatch.engine.arn import Realm
from inferwatch.engine.dashboards.validate import Message, validate
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import DASHBOARD_NAME_MAX_CHARS

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`body` is the JSON text as given, without white space."""

    name: str
    arn: str
    body: str
    modified_ms: int


class Dashboards:
    def __init__(self, realm: Realm) -> None:
        self._realm = realm
        self._dashboards: dict[str, Dashboard] = {}

    def put(self, name: str, body: str, now_ms: int) -> list[Message]:
        """Store a body, and return what is odd but allowed in it.

        Raises:
            AwsError: InvalidParameterValueException, DashboardInvalidInputError; nothing is stored then.
        """
        if len(name) > DASHBOARD_NAME_MAX_CHARS or not _NAME.fullmatch(name):
            raise AwsError(
                "InvalidParameterValueException",
                "The value for field DashboardName contains invalid characters. It can only contain "
                "alphanumerics, dash (-) and underscore (_).\n",
            )
        document, warnings = validate(body)
        compacted = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        self._dashboards[name] = Dashboard(name, self._realm.dashboard(name), compacted, now_ms)
        return warnings

    def get(self, name: str) -> Dashboard:
        found = self._dashboards.get(name)
        if found is None:
            raise AwsError("DashboardNotFoundError", f"Dashboard {name} does not exist")
        return found

    def starting_with(self, prefix: str) -> list[Dashboard]:
        return [self._dashboards[name] for name in sorted(self._dashboards) if name.startswith(prefix)]

    def delete(self, names: list[str]) -> None:
        """Unknown names pass. Source: recorded, 2026-09 (the documentation says otherwise)."""
        for name in names:
            self._dashboards.pop(name, None)
