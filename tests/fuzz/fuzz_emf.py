"""Coverage-guided fuzzing of embedded metrics: a log event is anybody's text.

    python tests/fuzz/fuzz_emf.py -max_total_time=30

Needs atheris; runs until something breaks or time is up. What may never happen: an exception, a sample that is
no metric value, a neighbour that is harmed.
"""

from __future__ import annotations

import json
import sys

import atheris

with atheris.instrument_imports(include=["inferwatch"]):
    from inferwatch.engine.emf.measure import embedded_samples
    from inferwatch.model.limits import METRIC_VALUE_MAX

NOW_MS = 1_795_521_600_000
NEIGHBOUR = json.dumps(
    {
        "_aws": {
            "Timestamp": NOW_MS,
            "CloudWatchMetrics": [{"Namespace": "Neighbour", "Dimensions": [[]], "Metrics": [{"Name": "m"}]}],
        },
        "m": 1,
    }
)
TEXTS = ["m", "d", "N", "", "AWS/x", "Count", "Seconds", "x" * 1_100, "\ud83d", "_aws"]
NUMBERS = [0, 1, 60, -1, 1.5, 1e308, 2**70, NOW_MS, NOW_MS - 15 * 86_400_000, NOW_MS + 3 * 3_600_000]


def anything(given: atheris.FuzzedDataProvider, depth: int = 0) -> object:
    """Any JSON."""
    kind = given.ConsumeIntInRange(0, 6 if depth < 3 else 4)
    if kind == 0:
        return None
    if kind == 1:
        return given.ConsumeBool()
    if kind == 2:
        return given.PickValueInList(NUMBERS)
    if kind in (3, 4):
        return given.PickValueInList(TEXTS)
    if kind == 5:
        return [anything(given, depth + 1) for _ in range(given.ConsumeIntInRange(0, 3))]
    names = [given.PickValueInList(TEXTS) for _ in range(given.ConsumeIntInRange(0, 3))]
    return {name: anything(given, depth + 1) for name in names}


def perhaps(given: atheris.FuzzedDataProvider, good: object) -> object:
    """What belongs there, mostly."""
    return anything(given) if given.ConsumeIntInRange(0, 7) == 0 else good


def directive(given: atheris.FuzzedDataProvider) -> object:
    metric = {"Name": perhaps(given, "m")}
    if given.ConsumeBool():
        metric |= {"Unit": perhaps(given, "Count"), "StorageResolution": perhaps(given, 1)}
    return {
        "Namespace": perhaps(given, "Odd"),
        "Dimensions": perhaps(given, [perhaps(given, ["d"]), perhaps(given, [])]),
        "Metrics": perhaps(given, [perhaps(given, metric)]),
    }


def fuzz_one(data: bytes) -> None:
    """An envelope in which anything may stand in any place."""
    given = atheris.FuzzedDataProvider(data)
    envelope = {
        "Timestamp": perhaps(given, NOW_MS),
        "CloudWatchMetrics": perhaps(given, [perhaps(given, directive(given))]),
    }
    document = {"_aws": perhaps(given, envelope), "m": perhaps(given, 1), "d": perhaps(given, "x")}
    message = json.dumps(document) + given.PickValueInList(["", "", "", "}", " "])

    found = list(embedded_samples([NEIGHBOUR, message, NEIGHBOUR], [NOW_MS] * 3, "/g", NOW_MS))

    for sample in found:
        assert all(abs(value) <= METRIC_VALUE_MAX for value in sample.values), message
    neighbours = [item for item in found if item.metric.namespace == "Neighbour"]
    assert len(neighbours) == 2, message


def main() -> None:
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
