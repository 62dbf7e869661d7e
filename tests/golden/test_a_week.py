"""A week of traffic through the whole chain: its story is a golden file, and the rules say the same.

`GOLDEN=write` renews the file; read its diff line by line, beside the incidents in its margin.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from golden_week import recount, story, traffic, watching
from golden_week.chain import Heard, Outcome, play
from golden_week.recount import Change, Minutes
from golden_week.traffic import MINUTE_MS, MINUTES, MONDAY_MS, Event

from inferwatch.model.fields import ALWAYS, BY_NAME

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "week.txt"
Week = list[list[Event]]


@pytest.fixture(scope="module")
def week() -> Week:
    return traffic.week()


@pytest.fixture(scope="module")
def counted(week: Week) -> Minutes:
    return recount.count(week)


@pytest.fixture(scope="module")
def outcome(week: Week) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        return play(week)


def test_the_week_is_its_golden_story(outcome: Outcome) -> None:
    text = story.tell(outcome)

    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_records_are_what_capture_writes(week: Week) -> None:
    """No field that the record does not have, and none missing that it always has."""
    records = [event.members for events in week for event in events if "model" in event.members]

    assert len(records) > 100_000
    assert all(record.keys() <= BY_NAME.keys() and record.keys() >= set(ALWAYS) for record in records)


@pytest.mark.parametrize(
    "name", ["slow-answer", "throttles", "error-rate", "no-traffic", "pace", "hourly-cost", "provider-outage"]
)
def test_counting_by_hand_comes_to_the_same_states(outcome: Outcome, counted: Minutes, name: str) -> None:
    """At the same moments, from raw events and the written rules alone."""
    expected = recount.changes(recount.watched(counted)[name])

    assert recount.engine_changes(outcome.history, name) == expected
    assert "ALARM" in {state for _, state in expected}


def test_the_queue_is_watched_by_the_second(outcome: Outcome, counted: Minutes) -> None:
    expected = recount.backlog_changes(counted)

    assert recount.engine_changes(outcome.history, "backlog") == expected
    assert any(at_ms % MINUTE_MS not in (0, 10_000) for at_ms, _ in expected)


def test_a_day_is_berlins_and_one_of_them_has_25_hours(outcome: Outcome, counted: Minutes) -> None:
    expected = recount.daily_changes(counted)

    assert recount.engine_changes(outcome.history, "daily-tokens") == expected
    assert expected[-1] == (MONDAY_MS + traffic.at("Sun", 23) * MINUTE_MS + 10_000, "ALARM")


def test_the_tail_alarm_follows_the_true_p99_where_there_are_samples_enough(
    outcome: Outcome, counted: Minutes
) -> None:
    """CloudWatch's histogram is within a tenth of the truth; too few samples keep the state."""
    changes = recount.engine_changes(outcome.history, "tail-latency")
    judged = 0
    for end in range(MINUTES):
        calls, p99 = recount.tail_bounds(counted, end)
        now_ms = MONDAY_MS + end * MINUTE_MS + 10_000
        if calls < 1_000:
            assert (now_ms, "ALARM") not in changes
        elif not 15_000 / 1.1 <= p99 <= 15_000 * 1.1:
            assert _state_at(changes, now_ms) == ("ALARM" if p99 > 15_000 else "OK")
            judged += 1
    assert judged > 1_000


def _state_at(changes: Sequence[Change], now_ms: int) -> str:
    return [state for at_ms, state in changes if at_ms <= now_ms][-1]


def test_the_composite_alarm_is_in_alarm_while_a_child_is(outcome: Outcome) -> None:
    def states(name: str) -> list[Change]:
        return [(MONDAY_MS, "OK"), *recount.engine_changes(outcome.history, name)]

    children = [states(name) for name in ("error-rate", "slow-answer")]
    moments = sorted({at_ms for changes in children for at_ms, _ in changes})
    either = [(at_ms, "ALARM" in {_state_at(changes, at_ms) for changes in children}) for at_ms in moments]

    composite = recount.engine_changes(outcome.history, "user-pain")
    assert [(at_ms, _state_at(composite, at_ms) == "ALARM") for at_ms in moments] == either
    assert {at_ms for at_ms, _ in composite} <= set(moments)


def test_what_the_history_says_was_sent_is_what_arrived(outcome: Outcome) -> None:
    sent = [
        Heard(item["AlarmName"], message["NewStateValue"], round(item["Timestamp"].timestamp() * 1_000))
        for item in outcome.history
        if (message := _published(item)) is not None
    ]

    assert sorted(sent, key=_by_time) == sorted(outcome.heard, key=_by_time)


def _by_time(heard: Heard) -> tuple[int, str]:
    return heard.at_ms, heard.alarm


def _published(item: dict[str, Any]) -> dict[str, Any] | None:
    if item["HistoryItemType"] != "Action":
        return None
    data = json.loads(item["HistoryData"])
    return (
        None
        if data["publishedMessage"] is None
        else json.loads(json.loads(data["publishedMessage"])["default"])
    )


def test_nobody_is_woken_at_night(outcome: Outcome) -> None:
    """From ten in the evening, Berlin's time, eight hours long: an hour later once the clocks are back."""
    evenings = [-240, *(traffic.at(day, 20) for day in traffic.DAYS[:6]), traffic.at("Sun", 21)]
    nights = [(MONDAY_MS + minute * MINUTE_MS, MONDAY_MS + (minute + 480) * MINUTE_MS) for minute in evenings]
    targets = watching.MUTE_RULE["MuteTargets"]["AlarmNames"]

    woken = [heard for heard in outcome.heard if heard.alarm in targets]

    assert len(woken) > 5
    assert not [heard for heard in woken if any(start <= heard.at_ms < end for start, end in nights)]
    assert any(heard.at_ms == end for heard in woken for _, end in nights)
