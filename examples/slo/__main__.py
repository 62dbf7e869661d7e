"""Promises about inferences.

An objective of 99.9 % over 30 days is a budget: one inference in a thousand may fail. Alarms look at how fast
the budget goes, over a long window and still in a short one: so fast that a fiftieth is gone within an hour
pages, a tenth within a day is a ticket.
"""

import pulumi
import pulumi_aws as aws

from inferwatch.infra import LlmMonitoring, Notify, Slo

page = aws.sns.Topic("page")
ticket = aws.sns.Topic("ticket")

mon = LlmMonitoring(
    "search",
    slos=[
        Slo("availability", objective=0.999),
        Slo("fast", objective=0.95, latency_ms=4_000),
    ],
    # The promise says when somebody is needed: a bad minute alone is no reason.
    without=["latency", "first-token", "error-rate", "throttle-rate", "no-traffic"],
    notify=Notify(critical=[page], warning=[ticket]),
)

for key in ("log_group_name", "log_stream_name", "dashboard_url"):
    pulumi.export(key, getattr(mon, key))
pulumi.export("page_topic", page.arn)
pulumi.export("ticket_topic", ticket.arn)
