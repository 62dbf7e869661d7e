"""The demo itself: engine, program, LLM, calm, incident, alarm, notification, summary."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import boto3

import inferwatch
from inferwatch import deploy
from inferwatch.demo import llm as llms
from inferwatch.demo.llm import Choice
from inferwatch.demo.program import published_program
from inferwatch.demo.screen import Screen
from inferwatch.demo.traffic import LONG_TOKENS, SHORT_TOKENS, TOKENS_NOTE, Traffic
from inferwatch.demo.webhook import Webhook
from inferwatch.local import LocalServer
from inferwatch.model.errors import InferwatchError

_REGION: Final = "us-east-1"
_PAUSE_S: Final = 0.5
_PHASE_TIMEOUT_S: Final = 110.0
_NOTIFY_TIMEOUT_S: Final = 15.0
_CONFIRM_TIMEOUT_S: Final = 10.0
_OUTPUTS: Final = ("log_group_name", "log_stream_name", "dashboard_url")


class DemoFailed(InferwatchError):
    """The chain did not hold: which link, and what was seen."""


@dataclass(frozen=True, slots=True)
class AlarmStory:
    """Every state an alarm was in, in order."""

    name: str
    states: list[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was counted. `delivered` is counted back from the log group, not taken from the sender."""

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


class Demo:
    """One run; use it as a context manager, `play` it once, and `linger` while somebody looks."""

    def __init__(self, choice: Choice, *, port: int, screen: Screen) -> None:
        self._choice = choice
        self._port = port
        self._screen = screen
        self._ends = contextlib.ExitStack()

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def play(self) -> Summary:
        """The whole story, up to the alarm's notification.

        Raises:
            DemoFailed: A link of the chain did not hold.
            UsageError: The LLM is not installed, a port is taken.
        """
        screen = self._screen
        screen.title("inferwatch: real LLM inferences, watched by CloudWatch, on this machine")
        if self._choice is Choice.SIMULATED:
            screen.warn(
                "the LLM is SIMULATED: its answers and latencies are made up; everything else is real"
            )
        folder = Path(self._ends.enter_context(tempfile.TemporaryDirectory(prefix="inferwatch-demo-")))
        with screen.step("CloudWatch, embedded"):
            self.server = self._ends.enter_context(LocalServer(port=self._port))
        self.webhook = Webhook()
        self._ends.callback(self.webhook.close)
        with screen.step("Pulumi program applied: log group, stream, filters, alarms, topic, dashboard"):
            result = self._apply()
        self.outputs = {name: str(value) for name, value in result.outputs.items()}
        self.dashboard = next(iter(result.console_urls.values()), self.server.console_url)
        with screen.step(f"LLM loaded: {self._choice}"):
            model = llms.start(self._choice, folder / "llm.log")
            self._ends.callback(model.close)
        self._connect()
        self.traffic = Traffic(model)
        screen.fact("console", self.dashboard)
        self._calm()
        self._incident()
        return self._summarise()

    def _apply(self) -> deploy.Result:
        result = deploy.up(
            published_program(),
            endpoint_url=self.server.endpoint_url,
            config={"notifyUrl": self.webhook.url, "aws:region": _REGION},
        )
        if not self.webhook.confirmed.wait(_CONFIRM_TIMEOUT_S):
            raise DemoFailed("the webhook was not asked to confirm its subscription")
        return result

    def _connect(self) -> None:
        """The application's side: where to write, as `inferwatch env` would say it."""
        inferwatch.configure(
            service="demo",
            log_group=self.outputs["log_group_name"],
            log_stream=self.outputs["log_stream_name"],
            region=_REGION,
            endpoint_url=self.server.endpoint_url,
        )
        self._ends.callback(inferwatch.flush)
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self._aws: dict[str, Any] = {
            service: boto3.client(service, endpoint_url=self.server.endpoint_url, region_name=_REGION, **keys)
            for service in ("logs", "cloudwatch")
        }
        self.alarm = self.outputs["latency_alarm_name"]

    def _calm(self) -> None:
        screen = self._screen
        screen.title(f"calm: short answers ({SHORT_TOKENS} tokens)")
        with self._asking(SHORT_TOKENS, until="OK") as state:
            screen.transition(self.alarm, "INSUFFICIENT_DATA", state)

    def _incident(self) -> None:
        screen = self._screen
        screen.title(f"incident: the same model is asked for {LONG_TOKENS} tokens, {TOKENS_NOTE}")
        with self._asking(LONG_TOKENS, until="ALARM") as state:
            screen.transition(self.alarm, "OK", state)
        deadline = time.monotonic() + _NOTIFY_TIMEOUT_S
        while not self._alarmed() and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
        for notification in self._alarmed():
            screen.notification(notification.subject, notification.alarm["NewStateReason"])
        if not self._alarmed():
            raise DemoFailed("the alarm fired, and its notification did not arrive at the webhook")

    def _alarmed(self) -> list[Any]:
        return [
            notification
            for notification in self.webhook.notifications
            if notification.alarm["AlarmName"] == self.alarm
            and notification.alarm["NewStateValue"] == "ALARM"
        ]

    @contextlib.contextmanager
    def _asking(self, max_tokens: int, *, until: str) -> Iterator[str]:
        """Ask the model again and again until the alarm is in a state."""
        deadline = time.monotonic() + _PHASE_TIMEOUT_S
        with self._screen.ticker() as ticker:
            while True:
                inference = self.traffic.ask(max_tokens)
                state = self._state()
                ticker.show(inference, state, f"{until} (looked at every minute)")
                if state == until:
                    break
                if time.monotonic() > deadline:
                    raise DemoFailed(
                        f"alarm {self.alarm} is {state} after {_PHASE_TIMEOUT_S:.0f} s; {until} was expected"
                    )
                time.sleep(_PAUSE_S)
        yield state

    def _state(self) -> str:
        described = self._aws["cloudwatch"].describe_alarms(AlarmNames=[self.alarm])
        return str(described["MetricAlarms"][0]["StateValue"])

    def _states(self) -> list[str]:
        pages = self._aws["cloudwatch"].get_paginator("describe_alarm_history")
        items = [
            json.loads(item["HistoryData"])
            for page in pages.paginate(
                AlarmName=self.alarm, HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
            )
            for item in page["AlarmHistoryItems"]
        ]
        return [items[0]["oldState"]["stateValue"], *(item["newState"]["stateValue"] for item in items)]

    def _summarise(self) -> Summary:
        report = inferwatch.flush(timeout_s=10)
        records = inferwatch.stats().accepted
        delivered = self._count_events()
        summary = Summary(
            llm=self._choice,
            records=records,
            delivered=delivered,
            lost=records - delivered,
            metric_datapoints=self._count_datapoints(),
            alarm=AlarmStory(self.alarm, self._states()),
            notifications=len(self._alarmed()),
            outputs={name: self.outputs[name] for name in _OUTPUTS},
        )
        if summary.lost:
            raise DemoFailed(f"{summary.lost} of {records} records did not arrive: {report}")
        return summary

    def _count_events(self) -> int:
        pages = self._aws["logs"].get_paginator("filter_log_events")
        group = self.outputs["log_group_name"]
        return sum(len(page["events"]) for page in pages.paginate(logGroupName=group))

    def _count_datapoints(self) -> int:
        """One-minute datapoints of the metric that the alarm watches."""
        now = time.time()
        described = self._aws["cloudwatch"].describe_alarms(AlarmNames=[self.alarm])["MetricAlarms"][0]
        statistics = self._aws["cloudwatch"].get_metric_statistics(
            Namespace=described["Namespace"],
            MetricName=described["MetricName"],
            Statistics=[described["Statistic"]],
            Period=described["Period"],
            StartTime=now - 3_600,
            EndTime=now + 60,
        )
        return len(statistics["Datapoints"])

    def linger(self) -> None:
        """Keep answering short questions, so that the page stays alive and the alarm recovers."""
        with self._screen.ticker() as ticker:
            while True:
                ticker.show(self.traffic.ask(SHORT_TOKENS), self._state(), "Ctrl-C")
                time.sleep(2 * _PAUSE_S)
