"""The pages, read as a browser without JavaScript reads them, and their JSON twins."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from inferwatch.console import create_console
from inferwatch.model.errors import AwsError

HOSTILE = '"><script>alert(1)</script>'


def test_the_overview_puts_what_is_wrong_first(client: TestClient) -> None:
    page = client.get("/").text

    assert '<h1 class="loud">slow-inferences is in alarm</h1>' in page
    assert page.index(">slow-inferences</a>") < page.index(">error-rate</a>") < page.index(">latency-p99</a>")
    assert "In alarm for <time" in page
    assert "[2706.6 (26/11/26 08:25:00)] was greater than the threshold (2000.0)" in page


def test_the_overview_lists_dashboards_and_notifications(client: TestClient) -> None:
    page = client.get("/").text

    assert '<a href="/dashboards/llm-inferences">' in page
    assert "ALARM: &#34;slow-inferences&#34; in US East (N. Virginia)" in page
    assert "http://127.0.0.1:9000/hook" in page


def test_an_empty_engine_teaches_the_two_commands(client: TestClient, engine: Any) -> None:
    engine.alarms, engine.dashboards, engine.deliveries = [], {}, []

    page = client.get("/").text

    assert "Nothing is deployed yet" in page
    assert "inferwatch up DIR" in page
    assert "eval &#34;$(inferwatch env DIR)&#34;" in page or 'eval "$(inferwatch env DIR)"' in page


def test_all_quiet_is_said_when_every_alarm_is_ok(client: TestClient, engine: Any) -> None:
    engine.alarms = [engine.alarms[1]]

    assert "<h1>All is quiet</h1>" in client.get("/").text


def test_many_alarms_of_one_widget_leave_room_for_its_figures(client: TestClient, engine: Any) -> None:
    """Those that ring are named; the others are counted by state."""
    quiet = engine.alarms[1]
    names = [f"quiet-{number}" for number in range(3)]
    engine.alarms += [{**quiet, "AlarmName": name, "AlarmArn": quiet["AlarmArn"] + name} for name in names]

    page = client.get("/dashboards/llm-inferences").text

    assert "slow-inferences: In alarm" in page
    assert 'title="latency-p99, quiet-0, quiet-1, quiet-2">' in page
    assert "4 alarms: OK" in page
    assert "quiet-0: OK" not in page


def test_a_single_value_with_two_alarms_counts_them(client: TestClient, engine: Any) -> None:
    """Two long names would leave no room for the figure; one of a state leads to its alarm."""
    body = json.loads(engine.dashboards["llm-inferences"])
    widget = next(
        one for one in body["widgets"] if one["properties"].get("title") and one["type"] == "metric"
    )
    widget["properties"]["view"] = "singleValue"
    engine.dashboards["llm-inferences"] = json.dumps({"widgets": [widget]})

    page = client.get("/dashboards/llm-inferences").text

    assert "1 alarm: In alarm" in page
    assert "1 alarm: OK" in page
    assert "slow-inferences: In alarm" not in page
    assert '<a class="chip-link" href="/alarms/slow-inferences" title="slow-inferences">' in page


def test_a_composite_alarms_rule_is_on_one_line_of_the_list(client: TestClient, engine: Any) -> None:
    """And whole where the pointer rests on it."""
    rule = " OR ".join(f'ALARM("child-{number}")' for number in range(40))
    engine.alarms = [engine.alarms[1] | {"AlarmName": "page", "AlarmRule": rule}]

    page = client.get("/").text

    assert '<p class="rule is-cut" title="' in page


@pytest.mark.parametrize("path", ["/", "/alarms/turned"])
def test_no_sign_turns_the_writing_of_a_page(client: TestClient, engine: Any, path: str) -> None:
    """Nor is it a control; it is seen as its escape."""
    told = {
        "AlarmName": "turned",
        "AlarmDescription": "to \u202ednopser\x1b[2J",
        "StateReason": "\u2067because",
    }
    engine.alarms = [engine.alarms[1] | told]

    page = client.get(path).text

    assert not {"\u202e", "\u2067", "\x1b"} & set(page)
    assert "\\u2067because" in page


def test_a_dashboard_reads_as_numbers_without_javascript(client: TestClient) -> None:
    page = client.get("/dashboards/llm-inferences").text

    assert "<td>817.7\N{NO-BREAK SPACE}ms</td>" in page
    assert "<dd>27</dd><dt>inferences a minute</dt>" in page
    assert "slow-inferences: In alarm" in page
    assert "Logs Insights queries are not run here yet" in page
    assert "<code>SOURCE &#39;g&#39;</code>" in page
    assert "no alarm “gone”" in page
    assert "<h3>When it is slow</h3>" in page


@pytest.mark.parametrize("view", ["timeSeries", "bar", "pie", "gauge"])
def test_a_view_is_a_chart_with_its_numbers(client: TestClient, engine: Any, view: str) -> None:
    put_widget(engine, view=view, metrics=[["LLM/Inference", "Inferences", {"label": "calls"}]])

    page = client.get("/dashboards/d").text

    assert f"view-{view} legend-bottom" in page
    assert 'id="w0-chart"' in page
    assert "calls" in page


def test_a_view_nobody_knows_is_drawn_as_lines_and_said(client: TestClient, engine: Any) -> None:
    """PutDashboard takes it with a warning."""
    put_widget(engine, view="spiral", metrics=[["LLM/Inference", "Inferences"]])

    page = client.get("/dashboards/d").text

    assert "There is no view “spiral”; this is timeSeries." in page
    assert 'id="w0-chart"' in page


def test_the_view_table_is_a_table(client: TestClient, engine: Any) -> None:
    put_widget(
        engine,
        view="table",
        stat="p50",
        metrics=[["LLM/Inference", "InferenceLatency", {"label": "p50"}]],
        table={"summaryColumns": ["MIN", "LATEST"]},
    )

    page = client.get("/dashboards/d").text

    assert '<th scope="col">Min</th><th scope="col">Latest</th><th scope="col">11-26 08:35</th>' in page
    assert '<th scope="row">p50</th>' in page
    assert 'id="w0-chart"' not in page


def test_an_empty_line_says_why(client: TestClient, engine: Any) -> None:
    put_widget(engine, metrics=[["LLM/Inference", "Unheard", {"label": "unheard"}]])

    page = client.get("/dashboards/d").text

    assert "nothing named Unheard was published to LLM/Inference in the last two weeks" in page


def test_a_widget_with_a_time_of_its_own_keeps_it(client: TestClient, engine: Any) -> None:
    put_widget(
        engine,
        metrics=[["LLM/Inference", "Inferences"]],
        start="2026-11-26T06:00:00Z",
        end="2026-11-26T07:00:00Z",
    )

    live = client.get("/dashboards/d.json?live=light&range=3h").json()

    window = {one["name"]: one["value"] for one in live["charts"]["w0"]["params"]}
    assert window == {"from_ms": 1_795_672_800_000, "to_ms": 1_795_676_400_000}
    assert "2026-11-26 06:00:00 UTC to 2026-11-26 07:00:00 UTC" in client.get("/dashboards/d").text


def put_widget(engine: Any, **properties: Any) -> None:
    """Make `d` a dashboard of one metric widget."""
    body = {"widgets": [{"type": "metric", "properties": properties}]}
    engine.dashboards["d"] = json.dumps(body)


VARIABLES = [
    {
        "type": "pattern",
        "pattern": "WHICH",
        "inputType": "select",
        "id": "which",
        "label": "Which",
        "defaultValue": "Inferences",
        "values": [{"value": "Inferences"}, {"value": "Errors", "label": "errors <b>"}],
    }
]


def put_variables(engine: Any) -> None:
    widget = {"type": "metric", "properties": {"metrics": [["LLM/Inference", "WHICH", {"label": "WHICH"}]]}}
    engine.dashboards["d"] = json.dumps({"variables": VARIABLES, "widgets": [widget]})


def test_a_variable_is_a_form_that_works_without_javascript(client: TestClient, engine: Any) -> None:
    put_variables(engine)

    page = client.get("/dashboards/d?range=3h&region=eu-west-1").text

    assert '<form class="variables" method="get" action="/dashboards/d">' in page
    assert '<input type="hidden" name="region" value="eu-west-1">' in page
    assert '<input type="hidden" name="range" value="3h">' in page
    assert '<option value="Inferences" selected>Inferences</option>' in page
    assert '<option value="Errors">errors &lt;b&gt;</option>' in page
    assert "Inferences <span" in page


def test_a_chosen_value_stands_in_the_url_and_in_every_link_to_this_page(
    client: TestClient, engine: Any
) -> None:
    put_variables(engine)

    page = client.get("/dashboards/d?var.which=Errors").text
    twin = client.get("/dashboards/d.json?var.which=Errors").json()

    assert '<option value="Errors" selected>' in page
    assert 'data-twin="/dashboards/d.json?var.which=Errors"' in page
    assert 'href="/dashboards/d?var.which=Errors&amp;range=3h"' in page
    assert twin["variables"] == {"which": "Errors"}
    assert [one["label"] for one in twin["widgets"][0]["series"]] == ["Errors"]


def test_a_value_that_is_no_option_is_shown_as_it_is(client: TestClient, engine: Any) -> None:
    put_variables(engine)

    page = client.get("/dashboards/d", params={"var.which": HOSTILE}).text

    assert "<script>alert" not in page
    assert '&gt;&lt;script&gt;alert(1)&lt;/script&gt;" selected>' in page or "selected>&#34;&gt;" in page


def test_one_refused_widget_does_not_spoil_the_page(client: TestClient, engine: Any) -> None:
    engine.refusals["GetMetricData"] = AwsError("ValidationError", "Error in expression 'e1': no")

    answer = client.get("/dashboards/llm-inferences")

    assert answer.status_code == 200
    assert "Error in expression &#39;e1&#39;: no" in answer.text


def test_a_widget_that_names_only_an_alarm_draws_what_it_watches(
    client: TestClient, engine: Any, fake: Any
) -> None:
    properties = {"annotations": {"alarms": [fake.arn("slow-inferences")]}, "region": "us-east-1"}
    engine.dashboards["d"] = json.dumps({"widgets": [{"type": "metric", "properties": properties}]})

    live = client.get("/dashboards/d.json?live=light").json()

    assert len(live["charts"]["w0"]["datasets"]["series"]) > 40
    assert "slow-inferences &gt; 2,000" not in json.dumps(live["charts"])
    assert "slow-inferences > 2,000" in json.dumps(live["charts"])


def test_places_are_a_style_sheet(client: TestClient) -> None:
    answer = client.get("/dashboards/llm-inferences.css")

    assert answer.headers["content-type"].startswith("text/css")
    assert "#w1{grid-area:1/17/span 3/span 8}" in answer.text


def test_an_alarm_page_tells_state_reason_rule_and_history(client: TestClient) -> None:
    page = client.get("/alarms/slow-inferences").text

    assert "since 2026-11-26 08:26:15 UTC, for 8 min" in page
    assert "Maximum of InferenceLatency &gt; 2,000, 1 of 1 datapoints within 1 minute" in page
    assert "1 evaluated datapoint" in page
    assert "arn:aws:sns:us-east-1:000000000000:inference-alarms" in page
    assert "Alarm updated from OK to ALARM" in page


@pytest.mark.parametrize("name", ["error-rate", "latency-p99"])
def test_every_kind_of_alarm_has_a_page(client: TestClient, name: str) -> None:
    assert client.get(f"/alarms/{name}").status_code == 200


def test_a_composite_alarm_has_a_page_without_a_chart(client: TestClient, engine: Any) -> None:
    composite = {"AlarmName": "both", "AlarmRule": 'ALARM("slow-inferences")', "StateValue": "OK"}
    engine._DescribeAlarms = lambda params: {"CompositeAlarms": [composite]}

    page = client.get("/alarms/both").text

    assert "ALARM(&#34;slow-inferences&#34;)" in page
    assert "w0-chart" not in page
    assert "Missing data" not in page


def test_an_alarm_name_may_hold_slashes_and_spaces(client: TestClient, engine: Any) -> None:
    engine.alarms[0]["AlarmName"] = "chat/latency p99?"

    page = client.get("/").text

    assert '<a href="/alarms/chat%2Flatency%20p99%3F">' in page
    assert client.get("/alarms/chat%2Flatency%20p99%3F").status_code == 200
    assert client.get("/alarms/chat%2Flatency%20p99%3F.json").json()["name"] == "chat/latency p99?"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("what?", "/alarms/what%3F"),
        ("a#b", "/alarms/a%23b"),
        ("50%", "/alarms/50%25"),
        ("a/b c", "/alarms/a/b%20c"),
        ("é", "/alarms/%C3%A9"),
    ],
)
def test_an_alarms_page_knows_its_own_address_whatever_its_name(
    client: TestClient, engine: Any, name: str, path: str
) -> None:
    """Escaped once: its twin, and itself over another range."""
    engine.alarms[0]["AlarmName"] = name

    page = client.get(path).text

    assert f'data-twin="{path}.json"' in page
    assert f'href="{path}?range=3h"' in page
    assert client.get(f"{path}.json").json()["name"] == name


def test_an_alarms_name_may_end_like_a_twin(client: TestClient, engine: Any) -> None:
    engine.alarms[0]["AlarmName"], engine.alarms[1]["AlarmName"] = "x.json", "x"

    page, twin = client.get("/alarms/x.json"), client.get("/alarms/x.json.json")

    assert page.headers["content-type"].startswith("text/html")
    assert 'data-twin="/alarms/x.json.json"' in page.text
    assert twin.json()["name"] == "x.json"
    # What keeps the other's page current still finds its own.
    assert client.get("/alarms/x.json?live=light").json()["title"] == "x · inferwatch"


@pytest.mark.parametrize(
    "path", ["/index.json", "/dashboards/llm-inferences.json", "/alarms/slow-inferences.json"]
)
def test_every_page_has_a_json_twin(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["now_ms"] == 1_795_682_105_000


def test_the_twin_carries_the_numbers_of_the_page(client: TestClient) -> None:
    data = client.get("/dashboards/llm-inferences.json?range=15m").json()

    slowest = data["widgets"][0]["series"][0]
    assert (slowest["label"], slowest["unit"], slowest["statistic"]) == ("slowest", "Milliseconds", "Maximum")
    assert slowest["points"][-1] == [1_795_682_100_000, 817.7]
    assert len(slowest["points"]) == 15


def test_the_range_is_kept_in_every_link(client: TestClient) -> None:
    page = client.get("/?range=3h").text

    assert 'href="/dashboards/llm-inferences?range=3h"' in page
    assert 'data-twin="/index.json?range=3h"' in page


def test_the_region_is_kept_and_asked(client: TestClient, engine: Any) -> None:
    page = client.get("/?region=eu-west-1").text

    assert 'href="/dashboards/llm-inferences?region=eu-west-1"' in page
    assert {region for region, *_ in engine.calls if region} == {"eu-west-1"}


def test_a_bodys_own_range_is_the_pages_first_choice(client: TestClient, engine: Any) -> None:
    engine.dashboards["d"] = '{"start":"-PT6H","widgets":[]}'

    assert client.get("/dashboards/d.json").json()["range"] == "6h"
    assert client.get("/dashboards/d.json?range=1h").json()["range"] == "1h"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/dashboards/nope", "There is no dashboard “nope”."),
        ("/dashboards/%00", "There is no dashboard"),
        ("/alarms/nope", "There is no alarm “nope”."),
        ("/nowhere", "There is no page /nowhere."),
    ],
)
def test_an_unknown_page_is_a_404_that_says_what_exists(client: TestClient, path: str, says: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert says in answer.text
    kind = path.split("/")[1]
    if kind in {"dashboards", "alarms"}:
        assert f'<a href="/{kind}/' in answer.text


def test_an_unknown_twin_says_what_exists_too(client: TestClient) -> None:
    answer = client.get("/dashboards/nope.json")

    assert answer.status_code == 404
    assert answer.json() == {"error": "there is no dashboard “nope”", "exists": ["llm-inferences"]}


@pytest.mark.parametrize("path", ["/?range=soon", "/?region=mars", "/index.json?live=blue"])
def test_a_wrong_address_is_a_400_with_what_was_expected(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 400
    assert "expected" in answer.text


def test_an_engine_that_refuses_is_a_502_with_its_words(client: TestClient, engine: Any) -> None:
    engine.refusals["DescribeAlarms"] = AwsError("UnsupportedOperation", "inferwatch does not support X yet")

    answer = client.get("/alarms/slow-inferences")

    assert answer.status_code == 502
    assert "inferwatch does not support X yet" in answer.text


@pytest.mark.parametrize(
    ("operation", "says", "lives"),
    [
        ("DescribeAlarms", "The alarms cannot be read: no such luck", "llm-inferences"),
        ("ListDashboards", "The dashboards cannot be read: no such luck", "slow-inferences is in alarm"),
    ],
)
def test_a_part_that_is_refused_says_so_and_the_overview_lives(
    client: TestClient, engine: Any, operation: str, says: str, lives: str
) -> None:
    engine.refusals[operation] = AwsError("UnsupportedOperation", "no such luck")

    page, twin = client.get("/"), client.get("/index.json")

    assert (page.status_code, twin.status_code) == (200, 200)
    assert says in page.text
    assert lives in page.text
    assert "quiet</h1>" not in page.text
    assert list(twin.json()["problems"].values()) == [says]


def test_notifications_that_cannot_be_read_leave_the_overview(client: TestClient, engine: Any) -> None:
    whole = engine.local

    async def local(path: str) -> Any:
        if "deliveries" in path:
            raise AwsError("InternalError", "the disk is full")
        return await whole(path)

    engine.local = local

    page = client.get("/").text

    assert "The notifications cannot be read: the disk is full" in page
    assert "slow-inferences is in alarm" in page


@pytest.mark.parametrize("path", ["/", "/dashboards/llm-inferences.json"])
def test_what_breaks_is_told_within_the_same_policy(engine: Any, tmp_path: Path, path: str) -> None:
    """Starlette answers what nobody caught outside of all middleware."""

    async def local(path: str) -> Any:
        raise RuntimeError("hush")

    engine.local = local
    console = create_console(engine, default_region="us-east-1", cache_dir=tmp_path)

    answer = TestClient(console, raise_server_exceptions=False).get(path)

    assert answer.status_code == 500
    assert "the console broke on this page: RuntimeError" in answer.text.replace("The console", "the console")
    assert "hush" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_a_chart_library_that_cannot_be_made_is_not_the_readers_fault(engine: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    console = create_console(engine, default_region="us-east-1", cache_dir=file)

    answer = TestClient(console).get(console.state.bundle.url)

    assert answer.status_code == 503
    assert "chart library cannot be made in" in answer.text


def test_a_widget_that_breaks_stays_alone(client: TestClient, engine: Any) -> None:
    """A fault of ours in one widget's data."""
    whole = engine._GetMetricData

    def answer(params: Any) -> Any:
        first = params["MetricDataQueries"][0]
        if first.get("Label") == "slowest":
            raise RuntimeError("hush")
        return whole(params)

    engine._GetMetricData = answer

    page = client.get("/dashboards/llm-inferences")

    assert page.status_code == 200
    assert "This widget cannot be shown: RuntimeError." in page.text
    assert "inferences a minute" in page.text


def test_history_that_cannot_be_read_leaves_the_page(client: TestClient, engine: Any) -> None:
    engine.refusals["DescribeAlarmHistory"] = AwsError("UnsupportedOperation", "no")

    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/dashboards/llm-inferences", "/alarms/slow-inferences.json", "/events"]
)
def test_head_answers_without_a_body(client: TestClient, path: str) -> None:
    answer = client.head(path)

    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize(
    "path", ["/", "/index.json", "/static/live.js", "/nowhere", "/dashboards/llm-inferences"]
)
def test_every_answer_forbids_what_a_page_does_not_need(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/dashboards/llm-inferences", "/alarms/slow-inferences", "/nowhere"])
def test_no_page_holds_inline_script_or_style(client: TestClient, path: str) -> None:
    page = client.get(path).text

    assert "<script>" not in page
    assert "<style" not in page
    assert "style=" not in page
    assert " onclick" not in page


def test_names_labels_and_reasons_are_text_and_never_markup(client: TestClient, engine: Any) -> None:
    for alarm in engine.alarms:
        alarm |= {"AlarmName": HOSTILE, "StateReason": HOSTILE, "AlarmDescription": HOSTILE}
    engine.deliveries[0] |= {
        "subject": HOSTILE,
        "endpoint": HOSTILE,
        "last_error": HOSTILE,
        "status": "failed",
    }
    engine.history[0] |= {"AlarmName": HOSTILE, "HistorySummary": HOSTILE}
    properties = {
        "title": HOSTILE,
        "metrics": [["LLM/Inference", "InferenceLatency", {"label": HOSTILE, "color": HOSTILE}]],
        "annotations": {"alarms": [f"arn:aws:cloudwatch:us-east-1:0:alarm:{HOSTILE}"]},
    }
    widgets = [
        {"type": "metric", "properties": properties},
        {"type": "text", "properties": {"markdown": HOSTILE}},
        {"type": HOSTILE, "properties": {"title": HOSTILE}},
    ]
    engine.dashboards["d"] = json.dumps({"widgets": widgets})

    pages = [
        client.get(path).text
        for path in ("/", "/dashboards/d", "/alarms/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    ]
    parts = client.get("/dashboards/d.json?live=dark").json()["parts"]

    assert all("alert(1)" in page and "<script>alert" not in page for page in pages)
    assert "<script>alert" not in "".join(parts.values())


def test_the_live_twin_holds_the_very_markup_of_the_page(client: TestClient) -> None:
    page = client.get("/dashboards/llm-inferences").text
    live = client.get("/dashboards/llm-inferences.json?live=light").json()

    assert live["parts"]["w0-numbers"].strip() in page
    assert set(live["charts"]) == {"w0", "w1", "w2", "w3", "w4"}


def test_the_chart_library_is_kept_for_good(client: TestClient) -> None:
    page = client.get("/dashboards/llm-inferences").text
    url = page.split('data-vega="')[1].split('"')[0]

    answer = client.get(url)

    assert answer.text == "window.vegaEmbed = null;"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_an_alarm_on_several_series_lists_those_in_alarm(client: TestClient, engine: Any) -> None:
    """Newest first, with the words for each; the JSON twin has them too."""
    query = 'SELECT MAX(InferenceLatency) FROM "LLM/Inference" GROUP BY Model ORDER BY MAX() DESC'
    engine.alarms[0]["Metrics"] = [{"Id": "q1", "Expression": query, "Period": 60, "ReturnData": True}]
    del engine.alarms[0]["MetricName"]
    engine._DescribeAlarmContributors = lambda params: {
        "AlarmContributors": [
            {
                "ContributorId": f"{number:016d}",
                "ContributorAttributes": {"Model": model},
                "StateReason": f"{model} <crossed>",
                "StateTransitionedTimestamp": 1_795_682_000_000 + number,
            }
            for number, model in enumerate(("small", "large"))
        ]
    }

    page = client.get("/alarms/slow-inferences").text
    data = client.get("/alarms/slow-inferences.json").json()

    assert "2 contributors in alarm" in page
    assert page.index("Model large") < page.index("Model small")
    assert "large &lt;crossed&gt;" in page
    assert [one["attributes"] for one in data["contributors"]] == [{"Model": "large"}, {"Model": "small"}]


def test_an_alarm_on_one_series_has_no_contributors(client: TestClient) -> None:
    """Not even a heading."""
    assert "contributors in alarm" not in client.get("/alarms/slow-inferences").text
