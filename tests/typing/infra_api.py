"""The Pulumi component as a program uses it, for `mypy --strict`; `test_public_api_types` runs it."""

from __future__ import annotations

from typing import assert_type

import pulumi

from inferwatch.infra import (
    Alarm,
    Anomaly,
    Budget,
    LlmMonitoring,
    M,
    Model,
    Mute,
    Notify,
    Slo,
    Webhook,
)


def defaults() -> LlmMonitoring:
    return LlmMonitoring("chat")


def everything(arn: pulumi.Output[str], group: pulumi.Output[str], secret: pulumi.Output[str]) -> None:
    mon = LlmMonitoring(
        "chat",
        physical_name="chat",
        source="bedrock",
        adopt_log_group=group,
        retention_days=None,
        keep_logs=True,
        models={"default": Model(latency_p99_ms={"warning": 4_000}, error_rate=0.02, ttft_p99_ms="off")},
        slos=[Slo("availability", objective=0.999, window="28d")],
        budget=Budget(usd_per_day=50),
        alarms=[Alarm("cold", when=M.cache_read / (M.cache_read + M.cache_write) < 0.5, means="Cold.")],
        anomalies=[Anomaly("duration", direction="both")],
        notify=Notify(critical=[arn, Webhook("pager", secret)], warning=["ml@example.com"]),
        mutes=[Mute("night", schedule="cron(0 2 * * *)", minutes=60)],
        without=["unpriced"],
        tags={"team": "ml", "group": group},
        opts=pulumi.ResourceOptions(protect=True),
    )
    assert_type(mon.log_group_name, pulumi.Output[str])
    assert_type(mon.log_stream_name, pulumi.Output[str] | None)
    assert_type(mon.dashboard_url, pulumi.Output[str])
    assert_type(mon.environment, dict[str, pulumi.Output[str]])
    assert_type(mon.alarm_arns["default/latency/critical"], pulumi.Output[str])
    assert_type(mon.resources["dashboard"], pulumi.CustomResource)
    assert_type(mon.plan.size.alarms, int)
    pulumi.export("arn", mon.alarms["default/latency/critical"].arn)
