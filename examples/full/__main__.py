"""Everything that `LlmMonitoring` does, in one program."""

import pulumi
import pulumi_aws as aws

from inferwatch.infra import Alarm, Anomaly, Budget, LlmMonitoring, M, Model, Mute, Notify, Slo, Webhook

config = pulumi.Config()
oncall = aws.sns.Topic("oncall")
pager_url = config.get_secret("pagerUrl") or "http://127.0.0.1:9/pager"

mon = LlmMonitoring(
    "shop",
    retention_days=config.get_int("retentionDays") or 90,
    keep_logs=config.get_bool("keepLogs") or False,
    models={
        "default": Model(latency_p99_ms={"warning": 4_000, "critical": 10_000}, error_rate=0.02),
        "gpt-5-mini": Model(latency_p99_ms=6_000),
    },
    slos=[
        Slo("availability", objective=0.999),
        Slo("first-token", objective=0.99, ttft_ms=2_000),
    ],
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
    anomalies=[Anomaly("requests", direction="both")],
    notify=Notify(
        critical=[oncall, Webhook("pager", pager_url)],
        warning=["ml@example.com"],
    ),
    mutes=[Mute("load-test", schedule="cron(0 2 * * *)", minutes=90, mutes_critical=False)],
    runbooks={"default": "https://wiki.example.com/llm", "error-rate": "https://wiki.example.com/llm/errors"},
    without=["unpriced"],
    indexes=["trace_id", "tenant"],
    masks=["EmailAddress"],
    tags={"team": "shop"},
)

# Alarms are there by keys that stay; so is every other resource, in `mon.resources`.
everything = aws.cloudwatch.CompositeAlarm(
    "shop-or-budget",
    alarm_name=pulumi.Output.concat("shop-or-budget-", pulumi.get_stack()),
    alarm_rule=pulumi.Output.concat(
        'ALARM("',
        mon.alarms["default/error-rate/critical"].name,
        '") OR ALARM("',
        mon.alarms["all/cost-day/critical"].name,
        '")',
    ),
)

# Whoever writes the records may do that and nothing else.
writer = aws.iam.Role(
    "writer",
    assume_role_policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)
aws.iam.RolePolicy("write-inferences", role=writer.name, policy=mon.writer_policy)

for key in ("log_group_name", "log_stream_name", "dashboard_url", "environment"):
    pulumi.export(key, getattr(mon, key))
