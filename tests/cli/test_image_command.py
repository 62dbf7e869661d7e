"""`inferwatch image`: the dashboard or a widget of it as a file, from a running engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from inferwatch.cli.image import image
from inferwatch.local.server import LocalServer
from inferwatch.model.errors import UsageError

pytestmark = pytest.mark.slow

BODY = {
    "variables": [
        {"type": "pattern", "pattern": "WHICH", "inputType": "input", "id": "which", "defaultValue": "Calls"}
    ],
    "widgets": [
        {
            "type": "metric", "x": 0, "y": 0, "width": 12, "height": 6,
            "properties": {"region": "us-east-1", "title": "Calls a minute", "stat": "Sum", "period": 60,
                           "metrics": [["LLM", "WHICH"]]},
        },
        {"type": "text", "x": 12, "y": 0, "width": 12, "height": 6, "properties": {"markdown": "# Hello <b>"}},
        {
            "type": "metric", "x": 0, "y": 6, "width": 6, "height": 4,
            "properties": {"region": "us-east-1", "title": "now", "view": "singleValue", "sparkline": True,
                           "metrics": [["LLM", "Calls"]]},
        },
        {
            "type": "log", "x": 6, "y": 6, "width": 6, "height": 4,
            "properties": {"title": "slow", "query": "SOURCE 'g' | fields @message"},
        },
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def server(connect: Callable[..., Any]) -> Iterator[LocalServer]:
    with LocalServer(port=0) as running:
        cloudwatch = connect(running.endpoint_url, "cloudwatch")
        cloudwatch.put_metric_data(
            Namespace="LLM",
            MetricData=[{"MetricName": "Calls", "Value": 3, "Unit": "Count", "Timestamp": datetime.now(UTC)}],
        )
        cloudwatch.put_dashboard(DashboardName="llm", DashboardBody=json.dumps(BODY))
        refused = {"region": "us-east-1", "title": "odd", "metrics": [[{"expression": "NO(m)", "id": "e1"}]]}
        body = {"widgets": [{"type": "metric", "properties": refused}]}
        cloudwatch.put_dashboard(DashboardName="odd", DashboardBody=json.dumps(body))
        yield running


@pytest.fixture
def cloudwatch(server: LocalServer, connect: Callable[..., Any]) -> Any:
    return connect(server.endpoint_url, "cloudwatch")


@pytest.fixture
def run(server: LocalServer) -> Any:
    """`run("llm", ...)` is the command in this process."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(image)

    def invoke(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--endpoint-url", server.endpoint_url])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_a_dashboard_is_as_wide_as_asked_and_as_high_as_its_rows(
    run: Any, tmp_path: Path, png_size: Any
) -> None:
    """Ten rows of 56 pixels, a head of 56 and a margin of 20."""
    path = tmp_path / "x.png"

    result = run("llm", "-o", str(path), "--width", "900")

    assert result.exit_code == 0
    assert png_size(path.read_bytes()) == (900, 636)
    assert "x.png: " in result.stderr


@pytest.mark.parametrize("widget", ["Calls a minute", "1"])
def test_a_widget_is_found_by_its_title_or_number(
    run: Any, tmp_path: Path, widget: str, png_size: Any
) -> None:
    path = tmp_path / "w.png"

    assert run(f"llm/{widget}", "-o", str(path)).exit_code == 0

    assert png_size(path.read_bytes()) == (614, 324)


def test_scale_makes_more_pixels_of_the_same_picture(run: Any, tmp_path: Path, png_size: Any) -> None:
    path = tmp_path / "w.png"

    run("llm/now", "-o", str(path), "--scale", "2")

    assert png_size(path.read_bytes()) == (602, 424)


def test_what_is_asked_for_changes_the_picture(run: Any, tmp_path: Path) -> None:
    pictures = []
    for more in ([], ["--dark"], ["--range", "3h"], ["--variable", "which=Unheard"]):
        path = tmp_path / "p.png"
        run("llm/1", "-o", str(path), *more)
        pictures.append(path.read_bytes())

    assert len(set(pictures)) == 4


def test_a_widget_that_could_not_be_read_is_drawn_and_exits_with_one(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.png"

    result = run("odd", "-o", str(path), "--json")

    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["file"] == str(path)
    assert told["bytes"] == path.stat().st_size
    assert list(told["problems"]) == ["odd"]


def test_a_widget_that_is_not_drawn_exits_with_one_and_says_why(
    run: Any, cloudwatch: Any, tmp_path: Path
) -> None:
    """One that cannot be read, and one of a kind that is not drawn; the rest of the picture is there."""
    widgets = [
        {"type": "text", "properties": {"markdown": "hello"}},
        {"type": "metric", "properties": {"region": "us-east-1", "title": "dots", "metrics": [["...", "m"]]}},
        {"type": "custom", "properties": {"endpoint": "arn:aws:lambda:us-east-1:000000000000:function:f"}},
    ]
    cloudwatch.put_dashboard(DashboardName="dots", DashboardBody=json.dumps({"widgets": widgets}))
    path = tmp_path / "dots.png"

    result = run("dots", "-o", str(path))

    assert result.exit_code == 1
    assert path.exists()
    unread, untitled, _ = result.stderr.splitlines()
    assert unread.startswith("dots: This widget cannot be read: ")
    assert untitled == "a widget without a title: Widgets of type “custom” are not drawn here yet."
    assert run("dots/1", "-o", str(path)).exit_code == 0


def test_widgets_without_a_title_are_all_told_of(run: Any, cloudwatch: Any, tmp_path: Path) -> None:
    widgets = [
        {"type": "metric", "properties": {"region": "us-east-1", "metrics": [[{"expression": f"{no}(m)"}]]}}
        for no in ("NO", "NOR")
    ]
    body = json.dumps({"widgets": widgets})
    cloudwatch.put_dashboard(DashboardName="untitled", DashboardBody=body)

    told = json.loads(run("untitled", "-o", str(tmp_path / "u.png"), "--json").stdout)

    assert list(told["problems"]) == ["a widget without a title"]
    assert len(told["problems"]["a widget without a title"]) == 2


def test_alarms_that_cannot_be_read_are_said_and_the_rest_is_drawn(
    run: Any, cloudwatch: Any, tmp_path: Path
) -> None:
    alarm = {"type": "alarm", "properties": {"alarms": ["arn:aws:cloudwatch:nowhere-1:000000000000:alarm:a"]}}
    cloudwatch.put_dashboard(DashboardName="far", DashboardBody=json.dumps({"widgets": [alarm]}))
    path = tmp_path / "far.png"

    result = run("far", "-o", str(path), "--json")

    assert result.exit_code == 1
    (said,) = json.loads(result.stdout)["problems"]["far"]
    assert said.startswith("The alarms of nowhere-1 cannot be read: ")
    assert path.exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["gone"], "refused: Dashboard gone does not exist"),
        (
            ["llm/nothing"],
            'the dashboard llm has no widget "nothing": there are 1 Calls a minute, 2 .no title., 3 now, 4 slow',
        ),
        (["llm/5"], 'has no widget "5"'),
        (["llm", "--range", "soon"], "expected a time from 5m to 63d"),
        (["llm", "-o", "/nowhere/at/all.png"], "cannot write /nowhere/at/all.png"),
        (["llm", "--variable", "which"], "expected KEY=VALUE"),
    ],
)
def test_what_cannot_be_drawn_says_why(run: Any, arguments: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        run(*arguments)


def test_a_proxy_for_the_internet_does_not_see_what_an_engine_here_is_asked(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert run("llm/1", "-o", str(tmp_path / "w.png")).exit_code == 0


def test_an_engine_that_is_not_there_is_named(tmp_path: Path) -> None:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(image)

    result = CliRunner().invoke(app, ["llm", "--endpoint-url", "http://127.0.0.1:9"])

    assert isinstance(result.exception, UsageError)
    assert "http://127.0.0.1:9 refused" in str(result.exception)


def test_the_region_is_that_of_the_environment(
    inferwatch: Any, asked: list[tuple[str | None, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`inferwatch env` exports it beside the endpoint; `alarms` and `explain` go by both."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    with pytest.raises(UsageError, match="Dashboard gone does not exist"):
        inferwatch("image", "gone")

    assert asked == [("http://localhost:1", "eu-west-1")]


def test_an_endpoint_that_is_none_is_said() -> None:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(image)

    result = CliRunner().invoke(app, ["llm", "--endpoint-url", "nonsense"])

    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == "nonsense cannot be asked: Invalid endpoint: nonsense"


def test_the_command_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    from inferwatch.cli.app import run as run_command

    assert run_command(["image", "--help"]) == 0
    assert "DASHBOARD[/WIDGET]" in capsys.readouterr().out


def test_a_server_paints_elsewhere_and_answers_meanwhile(
    server: LocalServer, connect: Callable[..., Any]
) -> None:
    """The picture is made in a process of its own, over a real socket."""
    cloudwatch = connect(server.endpoint_url, "cloudwatch")

    picture = cloudwatch.get_metric_widget_image(MetricWidget='{"metrics": [["LLM", "Calls"]]}')

    assert picture["MetricWidgetImage"][:4] == b"\x89PNG"
