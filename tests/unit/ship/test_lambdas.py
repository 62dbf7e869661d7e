"""An invocation ends with a flush in the time it has left."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import inferwatch
from inferwatch.capture.default import DEFAULT


@pytest.fixture
def configured(logs, monkeypatch, tmp_path):
    monkeypatch.setattr(DEFAULT, "recorder", None)
    monkeypatch.setattr(DEFAULT, "retired", ())
    inferwatch.configure(log_group="/app", region="r", endpoint_url=logs.url, spool_dir=tmp_path, linger_s=60)
    yield DEFAULT.recorder.shipper
    DEFAULT.recorder.shipper.close(0)


def context(left_ms):
    return SimpleNamespace(get_remaining_time_in_millis=lambda: left_ms)


@inferwatch.lambda_handler
def handle(event, _):
    """Answers."""
    with inferwatch.inference("chat", provider="p", model=event["model"]):
        if event["model"] == "bad":
            raise ValueError("as told")
    return {"statusCode": 200}


@pytest.mark.parametrize("given", [context(10_000), None], ids=["real", "none"])
def test_what_an_invocation_recorded_is_there_when_it_ends(configured, logs, given):
    """Its answer passes unchanged."""
    assert handle({"model": "m"}, given) == {"statusCode": 200}

    assert [record["model"] for record in logs.records()] == ["m"]
    assert handle.__doc__ == "Answers."


def test_an_exception_passes_and_its_record_is_sent(configured, logs):
    """As an error."""
    with pytest.raises(ValueError, match="as told"):
        handle({"model": "bad"}, context(10_000))

    assert [record["status"] for record in logs.records()] == ["error"]


@pytest.mark.parametrize(("left_ms", "timeout_s"), [(100, 0.0), (1_250, 1.0), (900_000, 5.0), (-5, 0.0)])
def test_a_flush_takes_no_longer_than_there_is(monkeypatch, left_ms, timeout_s):
    """A quarter of a second is left for the answer."""
    asked = []
    monkeypatch.setattr("inferwatch.lambdas.flush", lambda *, timeout_s: asked.append(timeout_s))

    handle({"model": "m"}, context(left_ms))

    assert asked == [timeout_s]
