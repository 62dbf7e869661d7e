"""Whole plans, as text; `GOLDEN=write` renews them for review."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inferwatch.catalog import M
from inferwatch.infra.plan import (
    Alarm,
    Anomaly,
    Budget,
    Given,
    Model,
    Mute,
    Notify,
    Slo,
    Spec,
    plan,
    print_plan,
)

GOLDEN = Path(__file__).parent / "plans"
SPECS = {
    "default": Spec("chat"),
    "models": Spec(
        "assistant",
        models={
            "default": Model(latency_p99_ms={"warning": 4_000, "critical": 10_000}, error_rate=0.02),
            "gpt-5": Model(latency_p99_ms={"critical": 20_000}),
            "claude-sonnet-5": Model(ttft_p99_ms="off"),
        },
        notify=Notify(critical=[Given("pager_topic")], warning=["ml@example.com"]),
    ),
    "slo": Spec(
        "search",
        slos=[
            Slo("availability", objective=0.999),
            Slo("fast", objective=0.95, latency_ms=4_000, window="28d"),
        ],
        without=["latency", "first-token", "error-rate", "throttle-rate"],
        budget=None,
    ),
    "full": Spec(
        "shop-prod",
        adopt_log_group="/shop/inferences",
        models={"default": Model(throttle_rate={"warning": 0.005}), "gpt-5-mini": Model()},
        slos=[Slo("first-token", objective=0.99, ttft_ms=2_000)],
        budget=Budget(usd_per_day=50, warn_at=0.5),
        alarms=[
            Alarm(
                "cold-cache",
                when=M.cache_read / (M.cache_read + M.cache_write) < 0.5,
                means="More is written to the provider's cache than is read from it: input costs more.",
                first="See which prompt begins anew each time.",
            ),
            Alarm("blocked", when=M.blocked > 20, means="Many answers are blocked.", severity="critical"),
        ],
        anomalies=[
            Anomaly("duration"),
            Anomaly("requests", direction="both", deviations=3, severity="critical"),
        ],
        notify=Notify(
            critical=[
                "arn:aws:sns:eu-west-1:123456789012:pager",
                "arn:aws:lambda:eu-west-1:123456789012:function:page",
                "https://events.pagerduty.example/integration/0a1b/enqueue",
            ],
            warning=["ml@example.com", "ops@example.com"],
        ),
        mutes=[
            Mute("load-test", schedule="cron(0 2 * * 1)", minutes=90, timezone="Europe/Berlin"),
            Mute("party", schedule="at(2026-12-24T18:00)", minutes=600, mutes_critical=False),
        ],
        minimum_samples=20,
        period_s=300,
        without=["no-traffic"],
        runbooks={
            "default": "https://wiki.example/inference",
            "latency": "https://wiki.example/inference/slow",
        },
        indexes=["model", "status", "tenant"],
        masks=["EmailAddress", "CreditCardNumber"],
        tags={"team": "shop"},
    ),
    "bedrock": Spec("bedrock", source="bedrock", adopt_log_group="/bedrock/invocations"),
    "otel": Spec("agents", source="otel", adopt_log_group="aws/spans", models={"gpt-5": Model()}),
    "emf": Spec("lambda", source="emf", models={"gpt-5": Model()}),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_plan_is_what_was_reviewed(name: str) -> None:
    """Every resource, property, note and count."""
    text = print_plan(plan(SPECS[name]))
    golden = GOLDEN / f"{name}.txt"

    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")

    assert text == golden.read_text(encoding="utf-8")
