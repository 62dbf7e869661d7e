"""`inferwatch match`: which lines match, what is extracted, and where a pattern is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from inferwatch.cli.match import match
from inferwatch.engine.clock import ManualClock
from inferwatch.local.server import LocalServer
from inferwatch.model.errors import UsageError

LINES = "ERROR 404 /a\n\nINFO 200 /b c\r\nERROR 500 /d\n"


@pytest.fixture
def run() -> Any:
    """`run("PATTERN", ...)` is the command in this process."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(match)

    def invoke(*arguments: str, text: str | bytes = "") -> Any:
        result = CliRunner().invoke(app, list(arguments), input=text)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "app.log"
    path.write_bytes(LINES.encode())
    return str(path)


def test_json_is_one_object_with_line_numbers(run: Any, log: str) -> None:
    """Lines count from 1 as an editor does; the empty one is no event."""
    result = run("[level = ERROR, status > 499, path]", log, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "count": 1,
        "total": 3,
        "matches": [{"line": 4, "extracted": {"$level": "ERROR", "$status": "500", "$path": "/d"}}],
    }


def test_no_match_is_no_failure(run: Any, log: str) -> None:
    """Exit 0 and an empty list."""
    result = run("WARN", log, "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, {"count": 0, "total": 3, "matches": []})


def test_text_shows_the_lines_and_what_is_extracted(run: Any, log: str) -> None:
    """The line as it stands, its fields below, the count last."""
    result = run("[level, status = 200, path]", log)

    assert result.stdout == (
        "3: INFO 200 /b c\n    $level   INFO\n    $status  200\n    $path    /b c\n1 of 3 lines match\n"
    )


def test_lines_come_from_standard_input(run: Any) -> None:
    """Without a FILE; bytes that are no UTF-8 do no harm."""
    result = run("x", text=b"\xff x\nno\nx")

    assert result.stdout == "1: \ufffd x\n3: x\n2 of 3 lines match\n"


def test_a_pattern_may_begin_with_a_minus(run: Any, log: str) -> None:
    """Behind two dashes."""
    result = run("--json", "--", "-ERROR", log)

    assert json.loads(result.stdout)["matches"] == [{"line": 3, "extracted": {}}]


def test_a_wrong_pattern_is_one_json_object(run: Any, log: str) -> None:
    """Exit 2, and the column counted from 1."""
    result = run("{ $.a > }", log, "--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "error": {
            "column": 9,
            "message": "Invalid metric filter pattern: "
            'expected a value: a number, "text" or a word; found "}"',
        }
    }


def test_a_wrong_pattern_has_a_caret_under_its_column(run: Any, log: str) -> None:
    """On stderr; nothing on stdout."""
    result = run("ERROR a/b", log)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        'filter pattern, column 8: put it in double quotes: "…/…"\n'
        "  ERROR a/b\n"
        "         ^\n"
        "Invalid character(s) in term '/'\n"
    )


def test_a_file_that_is_not_there_is_one_sentence(run: Any, tmp_path: Path) -> None:
    """What is wrong, and where."""
    with pytest.raises(UsageError, match=r"cannot read .*nothing: No such file or directory"):
        run("x", str(tmp_path / "nothing"))


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A CloudWatch Logs that answers."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with LocalServer(port=0, clock=ManualClock(1_795_521_600_000), keeps_time=False) as server:
        yield server.endpoint_url


def test_a_service_is_asked_fifty_lines_at_a_time(run: Any, endpoint: str) -> None:
    """TestMetricFilter; numbers are those of the lines."""
    text = "".join(f"\n{number} x\n" for number in range(1, 121))

    result = run("[n = 1*, rest]", "--region", "us-east-1", "--endpoint-url", endpoint, "--json", text=text)

    answer = json.loads(result.stdout)
    assert (answer["count"], answer["total"]) == (32, 120)
    assert answer["matches"][-1] == {"line": 240, "extracted": {"$n": "120", "$rest": "x"}}
    assert answer == json.loads(run("[n = 1*, rest]", "--json", text=text).stdout)


def test_a_proxy_for_the_internet_does_not_see_what_an_engine_here_is_asked(
    run: Any, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert run("x", "--endpoint-url", endpoint, text="x\n").exit_code == 0


def test_a_service_refuses_a_pattern_without_lines_too(run: Any, endpoint: str) -> None:
    """The service's words, our column."""
    result = run("ERROR!", "--endpoint-url", endpoint, "--json")

    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert (error["column"], error["message"][:32]) == (6, "Invalid character(s) in term '!'")


def test_a_service_that_is_not_there_is_one_sentence(run: Any, endpoint: str, log: str) -> None:
    """No traceback of a client library."""
    with pytest.raises(UsageError, match="could not be asked"):
        run("x", log, "--endpoint-url", "http://127.0.0.1:1")


def test_a_long_pattern_is_shown_around_its_column(
    run: Any, log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much as the terminal is wide, so that the caret is not on a line of its own."""
    monkeypatch.setenv("COLUMNS", "40")

    result = run("word " * 30 + "a(b " + "word " * 30, log)

    _, line, mark, _ = result.stderr.splitlines()
    assert line == "  …d word word word a(b word word word …"
    assert mark == " " * 21 + "^"
