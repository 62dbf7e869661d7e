"""The console as Chromium shows it: drawn, current, quiet, readable, and within its own strict policy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
DASHBOARD = "/dashboards/llm-inferences"
PAGES = ["/", DASHBOARD, "/alarms/slow-inferences", "/deliveries"]

# Text that a viewport or an element around it cuts off at its side; what scrolls by itself is not cut.
CUT_OFF = """() => {
  const cut = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest("noscript, svg, pre, .skip, .crumb")) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const boxes = [...range.getClientRects()];
    let [left, right] = [0, document.documentElement.clientWidth];
    for (let around = element; around; around = around.parentElement) {
      if (getComputedStyle(around).overflowX === "visible" || around === document.body) continue;
      const box = around.getBoundingClientRect();
      [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
    }
    if (boxes.some((box) => box.width > 0 && (box.left < left - 1 || box.right > right + 1)))
      cut.push(walk.currentNode.data.trim().slice(0, 40));
  }
  return cut;
}"""


def lines(page: Page, card: str = "w0") -> list[str]:
    """The drawn lines of a chart, as SVG paths."""
    return page.eval_on_selector_all(
        f"#{card}-chart .mark-line path", "paths => paths.map(path => path.getAttribute('d'))"
    )


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_drawn_without_an_error(
    serve: Any, open_page: Open, poor_contrast: str, path: str, scheme: str, width: int
) -> None:
    page = open_page(serve().url + path, width=width, color_scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(poor_contrast) == []
    charts = page.locator(".chart")
    assert page.locator(".chart svg").count() == charts.count()


LONG = "Latency_" + "0123456789" * 20


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/", "/dashboards/long", f"/alarms/{LONG}", "/deliveries"])
def test_long_words_are_folded_not_cut_off(
    serve: Any, open_page: Open, engine: Any, fake: Any, width: int, path: str
) -> None:
    """A badge, and every kind of text in a widget, stay whole inside the viewport."""
    engine.alarms[0] |= {"AlarmName": LONG, "AlarmArn": fake.arn(LONG)}
    engine.deliveries[0] |= {"subject": LONG, "last_error": LONG, "status": "failed"}
    markdown = "\n\n".join(
        [f"# {LONG}", f"### {LONG}", f"{LONG} **{LONG}** `{LONG}`", f"- [{LONG}](https://a.example)"]
    )
    latency = fake.BODY["widgets"][0]["properties"]
    engine.dashboards["long"] = json.dumps(
        {
            "widgets": [
                {"type": "text", "width": 8, "height": 12, "properties": {"markdown": markdown}},
                {"type": "metric", "x": 8, "width": 6, "height": 12, "properties": {**latency, "title": LONG}},
                {
                    "type": "alarm", "x": 14, "width": 6, "height": 12,
                    "properties": {"title": LONG, "alarms": [fake.arn(LONG)]},
                },
            ]
        }
    )  # fmt: skip

    page = open_page(serve().url + path, width=width)

    expect(page.locator("main")).to_contain_text(LONG)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_OFF) == []


def test_a_dashboard_draws_each_line_and_the_alarms_threshold(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + DASHBOARD)

    assert len(lines(page)) == 3
    axes = page.locator("#w0-chart .role-axis-label text")
    assert {"07:40", "08:35", "4,000"} <= set(axes.all_text_contents())
    expect(page.locator("#w0-chart")).to_contain_text("slow-inferences > 2,000")
    expect(page.locator("#w0-state")).to_contain_text("slow-inferences: In alarm")


def test_widgets_stand_on_awss_grid(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + DASHBOARD)

    boxes = {card: page.locator(f"#{card}").bounding_box() for card in ("w0", "w1", "w2", "w3", "w4")}
    assert boxes["w0"]["y"] == boxes["w1"]["y"]  # type: ignore[index]
    assert boxes["w1"]["x"] == boxes["w2"]["x"]  # type: ignore[index]
    assert abs(boxes["w3"]["width"] - boxes["w4"]["width"]) < 1  # type: ignore[index]
    assert boxes["w3"]["y"] > boxes["w0"]["y"] + boxes["w0"]["height"]  # type: ignore[index]


def test_time_passing_moves_the_chart_without_a_reload(serve: Any, open_page: Open, engine: Any) -> None:
    page = open_page(serve().url + DASHBOARD)
    page.evaluate("window.neverReloaded = document.querySelector('#w0-chart svg')")
    before = lines(page)

    engine.now_ms += 180_000

    expect(page.locator("#asof")).to_have_text("08:38:05 UTC")
    page.wait_for_selector("#w0-numbers:has-text('08:38')")
    assert lines(page) != before
    assert page.evaluate("window.neverReloaded === document.querySelector('#w0-chart svg')")


def test_a_changed_alarm_changes_the_overview_by_itself(serve: Any, open_page: Open, engine: Any) -> None:
    page = open_page(serve().url)
    page.evaluate("window.neverReloaded = true")

    engine.set_state("latency-p99", "ALARM")

    expect(page.locator("h1")).to_have_text("2 alarms are raised")
    expect(page).to_have_title("(2) inferwatch")
    assert page.evaluate("window.neverReloaded")


def test_a_changed_alarm_changes_its_chips_and_line_on_a_dashboard(
    serve: Any, open_page: Open, engine: Any
) -> None:
    page = open_page(serve().url + DASHBOARD)

    engine.set_state("slow-inferences", "OK")

    expect(page.locator("#w0-state")).to_contain_text("slow-inferences: OK")
    expect(page.locator("#w0-chart .mark-rule line[stroke='#c0262d']")).to_have_count(0)


def test_the_keyboard_keeps_its_place_when_a_part_changes(serve: Any, open_page: Open, engine: Any) -> None:
    page = open_page(serve().url)
    page.get_by_role("link", name="latency-p99").focus()

    engine.set_state("error-rate", "OK")

    page.wait_for_selector("#alarms .is-ok:has-text('error-rate')")
    assert page.evaluate("document.activeElement.closest('#alarms') !== null")


def test_the_pointer_reads_every_line_at_one_moment(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + DASHBOARD)
    box = page.locator("#w0-chart").bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5, steps=4)

    tooltip = page.locator("#vg-tooltip-element")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text("slowest")
    expect(tooltip).to_contain_text("2026-11-26 08:")


def test_a_new_theme_redraws_the_charts(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + DASHBOARD, color_scheme="light")
    expect(page.locator("#w0-chart .mark-line path").first).to_have_attribute("stroke", "#0b64b0")

    page.emulate_media(color_scheme="dark")

    expect(page.locator("#w0-chart .mark-line path").first).to_have_attribute("stroke", "#62aef0")


def test_a_changed_body_builds_the_page_anew(serve: Any, open_page: Open, engine: Any, fake: Any) -> None:
    page = open_page(serve().url + DASHBOARD)

    engine.dashboards["llm-inferences"] = json.dumps({"widgets": fake.BODY["widgets"][:1]})

    expect(page.locator(".widget")).to_have_count(1)


@pytest.mark.parametrize(("name", "path"), [("what?", "what%3F"), ("a#b", "a%23b")])
def test_an_alarm_with_a_strange_name_stays_open(
    serve: Any, open_page: Open, engine: Any, name: str, path: str
) -> None:
    engine.alarms[0]["AlarmName"] = name
    page = open_page(serve().url)

    page.get_by_role("link", name=name).click()

    page.wait_for_url(lambda url: url.endswith(f"/alarms/{path}"))
    page.wait_for_selector("html[data-looks]:not([data-looks='1'])")
    expect(page.locator("h1")).to_contain_text(name)


def test_a_page_whose_twin_is_missing_is_loaded_again_only_once(serve: Any, open_page: Open) -> None:
    """A page that is there while its data is not must not reload for ever."""
    url = f"{serve().url}/alarms/slow-inferences"
    page = open_page("about:blank", looks=False)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    missing = 0

    def refuse(route: Any) -> None:
        nonlocal missing
        missing += 1
        route.fulfill(status=404, json={})

    page.route("**/alarms/*.json*", refuse)
    page.goto(url)
    with page.expect_response(lambda answer: ".json" in answer.url and missing >= 5):
        pass

    assert loads == [url, url]
    # The browser itself notes each 404.
    open_page.allowed.append("Failed to load resource")  # type: ignore[attr-defined]


def test_an_alarm_that_is_deleted_says_what_there_is(serve: Any, open_page: Open, engine: Any) -> None:
    page = open_page(f"{serve().url}/alarms/slow-inferences")

    del engine.alarms[0]

    expect(page.locator("h1")).to_have_text("There is no alarm “slow-inferences”.")
    open_page.allowed.append("Failed to load resource")  # type: ignore[attr-defined]


def test_the_page_reads_without_javascript(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url + DASHBOARD, java_script_enabled=False, looks=False)

    expect(page.locator("#w0-numbers")).to_contain_text("817.7")
    expect(page.locator("#w0-state")).to_contain_text("slow-inferences: In alarm")


def test_the_first_delivery_takes_the_lessons_place(serve: Any, open_page: Open, engine: Any) -> None:
    """With what narrows the list, which an empty one has not."""
    first, engine.deliveries = engine.deliveries, []
    page = open_page(f"{serve().url}/deliveries")
    expect(page.locator(".empty")).to_contain_text("aws sns subscribe")

    engine.deliveries = first

    expect(page.locator("#statuses")).to_contain_text("delivered 1")
    assert page.locator(".empty").count() == 0


def test_a_message_that_is_open_stays_open_when_another_comes(
    serve: Any, open_page: Open, engine: Any
) -> None:
    """It is known by its id, not by its place in the list."""
    page = open_page(f"{serve().url}/deliveries")
    page.locator("summary").click()

    engine.deliveries.append(
        engine.deliveries[0] | {"message_id": "newer", "subject": "newer", "created_ms": engine.now_ms}
    )

    expect(page.locator(".deliveries li").first).to_contain_text("newer")
    expect(page.locator("details").nth(1)).to_have_attribute("open", "")
    assert page.locator("details[open]").count() == 1


def test_the_server_stops_at_once_with_a_page_open_and_the_page_finds_the_next(
    serve: Any, open_page: Open, engine: Any
) -> None:
    first = serve()
    page = open_page(first.url)

    stopped = first.stop(timeout_s=3)

    assert stopped
    expect(page.locator("#pulse")).to_have_class("pulse is-lost")
    engine.set_state("latency-p99", "ALARM")
    serve(first.port)
    expect(page.locator("#pulse")).to_have_class("pulse is-live")
    expect(page.locator("h1")).to_have_text("2 alarms are raised")
    # The browser itself notes that nobody answered for a while; that much is right.
    open_page.allowed.append("Failed to load resource")  # type: ignore[attr-defined]


def test_everything_can_be_reached_by_keyboard(serve: Any, open_page: Open) -> None:
    page = open_page(serve().url)
    reached = []

    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))

    assert reached[0] == "Skip to content"
    assert {"slow-inferences", "error-rate", "latency-p99"} <= set(reached)
    assert any(one.startswith("llm-inferences") for one in reached)


def test_hostile_names_stay_text_in_the_chart_and_its_tooltip(
    serve: Any, open_page: Open, engine: Any
) -> None:
    hostile = "<img src=x onerror=alert(1)>'); alert(2); ('"
    properties = {
        "title": hostile,
        "metrics": [["LLM/Inference", "InferenceLatency", {"label": hostile, "stat": "Maximum"}]],
        "annotations": {"horizontal": [{"value": 500, "label": hostile}]},
        "region": "us-east-1",
        "period": 60,
    }
    engine.dashboards["d"] = json.dumps(
        {"widgets": [{"type": "metric", "width": 24, "properties": properties}]}
    )

    page = open_page(serve().url + "/dashboards/d")
    box = page.locator("#w0-chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5, steps=4)

    expect(page.locator("#vg-tooltip-element")).to_contain_text("alert(2)")
    assert page.locator("img").count() == 0
