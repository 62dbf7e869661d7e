"""The console's addresses: a page's whole state stands in its URL, and links carry it on."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that keep the reader's region and, between pages, the range they chose.

    Args:
        chosen_range: The range as the URL gave it; empty when it did not.
    """

    region: str
    default_region: str
    path: str
    chosen_range: str = ""

    def _with(self, path: str, *, keep_range: bool = True, **more: str) -> str:
        query = {} if self.region == self.default_region else {"region": self.region}
        if keep_range and self.chosen_range:
            query["range"] = self.chosen_range
        query |= more
        return f"{path}?{urlencode(query)}" if query else path

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

    def range(self, key: str) -> str:
        """This page over another range."""
        return self._with(quote(self.path, safe="/"), keep_range=False, range=key)

    @property
    def twin(self) -> str:
        """This page's data."""
        return self._with("/index.json" if self.path == "/" else f"{quote(self.path, safe='/')}.json")

    @property
    def events(self) -> str:
        """The stream that says when to look again."""
        return self._with("/events", keep_range=False)
