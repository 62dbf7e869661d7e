"""What aws-embedded-metrics prints: three inferences, two of them failed."""

from __future__ import annotations

import asyncio

from aws_embedded_metrics import metric_scope


@metric_scope
async def infer(failed: bool, metrics) -> None:  # type: ignore[no-untyped-def]
    metrics.set_namespace("Mission")
    metrics.set_dimensions({"Model": "m"})
    metrics.put_metric("Errors", int(failed), "Count")
    metrics.put_metric("Duration", 120.5, "Milliseconds")
    metrics.set_property("requestId", "r-1")


for outcome in (False, True, True):
    asyncio.run(infer(outcome))
