"""Metric filters, every event of a group through all of its filters, and single patterns: CPU time.

    python benchmarks/bench_filters.py [EVENTS]

Side by side in one run, in turns: our generated function, our plain interpreter (the specification), and what
mocks of CloudWatch Logs do: json.loads, then one closure per filter that walks its selectors. All three make
the same samples, which is asserted. Records are inferences of about 580 bytes; filters are those a monitoring
stack has: counts by status, latency and token values, some with dimensions.
"""

from __future__ import annotations

import json
import operator
import platform
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from inferwatch.engine.filterpattern import Pattern, compile_matcher, compile_pattern
from inferwatch.engine.metricfilters.apply import apply_filters
from inferwatch.engine.metricfilters.filter import MetricFilter, Transformation, make_filter
from inferwatch.engine.metricfilters.store import MetricFilters

BATCH = 1_000
ROUNDS = 3
RECORD = {
    "v": 1, "ts": "2026-11-24T12:00:00.000Z", "id": "01JDEZ6V3K8R2Q4T6W8Y0A2C4E", "writer": "p9c2k1",
    "seq": 0, "service": "checkout", "environment": "prod", "task": "summarise", "operation": "chat",
    "provider": "openai", "api": "chat", "model": "gpt-5-mini", "model_served": "gpt-5-mini-2026-08-01",
    "stream": True, "status": "ok", "duration_ms": 1234.5, "time_to_first_token_ms": 210.25, "attempts": 1,
    "input_tokens": 120, "output_tokens": 42, "usage_source": "provider",
    "finish_reason": "stop", "cost_usd": 0.000114, "trace_id": "4bf92f3577b34da6",
    "span_id": "00f067aa0ba902b7",
}  # fmt: skip
MODELS = ("gpt-5-mini", "gpt-5", "claude-sonnet-5", "gemma-3")

# (selector, operator, literal) joined by "and", value, dimension: one filter each.
Test = tuple[str, str, object]
Spec = tuple[tuple[Test, ...], str, str | None]
BASE: tuple[Spec, ...] = (
    ((("status", "!=", "ok"),), "1", None),
    ((("status", "=", "ok"), ("duration_ms", ">=", 0)), "$.duration_ms", None),
    ((("status", "=", "throttled"),), "1", None),
    ((("status", "=", "timeout"),), "1", None),
    ((("duration_ms", ">", 10_000),), "1", None),
    ((("output_tokens", ">", 4_000),), "$.output_tokens", None),
    ((("cost_usd", ">", 0.05),), "$.cost_usd", "model"),
    ((("finish_reason", "=", "length"),), "1", "model"),
    ((("attempts", ">", 1),), "$.attempts", None),
    ((("stream", "=", "yes"), ("time_to_first_token_ms", ">", 2_000)), "$.time_to_first_token_ms", None),
)


def specs(count: int) -> list[Spec]:
    """The ten above; then the same kinds of filters, each for one model and one bound."""
    made = list(BASE)
    for number in range(count - len(BASE)):
        model: Test = ("model", "=", MODELS[number % len(MODELS)])
        kind = number % 3
        if kind == 0:
            made.append(((model, ("status", "!=", "ok")), "1", None))
        elif kind == 1:
            made.append(((model, ("duration_ms", ">", 3_000 + 100 * number)), "$.duration_ms", None))
        else:
            made.append(((model, ("output_tokens", ">", 100 * number)), "$.output_tokens", "service"))
    return made[:count]


def messages(count: int) -> list[str]:
    """One in fifty fails."""
    return [
        json.dumps(
            RECORD
            | {
                "seq": n,
                "model": MODELS[n % len(MODELS)],
                "status": ("throttled", "timeout", "error")[n % 3] if n % 50 == 0 else "ok",
                "duration_ms": (n * 37) % 4_000 + 0.5,
                "output_tokens": (n * 13) % 900,
            }
        )
        for n in range(count)
    ]


def make(spec: Spec, number: int) -> MetricFilter:
    tests, value, dimension = spec
    dimensions = {} if dimension is None else {dimension: f"$.{dimension}"}
    to = Transformation("m", "ns", value, None, None, dimensions)
    return make_filter(f"f{number:02}", written(tests), to, 0)


def written(tests: Sequence[Test]) -> str:
    asked = " && ".join(f"$.{name} {sign} {json.dumps(literal)}" for name, sign, literal in tests)
    return f"{{ {asked} }}"


Sum = list[float]


def generated(filters: list[MetricFilter], events: Sequence[str]) -> tuple[float, Sum]:
    store = MetricFilters()
    for item in filters:
        store.put("g", item)
    sums = dict.fromkeys((item.name for item in filters), 0.0)
    start = time.process_time()
    for first in range(0, len(events), BATCH):
        for _, item, sample in store.samples("g", events[first : first + BATCH]):
            sums[item.name] += sample.value
    return time.process_time() - start, list(sums.values())


def interpreted(filters: list[MetricFilter], events: Sequence[str]) -> tuple[float, Sum]:
    sums = dict.fromkeys((item.name for item in filters), 0.0)
    start = time.process_time()
    for message in events:
        for item, sample in apply_filters(filters, message):
            sums[item.name] += sample.value
    return time.process_time() - start, list(sums.values())


SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}


def walk(path: list[str]) -> Callable[[Any], Any]:
    """A selector as mocks have it: the node, or `None`."""

    def at(document: Any) -> Any:
        for name in path:
            if not isinstance(document, dict) or name not in document:
                return None
            document = document[name]
        return document

    return at


def ask(test: Test) -> Callable[[Any], bool]:
    """A condition as a closure over its selector."""
    at, compare, literal = walk(test[0].split(".")), SIGNS[test[1]], test[2]

    def asked(document: Any) -> bool:
        node = at(document)
        if node is None or isinstance(node, bool) or isinstance(node, str) != isinstance(literal, str):
            return False
        return compare(node, literal)

    return asked


def closures(made: list[Spec], events: Sequence[str]) -> tuple[float, Sum]:
    """A selector is a path to walk, a condition a closure over it, "and" a closure over those."""

    def run(spec: Spec) -> Callable[[Any], tuple[float, dict[str, str]] | None]:
        asked = [ask(test) for test in spec[0]]
        value = walk(spec[1][2:].split(".")) if spec[1].startswith("$.") else None
        dimension = None if spec[2] is None else (spec[2], walk([spec[2]]))

        def sample(document: Any) -> tuple[float, dict[str, str]] | None:
            if not all(question(document) for question in asked):
                return None
            number = 1.0 if value is None else float(value(document))
            return number, {} if dimension is None else {dimension[0]: dimension[1](document)}

        return sample

    runs = [run(spec) for spec in made]
    sums = [0.0] * len(made)
    start = time.process_time()
    for message in events:
        document = json.loads(message)
        for index, each in enumerate(runs):
            found = each(document)
            if found is not None:
                sums[index] += found[0]
    return time.process_time() - start, sums


def patterns(events: Sequence[str]) -> None:
    """One pattern over all events, as FilterLogEvents asks it: µs an event, and that in multiples of ours."""
    print(f"\n{'pattern':<44} {'compiled':>9} {'interpreter':>16} {'json + closures':>16}")
    for spec in BASE[:2]:
        pattern = compile_pattern(written(spec[0]))
        questions = [ask(test) for test in spec[0]]

        def plainly(message: str, questions: list[Callable[[Any], bool]] = questions) -> bool:
            document = json.loads(message)
            return all(question(document) for question in questions)

        print_pattern(pattern, [compile_matcher(pattern), pattern.matches, plainly], events)
    for text in ("timeout", '?timeout ?"throttled" ?error', "error -timeout"):
        pattern = compile_pattern(text)
        print_pattern(pattern, [compile_matcher(pattern), pattern.matches], events)


def print_pattern(pattern: Pattern, ways: list[Callable[[str], bool]], events: Sequence[str]) -> None:
    best = [float("inf")] * len(ways)
    for _ in range(ROUNDS):
        found = []
        for number, way in enumerate(ways):
            start = time.process_time()
            found.append([way(message) for message in events])
            best[number] = min(best[number], 1e6 * (time.process_time() - start) / len(events))
        assert all(each == found[0] for each in found)
    others = " ".join(f"{each:>7.2f} ({each / best[0]:>4.1f} x)" for each in best[1:])
    print(f"{pattern.text:<44} {best[0]:>9.2f} {others}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    events = messages(count)
    size = sum(map(len, events)) // count
    print(
        f"{count} events of {size} bytes, CPU time, best of {ROUNDS}; {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
    print(f"{'filters':>8} {'generated':>22} {'interpreter':>22} {'json + closures':>22}")
    few = events[: max(count // 10, BATCH)]
    for number in (1, 10, 50):
        made = specs(number)
        filters = [make(spec, index) for index, spec in enumerate(made)]
        assert generated(filters, few)[1] == interpreted(filters, few)[1] == closures(made, few)[1]
        best = [float("inf")] * 3
        for _ in range(ROUNDS):
            best[0] = min(best[0], generated(filters, events)[0] / count)
            best[1] = min(best[1], interpreted(filters, few)[0] / len(few))
            best[2] = min(best[2], closures(made, few)[0] / len(few))
        cells = [f"{1e6 * each:>8.2f} µs {1 / each:>8,.0f}/s" for each in best]
        print(f"{number:>8} " + " ".join(f"{cell:>22}" for cell in cells))
    patterns(few)


if __name__ == "__main__":
    main()
