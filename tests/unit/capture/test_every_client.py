"""`inferwatch.instrument()`: every client of every library, there already, still to be made, or imported later."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback_provider.drivers import DRIVERS, Driver
from loopback_provider.server import Provider

import inferwatch
from inferwatch.testing import recording


@pytest.fixture
def provide(listen: Callable[..., str]) -> Callable[[Driver], Provider]:
    """`provide(driver)` is a running provider of its API."""

    def start(driver: Driver) -> Provider:
        provider = Provider(driver.wire())
        provider.url = listen(provider.handler())
        return provider

    return start


@pytest.fixture
def everything() -> Iterator[None]:
    yield inferwatch.instrument()
    inferwatch.uninstrument()


def statuses(records: list[dict[str, Any]]) -> list[object]:
    return [(record["status"], record["attempts"]) for record in records]


@pytest.mark.parametrize("api", DRIVERS)
def test_clients_of_any_library_are_recorded_and_restored(provide, api):
    """One made before, one made after, one that was instrumented by itself as well: one record each."""
    driver = DRIVERS[api]
    url = provide(driver).url
    before = driver.client(url)
    inferwatch.instrument()
    inferwatch.instrument()
    after, twice = driver.client(url), inferwatch.instrument(driver.client(url))

    with recording(raise_faults=True) as records:
        for client in (before, after, twice):
            driver.ask(client, "plain")
        inferwatch.uninstrument()
        for client in (before, after):
            driver.ask(client, "plain")
        driver.ask(twice, "plain")
        inferwatch.uninstrument(twice)
        driver.ask(twice, "plain")

    assert statuses(records) == [("ok", 1)] * 4
    for client in (before, after, twice):
        client.close()


@pytest.mark.parametrize("api", [api for api, driver in DRIVERS.items() if driver.is_async])
def test_async_clients_are_recorded_too(provide, everything, api):
    """A stream, read to its end."""
    driver = DRIVERS[api]
    url = provide(driver).url

    async def use() -> None:
        client = driver.client(url, asynchronous=True)
        async for _ in await driver.stream(client, "plain", asynchronous=True):
            pass
        await driver.aclose(client)

    with recording(raise_faults=True) as records:
        asyncio.run(use())

    assert statuses(records) == [("ok", 1)]


def test_the_classes_are_as_they_were(everything):
    """`uninstrument` leaves nothing behind."""
    import anthropic
    import botocore.client
    import openai
    from google.genai import models

    inferwatch.uninstrument()

    for kind in (openai.OpenAI, anthropic.Anthropic, botocore.client.BaseClient, models):
        assert not hasattr(kind, "_inferwatch")
    assert openai.OpenAI.request.__module__ == "openai._base_client"
    assert models.Models._generate_content.__module__ == "google.genai.models"
    assert botocore.client.BaseClient._make_api_call.__module__ == "botocore.client"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "owner", "name"),
    [
        ("openai", "openai.OpenAI", "request"),
        ("anthropic", "anthropic.Anthropic", "request"),
        ("boto3", "__import__('botocore.client').client.BaseClient", "_make_api_call"),
        ("google.genai", "google.genai.models.Models", "_generate_content"),
    ],
)
def test_a_library_that_is_imported_later_is_instrumented_then(module, owner, name):
    """And nothing is imported that the application does not import."""
    script = f"""
import sys, inferwatch
inferwatch.instrument()
assert not {{"openai", "anthropic", "boto3", "google.genai"}} & set(sys.modules), "imported for nothing"
import {module}
assert {owner}.{name}.__globals__["__name__"].startswith("inferwatch.")
assert "inferwatch" not in type({module}.__spec__.loader).__module__
inferwatch.uninstrument()
assert not {owner}.{name}.__globals__["__name__"].startswith("inferwatch.")
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_library_whose_insides_moved_does_not_break_its_import(monkeypatch, caplog):
    """One warning, and the application goes on."""
    import openai

    from inferwatch.capture.clients import stainless

    def moved(*_: object) -> None:
        raise AttributeError("moved")

    monkeypatch.setattr(stainless, "bases", moved)
    recorder = inferwatch.Recorder(lambda record: None)

    inferwatch.instrument(recorder=recorder)

    monkeypatch.undo()
    inferwatch.uninstrument()
    assert openai.OpenAI.request.__module__ == "openai._base_client"
    assert recorder.tally().faults == 2
    assert len(caplog.records) == 1
