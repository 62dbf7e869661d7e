"""Answers that are not what they should be: one record with what is known, one warning, the application untouched."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from loopback_provider.drivers import DRIVERS, Driver
from loopback_provider.server import SECRET, Provider

import inferwatch
from inferwatch.testing import recording


@pytest.fixture
def client_of(listen: Callable[..., str]) -> Callable[[Driver], Any]:
    """`client_of(driver)` asks a provider of its API."""

    def start(driver: Driver) -> Any:
        return inferwatch.instrument(driver.client(listen(Provider(driver.wire()).handler())))

    return start


@pytest.mark.parametrize("api", DRIVERS)
def test_absurd_usage_is_left_out_and_said_once(client_of, api, caplog):
    """Fewer than no tokens, and half of one: both calls are recorded, the wrong numbers are not."""
    driver = DRIVERS[api]
    client = client_of(driver)
    records: list[dict[str, Any]] = []
    recorder = inferwatch.Recorder(records.append)
    inferwatch.uninstrument(client)
    inferwatch.instrument(client, recorder=recorder)

    driver.ask(client, "absurd")
    driver.ask(client, "absurd")
    client.close()

    assert [record["status"] for record in records] == ["ok", "ok"]
    numbers = [value for record in records for name, value in record.items() if name.endswith("_tokens")]
    assert all(isinstance(value, int) and value >= 0 for value in numbers)
    assert "input_tokens" not in records[0]
    assert recorder.tally().faults == 2
    assert len(caplog.records) == 1


@pytest.mark.parametrize("api", DRIVERS)
def test_an_answer_whose_insides_moved_is_still_an_answer(client_of, api, monkeypatch, caplog):
    """Nothing can be read off it: the stream is whole all the same, and is not called cut."""
    driver = DRIVERS[api]
    client = client_of(driver)
    records: list[dict[str, Any]] = []
    recorder = inferwatch.Recorder(records.append)
    inferwatch.uninstrument(client)
    inferwatch.instrument(client, recorder=recorder)

    def moved(*_: object) -> bool:
        raise AttributeError(SECRET)

    from inferwatch.capture.clients.progress import Progress

    monkeypatch.setattr(Progress, "chunk", _with_reader(Progress.chunk, moved))
    words = list(driver.stream(client, "plain"))
    client.close()

    assert len(words) > 3
    assert [(record["status"], record["chunks"]) for record in records] == [("ok", 0)]
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text


def _with_reader(chunk: Callable[..., None], reader: Callable[..., bool]) -> Callable[..., None]:
    def read(self: Any, what: Any) -> None:
        self._read_chunk = reader
        chunk(self, what)

    return read


def test_a_stream_of_another_make_is_handed_on_as_it_is(monkeypatch, caplog, client_of):
    """Its class cannot be changed: the call is recorded as answered, and its end is not guessed at."""
    from inferwatch.capture.clients import streams

    driver = DRIVERS["chat"]
    client = client_of(driver)

    def moved(*_: object) -> None:
        raise TypeError("object layout differs")

    monkeypatch.setattr(streams, "watch_closing", moved)
    with recording() as records:
        words = list(driver.stream(client, "plain"))
    client.close()

    assert len(words) == 6
    assert [record["status"] for record in records] == ["ok"]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_client_whose_http_client_is_elsewhere_is_recorded_without_attempts(listen):
    """By its class too."""
    import openai

    class Moved(openai.OpenAI):
        def request(self, *args: Any, **options: Any) -> Any:
            http_client = self.__dict__.pop("_client")
            try:
                return super().request(*args, **options)
            finally:
                self.__dict__["_client"] = http_client

    driver = DRIVERS["chat"]
    client = Moved(api_key="k", base_url=listen(Provider(driver.wire()).handler()))
    inferwatch.instrument()

    with recording(raise_faults=True) as records, pytest.raises(AttributeError):
        driver.ask(client, "plain")
    inferwatch.uninstrument()
    client.close()

    assert [(record["status"], record.get("attempts")) for record in records] == [("error", None)]


def test_a_client_of_google_without_its_inner_methods_is_recorded_by_its_public_ones(listen):
    """Where a version has none that makes one request."""
    from google.genai import models

    driver = DRIVERS["generate_content"]

    class Public:
        def __init__(self, inner: models.Models) -> None:
            self._inner = inner

        def generate_content(self, **asked: Any) -> Any:
            return self._inner.generate_content(**asked)

        def generate_content_stream(self, **asked: Any) -> Any:
            return self._inner.generate_content_stream(**asked)

        def embed_content(self, **asked: Any) -> Any:
            return self._inner.embed_content(**asked)

    client = driver.client(listen(Provider(driver.wire()).handler()))
    client._models = Public(client._models)
    inferwatch.instrument(client)

    with recording(raise_faults=True) as records:
        driver.ask(client, "plain")
        list(driver.stream(client, "plain"))
    client.close()

    assert [
        (record["status"], record["output_tokens"], record.get("chunks"), record.get("endpoint_host"))
        for record in records
    ] == [("ok", 3, None, None), ("ok", 3, 3, None)]
