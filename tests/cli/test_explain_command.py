"""`inferwatch explain`: why an alarm is in its state, as text and as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from inferwatch.cli import paper
from inferwatch.cli.app import run
from inferwatch.cli.explain import parse_moment
from inferwatch.model.errors import UsageError

Aws = Callable[[str], Any]
Run = Callable[..., Any]
NOON_S = 1_795_521_600
NOON_MS = NOON_S * 1_000
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"


@pytest.fixture
def slow(aws: Aws, advance: Callable[[int], None]) -> Any:
    """An alarm in ALARM: a good minute, two bad ones, one without data."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="slow-inferences", AlarmDescription="Inferences are slow.\nLook at the tokens.", Namespace="LLM",
        MetricName="duration_ms", Statistic="Maximum", Period=60, EvaluationPeriods=3, DatapointsToAlarm=2,
        Threshold=4_000.0, ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching",
        AlarmActions=[TOPIC],
    )  # fmt: skip
    for at, value in ((5, 1_000.0), (65, 5_000.0), (125, 6_000.0)):
        datum = {"MetricName": "duration_ms", "Timestamp": NOON_S + at, "Value": value}
        cloudwatch.put_metric_data(Namespace="LLM", MetricData=[datum])
    for _ in range(25):
        advance(10)
    return cloudwatch


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "expected a name, found an empty text"),
        ("a\nb", '"a b": expected no line break or other control character in a name'),
        ("\udcff", "expected UTF-8"),
    ],
)
@pytest.mark.parametrize(
    "command", [["explain"], ["alarms", "--prefix"], ["image"]], ids=lambda given: given[0]
)
def test_what_is_no_name_is_told_in_one_sentence(
    command: list[str], name: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anybody is asked, on one line, with exit 2."""
    status = run([*command, name])

    (line,) = capsys.readouterr().err.splitlines()
    assert status == 2
    assert line.startswith("inferwatch: ")
    assert line.endswith(sentence)
    assert "udcff" not in line


def test_the_whole_explanation_of_an_alarm(slow: Any, inferwatch: Run) -> None:
    """From its state to its actions; exit 1 since it is in ALARM."""
    result = inferwatch("explain", "slow-inferences")

    text = "\n".join(line.rstrip() for line in result.stdout.splitlines())
    assert result.exit_code == 1
    assert text.startswith(
        "slow-inferences  ALARM  since 2026-11-24 12:03:10 UTC, 1 min ago\n"
        "Inferences are slow.\n"
        "Look at the tokens.\n"
        "\n"
        "watches      Maximum of duration_ms > 4,000, 2 of 3 datapoints within 3 minutes\n"
        "why          2 of 3 datapoints were above 4,000: 6,000 at 12:02, 5,000 at 12:01\n"
        "StateReason  Threshold Crossed: 2 out of the last 3 datapoints [6000.0 (24/11/26 12:02:00), 5000.0\n"
    )
    assert text.endswith(
        "PERIOD  duration_ms\n"
        "12:03             \N{EN DASH}  missing, passed over\n"
        "12:02         6,000  breaching\n"
        "12:01         5,000  breaching\n"
        "12:00         1,000  not breaching\n"
        "11:59             \N{EN DASH}  missing, passed over\n"
        "\n"
        "decision         2 of 3 datapoints breach, 2 of 3 are needed: ALARM\n"
        "would change it  2 more periods in a row that do not breach: OK\n"
        "                 3 periods in a row without data: OK\n"
        "next evaluation  at 12:05:10 UTC, in 1 min\n"
        "actions          enabled\n"
        f"                 on ALARM: {TOPIC}"
    )


def test_the_chart_marks_the_threshold_the_gaps_and_the_range(slow: Any, inferwatch: Run) -> None:
    """Two columns a minute; those of the thirty minutes before the range are empty."""
    lines = inferwatch("explain", "slow-inferences").stdout.splitlines()
    first = lines.index(next(line for line in lines if line.startswith("6,600")))
    drawn = [(line[:6], line[66:76]) for line in lines[first : first + 10]]

    assert drawn == [
        ("6,600 ", "      ▃▃  "),
        ("      ", "    ▁▁██  "),
        ("      ", "    ████  "),
        ("4,000 ", "────████──"),
        ("      ", "    ████  "),
        ("      ", "    ████  "),
        ("      ", "  ▂▂████  "),
        ("    0 ", "  ██████  "),
        ("      ", "··      ··"),
        ("      ", "^^^^^^^^^^"),
    ]
    assert lines[first + 3][6:66] == 60 * "─"


def test_a_terminal_without_unicode_gets_plain_signs(
    slow: Any, inferwatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bars of `#`, a dashed threshold, and no sign beyond ASCII."""
    monkeypatch.setattr(Console, "encoding", "ascii")

    shown = inferwatch("explain", "slow-inferences").stdout

    assert shown.isascii()
    assert "4,000 ---" in shown
    assert "##" in shown


def test_sixty_columns_are_enough(slow: Any, inferwatch: Run) -> None:
    """Nothing runs past them."""
    shown = inferwatch("explain", "slow-inferences", width=60).stdout

    assert max(map(len, shown.splitlines())) <= 60


def test_json_carries_the_same_facts(slow: Any, inferwatch: Run) -> None:
    """Words and numbers; moments in epoch milliseconds."""
    result = inferwatch("explain", "slow-inferences", "--json")

    found = json.loads(result.stdout)
    assert (result.exit_code, found["state"], found["since_ms"]) == (1, "ALARM", NOON_MS + 190_000)
    assert found["window"]["judged"]["verdict"] == "ALARM"
    assert [one["part"] for one in found["window"]["judged"]["periods"]] == [
        "missing, passed over",
        "not breaching",
        "breaching",
        "breaching",
        "missing, passed over",
    ]
    assert found["turns"][0] == {"kind": "fine", "count": 2, "among": 2, "state": "OK", "empty": 0}
    assert found["actions"]["by_state"] == {"ALARM": [TOPIC]}


def test_at_a_moment_of_before(slow: Any, inferwatch: Run) -> None:
    """As it was then: exit 0, it was not in ALARM."""
    result = inferwatch("explain", "slow-inferences", "--at", "12:02", "--json")

    found = json.loads(result.stdout)
    assert (result.exit_code, found["state"], found["at_ms"]) == (0, "OK", NOON_MS + 120_000)
    assert found["window"]["judged"]["verdict"] == "OK"


def test_a_composite_alarms_rule_is_a_tree(slow: Any, inferwatch: Run) -> None:
    """Arrows lead to what decides it."""
    slow.put_composite_alarm(
        AlarmName="page", AlarmRule="NOT ALARM(slow-inferences) OR ALARM(slow-inferences)"
    )

    lines = [line.rstrip() for line in inferwatch("explain", "page").stdout.splitlines()]

    first = lines.index("its rule; → decides it")
    assert lines[first + 1 : first + 5] == [
        "→ any of: yes",
        "    not: no",
        "      slow-inferences in ALARM: yes",
        "→   slow-inferences in ALARM: yes",
    ]
    assert "would change it  nothing that a single alarm of its rule could do" in lines


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("slow-inference", 'there is no alarm "slow-inference" in us-east-1; did you mean slow-inferences?'),
        ("SLOW", 'there is no alarm "SLOW" in us-east-1; did you mean slow-inferences?'),
        ("x", 'there is no alarm "x" in us-east-1; `inferwatch alarms` lists the 1 there are'),
    ],
)
def test_an_alarm_that_is_not_there(slow: Any, inferwatch: Run, name: str, sentence: str) -> None:
    """With the names that are near."""
    with pytest.raises(UsageError) as refused:
        inferwatch("explain", name)

    assert str(refused.value) == sentence


def test_where_there_are_none_at_all(inferwatch: Run) -> None:
    """The region is named: it may be the wrong one."""
    with pytest.raises(UsageError, match="there are none at all in us-east-1"):
        inferwatch("explain", "x")


@pytest.mark.parametrize(
    ("text", "ago_ms"),
    [
        ("2026-11-24T11:59:00Z", 60_000),
        ("2026-11-24T11:59", 60_000),
        ("2026-11-24T12:59:00+01:00", 60_000),
        ("11:59", 60_000),
        ("11:59:30", 30_000),
        ("12:01", 86_340_000),
        ("90s", 90_000),
        ("15m", 900_000),
        ("2h ago", 7_200_000),
        ("1d", 86_400_000),
    ],
)
def test_moments_are_read(text: str, ago_ms: int) -> None:
    """At noon: in full, as a time of day, or as how long ago."""
    assert parse_moment(text, NOON_MS) == NOON_MS - ago_ms


@pytest.mark.parametrize("text", ["noon", "25:00", "12:60", "5", "m", "", "2026-13-01", "٣m"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    """With the forms there are."""
    with pytest.raises(
        UsageError, match=r"expected a moment as 2026-11-24T12:03:00Z .* or how long ago as 90s"
    ):
        parse_moment(text, NOON_MS)


def test_a_moment_to_come_is_refused() -> None:
    """Nothing is known of it."""
    with pytest.raises(UsageError, match="still to come"):
        parse_moment("2026-11-24T12:00:01Z", NOON_MS)


def test_signs_that_cannot_be_written_have_others() -> None:
    """And those without any become question marks."""

    class Plain:
        encoding = "ascii"

    assert paper.written(Plain(), "a \N{EN DASH} b ≥ c → é \x07").plain == "a - b >= c -> ? ?"  # type: ignore[arg-type]
