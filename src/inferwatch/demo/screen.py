"""What the demo says while it runs; on stderr where stdout is for a program."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from inferwatch.demo.summary import Summary
from inferwatch.demo.traffic import Inference

_STATE_STYLES = {"OK": "green", "ALARM": "bold red", "INSUFFICIENT_DATA": "dim"}


class Screen:
    """A short story, line by line; one live line where something is waited for."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def _say(self, text: Text | str = "") -> None:
        """One line, however long: a terminal folds it, a file keeps it whole."""
        self._console.print(text, soft_wrap=True)

    def title(self, text: str) -> None:
        self._say()
        self._say(Text(text, style="bold"))
        self._say()

    def warn(self, text: str) -> None:
        self._say(Text(f"  {text}", style="yellow"))

    def fact(self, label: str, text: str) -> None:
        self._say(Text.assemble(("  ", ""), (f"{label:<14}", "dim"), text))

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """A line with a spinner while it is done, and with the seconds it took when it is."""
        start = time.monotonic()
        with self._console.status(Text(f"{doing} …")):
            yield
        seconds = time.monotonic() - start
        self._say(Text.assemble(("  ✓ ", "green"), doing, (f"  {seconds:.1f} s", "dim")))

    @contextmanager
    def ticker(self) -> Iterator[Ticker]:
        """A line that changes in place while inferences go by."""
        with Live(console=self._console, refresh_per_second=8, transient=True) as live:
            yield Ticker(live, plain=None if self._console.is_terminal else self._console)

    def notification(self, subject: str, reason: str) -> None:
        self._say(Text.assemble(("  ▸ webhook   ", "bold"), (subject, "bold red")))
        self._say(Text(f"              {reason}", style="dim"))

    def transition(self, alarm: str, old: str, new: str) -> None:
        self._say(
            Text.assemble(
                ("  ▸ alarm     ", "bold"),
                f"{alarm}  ",
                (old, _STATE_STYLES.get(old, "")),
                (" → ", "dim"),
                (new, _STATE_STYLES.get(new, "")),
            )
        )

    def summary(self, summary: Summary) -> None:
        self.title("what was counted")
        counts = f"{summary.records} recorded, {summary.delivered} in the log group, {summary.lost} lost"
        self.fact("inferences", counts)
        self.fact("metric", f"{summary.metric_datapoints} one-minute datapoints")
        self.fact("alarm", f"{summary.alarm.name}: {' → '.join(summary.alarm.states)}")
        self.fact("notified", f"{summary.notifications} by webhook")
        for name, value in summary.outputs.items():
            self.fact(name.removesuffix("_name"), value)


class Ticker:
    """The live line: how many inferences, how long the last one took, what the alarm says."""

    def __init__(self, live: Live, plain: Console | None) -> None:
        self._live = live
        self._plain = plain
        self._count = 0

    def show(self, inference: Inference, state: str, waits_for: str) -> None:
        self._count += 1
        line = Text.assemble(
            ("  … ", "dim"),
            f"{self._count} inference{'' if self._count == 1 else 's'}, "
            f"the last {inference.duration_ms:,.0f} ms for {inference.max_tokens} tokens",
            ("   alarm ", "dim"),
            (state, _STATE_STYLES.get(state, "")),
            (f"   waiting for {waits_for}", "dim"),
        )
        self._live.update(line)
        if self._plain is not None and self._count % 10 == 1:
            self._plain.print(line, soft_wrap=True)
