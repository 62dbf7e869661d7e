"""Plans put onto the engine: everything is accepted, and every default alarm rings and falls silent again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from inferwatch.catalog import M
from inferwatch.catalog.watches import OF_ALL, OF_MODELS
from inferwatch.engine.clock import ManualClock
from inferwatch.infra.plan import Alarm, Anomaly, Budget, Given, Model, Mute, Notify, Slo, Spec, plan
from inferwatch.infra.plan.resource import COMPOSITE_ALARM, METRIC_ALARM
from inferwatch.wire.operations import OPERATIONS

Aws = Callable[[str], Any]
Advance = Callable[[int], None]
Apply = Callable[..., dict[Any, str]]
Write = Callable[..., None]

GOOD = {
    "status": "ok",
    "operation": "chat",
    "model": "m",
    "duration_ms": 800.0,
    "ttft_ms": 200.0,
    "cost_usd": 0.0,
}
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


@pytest.fixture
def write(aws: Aws, clock: ManualClock) -> Write:
    """`write(group, record, ...)`: log events of now."""

    def put(group: str, *records: dict[str, Any]) -> None:
        events = [{"timestamp": clock.now_ms(), "message": json.dumps(record)} for record in records]
        aws("logs").put_log_events(logGroupName=group, logStreamName="inferences", logEvents=events)

    return put


def _states(aws: Aws) -> dict[str, str]:
    answer = aws("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100)
    alarms = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}


FULL = Spec(
    "shop",
    models={"gpt-5": Model(latency_p99_ms={"warning": 3_000, "critical": 9_000}), "small": Model()},
    slos=[Slo("availability", objective=0.999), Slo("fast", objective=0.95, latency_ms=4_000)],
    budget=Budget(usd_per_day=50),
    alarms=[Alarm("cold-cache", when=M.cache_read / (M.cache_read + M.cache_write) < 0.5, means="Cold.")],
    anomalies=[Anomaly("duration"), Anomaly("requests", direction="both")],
    notify=Notify(
        critical=[Given("pager"), "https://events.pagerduty.example/integration/0/enqueue"],
        warning=["http://127.0.0.1:9/hook"],
    ),
    mutes=[Mute("nightly", schedule="cron(0 2 * * *)", minutes=90)],
    indexes=["model"],
    masks=["EmailAddress"],
    tags={"team": "shop"},
)


@pytest.mark.parametrize(
    "spec",
    [
        Spec("chat"),
        FULL,
        Spec("bedrock", source="bedrock"),
        Spec(
            "agents",
            source="otel",
            models={"gpt-5": Model()},
            slos=[Slo("fast", objective=0.99, ttft_ms=900)],
        ),
        Spec("lambda", source="emf", models={"gpt-5": Model()}),
    ],
    ids=lambda spec: spec.name,
)
def test_every_call_of_a_plan_is_accepted(spec: Spec, apply: Apply, aws: Aws) -> None:
    """Filters, alarms, composites, mute rules, a dashboard without a warning: as planned, and nothing else."""
    planned = plan(spec)

    apply(planned, pager="arn:aws:sns:us-east-1:123456789012:pager")

    alarms = [*planned.of_type(METRIC_ALARM), *planned.of_type(COMPOSITE_ALARM)]
    if "ThresholdMetricId" not in OPERATIONS["cloudwatch"]["PutMetricAlarm"].accepts:
        alarms = [alarm for alarm in alarms if "threshold_metric_id" not in alarm.properties]
    assert set(_states(aws)) == {f"{spec.name}/{alarm.key}" for alarm in alarms}
    filters = aws("logs").describe_metric_filters(logGroupName=f"/inferwatch/{spec.name}")["metricFilters"]
    assert len(filters) == planned.size.filters


@dataclass(frozen=True)
class Trouble:
    """What a minute of bad traffic is, and how it is over.

    Args:
        bad: Records of one bad minute.
        minutes: Bad minutes until it rings.
        over_s: Seconds of good traffic, or of silence where `good` is empty, until it is over.
    """

    bad: list[dict[str, Any]]
    minutes: int = 3
    good: list[dict[str, Any]] = field(default_factory=lambda: [GOOD] * 12)
    over_s: int = 5 * MINUTE_S


def _some(record: dict[str, Any], bad: int, of: int = 100) -> list[dict[str, Any]]:
    return [GOOD | record] * bad + [GOOD] * (of - bad)


TROUBLES = {
    "default/latency/warning": Trouble(_some({"duration_ms": 16_000.0}, 5)),
    "default/latency/critical": Trouble(_some({"duration_ms": 31_000.0}, 5)),
    "default/first-token/warning": Trouble(_some({"ttft_ms": 4_500.0}, 5)),
    "default/first-token/critical": Trouble(_some({"ttft_ms": 11_000.0}, 5)),
    "default/error-rate/warning": Trouble(_some({"status": "error"}, 3)),
    "default/error-rate/critical": Trouble(_some({"status": "cut"}, 6)),
    "default/throttle-rate/warning": Trouble(_some({"status": "throttled"}, 2)),
    "default/throttle-rate/critical": Trouble(_some({"status": "throttled"}, 6)),
    "all/no-traffic/warning": Trouble([], minutes=31, over_s=2 * MINUTE_S),
    "all/unpriced/warning": Trouble([GOOD | {"cost_status": "unpriced"}], minutes=1, over_s=6 * MINUTE_S),
    "all/dropped/warning": Trouble(
        [{"ledger": {"writer": "p", "from": 0, "to": 8, "dropped": 2}}], minutes=1, over_s=6 * MINUTE_S
    ),
    "all/cost-hour/warning": Trouble([GOOD | {"cost_usd": 8.5}], minutes=1, good=[], over_s=HOUR_S),
    "all/cost-hour/critical": Trouble([GOOD | {"cost_usd": 10.5}], minutes=1, good=[], over_s=HOUR_S),
    "all/cost-day/warning": Trouble([GOOD | {"cost_usd": 81.0}], minutes=1, good=[], over_s=DAY_S),
    "all/cost-day/critical": Trouble([GOOD | {"cost_usd": 101.0}], minutes=1, good=[], over_s=DAY_S),
}


def test_no_default_alarm_is_without_its_trouble() -> None:
    """An alarm added to the catalog needs one here."""
    assert list(TROUBLES) == [alarm.key for alarm in plan(Spec("chat")).of_type(METRIC_ALARM)]


@pytest.mark.parametrize("key", TROUBLES)
def test_a_default_alarm_rings_and_falls_silent(
    key: str, apply: Apply, aws: Aws, advance: Advance, write: Write
) -> None:
    """Good traffic, then bad, then good again; alone, so that a page is its own."""
    trouble, what = TROUBLES[key], key.split("/")[1]
    apply(plan(Spec("chat", without=[other for other in (*OF_MODELS, *OF_ALL) if other != what])))
    minute = partial(_minute, write, advance)
    minute([GOOD] * 12)
    advance(15)
    before = _states(aws)[f"chat/{key}"]

    for _ in range(trouble.minutes):
        minute(trouble.bad)
    during = _states(aws)
    spent = 0
    while spent < trouble.over_s:
        step = MINUTE_S if trouble.good else trouble.over_s
        minute(trouble.good, step)
        spent += step
    after = _states(aws)

    assert (before, during[f"chat/{key}"], after[f"chat/{key}"]) == ("OK", "ALARM", "OK")
    page = "chat/all/page/critical"
    assert during.get(page, "OK") == ("ALARM" if key.endswith("/critical") else "OK")
    assert after.get(page, "OK") == "OK"


def _minute(write: Write, advance: Advance, records: list[dict[str, Any]], seconds: int = MINUTE_S) -> None:
    if records:
        write("/inferwatch/chat", *records)
    advance(seconds)


def test_a_handful_of_bad_inferences_rings_nothing(
    apply: Apply, aws: Aws, advance: Advance, write: Write
) -> None:
    """Nine a minute, all of them slow or failed: too few for a percentile or a rate."""
    apply(plan(Spec("chat", budget=None)))

    for _ in range(6):
        write("/inferwatch/chat", *[GOOD | {"duration_ms": 90_000.0}] * 4, *[GOOD | {"status": "error"}] * 5)
        advance(MINUTE_S)

    assert "ALARM" not in {state for name, state in _states(aws).items() if "no-traffic" not in name}


def test_cancelled_and_abandoned_inferences_are_no_failures(
    apply: Apply, aws: Aws, advance: Advance, write: Write
) -> None:
    """Nor do they water the rate down: 1 of 20 that ended is 5 %, not 1 of 100."""
    apply(plan(Spec("chat", models={"default": Model(error_rate=0.04)})))
    left = [GOOD | {"status": "cancelled"}] * 40 + [GOOD | {"status": "abandoned"}] * 40

    for _ in range(3):
        write("/inferwatch/chat", *left, *[GOOD] * 20)
        advance(MINUTE_S)
    advance(15)
    quiet = _states(aws)["chat/default/error-rate/critical"]
    for _ in range(3):
        write("/inferwatch/chat", *left, *_some({"status": "error"}, 1, 20))
        advance(MINUTE_S)

    assert (quiet, _states(aws)["chat/default/error-rate/critical"]) == ("OK", "ALARM")


def test_a_named_model_rings_by_its_own_thresholds(
    apply: Apply, aws: Aws, advance: Advance, write: Write
) -> None:
    """And not by the default ones, which watch every model that is not named."""
    spec = Spec("chat", models={"default": Model(latency_p99_ms=1_000), "slow": Model(latency_p99_ms=60_000)})
    apply(plan(spec))

    for _ in range(3):
        write("/inferwatch/chat", *[GOOD | {"model": "slow", "duration_ms": 20_000.0}] * 12, *[GOOD] * 12)
        advance(MINUTE_S)
    advance(15)
    slow_one = _states(aws)
    for _ in range(3):
        write("/inferwatch/chat", *[GOOD | {"model": "other", "duration_ms": 20_000.0}] * 12)
        advance(MINUTE_S)
    other_one = _states(aws)

    keys = ("chat/slow/latency/critical", "chat/default/latency/critical")
    assert [slow_one[key] for key in keys] == ["OK", "OK"]
    assert [other_one[key] for key in keys] == ["OK", "ALARM"]


def test_a_budget_of_errors_that_burns_fast_pages_while_it_burns(
    apply: Apply, aws: Aws, advance: Advance, write: Write
) -> None:
    """2 % of failures burn 0.1 % twenty times too fast; five minutes after they end, so does the page."""
    apply(
        plan(Spec("chat", slos=[Slo("availability", objective=0.999)], without=["error-rate", "no-traffic"]))
    )
    page, ticket = "chat/slo/availability/critical", "chat/slo/availability/warning"
    states = []

    for bad, minutes in ((0, 10), (2, 10), (0, 7)):
        for _ in range(minutes):
            write("/inferwatch/chat", *_some({"status": "error"}, bad))
            advance(MINUTE_S)
        found = _states(aws)
        states.append((found[page], found[ticket], found["chat/all/page/critical"]))

    # 20 of 2,000 are 1 %: below the hour's 1.44 %, above the six hours' 0.6 %, the day's 0.3 % and the 0.1 %.
    assert states == [("OK", "OK", "OK"), ("ALARM", "ALARM", "ALARM"), ("ALARM", "ALARM", "ALARM")]
    assert found["chat/slo/availability/1h"] == "OK"
    assert found["chat/slo/availability/1h-5m"] == "OK"
    assert found["chat/slo/availability/6h"] == "ALARM"


def test_a_promise_of_latency_is_of_the_share_that_is_slow(
    apply: Apply, aws: Aws, advance: Advance, write: Write
) -> None:
    """4 of 10 slower than promised, where 1 of 20 may be: six times too fast, but not fourteen times."""
    apply(plan(Spec("chat", slos=[Slo("fast", objective=0.95, latency_ms=4_000)])))

    for _ in range(12):
        write("/inferwatch/chat", *_some({"duration_ms": 6_000.0}, 4, 10))
        advance(MINUTE_S)

    states = _states(aws)
    assert states["chat/slo/fast/1h"] == "OK"
    assert (states["chat/slo/fast/6h"], states["chat/slo/fast/6h-30m"]) == ("ALARM", "ALARM")
    assert states["chat/slo/fast/critical"] == "ALARM"


SPAN = {
    "kind": "CLIENT",
    "durationNano": 2_000_000_000,
    "attributes": {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.response.time_to_first_chunk": 5.0,
    },
}
INVOCATION = {
    "schemaType": "ModelInvocationLog",
    "modelId": "m",
    "output": {"outputBodyJson": {"metrics": {"latencyMs": 20_000}}},
}
EMBEDDED = GOOD | {
    "duration_ms": 20_000.0,
    "_aws": {
        "CloudWatchMetrics": [
            {
                "Namespace": "inferwatch/chat",
                "Dimensions": [[], ["model"]],
                "Metrics": [{"Name": "duration_ms", "Unit": "Milliseconds"}],
            }
        ]
    },
}


@pytest.mark.parametrize(
    ("source", "record", "ringing", "quiet"),
    [
        ("otel", SPAN, "default/first-token/warning", "default/latency/warning"),
        ("otel", SPAN | {"durationNano": 20_000_000_000}, "default/latency/warning", "default/latency/critical"),
        ("bedrock", INVOCATION, "default/latency/warning", "default/latency/critical"),
        ("bedrock", INVOCATION | {"errorCode": "ThrottlingException"}, "default/throttle-rate/critical", "default/error-rate/critical"),
        ("emf", EMBEDDED, "default/latency/warning", "default/latency/critical"),
    ],
)  # fmt: skip
def test_other_logs_ring_by_the_same_thresholds(
    source: str,
    record: dict[str, Any],
    ringing: str,
    quiet: str,
    apply: Apply,
    aws: Aws,
    advance: Advance,
    write: Write,
) -> None:
    """Whatever unit their figures are in: thresholds are milliseconds."""
    apply(plan(Spec("chat", source=source)))

    for _ in range(4):
        write("/inferwatch/chat", *[record] * 12)
        advance(MINUTE_S)

    states = _states(aws)
    assert (states[f"chat/{ringing}"], states[f"chat/{quiet}"]) == ("ALARM", "OK")
