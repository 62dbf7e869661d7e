"""An application that logs through watchtower: three inferences, two of them failed."""

from __future__ import annotations

import logging

import boto3
import watchtower
from mission import GROUP, MESSAGES, STREAM, furnish

logs = boto3.client("logs")
logs.create_log_group(logGroupName=GROUP)
furnish(logs, boto3.client("cloudwatch"))
handler = watchtower.CloudWatchLogHandler(
    log_group_name=GROUP, log_stream_name=STREAM, boto3_client=logs, log_group_retention_days=7
)
logger = logging.getLogger("app")
logger.setLevel(logging.INFO)
logger.addHandler(handler)
for message in MESSAGES:
    logger.info(message)
handler.close()
