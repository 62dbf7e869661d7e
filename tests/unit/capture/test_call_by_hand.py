"""`with inference(...) as call`: one record whatever happens inside, and no exception of ours."""

from __future__ import annotations

import asyncio
import logging
import threading
import types
import urllib.error

import orjson
import pytest

import inferwatch
from inferwatch.testing import recording


class Clock:
    """Milliseconds and nanoseconds that the test moves."""

    def __init__(self) -> None:
        self.ms = 1_764_000_000_120

    def wall_ms(self) -> int:
        return self.ms

    def monotonic_ns(self) -> int:
        return self.ms * 1_000_000


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def records():
    return []


@pytest.fixture
def recorder(clock, records):
    return inferwatch.Recorder(
        records.append,
        service="checkout",
        wall_ms=clock.wall_ms,
        monotonic_ns=clock.monotonic_ns,
        entropy=lambda n: bytes(n),
    )


def begin(recorder, **options):
    return inferwatch.inference("chat", provider="aws.bedrock", model="m", recorder=recorder, **options)


def test_a_finished_call_is_written_whole(recorder, records, clock):
    """Every field, with the clock and the randomness given."""
    with begin(recorder, task="summarise") as call:
        clock.ms += 1500
        call.usage(input_tokens=120, output_tokens=42, cache_read_tokens=0)
        call.finish("max_tokens", model_served="m-2")

    assert records == [
        {
            "v": 1,
            "ts": "2025-11-24T16:00:00.120Z",
            "id": "01KAV9FT3R0000000000000000",
            "writer": "00000000",
            "seq": 0,
            "service": "checkout",
            "task": "summarise",
            "operation": "chat",
            "provider": "aws.bedrock",
            "model": "m",
            "model_served": "m-2",
            "stream": False,
            "status": "ok",
            "duration_ms": 1500.0,
            "input_tokens": 120,
            "output_tokens": 42,
            "total_tokens": 162,
            "cache_read_tokens": 0,
            "usage_source": "provider",
            "cost_status": "unpriced",
            "finish_reason": "length",
            "finish_reason_raw": "max_tokens",
        }
    ]


def test_a_streamed_call_has_its_first_token(recorder, records, clock):
    """After 200 of 1,200 ms, ten tokens in the second left."""
    with begin(recorder) as call:
        clock.ms += 200
        call.first_token()
        clock.ms += 500
        call.first_token()
        clock.ms += 500
        call.usage(output_tokens=10)

    (record,) = records
    assert (record["stream"], record["ttft_ms"], record["output_tps"]) == (True, 200.0, 10.0)
    assert "chunks" not in record


@pytest.mark.parametrize(
    ("fault", "status", "error_type"),
    [
        (ValueError("secret"), "error", "ValueError"),
        (TimeoutError(), "timeout", "TimeoutError"),
        (asyncio.CancelledError(), "cancelled", None),
        (KeyboardInterrupt(), "cancelled", None),
    ],
)
def test_an_exception_passes_unchanged_and_names_the_end(recorder, records, fault, status, error_type):
    """The same object arrives outside."""
    with pytest.raises(type(fault)) as raised, begin(recorder):
        raise fault

    assert raised.value is fault
    assert [(record["status"], record.get("error_type")) for record in records] == [(status, error_type)]


def test_a_botocore_throttle_is_throttled(recorder, records):
    """botocore puts code and status into a dict on the exception."""
    from botocore.exceptions import ClientError

    answer = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 429}}
    with pytest.raises(ClientError), begin(recorder):
        raise ClientError(answer, "Converse")

    (record,) = records
    assert (record["status"], record["error_code"], record["http_status"]) == (
        "throttled",
        "ThrottlingException",
        429,
    )


def test_a_generator_left_early_is_cancelled(recorder, records):
    """The consumer stops; Python raises GeneratorExit inside the block."""

    def words():
        with begin(recorder):
            yield "one"
            yield "two"

    stream = words()
    next(stream)
    stream.close()

    assert [record["status"] for record in records] == ["cancelled"]


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        (("overloaded_error",), {}, ("throttled", "overloaded_error", None, None)),
        (("server_down",), {"http_status": 503}, ("error", "server_down", None, 503)),
        (
            ("server_down",),
            {"http_status": 429, "code": "slow_down"},
            ("throttled", "server_down", "slow_down", 429),
        ),
        (("a sentence with content",), {}, ("error", "_OTHER", None, None)),
        ((TimeoutError("secret"),), {}, ("timeout", "TimeoutError", None, None)),
        (("left",), {"status": "abandoned"}, ("abandoned", "left", None, None)),
    ],
)
def test_a_call_can_fail_without_raising(recorder, records, arguments, options, expected):
    """Codes and statuses decide; sentences are not kept."""
    with begin(recorder) as call:
        call.fail(*arguments, **options)

    (record,) = records
    names = ("status", "error_type", "error_code", "http_status")
    assert tuple(record.get(name) for name in names) == expected


def test_filtered_content_is_blocked(recorder, records):
    """In any provider's word for it."""
    with begin(recorder) as call:
        call.finish("guardrail_intervened")

    assert (records[0]["status"], records[0]["finish_reason"]) == ("blocked", "content_filter")


@pytest.mark.parametrize(
    "misuse",
    [
        lambda call: call.usage(input_tokens="12"),
        lambda call: call.usage(output_tokens=-1),
        lambda call: call.usage(input_tokens=1, source="guess"),
        lambda call: call.fail("x", status="splendid"),
        lambda call: call.fail("x", http_status="teapot"),
    ],
)
def test_a_wrong_value_is_counted_and_left_out(recorder, records, misuse):
    """Nothing is raised into the application, and the record is still written."""
    with begin(recorder) as call:
        misuse(call)

    assert recorder.tally().faults == 1
    assert len(records) == 1
    assert "input_tokens" not in records[0]


def test_one_wrong_count_costs_only_itself(recorder, records):
    """What was counted right stays, and says who counted it."""
    with begin(recorder) as call:
        call.usage(input_tokens=10, output_tokens=3.5, total_tokens=20)

    (record,) = records
    assert (record["input_tokens"], record["total_tokens"], record["usage_source"]) == (10, 20, "provider")
    assert "output_tokens" not in record
    assert recorder.tally().faults == 1


@pytest.mark.parametrize("number", [2**63, 2**70])
def test_a_number_json_cannot_hold_costs_only_itself(recorder, records, number):
    """The record must be one that can be written."""
    with begin(recorder) as call:
        call.usage(input_tokens=number, output_tokens=2)
        call.fail("down", http_status=number)

    orjson.dumps(records[0])
    assert (records[0]["output_tokens"], records[0]["status"]) == (2, "error")
    assert not {"input_tokens", "http_status"} & set(records[0])


def test_half_a_character_is_replaced(records):
    """A lone surrogate, as a cut emoji leaves it, in any text."""
    recorder = inferwatch.Recorder(records.append, service="a\ud83d")
    with begin(recorder, task="b\ud83d") as call:
        call.finish("c\ud83d", model_served="é\ud83d")

    orjson.dumps(records[0])
    names = ("service", "task", "finish_reason", "model_served")
    assert [records[0][name] for name in names] == ["a\ufffd", "b\ufffd", "c\ufffd", "é\ufffd"]


class Unspeakable:
    """A name that cannot be said."""

    def __str__(self):
        raise ValueError("secret")


def test_a_name_that_raises_does_not_reach_the_application(recorder, records):
    """The record says `unknown`, and the fault is counted."""
    with inferwatch.inference(
        "chat", provider="p", model=Unspeakable(), task=Unspeakable(), recorder=recorder
    ):
        pass

    assert records[0]["model"] == "unknown"
    assert "task" not in records[0]
    assert recorder.tally().faults == 2


def test_a_logging_handler_that_raises_does_not_reach_the_application(recorder, records):
    """We say that something is wrong, and the saying goes wrong."""

    class Broken(logging.Handler):
        def emit(self, record):
            raise OSError("disk full")

    handler = Broken()
    logging.getLogger("inferwatch").addHandler(handler)
    try:
        with begin(recorder) as call:
            call.usage(input_tokens=-1)
    finally:
        logging.getLogger("inferwatch").removeHandler(handler)

    assert len(records) == 1
    assert recorder.tally().faults == 1


class Answered(Exception):
    """As httpx and requests raise it: the status is on the response."""

    def __init__(self, status):
        super().__init__("secret")
        self.response = types.SimpleNamespace(status_code=status)


@pytest.mark.parametrize(
    ("fault", "status", "http_status"),
    [
        (Answered(429), "throttled", 429),
        (Answered(503), "error", 503),
        (urllib.error.HTTPError("http://x", 429, "secret", {}, None), "throttled", 429),
        (Answered(2**70), "error", None),
    ],
)
def test_the_http_status_is_read_where_libraries_keep_it(recorder, records, fault, status, http_status):
    """On the exception's response, or as urllib's code: which is then no code of the provider."""
    with pytest.raises(type(fault)), begin(recorder):
        raise fault

    (record,) = records
    assert (record["status"], record.get("http_status"), record.get("error_code")) == (
        status,
        http_status,
        None,
    )


def test_a_misused_failure_is_still_a_failure(recorder, records):
    """A wrong status must not turn an error into `ok`."""
    with begin(recorder) as call:
        call.fail("x", status="ok")

    assert records[0]["status"] == "error"


def test_a_call_used_after_its_block_changes_nothing(recorder, records):
    """It is counted as a fault of use."""
    with begin(recorder) as call:
        call.usage(input_tokens=1)
    call.usage(input_tokens=2)

    assert [record["input_tokens"] for record in records] == [1]
    assert recorder.tally().faults == 1


def test_long_names_are_capped(recorder, records):
    """A record stays small whatever the application passes."""
    with begin(recorder, task="t" * 1000):
        pass

    assert records[0]["task"] == "t" * 256


def test_a_recording_asks_for_faults():
    """Only where a test says so."""
    with (
        recording(raise_faults=True),
        pytest.raises(ValueError, match="input_tokens"),
        inferwatch.inference("chat", provider="p", model="m") as call,
    ):
        call.usage(input_tokens=-1)


def test_faults_are_said_once_a_minute(recorder, clock, caplog):
    """Three faults, the last one after a minute."""
    for pause_ms in (0, 59_000, 1_000):
        clock.ms += pause_ms
        recorder.fault("a test", ValueError("secret"))

    assert len(caplog.records) == 2
    assert "3 so far" in caplog.text
    assert "secret" not in caplog.text


def test_sequence_numbers_have_no_gaps_across_threads(recorder, records):
    """Eight threads, fifty calls each."""

    def work():
        for _ in range(50):
            with begin(recorder):
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(record["seq"] for record in records) == list(range(400))


def test_tasks_record_side_by_side(recorder, records):
    """The sync context manager works in coroutines."""

    async def call(tokens):
        with begin(recorder) as one:
            await asyncio.sleep(0)
            one.usage(output_tokens=tokens)

    async def gather():
        await asyncio.gather(*(call(tokens) for tokens in range(5)))

    asyncio.run(gather())

    assert sorted(record["output_tokens"] for record in records) == [0, 1, 2, 3, 4]


def test_recordings_nest_and_end(recorder, records):
    """Both blocks get the inner record; after them the sink has its own again."""
    with recording() as outer:
        with recording() as inner, begin(recorder):
            pass
        with begin(recorder):
            pass
    with begin(recorder):
        pass

    assert ([len(outer), len(inner), len(records)]) == [2, 1, 1]
