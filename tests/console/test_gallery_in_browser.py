"""Every kind of widget, drawn from the example's body by a real engine, as Chromium shows it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client
from inferwatch.wire.api import InProcessApi

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
GALLERY = "/dashboards/gallery"
NOON_MS = 1_795_521_600_000  # 2026-11-24T12:00:00Z


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """`examples/gallery/publish.py`, which is no package."""
    file = Path(__file__).parents[2] / "examples" / "gallery" / "publish.py"
    spec = importlib.util.spec_from_file_location("gallery_example", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def cloud(clock: ManualClock) -> Iterator[Cloud]:
    """Of the account that the body's ARNs name."""
    made = Cloud(clock)
    yield made
    made.close()


@pytest.fixture
def engine(cloud: Cloud, clock: ManualClock, example: ModuleType) -> Any:
    """The engine with the gallery in it, a minute later: its alarms have been evaluated."""
    example.publish(client(cloud, "cloudwatch"), datetime.fromtimestamp(NOON_MS / 1_000, UTC))
    for later_s in (1, 61):
        clock.move_to(NOON_MS + later_s * 1_000)
        cloud.run_due()
    return InProcessApi(cloud)


def widget(page: Page, title: str) -> Any:
    return page.locator(".widget", has=page.get_by_role("heading", name=title, exact=True))


def test_the_body_is_taken_without_a_warning(cloud: Cloud, example: ModuleType) -> None:
    answer = client(cloud, "cloudwatch").put_dashboard(DashboardName="g", DashboardBody=example.body())

    assert answer["DashboardValidationMessages"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_over_and_every_word_is_readable(
    serve: Any, open_page: Open, poor_contrast: str, scheme: str, width: int
) -> None:
    page = open_page(serve().url + GALLERY, width=width, color_scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(poor_contrast) == []
    assert page.locator(".chart svg").count() == page.locator(".chart").count()
    wide = "elements => elements.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.id)"
    assert page.eval_on_selector_all(".widget", wide) == []


def test_each_view_is_drawn_in_its_own_way(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + GALLERY)

    drawn = {
        "Latency: lines, levels, a deploy": (".mark-line path", 3),
        "Tokens, stacked, and cost on the right": (".mark-area path", 3),
        "Inferences now": (".mark-line path", 1),
        "Who writes the tokens": (".mark-arc path", 3),
        "Latency side by side": (".mark-rect path[aria-roledescription=bar]", 3),
    }
    found = {title: widget(page, title).locator(marks).count() for title, (marks, _) in drawn.items()}
    assert found == {title: count for title, (_, count) in drawn.items()}
    expect(widget(page, "Error budget used").locator(".chart svg")).to_contain_text("74%")
    expect(widget(page, "In this hour").locator("dd")).to_have_count(3)
    expect(widget(page, "As a table").locator("tbody tr")).to_have_count(3)
    expect(widget(page, "Alarms")).to_contain_text("no alarm “gallery-gone”")
    expect(widget(page, "An alarm alone").locator(".chart svg")).to_contain_text("gallery-errors > 6")


def test_annotations_stand_in_the_picture(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + GALLERY)
    picture = widget(page, "Latency: lines, levels, a deploy").locator(".chart svg")

    for words in ("objective", "usual", "deploy 41", "incident", "gallery-latency > 2,200"):
        expect(picture).to_contain_text(words)
    expect(widget(page, "Latency: lines, levels, a deploy")).to_contain_text("gallery-latency: In alarm")


def test_an_empty_widget_says_since_when_and_what_there_is_instead(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + GALLERY)

    expect(widget(page, "Nothing since")).to_contain_text("no data since 2026-11-24 10:20 UTC, 1 h ago")
    expect(widget(page, "Never published")).to_contain_text(
        "published with other dimensions only: Model=large; Model=medium; Model=small"
    )
    expect(widget(page, "Never published")).to_contain_text("nothing named Latencie was published")


def test_what_is_not_drawn_is_named_in_its_place(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + GALLERY)

    expect(widget(page, "Slowest calls")).to_contain_text("Logs Insights queries are not run here yet")
    expect(widget(page, "Slowest calls")).to_contain_text("| sort duration_ms desc")
    expect(widget(page, "An explorer")).to_contain_text("Widgets of type “explorer” are not drawn here yet.")
    expect(widget(page, "A custom widget")).to_contain_text("Widgets of type “custom”")
    expect(widget(page, "Refused by name")).to_contain_text("Function 'NO_SUCH_FUNCTION' not found")


def test_a_widgets_own_time_and_zone_are_kept(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + GALLERY + "?range=3h")
    own = widget(page, "Ten minutes, in Kathmandu")

    expect(own).to_contain_text("30 minutes ago to 10 minutes ago")
    axis = own.locator(".role-axis-label text").all_text_contents()
    assert {"17:20", "17:30"} & set(axis)


def test_choosing_a_variable_changes_its_widgets_and_the_address(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + GALLERY)
    chosen = widget(page, "Chosen above: latency of one model")
    expect(chosen).to_contain_text("p50 of medium")

    page.get_by_label("Model", exact=True).select_option("large")

    page.wait_for_url("**/dashboards/gallery?*var.model=large*")
    expect(chosen).to_contain_text("p50 of large")
    page.get_by_label("no", exact=True).check()
    page.wait_for_url("**var.stacked=false*")
    page.wait_for_selector("html[data-looks]")
    stacked = widget(page, "Tokens, stacked, and cost on the right")
    expect(stacked.locator(".mark-area path")).to_have_count(0)
    expect(chosen).to_contain_text("p50 of large")


def test_without_javascript_a_button_applies_variables(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + GALLERY, java_script_enabled=False, looks=False)

    page.get_by_label("Model", exact=True).select_option("small")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator("body")).to_contain_text("p99 of small")
    assert "var.model=small" in page.url


def test_new_data_moves_every_view_without_a_reload(
    serve: Any, open_page: Open, cloud: Cloud, example: ModuleType
) -> None:
    page = open_page(serve().url + GALLERY)
    page.evaluate("window.neverReloaded = true")
    now = datetime.fromtimestamp(NOON_MS / 1_000, UTC)

    client(cloud, "cloudwatch").put_metric_data(
        Namespace=example.NAMESPACE,
        MetricData=[{"MetricName": "BudgetUsed", "Unit": "Percent", "Value": 93, "Timestamp": now}],
    )

    expect(widget(page, "Error budget used").locator(".chart svg")).to_contain_text("93%")
    assert page.evaluate("window.neverReloaded")


def test_the_example_has_every_view_and_kind(example: ModuleType) -> None:
    """Whoever adds a kind adds it here."""
    widgets = json.loads(example.body())["widgets"]

    assert {one["type"] for one in widgets} == {"metric", "text", "alarm", "log", "explorer", "custom"}
    views = {one["properties"].get("view", "timeSeries") for one in widgets if one["type"] == "metric"}
    assert views == {"timeSeries", "singleValue", "gauge", "pie", "bar", "table"}
