"""Where records go is checked before the first of them."""

from __future__ import annotations

import pytest

from inferwatch.model.errors import UsageError
from inferwatch.ship.target import Target, literal


def test_one_stream_per_process_by_default():
    """What AWS refuses in a name becomes a dash."""
    target = Target(log_group="/app", region="eu-west-1", service="check:out*")

    assert target.stream_name(host="box", pid=7) == "check-out-/box/7"


def test_a_fixed_stream_name_is_kept():
    """As a stack exports it."""
    target = Target(log_group="/app", region="r", service="s", log_stream="app-stream")

    assert target.stream_name(host="box", pid=7) == "app-stream"


def test_any_name_can_be_taken_literally():
    """Braces too."""
    target = Target(log_group="/app", region="r", service="s", log_stream=literal("a{b}{{host}}"))

    assert target.stream_name(host="box", pid=7) == "a{b}{{host}}"


@pytest.mark.parametrize(
    ("group", "stream", "endpoint", "sentence"),
    [
        ("a b", "s", None, "log group 'a b': expected 1 to 512 characters"),
        ("aws/x", "s", None, "not beginning aws/"),
        ("", "s", None, "log group ''"),
        ("/a", "{task}", None, r"\{task\} is not supported yet"),
        ("/a", "{day}", None, r"expected \{service\}, \{host\} or \{pid\}, found \{day\}"),
        ("/a", "{pid:>9}", None, r"found \{pid\}"),
        ("/a", "{pid", None, "log stream '{pid'"),
        ("/a", "a:b", None, "may not contain ':'"),
        ("/a", "", None, "at least one character"),
        ("/a", "s", "127.0.0.1:4586", "expected a URL such as"),
    ],
)
def test_a_name_aws_would_refuse_is_refused_at_once(group, stream, endpoint, sentence):
    """With what was expected."""
    with pytest.raises(UsageError, match=sentence):
        Target(log_group=group, region="r", service="s", log_stream=stream, endpoint_url=endpoint)
