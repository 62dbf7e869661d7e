"""A console on a real socket over the fake engine, and Debian's Chromium to look at it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from inferwatch.console import create_console
from inferwatch.console.events import Events

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
_ARGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WAIT_S = 20

# Counts what the page's policy refused, from before any of its own scripts run.
_WATCH_POLICY = """
window.refused = [];
addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
"""


# The contrast of every visible text with what lies behind it; no element of ours is see-through.
POOR_CONTRAST = """() => {
  const channel = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = rgb(getComputedStyle(element).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility() || element.closest("noscript")) continue;
    const svg = element.closest("svg");
    if (svg && element.tagName !== "text") continue;
    const ink = svg ? getComputedStyle(element).fill : getComputedStyle(element).color;
    if (svg && getComputedStyle(element).stroke !== "none") continue;
    const [a, b] = [light(rgb(ink)), light(behind(svg ?? element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${walk.currentNode.data.trim().slice(0, 40)}`);
  }
  return poor;
}"""


class Served:
    """A console being served; `stop` waits until the server has gone."""

    def __init__(self, engine: Any, cache_dir: Path, port: int = 0) -> None:
        console = create_console(
            engine,
            default_region="us-east-1",
            cache_dir=cache_dir,
            events=Events(engine, look_s=0.1, tick_s=0.3),
        )
        started = threading.Event()

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                started.set()

            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                console.state.events.close()
                await super().shutdown(sockets)

        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = Server(uvicorn.Config(console, log_level="warning", lifespan="off"))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        assert started.wait(WAIT_S)

    def stop(self, timeout_s: float = WAIT_S) -> bool:
        """Ask the server to stop; whether it has within the time."""
        self._server.should_exit = True
        self._thread.join(timeout_s)
        self._socket.close()
        return not self._thread.is_alive()


@pytest.fixture
def engine(fake: ModuleType) -> Any:
    return fake.FakeEngine()


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def serve(engine: Any, cache_dir: Path) -> Iterator[Callable[..., Served]]:
    """Start a console, on a given port if one is asked for."""
    serving: list[Served] = []

    def start(port: int = 0) -> Served:
        serving.append(Served(engine, cache_dir, port))
        return serving[-1]

    yield start
    for one in serving:
        assert one.stop()


# Not for the whole session: Playwright keeps an event loop running in this thread, where others want theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium, or set CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGS.split())
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page that must neither log an error nor run into its own policy."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def visit(url: str, *, width: int = 1440, height: int = 900, looks: bool = True, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(WAIT_S * 1_000)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(_WATCH_POLICY)
        page.on(
            "console", lambda told: troubles.append(told.text) if told.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        page.goto(url)
        if looks:
            page.wait_for_selector("html[data-looks]")
        return page

    # What a browser is right to note, by its words.
    allowed: list[str] = []
    visit.allowed = allowed  # type: ignore[attr-defined]
    yield visit
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("window.refused ?? []") == []
        context.close()
    assert [told for told in troubles if not any(words in told for words in allowed)] == []


@pytest.fixture
def poor_contrast() -> str:
    """JavaScript that lists every visible text whose contrast is below 4.5:1."""
    return POOR_CONTRAST
