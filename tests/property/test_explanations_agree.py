"""What an explanation says an alarm's window comes to, the engine has decided; and what it says would change it, does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inferwatch.drawing.alarms import read_alarms
from inferwatch.engine.alarms.alarm import MetricAlarm
from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.store.store import Store
from inferwatch.explain.explanation import Explanation
from inferwatch.explain.judged import rounds
from inferwatch.explain.read import explain
from inferwatch.wire.api import InProcessApi
from inferwatch.wire.operations import invoke

NOON_MS = 1_795_521_600_000
REGION = "us-east-1"
OPERATORS = {
    "GreaterThanThreshold": (6.0, 5.0),
    "GreaterThanOrEqualToThreshold": (5.0, 4.0),
    "LessThanThreshold": (4.0, 5.0),
    "LessThanOrEqualToThreshold": (5.0, 6.0),
}


@dataclass
class World:
    """An engine with one alarm; `values` is what each operator's breaching and fine value is."""

    alarm: dict[str, Any]

    def __post_init__(self) -> None:
        self.clock = ManualClock(NOON_MS)
        self.cloud = Cloud(
            self.clock,
            account_id="123456789012",
            region_label=lambda region: region,
            base_url="http://127.0.0.1:4586",
            open_store=lambda _: Store.in_memory(),
        )
        self.engine = self.cloud.engine(REGION)

    def call(self, name: str, **params: Any) -> None:
        invoke(self.engine, "cloudwatch", name, params)

    def put(self, at_ms: int, point: str, samples: int) -> None:
        if point != "-":
            value = OPERATORS[self.alarm["ComparisonOperator"]]["X0".index(point)]
            datum = {"MetricName": "m", "Timestamp": at_ms, "Values": [value], "Counts": [float(samples)]}
            self.call("PutMetricData", Namespace="NS", MetricData=[datum])

    def move(self, by_ms: int) -> None:
        self.clock.move_to(self.clock.now_ms() + by_ms)
        self.cloud.run_due()

    def explain(self) -> Explanation:
        async def ask() -> Explanation:
            api = InProcessApi(self.cloud)
            (alarm,) = await read_alarms(api, REGION)
            return await explain(api, alarm, self.clock.now_ms())

        return asyncio.run(ask())

    @property
    def known(self) -> MetricAlarm:
        (alarm,) = self.engine.alarms.all()
        assert isinstance(alarm, MetricAlarm)
        return alarm


@st.composite
def alarms(draw: st.DrawFn, periods: tuple[int, ...] = (10, 60, 300)) -> dict[str, Any]:
    evaluated = draw(st.integers(1, 5))
    period = draw(st.sampled_from(periods))
    alarm: dict[str, Any] = {
        "AlarmName": "a",
        "EvaluationPeriods": evaluated,
        "Threshold": 5.0,
        "ComparisonOperator": draw(st.sampled_from(sorted(OPERATORS))),
    }
    if draw(st.booleans()):
        alarm["DatapointsToAlarm"] = draw(st.integers(1, evaluated))
    policy = draw(st.sampled_from([None, "breaching", "notBreaching", "ignore", "missing"]))
    if policy is not None:
        alarm["TreatMissingData"] = policy
    kind = draw(st.sampled_from(["Average", "p90", "math"]))
    if kind == "math":
        metric = {"Metric": {"Namespace": "NS", "MetricName": "m"}, "Period": period, "Stat": "Maximum"}
        return alarm | {
            "Metrics": [
                {"Id": "e", "Expression": "m * 1", "ReturnData": True},
                {"Id": "m", "MetricStat": metric, "ReturnData": False},
            ]
        }
    alarm |= {"Namespace": "NS", "MetricName": "m", "Period": period}
    if kind == "Average":
        return alarm | {"Statistic": "Average"}
    if draw(st.booleans()):
        alarm["EvaluateLowSampleCountPercentile"] = "ignore"
    return alarm | {"ExtendedStatistic": "p90"}


points = st.lists(st.tuples(st.sampled_from("X0-"), st.sampled_from([1, 99, 100])), max_size=9)


@settings(max_examples=100, deadline=None)
@given(alarm=alarms(), given_points=points, wait_s=st.integers(0, 130))
def test_the_verdict_is_what_the_engine_did(
    alarm: dict[str, Any], given_points: list[tuple[str, int]], wait_s: int
) -> None:
    """At any second: the state before the last round, and this verdict, give the state after it."""
    world = World(alarm)
    period_ms = 1_000 * (alarm.get("Period") or alarm["Metrics"][1]["MetricStat"]["Period"])
    world.call("PutMetricAlarm", **alarm)
    for at, (point, samples) in enumerate(given_points):
        world.put(NOON_MS + at * period_ms, point, samples)
    states = {NOON_MS: world.known.state}
    end_ms = NOON_MS + len(given_points) * period_ms + wait_s * 1_000
    while world.clock.now_ms() + 10_000 <= end_ms:
        world.move(10_000)
        states[world.clock.now_ms()] = world.known.state
    world.move(end_ms - world.clock.now_ms())

    found = world.explain()

    assert found.window is not None
    round_ms, verdict = found.window.round_ms, found.window.judged.verdict
    assert round_ms <= end_ms < found.window.next_round_ms
    assert found.state == states[max(states)]
    if round_ms > NOON_MS:
        assert states[round_ms] == (verdict or states[round_ms - 10_000])


@settings(max_examples=100, deadline=None)
@given(alarm=alarms(periods=(60,)), given_points=points, data=st.data())
def test_what_would_change_it_changes_it(
    alarm: dict[str, Any], given_points: list[tuple[str, int]], data: st.DataObject
) -> None:
    """So many more periods of a kind, in any order among fine ones where it says so; and no fewer of them."""
    world = World(alarm)
    world.call("PutMetricAlarm", **alarm)
    for at, (point, samples) in enumerate(given_points):
        world.put(NOON_MS + at * 60_000, point, samples)
    world.move(len(given_points) * 60_000 + 10_000)
    before = world.explain()
    assert world.known.state == before.state
    if not before.turns:
        return
    turn = data.draw(st.sampled_from(before.turns))
    kind = {"breaching": "X", "fine": "0", "missing": "-"}[turn.kind]
    coming = data.draw(st.permutations([kind] * turn.count + ["0"] * (turn.among - turn.count)))
    coming = [*coming, *["-"] * turn.empty]

    states = []
    for point in coming:
        world.put(world.clock.now_ms() - 10_000, point, 100)
        world.move(60_000)
        states.append(world.known.state)

    assert turn.state in states
    if turn.among == turn.count:
        assert states == [before.state] * (len(coming) - 1) + [turn.state]


@settings(max_examples=150, deadline=None)
@given(
    alarm=alarms(periods=(60,)),
    given_points=points,
    first=st.sampled_from("X0-"),
    rest=st.sampled_from("X0-"),
    count=st.integers(1, 5),
)
def test_what_changes_it_was_said(
    alarm: dict[str, Any], given_points: list[tuple[str, int]], first: str, rest: str, count: int
) -> None:
    """A row of one kind, or one period with data and then silence: its first turn was among what would do it."""
    world = World(alarm)
    world.call("PutMetricAlarm", **alarm)
    for at, (point, samples) in enumerate(given_points):
        world.put(NOON_MS + at * 60_000, point, samples)
    world.move(len(given_points) * 60_000 + 10_000)
    before = world.explain()
    if first != rest and rest != "-":
        return
    row = [first, *rest * count]

    states = []
    for point in row:
        world.put(world.clock.now_ms() - 10_000, point, 100)
        world.move(60_000)
        states.append(world.known.state)
    done = next((at for at, state in enumerate(states, start=1) if state != before.state), None)
    if done is None:
        return

    kinds = {"X": "breaching", "0": "fine", "-": "missing"}
    lead = row[0] if done == 1 else row[1]
    said = {(turn.kind, turn.count, turn.empty) for turn in before.turns if turn.state == states[done - 1]}
    alone = {(kinds[lead], done, 0)} if first == lead else {(kinds[first], 1, done - 1)}
    sooner = {("missing", count, 0) for count in range(1, done + 1)} if lead == "-" else set()
    assert said & (alone | sooner), (row[:done], before.turns)


def test_rounds_enclose_a_moment() -> None:
    """The last one is not after it, the next one is."""
    world = World({"ComparisonOperator": "GreaterThanThreshold"})
    world.call(
        "PutMetricAlarm", AlarmName="a", Namespace="NS", MetricName="m", Statistic="Sum", Period=3_600,
        EvaluationPeriods=25, Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip

    last_ms, next_ms = rounds(world.known.definition, NOON_MS + 9_999)

    assert (last_ms, next_ms) == (NOON_MS - 3_590_000, NOON_MS + 10_000)
