"""The console's addresses: a page's whole state stands in its URL, and links carry it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

# A variable's value in an address: `var.region=eu-west-1`.
VARIABLE = "var."


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that keep the reader's region and, between pages, the range they chose.

    Args:
        chosen_range: The range as the URL gave it; empty when it did not.
        chosen: The values of a dashboard's variables that the URL gave; for this page only.
        filters: What the URL narrows this page's list by.
    """

    region: str
    default_region: str
    path: str
    chosen_range: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)

    def _with(self, path: str, *, keep_range: bool = True, is_here: bool = False, **more: str) -> str:
        query = self.hidden if keep_range else self._kept_region
        if is_here:
            query |= {f"{VARIABLE}{name}": value for name, value in self.chosen.items()}
            query |= self.filters
        return _address(path, query | more)

    @property
    def home(self) -> str:
        """The overview."""
        return self._with("/")

    def dashboard(self, name: str) -> str:
        """A dashboard's page."""
        return self._with(f"/dashboards/{quote(name, safe='')}")

    def sheet(self, name: str) -> str:
        """The style sheet that puts a dashboard's widgets in their places."""
        return self._with(f"/dashboards/{quote(name, safe='')}.css", keep_range=False)

    def alarm(self, name: str) -> str:
        """An alarm's page."""
        return self._with(f"/alarms/{quote(name, safe='')}")

    def deliveries(self, *, status: str = "", topic: str = "") -> str:
        """What was sent: of one status, through one topic, or all."""
        given = {"status": status, "topic": topic}
        return _address("/deliveries", self.hidden | {name: value for name, value in given.items() if value})

    def range(self, key: str) -> str:
        """This page over another range."""
        return self._with(quote(self.path, safe="/"), keep_range=False, is_here=True, range=key)

    @property
    def twin(self) -> str:
        """This page's data."""
        path = "/index.json" if self.path == "/" else f"{quote(self.path, safe='/')}.json"
        return self._with(path, is_here=True)

    @property
    def here(self) -> str:
        """This page, for a form that brings its own query."""
        return quote(self.path, safe="/")

    @property
    def hidden(self) -> dict[str, str]:
        """What such a form sends besides its own fields."""
        return self._kept_region | ({"range": self.chosen_range} if self.chosen_range else {})

    @property
    def _kept_region(self) -> dict[str, str]:
        return {} if self.region == self.default_region else {"region": self.region}

    @property
    def events(self) -> str:
        """The stream that says when to look again."""
        return self._with("/events", keep_range=False)


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
