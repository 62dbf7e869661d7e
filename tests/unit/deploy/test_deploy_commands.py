"""Arguments of `up`, `destroy` and `env`, and what they print."""

from __future__ import annotations

from pathlib import Path

import pytest

from inferwatch import deploy
from inferwatch.cli.env import env
from inferwatch.cli.up import parse_config
from inferwatch.model.errors import UsageError


def test_config_pairs_are_cut_at_the_first_equals_sign() -> None:
    """A URL with a query has more of them."""
    assert parse_config(["notifyUrl=http://h/?a=b", "p:empty="]) == {
        "notifyUrl": "http://h/?a=b",
        "p:empty": "",
    }
    assert parse_config(None) == {}


@pytest.mark.parametrize("pair", ["notifyUrl", "=x", ""])
def test_a_config_pair_without_key_or_sign_is_refused(pair: str) -> None:
    """With what was expected."""
    with pytest.raises(UsageError, match="expected KEY=VALUE"):
        parse_config([pair])


def test_env_is_safe_to_evaluate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a value holds, a shell reads it as text."""
    monkeypatch.setattr(deploy, "environment", lambda *_, **__: {"INFERWATCH_LOG_GROUP": "a'; $(rm -r /) b"})

    env(Path())

    assert capsys.readouterr().out == "export INFERWATCH_LOG_GROUP='a'\"'\"'; $(rm -r /) b'\n"


def test_env_prints_one_form_at_a_time() -> None:
    """Two were asked for."""
    with pytest.raises(UsageError, match="--json and --dotenv: choose one"):
        env(Path(), as_json=True, dotenv=True)
