"""The table of the record holds what capture writes."""

from __future__ import annotations

import re

import pytest

import inferwatch
from inferwatch.model.fields import ALWAYS, BY_NAME, FIELDS, STATUSES
from inferwatch.testing import recording

TYPES = {"string": str, "int": int, "float": float, "bool": bool, "string[]": list}


def finished(call):
    call.usage(input_tokens=1, output_tokens=2, cache_read_tokens=0, cache_write_tokens=0, reasoning_tokens=0)
    call.finish("end_turn", model_served="m-1")


def failed(call):
    call.fail("server_down", code="down", http_status=503)


def streamed(call):
    call.first_token()
    call.usage(output_tokens=3, source="estimated")


@pytest.mark.parametrize("use", [lambda call: None, finished, failed, streamed])
def test_every_record_keeps_to_the_table(use):
    """No unknown field, the right type, the closed values, and the fields that are always there."""
    options = {"task": "t", "api": "chat", "endpoint_host": "h:1"}
    with (
        recording(raise_faults=True) as records,
        inferwatch.inference("chat", provider="p", model="m", **options) as call,
    ):
        use(call)

    (record,) = records
    assert set(ALWAYS) <= set(record) <= set(BY_NAME)
    for name, value in record.items():
        assert type(value) is TYPES[BY_NAME[name].type], name
        assert not BY_NAME[name].values or value in BY_NAME[name].values, name
    assert list(record) == [field.name for field in FIELDS if field.name in record]


def test_the_always_written_fields_are_the_contract():
    """As the record's specification lists them."""
    assert set(ALWAYS) == {
        "v", "ts", "id", "writer", "seq", "service", "operation", "provider", "model", "stream", "status",
        "duration_ms",
    }  # fmt: skip


def test_names_are_flat_snake_case_and_said_once():
    """A dot in a name would walk into an object in filter patterns."""
    assert len(BY_NAME) == len(FIELDS)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", field.name) for field in FIELDS)
    assert all(field.about.endswith(".") for field in FIELDS)


def test_statuses_are_the_eight_ends_of_a_call():
    """Closed: dashboards and filters count on it."""
    assert sorted(STATUSES) == [
        "abandoned", "blocked", "cancelled", "cut", "error", "ok", "throttled", "timeout",
    ]  # fmt: skip
