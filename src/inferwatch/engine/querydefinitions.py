"""Saved queries of Logs Insights: kept and given back.

Source: CloudWatch Logs API reference, "PutQueryDefinition" and its kin.
Differs: the log groups a saved query names need not exist, and its text is not read: AWS's pages do not say
whether either is checked. Two saved queries may have one name. The texts of refusals are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from inferwatch.model.errors import AwsError

QUERY_DEFINITIONS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class QueryDefinition:
    """A name (`/` makes folders of it), a text, and the log groups it is meant for."""

    id: str
    name: str
    query: str
    log_groups: tuple[str, ...]
    modified_ms: int


class QueryDefinitions:
    """The saved queries of one account and region.

    Args:
        new_id: Makes their ids.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._definitions: dict[str, QueryDefinition] = {}
        self._ids_by_token: dict[str, str] = {}

    def put(
        self, name: str, query: str, log_groups: tuple[str, ...], now_ms: int, *, id: str | None, token: str
    ) -> str:
        """Save a query, or write over the one with this id; returns its id.

        Args:
            token: Of a call that may be made twice: the second one makes no second query.

        Raises:
            AwsError: ResourceNotFoundException for an id nobody has, LimitExceededException.
        """
        if id is None:
            id = self._ids_by_token.get(token)
        elif id not in self._definitions:
            raise _unknown(id)
        if id is None:
            if len(self._definitions) >= QUERY_DEFINITIONS_MAX:
                raise AwsError("LimitExceededException", "Resource limit exceeded.")
            id = self._new_id()
            if token:
                self._ids_by_token[token] = id
        self._definitions[id] = QueryDefinition(id, name, query, log_groups, now_ms)
        return id

    def starting_with(self, prefix: str) -> list[QueryDefinition]:
        """Those whose name begins so, by name."""
        found = [item for item in self._definitions.values() if item.name.startswith(prefix)]
        return sorted(found, key=lambda item: (item.name, item.id))

    def delete(self, id: str) -> None:
        """Raises AwsError: ResourceNotFoundException."""
        if self._definitions.pop(id, None) is None:
            raise _unknown(id)
        self._ids_by_token = {token: known for token, known in self._ids_by_token.items() if known != id}


def _unknown(id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The specified query definition {id} does not exist.")
