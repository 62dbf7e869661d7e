"""The environment variables an application is configured by: one side prints them, the other reads them."""

from __future__ import annotations

from typing import Final

LOG_GROUP: Final = "INFERWATCH_LOG_GROUP"
LOG_STREAM: Final = "INFERWATCH_LOG_STREAM"
SERVICE: Final = "INFERWATCH_SERVICE"
SPOOL_DIR: Final = "INFERWATCH_SPOOL_DIR"
