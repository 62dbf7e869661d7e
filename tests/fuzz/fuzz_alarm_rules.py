"""Coverage-guided fuzzing of composite alarms' rules and of mute rules' schedules.

    python tests/fuzz/fuzz_alarm_rules.py -max_total_time=30

Needs atheris; runs until something breaks or time is up. What may never happen: an exception but our typed
errors, a rule that prints to another one, a decision that its own deciding children do not carry, a window that
is open before it begins or longer than its duration.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["inferwatch"]):
    from inferwatch.engine.alarmrules import RuleError, compile_rule, deciding, evaluate, references, write
    from inferwatch.engine.alarmrules.parser import parse
    from inferwatch.engine.alarms.schedule import parse_schedule
    from inferwatch.engine.alarms.zones import named_zone, offset_or_named_zone
    from inferwatch.model.errors import AwsError

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
ZONES = ("UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata")
FAR_MS = 4_102_444_800_000


def fuzz_one(data: bytes) -> None:
    """The input is a choice of language, and a text of it."""
    given = atheris.FuzzedDataProvider(data)
    if given.ConsumeBool():
        fuzz_rule(given)
    else:
        fuzz_schedule(given)


def fuzz_rule(given: atheris.FuzzedDataProvider) -> None:
    seed = given.ConsumeIntInRange(0, 80)
    text = given.ConsumeUnicodeNoSurrogates(given.remaining_bytes())
    try:
        rule = compile_rule(text)
    except RuleError as refused:
        check_refusal(refused, text)
        return
    assert parse(write(rule)) == rule, text
    named = references(rule)
    states = {name: STATES[(seed + place) % 3] for place, name in enumerate(named)}
    value = evaluate(rule, states.__getitem__)
    deciders = set(deciding(rule, states.__getitem__))
    others = {name: states[name] if name in deciders else STATES[seed % 3] for name in named}
    assert evaluate(rule, others.__getitem__) is value, text


def check_refusal(refused: RuleError, text: str) -> None:
    """It is in AWS's form, and points inside the text."""
    assert refused.message.startswith("Error in AlarmRule [")
    assert 0 <= refused.offset <= len(text), refused.offset


def fuzz_schedule(given: atheris.FuzzedDataProvider) -> None:
    zone = named_zone(given.PickValueInList(list(ZONES)))
    assert zone is not None
    now_ms = given.ConsumeIntInRange(0, FAR_MS)
    duration = given.ConsumeUnicodeNoSurrogates(12) if given.ConsumeBool() else "PT1H"
    text = given.ConsumeUnicodeNoSurrogates(given.remaining_bytes())
    offset_or_named_zone(text)
    try:
        schedule = parse_schedule(text, duration, zone)
    except AwsError:
        return
    end_ms = schedule.window_end(now_ms)
    assert end_ms is None or now_ms < end_ms <= now_ms + schedule.duration_ms, (text, now_ms)
    assert end_ms is None or not schedule.is_over(now_ms)


def main() -> None:
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
