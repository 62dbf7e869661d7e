"""The demo itself: engine, program, LLM, calm, incident, alarm, notification, summary."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import inferwatch
from inferwatch import deploy
from inferwatch.demo import llm
from inferwatch.demo.llm import Choice
from inferwatch.demo.observed import Observed
from inferwatch.demo.program import published_program
from inferwatch.demo.screen import Screen
from inferwatch.demo.summary import AlarmStory, Summary
from inferwatch.demo.traffic import LONG_TOKENS, SHORT_TOKENS, Traffic
from inferwatch.demo.webhook import Notification, Webhook
from inferwatch.local import LocalServer
from inferwatch.model.errors import InferwatchError

_REGION: Final = "us-east-1"
# A question every half second leaves the model's core to the engine between; nothing here waits for speed.
_PAUSE_S: Final = 0.5
_PHASE_TIMEOUT_S: Final = 100.0
_NOTIFY_TIMEOUT_S: Final = 15.0
_CONFIRM_TIMEOUT_S: Final = 10.0
_FLUSH_TIMEOUT_S: Final = 10.0
_OUTPUTS: Final = ("log_group_name", "log_stream_name", "dashboard_url")


class DemoFailed(InferwatchError):
    """The chain did not hold: which link, and what was seen."""


@dataclass(slots=True)
class Stage:
    """Everything that is up while the story is told."""

    choice: Choice
    screen: Screen
    webhook: Webhook
    outputs: dict[str, str]
    console_url: str
    traffic: Traffic
    observed: Observed
    state: str = "INSUFFICIENT_DATA"


def set_stage(choice: Choice, *, port: int, screen: Screen, ends: ExitStack) -> Stage:
    """Start the engine, apply the program, load the LLM, and tell the application where to write.

    Args:
        ends: Ends it all, in reverse order.

    Raises:
        DemoFailed: The webhook was not asked to confirm.
        UsageError: The LLM did not start, or the port is taken.
    """
    screen.title("inferwatch: real inferences of an LLM, watched by CloudWatch, on this machine")
    if choice is Choice.SIMULATED:
        screen.warn("the LLM is SIMULATED: its answers and latencies are made up; everything else is real")
    folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="inferwatch-demo-")))
    os.environ["INFERWATCH_STATE_DIR"] = str(folder)  # the stack ends with the engine: so does its state
    with screen.step("CloudWatch, embedded"):
        server = ends.enter_context(LocalServer(port=port, prepare_console=True))
    webhook = Webhook()
    ends.callback(webhook.close)
    with screen.step("Pulumi program applied: log group, stream, filters, alarms, topic, dashboard"):
        applied = deploy.up(
            published_program(),
            endpoint_url=server.endpoint_url,
            config={"notifyUrl": webhook.url, "aws:region": _REGION},
        )
        if not webhook.confirmed.wait(_CONFIRM_TIMEOUT_S):
            raise DemoFailed("the webhook was not asked to confirm its subscription")
    outputs = {name: str(value) for name, value in applied.outputs.items()}
    with screen.step(f"LLM loaded: {choice}"):
        model = llm.start(choice, folder / "llm.log")
        ends.callback(model.close)
    _configure(server.endpoint_url, outputs)
    ends.callback(inferwatch.flush, timeout_s=2.0)  # while the engine still answers
    console_url = f"{next(iter(applied.console_urls.values()))}&range=15m"
    screen.fact("console", console_url)
    return Stage(
        choice,
        screen,
        webhook,
        outputs,
        console_url,
        Traffic(model),
        Observed(
            endpoint_url=server.endpoint_url,
            region=_REGION,
            log_group=outputs["log_group_name"],
            alarm=outputs["latency_alarm_name"],
        ),
    )


def _configure(endpoint_url: str, outputs: dict[str, str]) -> None:
    """The application's side: where to write, as `inferwatch env` says it."""
    # Any credentials do on loopback, and nobody's real ones are sent there.
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    os.environ.pop("AWS_SESSION_TOKEN", None)
    inferwatch.configure(
        service="demo",
        log_group=outputs["log_group_name"],
        log_stream=outputs["log_stream_name"],
        region=_REGION,
        endpoint_url=endpoint_url,
    )


def play(stage: Stage) -> Summary:
    """Calm, incident, alarm, notification; then count.

    Raises:
        DemoFailed: A link of the chain did not hold.
    """
    stage.screen.title(f"calm: short answers ({SHORT_TOKENS} tokens)")
    _ask_until(stage, "OK", SHORT_TOKENS)
    stage.screen.title(f"incident: long answers ({LONG_TOKENS} tokens) take the same model over 2,000 ms")
    _ask_until(stage, "ALARM", LONG_TOKENS)
    for notification in _await_notification(stage):
        stage.screen.notification(notification.subject, notification.alarm["NewStateReason"])
    return _summarise(stage)


def _ask_until(stage: Stage, wanted: str, max_tokens: int) -> None:
    """Ask the model again and again until the alarm is in a state."""
    deadline = time.monotonic() + _PHASE_TIMEOUT_S
    with stage.screen.ticker() as ticker:
        while stage.state != wanted:
            if time.monotonic() > deadline:
                raise DemoFailed(
                    f"alarm {stage.observed.alarm} is {stage.state} after {_PHASE_TIMEOUT_S:.0f} s; "
                    f"{wanted} was expected"
                )
            inference = stage.traffic.ask(max_tokens)
            _look(stage)
            ticker.show(inference, stage.state, f"{wanted} (alarms are looked at every minute)")
            time.sleep(_PAUSE_S)  # the engine's turn on the core


def _look(stage: Stage) -> None:
    """Read the alarm's state; a change is said."""
    state = stage.observed.state()
    if state != stage.state:
        stage.screen.transition(stage.observed.alarm, stage.state, state)
        stage.state = state


def _await_notification(stage: Stage) -> list[Notification]:
    deadline = time.monotonic() + _NOTIFY_TIMEOUT_S
    while time.monotonic() < deadline:
        heard = _heard(stage)
        if heard:
            return heard
        time.sleep(_PAUSE_S)  # nothing to do until it is delivered
    raise DemoFailed("the alarm fired, and its notification did not arrive at the webhook")


def _heard(stage: Stage) -> list[Notification]:
    """What the webhook was told of the alarm firing."""
    return [
        notification
        for notification in stage.webhook.notifications
        if (notification.alarm["AlarmName"], notification.alarm["NewStateValue"])
        == (stage.observed.alarm, "ALARM")
    ]


def _summarise(stage: Stage) -> Summary:
    report = inferwatch.flush(timeout_s=_FLUSH_TIMEOUT_S)
    records, delivered = inferwatch.stats().accepted, stage.observed.count_events()
    if records != delivered:
        raise DemoFailed(f"{records} records were made and {delivered} are in the log group: {report}")
    return Summary(
        llm=stage.choice,
        records=records,
        delivered=delivered,
        lost=records - delivered,
        metric_datapoints=stage.observed.count_datapoints(),
        alarm=AlarmStory(stage.observed.alarm, stage.observed.states()),
        notifications=len(_heard(stage)),
        outputs={name: stage.outputs[name] for name in _OUTPUTS},
    )


def linger(stage: Stage) -> None:
    """Keep asking short questions until Ctrl-C, so that the page stays alive and the alarm recovers."""
    with stage.screen.ticker() as ticker:
        while True:
            inference = stage.traffic.ask(SHORT_TOKENS)
            _look(stage)
            ticker.show(inference, stage.state, "Ctrl-C")
            time.sleep(2 * _PAUSE_S)  # enough that the page moves, on a machine somebody works at
