"""What aws-lambda-powertools prints: as embedded.py."""

from aws_lambda_powertools.metrics import Metrics, MetricUnit

metrics = Metrics(namespace="Mission", service="app")
for failed in (False, True, True):
    metrics.add_dimension(name="Model", value="m")
    metrics.add_metric(name="Errors", unit=MetricUnit.Count, value=int(failed))
    metrics.add_metric(name="Duration", unit=MetricUnit.Milliseconds, value=120.5)
    metrics.add_metadata(key="requestId", value="r-1")
    metrics.flush_metrics()
