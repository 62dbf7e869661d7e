"""What `LlmMonitoring` takes, and what it says of what it does not take; nothing is registered here."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import sys
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

import inferwatch.infra
from inferwatch.infra import LlmMonitoring, Notify, Webhook
from inferwatch.infra.brought import Brought
from inferwatch.infra.plan import Spec
from inferwatch.model.errors import UsageError


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """Outputs are made in an event loop; a Pulumi program has one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop), return_exceptions=True))
    asyncio.set_event_loop(None)
    loop.close()


def test_it_takes_what_a_spec_takes_with_the_same_defaults() -> None:
    """And three arguments that are about Pulumi."""
    taken = inspect.signature(LlmMonitoring.__init__).parameters
    fields = {each.name: each for each in dataclasses.fields(Spec) if each.name not in ("_", "name")}

    assert taken.keys() - fields.keys() == {"self", "name", "physical_name", "keep_logs", "opts"}
    assert fields.keys() <= taken.keys()
    for name, field in fields.items():
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        if name != "notify":  # the component's takes Outputs; both are empty
            assert taken[name].default == default, name
    assert taken["notify"].default == Notify()


def test_every_argument_is_documented_in_order() -> None:
    """`Args:` is what the reference page is made of."""
    told = inspect.getdoc(LlmMonitoring) or ""
    arguments = told.partition("Args:\n")[2].partition("\n\n")[0]
    documented = [line.partition(":")[0].strip() for line in arguments.split("\n") if line[4] != " "]

    assert documented == [
        name for name in inspect.signature(LlmMonitoring.__init__).parameters if name != "self"
    ]


def _topic(**more: Any) -> Any:
    return LlmMonitoring("chat", notify=Notify(**more))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LlmMonitoring("my chat"), "physical_name: expected 1-64 letters, digits, dashes or underscores"),
        (lambda: LlmMonitoring("chat", physical_name="a" * 65), "physical_name: expected 1-64 letters"),
        (lambda: LlmMonitoring("chat", physical_name=""), "physical_name: expected 1-64 letters"),
        (lambda: LlmMonitoring("chat", retention_days=31), "retention_days: expected None or one of 1, 3"),
        (lambda: LlmMonitoring("chat", source="logs"), "source: 'logs' is not known; expected inferwatch, bedrock"),
        (lambda: LlmMonitoring("chat", adopt_log_group="no group"), "adopt_log_group: expected a log group's name"),
        (lambda: LlmMonitoring("chat", notify=["a@example.com"]), "notify: expected a Notify, got ['a@example.com']"),  # type: ignore[arg-type]
        (lambda: _topic(critical="a@example.com"), "notify.critical: expected a list of targets, got str"),
        (lambda: _topic(warning=[3]), "notify.warning[0]: expected a topic, an ARN, an e-mail address, a URL or a Webhook, got int"),
        (lambda: _topic(warning=["somebody"]), "notify.warning: expected the ARN of an SNS topic or Lambda function"),
        (lambda: _topic(warning=[Webhook("my pager", "https://x.example")]), "notify.warning: webhook: expected 1-64"),
        (
            lambda: _topic(critical=[Webhook("a", "https://x.example")], warning=[Webhook("a", "https://y.example")]),
            "notify.critical[0]: 'a' is the name of another webhook: give each its own",
        ),
        (
            lambda: _topic(warning=[Webhook("a", "https://x.example")] * 2),
            "notify.warning: 'a' is there twice",
        ),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named(make: Any, message: str) -> None:
    """Before Pulumi hears of anything."""
    with pytest.raises(UsageError) as refused:
        make()

    assert str(refused.value).startswith(message)


def test_outputs_become_leaves_and_are_kept() -> None:
    """Texts stay texts."""
    brought = Brought()

    group = brought.log_group(pulumi.Output.from_input("theirs"))
    plain = brought.log_group("ours")

    assert str(group) == "${adopt_log_group}"
    assert plain == "ours"
    assert {str(leaf) for leaf in brought.outputs} == {"${adopt_log_group}"}


@pytest.mark.parametrize("missing", ["pulumi", "pulumi_aws"])
def test_without_the_extra_it_says_which(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the package can be used without."""
    for module in [name for name in sys.modules if name.partition(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, module)
    for module in ("monitoring", "brought", "leaves", "making"):
        monkeypatch.delitem(sys.modules, f"inferwatch.infra.{module}")
    monkeypatch.setitem(sys.modules, missing, None)  # type: ignore[arg-type]

    with pytest.raises(ModuleNotFoundError) as refused:
        _ = inferwatch.infra.LlmMonitoring

    assert str(refused.value) == f'LlmMonitoring needs {missing}: pip install "inferwatch[infra]"'
    assert inferwatch.infra.Slo("availability", objective=0.99).window == "30d"


def test_a_name_it_does_not_have_is_refused_as_pythons_modules_do() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Monitoring'"):
        _ = inferwatch.infra.Monitoring  # type: ignore[attr-defined]
