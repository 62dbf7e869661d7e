"""What a call cost: our multiplication against the price table's own, prices of one's own, and their absence."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

import inferwatch
from inferwatch import Price, UsageError
from inferwatch.capture.prices import Pricer
from inferwatch.capture.prices.table import TABLE, Table

NOON_MS = 1_795_521_600_000  # 2026-11-24T12:00:00Z
LISTED = sorted((provider.id, model.id) for provider in get_snapshot().providers for model in provider.models)
CONTEXTS: list[dict[str, str]] = [
    {},
    {"processing": "batch"},
    {"service_tier": "flex"},
    {"service_tier": "priority"},
]


@st.composite
def usages(draw: st.DrawFn) -> dict[str, int]:
    """Tokens of which no part is larger than its whole."""
    read, write, audio, reasoning, audio_out = (draw(st.integers(0, 300_000)) for _ in range(5))
    return {
        "input_tokens": read + write + audio + draw(st.integers(0, 300_000)),
        "output_tokens": reasoning + audio_out + draw(st.integers(0, 300_000)),
        "cache_read_tokens": read,
        "cache_write_tokens": write,
        "cache_write_1h_tokens": draw(st.integers(0, write)),
        "audio_in_tokens": audio,
        "reasoning_tokens": reasoning,
        "audio_out_tokens": audio_out,
    }


NAMES = {
    "reasoning_tokens": "output_reasoning_tokens",
    "audio_in_tokens": "input_audio_tokens",
    "audio_out_tokens": "output_audio_tokens",
}


@settings(deadline=None, max_examples=400)
@given(
    listed=st.sampled_from(LISTED),
    usage=usages(),
    day=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    minute=st.integers(0, 1439),
    context=st.sampled_from(CONTEXTS),
)
def test_a_call_costs_what_the_price_table_says(
    listed: tuple[str, str], usage: dict[str, int], day: date, minute: int, context: dict[str, str]
) -> None:
    """For every model it lists, at any moment, in every tier that it refuses nothing of."""
    provider, model = listed
    moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=UTC)
    counted = {NAMES.get(name, name): tokens for name, tokens in usage.items()}
    try:
        expected = genai_prices.calc_price(
            genai_prices.Usage(**counted),
            model,
            provider_id=provider,
            genai_request_timestamp=moment,
            price_context=context or None,
        )
    except (LookupError, ValueError):
        return  # it does not find what it lists, or wants cached sound counted apart
    prices = TABLE.find(provider, None, model, int(moment.timestamp() * 1_000), context)

    assert prices is not None
    cost = prices.cost(usage, hours=0.0, is_estimate=False)

    assert (cost.usd or 0.0) == pytest.approx(float(expected.total_price), rel=1e-9, abs=1e-9)


@pytest.fixture
def records() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def cost(records: list[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """`cost(model=..., input_tokens=...)`: the fields about cost of a call recorded by hand."""

    def call(
        *,
        provider: str = "openai",
        model: str = "gpt-5-mini",
        host: str | None = None,
        prices: dict[str, Price] | None = None,
        served: str | None = None,
        tier: str | None = None,
        batch: bool = False,
        source: Any = "provider",
        hours: float = 0.0,
        **usage: int,
    ) -> dict[str, Any]:
        ticks = iter((0, int(hours * 3_600_000_000_000)))
        recorder = inferwatch.Recorder(
            records.append,
            pricer=Pricer(prices or {}),
            wall_ms=lambda: NOON_MS,
            monotonic_ns=lambda: next(ticks),
        )
        with inferwatch.inference(
            "chat", provider=provider, model=model, endpoint_host=host, batch=batch, recorder=recorder
        ) as made:
            if usage:
                made.usage(**usage, source=source)
            made.finish("stop", model_served=served, service_tier=tier)
        names = ("cost_usd", "cost_status", "price_id")
        return {name: records[-1][name] for name in names if name in records[-1]}

    return call


def test_a_listed_model_is_priced(cost: Callable[..., dict[str, Any]]) -> None:
    """0.25 and 2 dollars a million, and by which table."""
    found = cost(input_tokens=120, output_tokens=42)

    assert re.fullmatch(r"genai-prices/\d+\.\d+\.\d+\+[0-9a-f]{8}", found.pop("price_id"))
    assert found == {"cost_usd": 0.000114, "cost_status": "priced"}


def test_the_model_that_answered_is_priced(cost: Callable[..., dict[str, Any]]) -> None:
    """A deployment's own name is in no list."""
    by_served = cost(
        provider="azure.ai.openai",
        model="our-chat",
        served="gpt-5-mini",
        host="x.openai.azure.com",
        input_tokens=120,
        output_tokens=42,
    )
    by_asked = cost(served="gpt-5-mini-of-nobody-knows-when", input_tokens=120, output_tokens=42)

    assert by_served["cost_status"] == by_asked["cost_status"] == "priced"


def test_tiers_and_batches_cost_what_they_cost(cost: Callable[..., dict[str, Any]]) -> None:
    """Of one model: half in a batch, more with priority."""
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}

    plain, batch, fast = cost(**usage), cost(batch=True, **usage), cost(tier="priority", **usage)

    assert (plain["cost_usd"], batch["cost_usd"], fast["cost_usd"]) == (0.25, 0.125, 0.45)


@pytest.mark.parametrize(
    "asked",
    [
        {"model": "nobody-knows"},
        {"provider": "a-cloud-of-our-own"},
        {"provider": "my-openai-proxy"},
        {"host": "127.0.0.1:8080"},
        {"host": "llm.example.com"},
        {"input_tokens": 1, "cache_read_tokens": 2, "output_tokens": 0},
    ],
    ids=str,
)
def test_what_nobody_lists_is_unpriced_and_never_free(
    cost: Callable[..., dict[str, Any]], asked: dict[str, Any]
) -> None:
    """A model, a provider, a server with another's dialect; and usage that cannot be."""
    assert cost(**({"input_tokens": 120, "output_tokens": 42} | asked)) == {"cost_status": "unpriced"}


def test_without_usage_there_is_nothing_to_price(cost: Callable[..., dict[str, Any]]) -> None:
    """No field says anything of cost."""
    assert cost() == {}


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        ({"input_tokens": 120, "output_tokens": 42, "source": "estimated"}, 0.000114),
        ({"input_tokens": 120}, 0.00003),
        ({"output_tokens": 42}, 0.000084),
    ],
    ids=str,
)
def test_an_estimate_and_half_a_count_are_partial(
    cost: Callable[..., dict[str, Any]], usage: dict[str, Any], usd: float
) -> None:
    """They are marked."""
    found = cost(**usage)

    assert (found["cost_usd"], found["cost_status"]) == (usd, "partial")


def test_a_total_alone_has_no_price(cost: Callable[..., dict[str, Any]]) -> None:
    """Nobody knows how much of it was output."""
    assert cost(total_tokens=100) == {"cost_status": "unpriced"}


def test_embeddings_have_no_output_to_price(cost: Callable[..., dict[str, Any]]) -> None:
    """All of it is counted."""
    assert cost(model="text-embedding-3-small", input_tokens=1_000_000)["cost_status"] == "priced"


def test_a_price_of_ones_own_comes_first(cost: Callable[..., dict[str, Any]]) -> None:
    """By the model asked too; cached input as input where it has no price; the list is named by its digits."""
    prices = {"ours": Price(input=2, output=8, reasoning=4, request=0.001)}
    usage = {
        "input_tokens": 1_000_000,
        "cache_read_tokens": 10,
        "output_tokens": 1_000_000,
        "reasoning_tokens": 500_000,
    }

    found = cost(prices=prices, model="ours", served="gpt-5-mini", **usage)

    assert re.fullmatch(r"own\+[0-9a-f]{8}", found.pop("price_id"))
    assert found == {"cost_usd": 2 + 4 + 2 + 0.001, "cost_status": "priced"}


def test_a_machine_is_paid_by_the_hour(cost: Callable[..., dict[str, Any]]) -> None:
    """Whatever was counted, and shared by those it serves at a time."""
    prices = {"openai/llama-*": Price(hour=3, concurrency=4)}

    found = cost(prices=prices, model="llama-3", host="127.0.0.1:8080", hours=0.5, output_tokens=7)

    assert (found["cost_usd"], found["cost_status"]) == (0.375, "priced")


def test_a_discount_is_off_the_list_price(cost: Callable[..., dict[str, Any]]) -> None:
    """Which is named beside it; what no list has stays unpriced."""
    prices = {"*": Price(discount=0.2)}

    found = cost(prices=prices, input_tokens=1_000_000, output_tokens=0)

    assert re.fullmatch(r"genai-prices/.*\+[0-9a-f]{8}\+own\+[0-9a-f]{8}", found.pop("price_id"))
    assert found == {"cost_usd": 0.2, "cost_status": "priced"}
    assert cost(prices=prices, model="nobody-knows", input_tokens=1) == {"cost_status": "unpriced"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Price(), "Price(): expected a price, e.g. Price(input=0.5, output=1.5), Price(hour=2)"),
        (lambda: Price(input=-1), "Price(input=...): expected a number from 0 up, got -1"),
        (lambda: Price(input=float("nan")), "Price(input=...): expected a number from 0 up, got nan"),
        (lambda: Price(input=True), "Price(input=...): expected a number from 0 up, got True"),
        (lambda: Price(output="2"), "Price(output=...): expected a number from 0 up, got '2'"),
        (lambda: Price(hour=2, concurrency=0), "Price(concurrency=...): expected a number above 0"),
        (
            lambda: Price(discount=1.5),
            "Price(discount=...): expected a part of the list price, 0 to 1, and no prices beside it",
        ),
        (
            lambda: Price(discount=0.5, input=1),
            "Price(discount=...): expected a part of the list price, 0 to 1, and no prices beside it",
        ),
        (lambda: Pricer(["m"]), "prices: expected a mapping of models to Price, got list"),
        (lambda: Pricer({"": Price(input=1)}), "prices: expected a model's name, got ''"),
        (lambda: Pricer({"m": 2.5}), "prices['m']: expected a Price, got float"),
    ],
)
def test_a_wrong_price_is_refused(make: Callable[[], object], message: str) -> None:
    """With its name, where it is given."""
    with pytest.raises(UsageError) as refused:
        make()

    assert str(refused.value) == message


def test_without_the_table_calls_are_recorded_unpriced(
    records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """That is said, and costs the application nothing."""
    monkeypatch.setattr("genai_prices.data_snapshot.get_snapshot", lambda: 1 / 0)
    recorder = inferwatch.Recorder(records.append, pricer=Pricer(table=Table()))

    with inferwatch.inference("chat", provider="openai", model="gpt-5-mini", recorder=recorder) as call:
        call.usage(input_tokens=1, output_tokens=1)

    assert records[0]["cost_status"] == "unpriced"
    assert recorder.tally().faults == 0
    assert "list prices cannot be read, so calls are unpriced: ZeroDivisionError" in caplog.text


def test_a_call_that_ends_before_the_table_is_read_spoils_no_later_one(
    records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits no longer than it may, and is unpriced."""
    snapshot, may_go_on = get_snapshot(), threading.Event()

    def slow() -> Any:
        may_go_on.wait(30)
        return snapshot

    monkeypatch.setattr("genai_prices.data_snapshot.get_snapshot", slow)
    table = Table(wait_s=0)
    recorder = inferwatch.Recorder(records.append, pricer=Pricer(table=table))

    for _ in range(2):
        with inferwatch.inference("chat", provider="openai", model="gpt-5-mini", recorder=recorder) as call:
            call.usage(input_tokens=1, output_tokens=1)
        may_go_on.set()
        table.settle()

    assert [record["cost_status"] for record in records] == ["unpriced", "priced"]


def test_a_fault_in_prices_costs_the_price_alone(records: list[dict[str, Any]]) -> None:
    """It is counted; the record is whole but for that."""

    class Broken(Pricer):
        def cost(self, draft: Any, ended_ns: int) -> Any:
            raise ArithmeticError

    recorder = inferwatch.Recorder(records.append, pricer=Broken())

    with inferwatch.inference("chat", provider="openai", model="gpt-5-mini", recorder=recorder) as call:
        call.usage(input_tokens=1, output_tokens=1)

    assert (records[0]["status"], records[0]["cost_status"]) == ("ok", "unpriced")
    assert recorder.tally().faults == 1


def test_a_server_of_ones_own_does_not_have_the_table_read() -> None:
    """Nobody lists what it costs."""
    table = Table()
    recorder = inferwatch.Recorder(lambda _: None, pricer=Pricer(table=table))

    with inferwatch.inference(
        "chat", provider="openai", model="m", endpoint_host="127.0.0.1:9", recorder=recorder
    ):
        pass

    assert table._reader is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_prices_its_calls(records: list[dict[str, Any]]) -> None:
    """The table was being read as the fork came."""
    table = Table()
    recorder = inferwatch.Recorder(records.append, pricer=Pricer(table=table))
    table.prepare()

    child = os.fork()
    if child == 0:
        status = 1
        try:
            with inferwatch.inference(
                "chat", provider="openai", model="gpt-5-mini", recorder=recorder
            ) as call:
                call.usage(input_tokens=120, output_tokens=42)
            status = 0 if records[0]["cost_usd"] == 0.000114 else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
