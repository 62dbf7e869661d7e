"""Small marks beside text: the state of an alarm in words, the colour of a line, where a state held."""

from __future__ import annotations

from collections.abc import Sequence

from inferwatch.console.history import Stretch
from inferwatch.drawing.themes import LOOKS

_STATE_WORDS = {"ALARM": "In alarm", "OK": "OK", "INSUFFICIENT_DATA": "Insufficient data"}


def state_words(state: str) -> str:
    """Name a state as AWS's console does."""
    return _STATE_WORDS.get(state, state)


def state_class(state: str) -> str:
    """Name a state's CSS class."""
    return {"ALARM": "is-alarm", "OK": "is-ok"}.get(state, "is-unknown")


def line_class(index: int) -> str:
    """Name the palette's class for a line, so that the style sheet colours it for light and dark."""
    return f"line-{index % len(LOOKS['light'].lines)}"


def strip_words(stretches: Sequence[Stretch], range_words: str) -> str:
    """Say in words what a strip of states shows."""
    if not stretches:
        return f"no state known in the {range_words}"
    if len(stretches) == 1:
        return f"{state_words(stretches[0].state)} throughout what is known of the {range_words}"
    path = " → ".join(state_words(one.state) for one in stretches[-4:])
    return f"{len(stretches) - 1} changes in the {range_words}, lately {path}"
