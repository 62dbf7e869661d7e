"""Saved queries through the wire: put, described, written over, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

Aws = Callable[[str], Any]
SLOWEST = "fields @timestamp, duration_ms | sort duration_ms desc | limit 20"
TOKEN = "0" * 36


def _saved(logs: Any, **search: Any) -> list[tuple[str, str]]:
    found = logs.describe_query_definitions(**search)["queryDefinitions"]
    return [(item["name"], item["queryString"]) for item in found]


def test_a_saved_query_comes_back(aws: Aws, clock: ManualClock) -> None:
    """With the groups it is meant for, and when it was saved."""
    logs = aws("logs")

    id = logs.put_query_definition(name="llm/slowest", queryString=SLOWEST, logGroupNames=["/app"])

    (found,) = logs.describe_query_definitions(queryDefinitionNamePrefix="llm/")["queryDefinitions"]
    assert found == {
        "queryLanguage": "CWLI",
        "queryDefinitionId": id["queryDefinitionId"],
        "name": "llm/slowest",
        "queryString": SLOWEST,
        "lastModified": clock.now_ms(),
        "logGroupNames": ["/app"],
    }
    assert _saved(logs, queryDefinitionNamePrefix="other") == []


def test_an_id_writes_over_and_a_token_makes_none_twice(aws: Aws) -> None:
    """Without either, a second query of the same name."""
    logs = aws("logs")
    id = logs.put_query_definition(name="a", queryString="one", clientToken=TOKEN)["queryDefinitionId"]

    again = logs.put_query_definition(name="a", queryString="one", clientToken=TOKEN)["queryDefinitionId"]
    logs.put_query_definition(name="b", queryString="two", queryDefinitionId=id)
    logs.put_query_definition(name="b", queryString="three")

    assert again == id
    assert sorted(_saved(logs)) == [("b", "three"), ("b", "two")]


def test_saved_queries_are_paged_by_name(aws: Aws) -> None:
    """Each once."""
    logs = aws("logs")
    for name in ("c", "a", "b"):
        logs.put_query_definition(name=name, queryString="q")

    first = logs.describe_query_definitions(maxResults=2)
    second = logs.describe_query_definitions(maxResults=2, nextToken=first["nextToken"])

    names = [item["name"] for page in (first, second) for item in page["queryDefinitions"]]
    assert (names, "nextToken" in second) == (["a", "b", "c"], False)


def test_an_id_nobody_has_is_refused(aws: Aws) -> None:
    """To write over, and to delete."""
    logs = aws("logs")
    id = logs.put_query_definition(name="a", queryString="q")["queryDefinitionId"]
    assert logs.delete_query_definition(queryDefinitionId=id)["success"] is True

    for call in (
        lambda: logs.delete_query_definition(queryDefinitionId=id),
        lambda: logs.put_query_definition(name="a", queryString="q", queryDefinitionId=id),
    ):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            call()


def test_other_languages_are_refused_by_name(aws: Aws) -> None:
    """They are not read here."""
    with pytest.raises(ClientError, match="does not support the query language SQL yet"):
        aws("logs").put_query_definition(name="a", queryString="SELECT 1", queryLanguage="SQL")


def test_saved_queries_outlive_a_restart(start: Callable[[], Cloud]) -> None:
    """Under the id they had."""
    id = client(start(), "logs").put_query_definition(name="a", queryString="q")["queryDefinitionId"]

    after = start()

    (found,) = client(after, "logs").describe_query_definitions()["queryDefinitions"]
    assert found["queryDefinitionId"] == id
