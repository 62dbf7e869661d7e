"""The tour: one inference followed from the application to the page, through every room, in order.

Read this first. The clock stands still until the test moves it; the two sockets are real: the shipper's way
to the engine, and the notification's way to the webhook.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

from inferwatch.capture import Recorder, inference
from inferwatch.demo.webhook import Webhook
from inferwatch.engine.alarms.alarm import MetricAlarm
from inferwatch.engine.alarms.watch import Reader, Slot, watch
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.filterpattern import compile_pattern
from inferwatch.engine.metricfilters.apply import apply_filters
from inferwatch.engine.metricfilters.sample import Sample
from inferwatch.engine.metrics.store import Metric
from inferwatch.local import LocalServer
from inferwatch.ship.report import Report
from inferwatch.ship.shipper import Shipper
from inferwatch.ship.target import Target
from inferwatch.testing.aws import client
from inferwatch.wire.post import http_poster

NOON_MS = 1_795_521_600_000  # 2026-11-24T12:00:00Z
GROUP, STREAM = "/inferwatch/app", "worker-1"


def test_one_inference_to_one_alarm() -> None:
    """2,600 ms of one model call become one page that somebody reads."""
    with ExitStack() as ends:
        webhook = Webhook()
        ends.callback(webhook.close)
        clock = ManualClock(NOON_MS)
        server = ends.enter_context(LocalServer(port=0, clock=clock, keeps_time=False))
        _follow(clock, server, webhook)


def _follow(clock: ManualClock, server: LocalServer, webhook: Webhook) -> None:
    logs, cloudwatch, sns = (client(server.cloud, service) for service in ("logs", "cloudwatch", "sns"))
    engine = server.cloud.engine("us-east-1")

    # --- Infrastructure: what the Pulumi program sets up.
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    logs.put_metric_filter(
        logGroupName=GROUP,
        filterName="latency",
        filterPattern="{ $.duration_ms >= 0 }",
        metricTransformations=[
            {
                "metricName": "InferenceLatency",
                "metricNamespace": "LLM/Inference",
                "metricValue": "$.duration_ms",
                "unit": "Milliseconds",
            }
        ],
    )
    topic = sns.create_topic(Name="llm-alarms")["TopicArn"]
    cloudwatch.put_metric_alarm(
        AlarmName="slow-inference",
        Namespace="LLM/Inference",
        MetricName="InferenceLatency",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=2_000,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )

    # --- Capture: a call of a model becomes one record.
    shipped: list[dict[str, object]] = []
    ticks = iter((0, 2_600_000_000))
    recorder = Recorder(
        shipped.append,
        service="checkout",
        wall_ms=clock.now_ms,
        monotonic_ns=lambda: next(ticks),
        entropy=bytes,
    )
    with inference(recorder, "chat", provider="openai", model="gpt-5-mini") as call:
        call.usage(input_tokens=120, output_tokens=42)
        call.finish("stop")

    (record,) = shipped
    assert record == {
        "v": 1,
        "ts": "2026-11-24T12:00:00.000Z",
        "id": record["id"],
        "writer": record["writer"],
        "seq": 0,
        "service": "checkout",
        "operation": "chat",
        "provider": "openai",
        "model": "gpt-5-mini",
        "stream": False,
        "status": "ok",
        "duration_ms": 2_600.0,
        "input_tokens": 120,
        "output_tokens": 42,
        "total_tokens": 162,
        "usage_source": "provider",
        "cost_usd": 0.000114,
        "cost_status": "priced",
        "price_id": record["price_id"],
        "finish_reason": "stop",
    }

    # --- Ship: the record becomes a log event, over AWS's own wire.
    target = Target(GROUP, "us-east-1", "checkout", STREAM, server.endpoint_url)
    shipper = Shipper(target, wall_ms=clock.now_ms)
    shipper.emit(record)
    report = shipper.flush(timeout_s=5)
    shipper.close()

    assert report == Report(sent=1, waiting=0, dropped=0, rejected=0, last_error=None)

    # --- Logs: the event is in its stream.
    (event,) = logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM)["events"]
    assert json.loads(event["message"]) == record
    assert event["timestamp"] == NOON_MS

    # --- Filter pattern and metric filter: the event becomes a sample.
    assert compile_pattern("{ $.duration_ms >= 0 }").matches(event["message"])
    samples = list(apply_filters(engine.filters.of_group(GROUP), event["message"]))
    assert [(made.name, sample) for made, sample in samples] == [("latency", Sample(2_600.0, {}))]

    # --- Metric: the sample is in its minute.
    metric = Metric("LLM/Inference", "InferenceLatency")
    (summary,) = engine.metrics.periods(metric, 60, NOON_MS, NOON_MS + 60_000, "Milliseconds").values()
    assert (summary.count, summary.sum, summary.percentile(99)) == (1.0, 2_600.0, 2_600.0)

    # --- Alarm: ten seconds after the minute it is looked at, and fires.
    topics = engine.topics
    subscription = topics.subscribe(topic, "http", webhook.url, raw=False, now_ms=clock.now_ms())
    _deliver(server)
    assert subscription.confirmed
    clock.move_to(NOON_MS + 69_999)
    engine.run_due()
    assert _alarm(cloudwatch)["StateValue"] == "OK"
    clock.move_to(NOON_MS + 70_000)
    (watching,) = engine.alarms.all()
    assert isinstance(watching, MetricAlarm)
    reader = Reader(engine.metrics, engine.bands, engine.realm.account_id, clock.now_ms())
    assert watch(watching.definition, reader).slots == [
        Slot(NOON_MS - 120_000, None),
        Slot(NOON_MS - 60_000, None),
        Slot(NOON_MS, 2_600.0, 1.0),
    ]
    engine.run_due()
    alarm = _alarm(cloudwatch)
    assert (alarm["StateValue"], alarm["StateReason"]) == (
        "ALARM",
        "Threshold Crossed: 1 datapoint [2600.0 (24/11/26 12:00:00)] was greater than the threshold (2000.0).",
    )

    # --- Notification: SNS tells the webhook, in AWS's words.
    _deliver(server)
    (notification,) = webhook.notifications
    assert notification.subject == 'ALARM: "slow-inference" in US East (N. Virginia)'
    assert notification.alarm["NewStateReason"] == alarm["StateReason"]
    assert notification.alarm["OldStateValue"] == "OK"
    assert notification.alarm["Trigger"]["MetricName"] == "InferenceLatency"


def _alarm(cloudwatch: Any) -> dict[str, Any]:
    described: dict[str, Any] = cloudwatch.describe_alarms(AlarmNames=["slow-inference"])["MetricAlarms"][0]
    return described


def _deliver(server: LocalServer) -> None:
    """What a server that keeps time does with a delivery, done here so that nothing is waited for."""
    post = http_poster()
    for delivery in server.cloud.due_deliveries():
        delivery.answered(post(delivery.post), None, server.cloud.clock.now_ms())
