"""inferwatch: monitor LLM inferences with Amazon CloudWatch.

In:  calls of models made by an application.
Out: their records in CloudWatch Logs, where metric filters, alarms and dashboards read them.
"""

from inferwatch import testing
from inferwatch.capture import Call, Recorder
from inferwatch.capture.prices import Price
from inferwatch.lambdas import lambda_handler
from inferwatch.model.errors import AwsError, InferwatchError, Unsupported, UsageError
from inferwatch.ship.report import Report
from inferwatch.wiring import LogHandler, Stats, configure, flush, inference, instrument, stats, uninstrument

__version__ = "0.1.0"

__all__ = [
    "AwsError",
    "Call",
    "InferwatchError",
    "LogHandler",
    "Price",
    "Recorder",
    "Report",
    "Stats",
    "Unsupported",
    "UsageError",
    "configure",
    "flush",
    "inference",
    "instrument",
    "lambda_handler",
    "stats",
    "testing",
    "uninstrument",
]
