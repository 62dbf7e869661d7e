"""What a deployment does, as it is told on a terminal: one line a resource, its changes below it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from inferwatch.deploy.result import Difference
from inferwatch.model.address import without_password
from inferwatch.model.visible import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from inferwatch.deploy import Event, Result

_SIGNS: Final = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "magenta"),
    "delete": ("-", "red"),
    "import": ("=", "cyan"),
    "read": (">", "cyan"),
    "info": ("i", "cyan"),
    "warning": ("!", "yellow"),
}
_DIFFERENCE_SIGNS: Final = {"add": ("+", "green"), "update": ("~", "yellow"), "delete": ("-", "red")}
_SHOWN_DIFFERENCES: Final = 20
_SHOWN_CHARS: Final = 72

# How each kind of step is counted, by command.
WORDS: Final[dict[str, dict[str, str]]] = {
    "up": {
        "create": "created",
        "update": "updated",
        "replace": "replaced",
        "delete": "deleted",
        "same": "unchanged",
    },
    "preview": {
        "create": "to create",
        "update": "to update",
        "replace": "to replace",
        "delete": "to delete",
        "same": "unchanged",
    },
    "refresh": {"update": "drifted", "delete": "gone", "same": "as they were"},
}


def print_event(console: Console, event: Event) -> None:
    """One resource that changes, or one line the program logged."""
    from rich.text import Text

    if event.kind not in _SIGNS:
        return
    sign, style = _SIGNS[event.kind]
    line = Text.assemble((f"  {sign} ", f"bold {style}"))
    if event.message:
        line.append(visible(event.message))
    else:
        line.append(f"{event.type:<32} ", "dim").append(visible(event.name))
    console.print(line, soft_wrap=True)
    for difference in event.differences[:_SHOWN_DIFFERENCES]:
        console.print(_difference(difference), soft_wrap=True)
    if (more := len(event.differences) - _SHOWN_DIFFERENCES) > 0:
        console.print(Text(f"      and {more} more (--json shows all)", "dim"))


def _difference(difference: Difference) -> Text:
    from rich.text import Text

    sign, style = _DIFFERENCE_SIGNS[difference.kind]
    line = Text.assemble((f"      {sign} ", style), (f"{visible(difference.property)}: ", "dim"))
    if difference.kind != "add":
        line.append(_short(difference.old))
    if difference.kind == "update":
        line.append(" -> ", "dim")
    if difference.kind != "delete":
        line.append(_short(difference.new))
    if difference.forces_new:
        line.append("  (replaces it)", "magenta")
    return line


def _short(value: object) -> str:
    text = value if value in ("[secret]", "<computed>") else json.dumps(value, ensure_ascii=False)
    text = visible(without_password(str(text)))
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"


def print_result(console: Console, result: Result, command: str) -> None:
    """Counts, outputs and addresses."""
    from rich.text import Text

    counts = [(getattr(result.changes, kind), word) for kind, word in WORDS[command].items()]
    words = [f"{count} {word}" for count, word in counts if count]
    console.print(Text(", ".join(words) or "nothing to do", "bold"))
    if command != "refresh":
        _print_pairs(console, "outputs", result.outputs)
        _print_pairs(console, "console", result.console_urls)


def _print_pairs(console: Console, title: str, pairs: dict[str, object] | dict[str, str]) -> None:
    from rich.text import Text

    if not pairs:
        return
    width = max(len(name) for name in pairs)
    console.print(Text(f"\n{title}", "bold"))
    for name, value in pairs.items():
        shown = visible(value) if isinstance(value, str) else json.dumps(value)
        # Not wrapped: an address must stay whole to be clicked or copied.
        console.print(Text.assemble((f"  {name:<{width}}  ", "dim"), shown), soft_wrap=True)
