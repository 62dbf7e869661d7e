"""Every example's life on a running engine: made, unchanged, changed, drifted, put right, gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inferwatch import deploy
from inferwatch.deploy import Changes

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
Client = Callable[[str], Any]


@dataclass(frozen=True)
class Life:
    """What an example makes, and what becomes of one change of its text.

    `alarms` are metric and composite ones; `hand` is the alarm that somebody deletes by hand.
    """

    group: str
    alarms: tuple[int, int]
    filters: int
    queries: int
    topics: int
    others: int
    change: tuple[str, str]
    updated: int
    hand: str

    @property
    def total(self) -> int:
        """The dashboard and the log group come on top."""
        return sum((*self.alarms, self.filters, self.queries, self.topics, self.others, 2))


LIVES = {
    # Others: the stream.
    "published": Life("llm-inferences-", (3, 0), 5, 0, 1, 1, ("SLOW_MS = 2_000", "SLOW_MS = 3_000"), 3, "slow-p99-"),
    "quickstart": Life(
        "/inferwatch/chat-dev", (15, 1), 24, 8, 0, 1,
        ('"chat")', '"chat", retention_days=7)'), 1, "chat-dev/default/latency/warning",
    ),
    # Others: stream, subscription.
    "multi-model": Life(
        "/inferwatch/assistant-dev", (24, 1), 38, 8, 1, 2,
        ("error_rate=0.02)", "error_rate=0.03)"), 4, "assistant-dev/gpt-5/latency/warning",
    ),
    "slo": Life(
        "/inferwatch/search-dev", (22, 5), 24, 8, 2, 1,
        ("latency_ms=4_000", "latency_ms=3_000"), 8, "search-dev/all/dropped/warning",
    ),
    # Others: the role and its policy.
    "bedrock": Life(
        "invocations-", (12, 1), 24, 5, 0, 2,
        ('"critical": 60_000', '"critical": 50_000'), 3, "bedrock-dev/default/latency/warning",
    ),
    # Others: stream, masks, indexes, two subscriptions, a mute rule, the role and its policy.
    "full": Life(
        "/inferwatch/shop-dev", (36, 6), 38, 8, 3, 8,
        ("usd_per_day=50", "usd_per_day=60"), 2, "shop-dev/custom/cold-cache/warning",
    ),
}  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path, endpoint_url: str) -> Iterator[Callable[[str], Path]]:
    """Copies examples, to be changed; each stack is destroyed at the end."""
    made: list[Path] = []

    def make(name: str) -> Path:
        made.append(Path(shutil.copytree(EXAMPLES / name, tmp_path / name)))
        return made[-1]

    yield make
    for directory in made:
        deploy.destroy(directory, endpoint_url=endpoint_url)


def found(client: Client) -> dict[str, Any]:
    """What the engine itself says that there is."""
    logs, cloudwatch, sns = client("logs"), client("cloudwatch"), client("sns")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = [
        (kind, alarm["AlarmName"])
        for page in pages
        for kind in ("MetricAlarms", "CompositeAlarms")
        for alarm in page[kind]
    ]
    filters = [
        each
        for page in logs.get_paginator("describe_metric_filters").paginate()
        for each in page["metricFilters"]
    ]
    return {
        "groups": groups,
        "alarms": tuple(
            sum(kind == each for each, _ in alarms) for kind in ("MetricAlarms", "CompositeAlarms")
        ),
        "filters": len(filters),
        "queries": len(logs.describe_query_definitions()["queryDefinitions"]),
        "topics": len(sns.list_topics()["Topics"]),
        "dashboards": len(cloudwatch.list_dashboards()["DashboardEntries"]),
    }


def alarm_named(client: Client, name: str) -> str:
    (alarm,) = client("cloudwatch").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
    return str(alarm["AlarmName"])


NOTHING = {"groups": [], "alarms": (0, 0), "filters": 0, "queries": 0, "topics": 0, "dashboards": 0}


@pytest.mark.parametrize("name", LIVES)
def test_an_examples_life(name: str, copy: Callable[[str], Path], client: Client, endpoint_url: str) -> None:
    """Each step does what it says and no more; at the end nothing is left."""
    life, directory = LIVES[name], copy(name)
    program = directory / "__main__.py"
    cloudwatch, logs = client("cloudwatch"), client("logs")

    made = deploy.up(directory, endpoint_url=endpoint_url)
    there = found(client)
    again = deploy.up(directory, endpoint_url=endpoint_url)
    program.write_text(program.read_text().replace(*life.change))
    changed = deploy.up(directory, endpoint_url=endpoint_url)
    by_hand = alarm_named(client, life.hand)
    cloudwatch.delete_alarms(AlarmNames=[by_hand])
    (group,) = there["groups"]
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    drifted = deploy.refresh(directory, endpoint_url=endpoint_url)
    righted = deploy.up(directory, endpoint_url=endpoint_url)
    back = alarm_named(client, life.hand)
    kept = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"]
    gone = deploy.destroy(directory, endpoint_url=endpoint_url)

    assert made.changes == Changes(create=life.total)
    assert group.startswith(life.group)
    assert there == {
        "groups": [group],
        "alarms": life.alarms,
        "filters": life.filters,
        "queries": life.queries,
        "topics": life.topics,
        "dashboards": 1,
    }
    assert again.changes == Changes(same=life.total)
    assert again.outputs == made.outputs
    assert changed.changes == Changes(update=life.updated, same=life.total - life.updated)
    assert drifted.changes == Changes(update=1, delete=1, same=life.total - 2)
    assert (righted.changes.create, righted.changes.delete, righted.changes.replace) == (1, 0, 0)
    assert back.startswith(life.hand)
    assert kept > 1
    assert gone.changes == Changes(delete=life.total)
    assert found(client) == NOTHING


def test_every_example_is_here() -> None:
    """A folder with a Pulumi project is an example; each has a page."""
    projects = {path.parent.name for path in EXAMPLES.glob("*/Pulumi.yaml")}

    assert projects == LIVES.keys()
    assert all((EXAMPLES / name / "README.md").is_file() for name in projects)
