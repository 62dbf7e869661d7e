"""Each way to ship a record, set up as its own documentation says: `emit(record)`, then `close()`."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Protocol

GROUP, REGION = "/bench", "us-east-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}

Record = dict[str, object]


class Peer(Protocol):
    def emit(self, record: Record) -> object: ...

    def close(self) -> object: ...


class Inferwatch:
    """Its own default: a spool on disk."""

    def __init__(self, url: str, folder: Path) -> None:
        from inferwatch.ship.send import _import_all
        from inferwatch.ship.shipper import Shipper
        from inferwatch.ship.target import Target

        _import_all()  # they belong to the import base, as the peers' do
        self._make = lambda: Shipper(Target(GROUP, REGION, "bench", "s", url), spool_dir=folder)

    def open(self) -> Peer:
        self.shipper = self._make()
        self.emit = self.shipper.emit
        return self

    def emit(self, record: Record) -> object:
        raise NotImplementedError("opened first")

    def close(self) -> object:
        return self.shipper.close()

    def finish(self) -> object:
        """Wait for the last record, as the peers' `close` does."""
        self.shipper.flush(120)
        return self.close()


class Watchtower:
    """A `logging` handler; its default sends every minute."""

    options: ClassVar[dict[str, Any]] = {}

    def __init__(self, url: str, _: Path) -> None:
        import boto3
        import watchtower

        self._make = lambda: watchtower.CloudWatchLogHandler(
            log_group_name=GROUP,
            log_stream_name=type(self).__name__,
            boto3_client=boto3.client("logs", endpoint_url=url, region_name=REGION),
            **self.options,
        )

    def open(self) -> Peer:
        self.handler = self._make()
        self.log = logging.getLogger("bench")
        self.log.setLevel(logging.INFO)
        self.log.propagate = False
        self.log.addHandler(self.handler)
        return self

    def emit(self, record: Record) -> object:
        return self.log.info(record)

    def close(self) -> object:
        return self.handler.close()


class TunedWatchtower(Watchtower):
    """Sent every second; records arrive as text, made by the fastest writer of JSON."""

    options: ClassVar[dict[str, Any]] = {"send_interval": 1}

    def emit(self, record: Record) -> object:
        import orjson

        return self.log.info(orjson.dumps(record).decode())


class BareBoto3:
    """A queue and a thread that puts full batches: what one writes by hand on a good day."""

    def __init__(self, url: str, _: Path) -> None:
        import boto3

        self._make = lambda: boto3.client("logs", endpoint_url=url, region_name=REGION)

    def open(self) -> Peer:
        self.client = self._make()
        self.queue: queue.SimpleQueue[dict[str, object] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def emit(self, record: Record) -> object:
        event = {
            "timestamp": time.time_ns() // 1_000_000,
            "message": json.dumps(record, separators=(",", ":")),
        }
        return self.queue.put(event)

    def close(self) -> object:
        self.queue.put(None)
        return self.thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, size, due_s = [], 0, time.monotonic() + 1
            while is_open and len(batch) < 10_000 and size < 1_000_000:
                try:
                    event = self.queue.get(timeout=max(0.0, due_s - time.monotonic()))
                except queue.Empty:
                    break
                if event is None:
                    is_open = False
                else:
                    batch.append(event)
                    size += len(str(event["message"])) + 26
            if batch:
                with contextlib.suppress(Exception):  # the SDK has tried its own five times
                    self.client.put_log_events(logGroupName=GROUP, logStreamName="boto3", logEvents=batch)


class OtelLogs:
    """The SDK's batch processor with its default queue; attributes as they are."""

    def __init__(self, url: str, _: Path) -> None:
        from opentelemetry._logs import LogRecord, SeverityNumber
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.sdk._logs import LoggerProvider
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

        self._record: Callable[..., Any] = LogRecord
        self._severity = SeverityNumber.INFO
        self._provider = LoggerProvider
        self._processor = lambda: BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{url}/v1/logs"))

    def open(self) -> Peer:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self.provider = self._provider()
        self.provider.add_log_record_processor(self._processor())
        self.logger = self.provider.get_logger("bench")
        return self

    def emit(self, record: Record) -> object:
        now_ns = time.time_ns()
        numbered = f"writer {record['writer']} seq {record['seq']}"  # how the stub tells them apart
        return self.logger.emit(
            self._record(
                timestamp=now_ns,
                observed_timestamp=now_ns,
                severity_number=self._severity,
                body=numbered,
                attributes=record,
            )
        )

    def close(self) -> object:
        return self.provider.shutdown()


class EmbeddedMetrics:
    """AWS's own library, to stdout: an agent has to take it from there."""

    def __init__(self, _url: str, _: Path) -> None:
        os.environ["AWS_EMF_ENVIRONMENT"] = "local"
        from aws_embedded_metrics.logger.metrics_logger_factory import create_metrics_logger

        self._make = create_metrics_logger

    def open(self) -> Peer:
        return self

    def emit(self, record: Record) -> object:
        metrics = self._make()
        for name, value in record.items():
            metrics.set_property(name, value)
        metrics.put_metric("duration_ms", record["duration_ms"], "Milliseconds")
        return metrics.flush_sync()

    def close(self) -> object:
        return None


class Powertools:
    """AWS Lambda Powertools' metrics, to stdout."""

    def __init__(self, _url: str, _: Path) -> None:
        from aws_lambda_powertools import Metrics
        from aws_lambda_powertools.metrics import MetricUnit

        self._unit = MetricUnit.Milliseconds
        self._metrics = Metrics(namespace="bench", service="bench")

    def open(self) -> Peer:
        return self

    def emit(self, record: Record) -> object:
        for name, value in record.items():
            self._metrics.add_metadata(name, value)
        self._metrics.add_metric("duration_ms", self._unit, record["duration_ms"])
        return self._metrics.flush_metrics()

    def close(self) -> object:
        return None


PEERS: dict[str, type[Any]] = {
    "inferwatch": Inferwatch,
    "watchtower": Watchtower,
    "watchtower_tuned": TunedWatchtower,
    "boto3": BareBoto3,
    "otel": OtelLogs,
    "aws_embedded_metrics": EmbeddedMetrics,
    "powertools": Powertools,
}
