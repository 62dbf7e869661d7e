"""Names of CloudWatch's statistics, as alarms and queries spell them.

Source: CloudWatch User Guide, "CloudWatch statistics definitions"; the AWS provider's check of alarms.
"""

from __future__ import annotations

import re
from typing import Final

SIMPLE_STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")

_PERCENT: Final = r"(100(\.0{1,10})?|\d{1,2}(\.\d{1,10})?)"
_EDGE: Final = r"\d+(\.\d+)?"
EXTENDED_STATISTIC: Final = re.compile(
    rf"(p|tm|tc|ts|wm){_PERCENT}"
    rf"|(TM|TC|TS|WM)\(({_PERCENT}%)?:({_PERCENT}%)?\)"
    rf"|(TM|TC|TS|WM|PR)\(({_EDGE})?:({_EDGE})?\)"
    r"|IQM",
    re.ASCII,
)


def is_statistic(name: str) -> bool:
    """Is this the name of a statistic, simple or extended?"""
    return name in SIMPLE_STATISTICS or EXTENDED_STATISTIC.fullmatch(name) is not None
