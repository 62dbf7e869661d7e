"""Where records go is checked before the first of them."""

from __future__ import annotations

import pytest

from inferwatch.model.errors import UsageError
from inferwatch.ship.streams import Streams
from inferwatch.ship.target import Target, literal


def test_one_stream_per_process_by_default():
    """What AWS refuses in a name becomes a dash."""
    target = Target(log_group="/app", region="eu-west-1", service="check:out*")

    assert target.stream_name(host="box", pid=7, task="chat") == "check-out-/box/7"


def test_a_fixed_stream_name_is_kept():
    """As a stack exports it."""
    target = Target(log_group="/app", region="r", service="s", log_stream="app-stream")

    assert target.stream_name(host="box", pid=7, task="chat") == "app-stream"


def test_any_name_can_be_taken_literally():
    """Braces too."""
    target = Target(log_group="/app", region="r", service="s", log_stream=literal("a{b}{{host}}"))

    assert target.stream_name(host="box", pid=7, task="chat") == "a{b}{{host}}"


@pytest.mark.parametrize(
    ("group", "stream", "endpoint", "sentence"),
    [
        ("a b", "s", None, "log group 'a b': expected 1 to 512 characters"),
        ("aws/x", "s", None, "not beginning aws/"),
        ("", "s", None, "log group ''"),
        ("/a", "{day}", None, r"expected \{service\}, \{host\}, \{pid\} or \{task\}, found \{day\}"),
        ("/a", "{pid:>9}", None, r"found \{pid\}"),
        ("/a", "{pid", None, "log stream '{pid'"),
        ("/a", "a:b", None, "may not contain ':'"),
        ("/a", "a\x1eb", None, "or control characters"),
        ("/a", "", None, "at least one character"),
        ("/a", "s", "127.0.0.1:4586", "expected a URL such as"),
    ],
)
def test_a_name_aws_would_refuse_is_refused_at_once(group, stream, endpoint, sentence):
    """With what was expected."""
    with pytest.raises(UsageError, match=sentence):
        Target(log_group=group, region="r", service="s", log_stream=stream, endpoint_url=endpoint)


def test_a_stream_for_each_task_is_asked_for_by_name():
    """What AWS refuses in a name becomes a dash there too; the sixty-fifth task shares one with the rest."""
    target = Target(log_group="/app", region="r", service="s", log_stream="{service}/{task}")
    streams = Streams(target, host="box", pid=7)

    names = [streams.of({"task": task}) for task in ("sum:mary", "sum:mary", None)]
    many = [streams.of({"task": f"t{number}"}) for number in range(100)]

    assert names == [b"s/sum-mary", b"s/sum-mary", b"s/no-task"]
    assert many[61] == b"s/t61"
    assert set(many[62:]) == {b"s/other"}
    assert streams.of({"task": "t5"}) == b"s/t5"


def test_one_stream_for_all_needs_no_task():
    """The same name whatever the record says."""
    streams = Streams(Target(log_group="/app", region="r", service="s"), host="box", pid=7)

    assert streams.of({"task": "a"}) == streams.of({}) == b"s/box/7"
