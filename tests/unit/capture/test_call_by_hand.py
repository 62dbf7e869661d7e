"""`with inference(...) as call`: one record whatever happens inside, and no exception of ours."""

from __future__ import annotations

import asyncio
import threading

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
