"""What the endpoint has, set beside what it was given: changes nobody made through the program."""

from __future__ import annotations

from inferwatch.deploy.diff import DEFAULTS_KEY
from inferwatch.deploy.resources import Handler
from inferwatch.deploy.values import Properties, Secret, Value, has_secret, plain


def live_inputs(handler: Handler, given: Properties, outputs: Properties) -> Properties:
    """The inputs that would have led to these outputs.

    What is the same, in whatever spelling, keeps the spelling it was given in, and its secrecy.
    """
    seen: Properties = {DEFAULTS_KEY: given[DEFAULTS_KEY]} if DEFAULTS_KEY in given else {}
    for key, rule in handler.properties.items():
        known, live = given.get(key), outputs.get(key)
        same = _is_absent(plain(known)) and _is_absent(live)
        if same or not rule.compare.differs(plain(known), live):
            if key in given:
                seen[key] = known
        elif not _is_absent(live):
            seen[key] = Secret(live) if has_secret(known) else live
    return seen


def _is_absent(value: Value) -> bool:
    """Whether AWS would answer the same for a property that was not given at all."""
    return value is None or value is False or value in (0, "", [], {})
