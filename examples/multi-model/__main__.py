"""Each model by thresholds of its own.

What is said of `default` holds for every model that is not named, those of tomorrow too. A level may be
`warning`, `critical` or both; a number is the critical one; "off" is no alarm.
"""

import pulumi

from inferwatch.infra import LlmMonitoring, Model, Notify

mon = LlmMonitoring(
    "assistant",
    models={
        "default": Model(latency_p99_ms={"warning": 4_000, "critical": 10_000}, error_rate=0.02),
        # Long answers are this one's work.
        "gpt-5": Model(latency_p99_ms={"warning": 30_000, "critical": 60_000}, ttft_p99_ms="off"),
        # A cheap one that may be slow, but not be refused.
        "gemma-3-27b": Model(throttle_rate={"critical": 0.01}, latency_p99_ms={"warning": 20_000}),
    },
    notify=Notify(warning=[pulumi.Config().get("warnings") or "http://127.0.0.1:9/warnings"]),
)

for key in ("log_group_name", "log_stream_name", "dashboard_url"):
    pulumi.export(key, getattr(mon, key))
pulumi.export("gpt5_is_slow", mon.alarms["gpt-5/latency/critical"].arn)
