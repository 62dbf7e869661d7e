"""What the demo counted, as it is printed with `--json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class AlarmStory:
    """Every state an alarm was in, in order."""

    name: str
    states: list[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """`records` is the sender's count, `delivered` is counted back from the log group."""

    llm: str
    records: int
    delivered: int
    lost: int
    metric_datapoints: int
    alarm: AlarmStory
    notifications: int
    outputs: dict[str, str]

    def to_json(self) -> str:
        return json.dumps(asdict(self))
