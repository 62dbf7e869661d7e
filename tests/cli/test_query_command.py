"""`inferwatch query`: questions to a running engine, as a person and as a program read the answers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from inferwatch.cli.app import app
from inferwatch.local.server import LocalServer
from inferwatch.model.errors import UsageError
from inferwatch.model.process import wall_ms

pytestmark = pytest.mark.slow

GROUP = "/inferwatch/shop"
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def endpoint_url(connect: Callable[..., Any]) -> Iterator[str]:
    """An engine with one log group: six inferences of two models."""
    with LocalServer(port=0) as server:
        logs = connect(server.endpoint_url, "logs")
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
        events = [
            {"timestamp": wall_ms(), "message": json.dumps(record)}
            for record in (
                {
                    "v": 1,
                    "id": f"i{number}",
                    "model": "ab"[number % 2],
                    "duration_ms": 100.0 * number,
                    "status": "ok",
                }
                for number in range(6)
            )
        ]
        logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=events)
        yield server.endpoint_url


@pytest.fixture
def query(endpoint_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint_url)

    def run(*arguments: str, width: int = 100) -> Any:
        result = CliRunner().invoke(app, ["query", *arguments], env={"COLUMNS": str(width)})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_the_only_log_group_is_asked(query: Run) -> None:
    """As JSON: rows of texts, and what was looked at."""
    answer = json.loads(query("stats count(*) as n by model | sort model", "--json").stdout)

    assert answer["rows"] == [{"model": "a", "n": "3"}, {"model": "b", "n": "3"}]
    assert answer["statistics"].keys() == {"recordsMatched", "recordsScanned", "bytesScanned"}
    assert (answer["statistics"]["recordsMatched"], answer["statistics"]["recordsScanned"]) == (6, 6)


def test_a_person_reads_a_table(query: Run) -> None:
    """Columns in their order, and how much was looked at."""
    lines = query("fields model, duration_ms as ms | sort ms desc | limit 2").stdout.splitlines()

    assert [line.split() for line in lines[:3]] == [["model", "ms"], ["b", "500"], ["a", "400"]]
    assert lines[3].startswith("2 rows; 6 of 6 records matched, ")


def test_a_saved_query_is_asked_by_its_name(query: Run) -> None:
    """`@` alone lists them."""
    listed = query("@").stdout
    slowest = json.loads(query("@slowest", "--json").stdout)["rows"]

    assert "@slowest         Which inferences took longest?" in listed
    assert [row["inference"] for row in slowest] == ["i5", "i4", "i3", "i2", "i1", "i0"]


def test_comma_separated_values_are_read_back(query: Run) -> None:
    text = query("fields model, id | sort id | limit 2", "--csv").stdout

    assert list(csv.DictReader(io.StringIO(text))) == [{"model": "a", "id": "i0"}, {"model": "b", "id": "i1"}]


def test_a_chart_for_each_series(query: Run) -> None:
    """What is counted by bin(), for each group of the rest."""
    text = query("stats count(*) as n by bin(1m), model", "--chart").stdout

    assert "n  a" in text
    assert "n  b" in text
    assert "1 minute a column; 6 of 6 records matched" in text


def test_a_query_that_is_none_is_marked(query: Run) -> None:
    """The line and a caret for people, line and column for programs; 2 either way."""
    text = query("fields id\n| sot id")
    program = query("fields id\n| sot id", "--json")

    assert text.exit_code == program.exit_code == 2
    assert text.stderr.splitlines()[:3] == ["query, line 2, column 3:", "  | sot id", "    ^"]
    error = json.loads(program.stdout)["error"]
    assert (error["line"], error["column"]) == (2, 3)
    assert error["message"].startswith("mismatched input 'sot'")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["@nope"], "there is no saved query @nope: there are @slowest, "),
        (
            ["@cost-by-model", "--source", "bedrock"],
            "@cost-by-model asks for what bedrock records do not hold",
        ),
        (
            ["@slowest", "--source", "x"],
            "--source: 'x' is not known; expected inferwatch, bedrock, otel, emf",
        ),
        (
            ["fields id", "--since", "yesterday"],
            "--since: expected a time from 5m to 63d such as 15m, 3h or 1d",
        ),
        (["fields id", "--csv", "--json"], "--chart, --csv and --json: choose one"),
        (["fields id", "--chart"], "--chart: there is nothing to draw without a column of bin()"),
        (["fields id", "--log-group", "no"], "Log group 'no' does not exist"),
        (["fields id", "--endpoint-url", "http://127.0.0.1:9"], "nothing answers at http://127.0.0.1:9"),
    ],
)
def test_what_cannot_be_asked_is_said(query: Run, arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        query(*arguments)

    assert message in str(refused.value)


def test_several_log_groups_want_a_name(
    query: Run, endpoint_url: str, connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are listed; a name in the environment is one."""
    logs = connect(endpoint_url, "logs")
    logs.create_log_group(logGroupName="/other")
    try:
        with pytest.raises(UsageError, match=f"there are {GROUP}, /other"):
            query("fields id")
        assert query("fields id", "--log-group", GROUP).exit_code == 0
        monkeypatch.setenv("INFERWATCH_LOG_GROUP", GROUP)
        assert query("fields id").exit_code == 0
    finally:
        logs.delete_log_group(logGroupName="/other")
