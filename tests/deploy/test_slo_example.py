"""`examples/slo`, applied to an engine on a clock that the test moves: a budget burns, and people are told."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from inferwatch.deploy.child import perform
from inferwatch.deploy.clients import Clients
from inferwatch.deploy.endpoint import Edge
from inferwatch.deploy.project import load_project
from inferwatch.deploy.request import Request
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

EXAMPLE = Path(__file__).parents[2] / "examples" / "slo"
_RECORD = {"operation": "chat", "model": "m", "duration_ms": 800.0}
GOOD, BAD = ([json.dumps(_RECORD | {"status": status})] for status in ("ok", "error"))


class EngineClients(Clients):
    """Clients of the engine in this process."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__("http://127.0.0.1:4586", "us-east-1")
        self._make = cache(lambda service, region: client(cloud, service, region=region))

    def in_region(self, region: str) -> Clients:
        assert region == self.region
        return self

    def _client(self, service: str, region: str | None) -> Any:
        return self._make(service, region or self.region)


@pytest.fixture
def outputs(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the program exports, once it is applied."""
    monkeypatch.chdir(EXAMPLE)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    numbers = count(1)
    edge = Edge(
        clients=EngineClients(cloud),
        now=lambda: "2026-11-24T12:00:00Z",
        suffix=cache(lambda _urn: f"{next(numbers):07x}"),
        emit=lambda _event: None,
    )
    request = Request(
        project=load_project(EXAMPLE, stack="dev", overrides={}, environment={}),
        endpoint_url="http://127.0.0.1:4586",
        state_file=tmp_path / "state.json",
        passphrase_file=tmp_path / "passphrase",
    )
    made = perform(request, edge)
    gc.collect()  # a program's event loops are left to the end of its process
    return dict(made.outputs)


class Service:
    """An application's inferences, a thousand at a time, and who has been told what of them."""

    def __init__(self, aws: Callable[[str], Any], clock: ManualClock, advance: Callable[[int], None]) -> None:
        self._aws, self._clock, self._advance = aws, clock, advance

    def run(self, minutes: int, *, bad: int) -> None:
        """Every five minutes a thousand of them end, `bad` of these in an error."""
        for _ in range(minutes // 5):
            for batch in (GOOD * (1_000 - bad), BAD * bad):
                now_ms = self._clock.now_ms()
                events = [{"timestamp": now_ms, "message": record} for record in batch]
                if events:
                    self._aws("logs").put_log_events(
                        logGroupName="/inferwatch/search-dev",
                        logStreamName="inferences",
                        logEvents=events,
                    )
            self._advance(300)

    def ringing(self, prefix: str) -> set[str]:
        """What is in alarm, of the alarms whose names begin so."""
        answer = self._aws("cloudwatch").describe_alarms(
            AlarmNamePrefix=prefix, StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        alarms = (*answer["MetricAlarms"], *answer["CompositeAlarms"])
        return {str(alarm["AlarmName"]).removeprefix(prefix) for alarm in alarms}

    def told(self, alarm: str) -> list[tuple[str, str]]:
        """(topic, state) of everything an alarm has told, oldest first."""
        history = self._aws("cloudwatch").describe_alarm_history(
            AlarmName=alarm,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="Action",
            ScanBy="TimestampAscending",
        )
        told = [json.loads(item["HistoryData"]) for item in history["AlarmHistoryItems"]]
        return [(each["notificationResource"], _state(each["publishedMessage"])) for each in told]


def _state(published: str) -> str:
    return str(json.loads(json.loads(published)["default"])["NewStateValue"])


@pytest.fixture
def service(
    outputs: dict[str, Any], aws: Callable[[str], Any], clock: ManualClock, advance: Callable[[int], None]
) -> Service:
    """The example's."""
    return Service(aws, clock, advance)


@pytest.mark.parametrize(
    ("bad", "windows", "severities"),
    [
        (1, set(), set()),
        (2, {"3d", "3d-6h"}, {"warning"}),
        (4, {"3d", "3d-6h", "1d", "1d-2h"}, {"warning"}),
        (7, {"3d", "3d-6h", "1d", "1d-2h", "6h", "6h-30m"}, {"warning", "critical"}),
        (15, {"3d", "3d-6h", "1d", "1d-2h", "6h", "6h-30m", "1h", "1h-5m"}, {"warning", "critical"}),
    ],
)
def test_a_share_of_failures_rings_as_the_table_says(
    bad: int, windows: set[str], severities: set[str], service: Service
) -> None:
    """Of 99.9 %: above 0.1, 0.3, 0.6 and 1.44 % in both windows of a pair; days are looked at once an hour."""
    service.run(120, bad=bad)

    assert service.ringing("search-dev/slo/availability/") == windows | severities
    assert service.ringing("search-dev/slo/fast/") == set()
    assert service.ringing("search-dev/all/page/") == severities - {"warning"}


def test_page_and_ticket_are_told_and_told_again_when_it_is_over(
    service: Service, outputs: dict[str, Any]
) -> None:
    """After half an hour of 5 % failures the page ends in half an hour, the ticket in six hours."""
    page, ticket = "search-dev/all/page/critical", "search-dev/slo/availability/warning"
    rang = []

    for minutes, bad in ((60, 0), (30, 50), (20, 0), (15, 0), (300, 0), (60, 0)):
        service.run(minutes, bad=bad)
        rang.append(service.ringing("search-dev/slo/availability/") & {"critical", "warning"})

    both, late = {"critical", "warning"}, {"warning"}
    assert rang == [set(), both, both, late, late, set()]
    page_topic, ticket_topic = outputs["page_topic"], outputs["ticket_topic"]
    assert service.told(page)[-2:] == [(page_topic, "ALARM"), (page_topic, "OK")]
    assert service.told(ticket)[-2:] == [(ticket_topic, "ALARM"), (ticket_topic, "OK")]
    assert {topic for topic, _ in service.told(page)} == {page_topic}
    assert {topic for topic, _ in service.told(ticket)} == {ticket_topic}
