"""Remake the pictures of the docs from a running demo: `make pictures`. Needs chromium."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console

from inferwatch.cli.extras import MODEL, find_missing
from inferwatch.demo.llm import Choice
from inferwatch.demo.screen import Screen
from inferwatch.demo.story import Stage, play, set_stage

PICTURES = Path(__file__).parent / "pictures"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
SIZE = {"width": 1280, "height": 900}


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium is not installed: apt install chromium")
    choice = Choice.SIMULATED if find_missing(MODEL) else Choice.REAL
    with ExitStack() as ends:
        stage = set_stage(choice, port=0, screen=Screen(Console()), ends=ends)
        play(stage)
        take(stage, chromium)


def take(stage: Stage, chromium: str) -> None:
    home = stage.console_url.partition("/dashboards/")[0]
    pages = {"dashboard": stage.console_url, "overview": f"{home}/"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, address in pages.items():
            page = browser.new_page(viewport=SIZE, device_scale_factor=2)
            page.goto(address)
            page.wait_for_load_state("load")
            page.wait_for_timeout(3_000)  # the charts are drawn by then
            page.screenshot(path=PICTURES / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
