"""Numbers, units, times and markdown as a reader meets them."""

import pytest

from inferwatch.console.markdown import render
from inferwatch.drawing import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.0, "0"), (1234.56, "1,235"), (1e6, "1,000,000"), (12.3456, "12.35"),
        (0.012344, "0.01234"), (-7.5, "-7.5"), (1e15, "1.000e+15"), (0.00001, "1.000e-05"),
        (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_a_number_has_four_significant_digits(value: float, text: str) -> None:
    assert wording.number(value) == text


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("Milliseconds", "5\N{NO-BREAK SPACE}ms"), ("Percent", "5%"), ("Count", "5"), (None, "5"),
        ("Count/Second", "5/s"), ("Bytes/Second", "5\N{NO-BREAK SPACE}B/s"),
        ("Odd", "5\N{NO-BREAK SPACE}Odd"),
    ],
)  # fmt: skip
def test_a_quantity_carries_its_unit(unit: str | None, text: str) -> None:
    assert wording.quantity(5.0, unit) == text


def test_no_value_is_a_dash_and_zero_is_a_value() -> None:
    assert (wording.quantity(None, "Count"), wording.quantity(0.0, "Count")) == ("\N{EN DASH}", "0")


@pytest.mark.parametrize(
    ("length_ms", "text"),
    [(0, "just now"), (-5, "just now"), (20_000, "20 s ago"), (240_000, "4 min ago"), (7_200_000, "2 h ago"),
     (90_000_000, "25 h ago"), (259_200_000, "3 d ago")],
)  # fmt: skip
def test_an_age_is_as_coarse_as_a_glance_needs(length_ms: int, text: str) -> None:
    assert wording.ago(1_000_000_000_000 - length_ms, 1_000_000_000_000) == text


@pytest.mark.parametrize(
    ("length_ms", "text"), [(60_000, "1 minute"), (300_000, "5 minutes"), (10_000, "10 seconds")]
)
def test_a_period_is_named(length_ms: int, text: str) -> None:
    assert wording.duration(length_ms) == text


def test_times_are_utc() -> None:
    assert wording.moment(1_795_682_105_000) == "2026-11-26 08:35:05 UTC"
    assert (wording.clock(1_795_682_100_000), wording.clock(1_795_682_105_000)) == ("08:35", "08:35:05")


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("# Title #", "<h3>Title</h3>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
        ("- a\n- **b**\nafter", "<ul><li>a</li><li><strong>b</strong></li></ul>\n<p>after</p>"),
        ("1. a\n2. `x < 1`", "<ol><li>a</li><li><code>x &lt; 1</code></li></ol>"),
        ("```\n<b>\n```\nz", "<pre><code>&lt;b&gt;</code></pre>\n<p>z</p>"),
        ("*soft* words", "<p><em>soft</em> words</p>"),
        ("[x](https://a.example/b)", '<p><a href="https://a.example/b" rel="noreferrer noopener">x</a></p>'),
    ],
)
def test_markdown_becomes_html(source: str, html: str) -> None:
    assert str(render(source)) == html


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "# <img src=x onerror=alert(1)>",
        "- <b onclick=alert(1)>",
        "```\n</code><script>\n```",
        "`</code><script>`",
        "**<script>**",
        '[<script>](https://x.example/"onmouseover="alert(1))',
        "[x](https://x.example/<script>)",
    ],
)
def test_no_markup_of_the_source_survives(source: str) -> None:
    html = str(render(source))

    assert "<script" not in html
    assert "<img" not in html
    assert "<b " not in html
    assert '"onmouseover' not in html


def test_only_web_links_become_links() -> None:
    html = str(render("[x](javascript:alert(1)) [y](data:text/html,z) [z](/local)"))

    assert "<a" not in html
