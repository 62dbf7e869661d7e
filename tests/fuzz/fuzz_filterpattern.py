"""Coverage-guided fuzzing of filter patterns and of the functions generated from them.

    python tests/fuzz/fuzz_filterpattern.py -max_total_time=30

Needs atheris, in an environment of its own or beside the rest; runs until something breaks or time is up. What
may never happen: an exception but our typed errors, a pattern that prints to another one, a generated function
that differs from the plain interpreter.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["inferwatch"]):
    from inferwatch.engine.filterpattern import PatternError, compile_pattern
    from inferwatch.engine.filterpattern.parser import parse
    from inferwatch.engine.filterpattern.printer import write
    from inferwatch.engine.metricfilters.apply import apply_filters
    from inferwatch.engine.metricfilters.filter import Transformation, make_filter
    from inferwatch.engine.metricfilters.generate import compile_filters
    from inferwatch.model.errors import AwsError


def fuzz_one(data: bytes) -> None:
    """The input is a pattern, a choice of value, and a message."""
    given = atheris.FuzzedDataProvider(data)
    text = given.ConsumeUnicode(given.ConsumeIntInRange(0, 120))
    value = given.PickValueInList(["1", "$.a", "$.a.b", "$.a[0]", "$1", "$a"])
    message = given.ConsumeUnicode(given.remaining_bytes())
    try:
        pattern = compile_pattern(text)
    except PatternError as refused:
        check_refusal(refused, text)
        return
    assert parse(write(pattern.tree)) == pattern.tree, text
    assert (pattern.extract(message) is not None) is pattern.matches(message)
    try:
        made = make_filter("f", text, Transformation("m", "n", value, default_value=0), 0)
    except AwsError:
        return
    plain = [sample for _, sample in apply_filters([made], message)]
    generated = [sample for _, _, sample in compile_filters([made])([message])]
    assert generated == plain, (text, value, message)


def check_refusal(refused: PatternError, text: str) -> None:
    """It points inside the text, and can be shown."""
    assert 1 <= refused.column <= len(text) + 1, refused.column
    assert refused.picture()


def main() -> None:
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
