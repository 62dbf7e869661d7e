"""`inferwatch alarms`: which are there, in which state, the worst first."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.cli import alarms as command
from inferwatch.cli import paper
from inferwatch.model.errors import AwsError, UsageError

Aws = Callable[[str], Any]
Run = Callable[..., Any]
METRIC = {
    "Namespace": "LLM",
    "MetricName": "duration_ms",
    "ExtendedStatistic": "p99",
    "Period": 60,
    "EvaluationPeriods": 5,
    "DatapointsToAlarm": 3,
    "Threshold": 4_000.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.fixture
def three(aws: Aws, advance: Callable[[int], None]) -> Any:
    """One alarm in each state, put in the order of the least bad; the clock has moved on since."""
    cloudwatch = aws("cloudwatch")
    for name, state in (("calm", "OK"), ("new", None), ("slow", "ALARM")):
        cloudwatch.put_metric_alarm(**METRIC, AlarmName=name)
        if state:
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"because of {name}")
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="OK(slow) OR OK(new)")
    advance(9)
    return cloudwatch


def test_the_worst_comes_first(three: Any, inferwatch: Run) -> None:
    """In one line each, where there is room: state, for how long, name, rule, reason."""
    result = inferwatch("alarms", width=150)

    assert result.exit_code == 1
    lines = [line.split() for line in result.stdout.splitlines()]
    assert [line[0] for line in lines] == ["STATE", "ALARM", "INSUFFICIENT_DATA", "OK", "OK"]
    assert (
        " ".join(lines[1])
        == "ALARM 9 s slow p99 duration_ms > 4,000, 3 of 5 \N{MULTIPLICATION SIGN} 1 min because of slow"
    )
    assert " ".join(lines[3])[:36] == "OK 9 s any OK(slow) OR OK(new) arn:a"


def test_sixty_columns_are_enough(three: Any, inferwatch: Run) -> None:
    """The rule moves below the name; the reason is left to `explain`."""
    shown = inferwatch("alarms", width=60).stdout

    assert max(map(len, shown.splitlines())) <= 60
    assert "slow" in shown
    assert "p99 duration_ms > 4,000, 3 of 5" in shown
    assert "because of" not in shown


@pytest.mark.parametrize(
    ("arguments", "names", "status"),
    [
        (["--state", "OK"], ["any", "calm"], 0),
        (["--state", "ALARM"], ["slow"], 1),
        (["--prefix", "s"], ["slow"], 1),
        (["--prefix", "none"], [], 0),
    ],
)
def test_alarms_are_chosen_by_state_and_prefix(
    three: Any, inferwatch: Run, arguments: list[str], names: list[str], status: int
) -> None:
    """Exit 1 where any of those that are shown is in ALARM."""
    result = inferwatch("alarms", *arguments, "--json")

    document = json.loads(result.stdout)
    assert [alarm["name"] for alarm in document["alarms"]] == names
    assert (result.exit_code, document["in_alarm"]) == (status, status)


def test_json_is_one_object(three: Any, inferwatch: Run) -> None:
    """With moments in epoch milliseconds."""
    (alarm,) = json.loads(inferwatch("alarms", "--prefix", "slow", "--json").stdout)["alarms"]

    assert alarm == {
        "name": "slow",
        "arn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:slow",
        "kind": "metric",
        "state": "ALARM",
        "since_ms": 1_795_521_600_000,
        "watches": "p99 of duration_ms > 4,000, 3 of 5 datapoints within 5 minutes",
        "reason": "because of slow",
        "actions_enabled": True,
    }


def test_no_alarms_teach_how_to_make_some(inferwatch: Run) -> None:
    """And none of a kind is another thing."""
    result = inferwatch("alarms")

    assert result.exit_code == 0
    assert "inferwatch up DIR" in result.stdout
    assert inferwatch("alarms", "--state", "OK").stdout == "No alarm is like that.\n"


def test_a_name_cannot_move_the_cursor(three: Any, aws: Aws, inferwatch: Run) -> None:
    """Reasons are anybody's text."""
    three.set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="\x1b[2Jgone")

    assert "?[2Jgone" in inferwatch("alarms", "--state", "OK", width=170).stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, ("http://127.0.0.1:4586", "us-east-1")),
        (
            [],
            {"AWS_ENDPOINT_URL": "http://localhost:1", "AWS_REGION": "eu-west-1"},
            ("http://localhost:1", "eu-west-1"),
        ),
        (["--region", "eu-west-1"], {}, (None, "eu-west-1")),
        (["--region", "eu-west-1", "--endpoint-url", "http://[::1]:2"], {}, ("http://[::1]:2", "eu-west-1")),
    ],
)
def test_the_endpoint_is_the_one_named_else_aws_where_a_region_is(
    inferwatch: Run,
    asked: list[tuple[str | None, str]],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    expected: tuple[str | None, str],
) -> None:
    """Else an engine on this computer."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    inferwatch("alarms", *arguments)

    assert asked == [expected]


def test_a_wrong_state_is_misuse(inferwatch: Run) -> None:
    """The three are named."""
    result = inferwatch("alarms", "--state", "FINE")

    assert result.exit_code == 2
    assert "INSUFFICIENT_DATA" in result.stderr


def test_watching_without_a_terminal_looks_once(three: Any, inferwatch: Run) -> None:
    """A script that asks for it does not hang."""
    assert inferwatch("alarms", "--watch").exit_code == 1


def test_watching_goes_on_through_silence_until_it_is_ended(
    three: Any, inferwatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends it, and the last look decides the exit status."""
    looks = iter(
        [
            lambda: three.set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="over"),
            lambda: monkeypatch.setattr(command, "_look", _silent),
            lambda: (_ for _ in ()).throw(KeyboardInterrupt),
        ]
    )
    monkeypatch.setattr(command.time, "sleep", lambda _: next(looks)())
    monkeypatch.setattr(paper, "is_terminal", lambda: True)

    result = inferwatch("alarms", "--watch", "--prefix", "slow")

    assert result.exit_code == 0
    assert "nothing answers" in result.stdout


def _silent(*_: Any) -> Any:
    raise UsageError("nothing answers")


def test_a_refusal_is_one_sentence(inferwatch: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whoever refused."""

    async def refuse(*_: Any) -> Any:
        raise AwsError("AccessDenied", "not you")

    monkeypatch.setattr("inferwatch.drawing.alarms.read_alarms", refuse)

    with pytest.raises(UsageError, match=r"^Amazon CloudWatch in eu-west-1 refused: not you$"):
        inferwatch("alarms", "--region", "eu-west-1")


@pytest.mark.parametrize(
    ("endpoint", "sentence"),
    [
        (
            "http://127.0.0.1:9",
            "nothing answers at http://127.0.0.1:9: start an engine with `inferwatch local`, or name another with --endpoint-url",
        ),
        ("nonsense", "nonsense cannot be asked: Invalid endpoint: nonsense"),
    ],
)
def test_an_endpoint_that_is_none_is_one_sentence(endpoint: str, sentence: str) -> None:
    """Closed ports and no addresses at all."""
    from inferwatch.cli.asking import asked_of

    asked = asked_of(endpoint, None)

    with pytest.raises(UsageError) as refused:
        command._look(asked, asked.connect(), {})

    assert str(refused.value) == sentence
