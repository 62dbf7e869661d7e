"""What a registration, and the end of a program, lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from inferwatch.deploy.endpoint import Edge, StepError
from inferwatch.deploy.goal import Goal
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.removal import Remover
from inferwatch.deploy.result import Difference, Event
from inferwatch.deploy.state import Snapshot
from inferwatch.deploy.stepper import Stepper
from inferwatch.deploy.store import MemoryStore
from inferwatch.deploy.values import UNKNOWN, Properties, Secret

GROUP_TYPE = "aws:cloudwatch/logGroup:LogGroup"
STREAM_TYPE = "aws:cloudwatch/logStream:LogStream"
TOPIC_TYPE = "aws:sns/topic:Topic"
DASHBOARD_TYPE = "aws:cloudwatch/dashboard:Dashboard"


def goal(type: str, name: str, inputs: Properties | None = None, **options: Any) -> Goal:
    urn = f"urn:pulumi:dev::p::{type}::{name}"
    return Goal(urn=urn, type=type, name=name, custom=True, inputs=inputs or {}, **options)


def group(name: str = "g", **inputs: Any) -> Goal:
    return goal(GROUP_TYPE, name, inputs)


def stream_of(group_urn: str, log_group_name: str, **inputs: Any) -> Goal:
    return goal(
        STREAM_TYPE,
        "s",
        {"logGroupName": log_group_name, **inputs},
        dependencies=(group_urn,),
        property_dependencies={"logGroupName": (group_urn,)},
    )


def board(body: str, **inputs: Any) -> Goal:
    named = {"dashboardName": "d", "dashboardBody": body, **inputs}
    return goal(DASHBOARD_TYPE, "d", named, replace_on_changes=("dashboardBody",))


class Run:
    """One run of a program against a store that outlives it."""

    def __init__(self, store: MemoryStore, edge: Edge, *, dry_run: bool = False) -> None:
        self.ledger = Ledger(
            store,
            stack="dev",
            project="p",
            provider_config={"region": "us-east-1"},
            now=edge.now,
            dry_run=dry_run,
        )
        self.stepper = Stepper(self.ledger, edge)
        self.remover = Remover(self.ledger, edge)
        self.register = self.stepper.register


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(Snapshot())


@pytest.fixture
def run(store: MemoryStore, edge: Edge) -> Callable[..., Run]:
    def start(*, dry_run: bool = False) -> Run:
        return Run(MemoryStore(store.snapshot) if dry_run else store, edge, dry_run=dry_run)

    return start


def kinds(events: list[Event]) -> list[str]:
    return [f"{event.kind} {event.name}" for event in events]


def test_a_new_resource_is_created(
    run: Callable[..., Run], aws: Any, store: MemoryStore, events: list[Event]
) -> None:
    """Its outputs are known, its provider is on record before it, no call is left open."""
    resource = run().register(group(retentionInDays=14))

    assert resource.outputs["arn"] == "arn:aws:logs:us-east-1:000000000000:log-group:g-0000001"
    assert list(aws.groups) == ["g-0000001"]
    assert [known.type for known in store.snapshot.resources] == ["pulumi:providers:aws", GROUP_TYPE]
    assert store.snapshot.operations == ()
    assert kinds(events) == ["create g"]


def test_the_same_program_changes_nothing(
    run: Callable[..., Run], aws: Any, store: MemoryStore, events: list[Event]
) -> None:
    """Not on the endpoint, and not in the state."""
    run().register(group(retentionInDays=14))
    calls, before = len(aws.calls), store.snapshot

    run().register(group(retentionInDays=14))

    assert len(aws.calls) == calls
    assert store.snapshot == before
    assert kinds(events) == ["create g", "same g"]


def test_a_property_changes_in_place(run: Callable[..., Run], aws: Any, events: list[Event]) -> None:
    """The resource stays itself."""
    run().register(group(retentionInDays=14))

    resource = run().register(group(retentionInDays=30))

    assert aws.groups["g-0000001"]["retentionInDays"] == 30
    assert (resource.id, resource.created < resource.modified) == ("g-0000001", True)
    assert events[-1] == Event(
        "update",
        "aws.cloudwatch.LogGroup",
        "g",
        "g-0000001",
        ("retention_in_days",),
        differences=(Difference("retention_in_days", "update", 14, 30),),
    )


def test_a_change_of_secrecy_alone_is_no_update(
    run: Callable[..., Run], aws: Any, events: list[Event]
) -> None:
    """The endpoint would see no difference."""
    run().register(group(retentionInDays=14))

    run().register(group(retentionInDays=Secret(14)))

    assert kinds(events)[-1] == "same g"


def test_a_secret_input_makes_a_secret_output(run: Callable[..., Run]) -> None:
    """Also one the program asks to keep secret."""
    asked = replace(group(retentionInDays=Secret(14)), additional_secret_outputs=("arn",))

    outputs = run().register(asked).outputs

    assert outputs["retentionInDays"] == Secret(14)
    assert isinstance(outputs["arn"], Secret)
    assert outputs["name"] == "g-0000001"


def test_ignored_changes_are_not_made(run: Callable[..., Run], aws: Any, events: list[Event]) -> None:
    """The option `ignore_changes`."""
    run().register(group(retentionInDays=14))

    run().register(replace(group(retentionInDays=30), ignore_changes=("retentionInDays",)))

    assert kinds(events)[-1] == "same g"
    assert aws.groups["g-0000001"]["retentionInDays"] == 14


def test_a_named_resource_is_deleted_before_it_is_replaced(
    run: Callable[..., Run], aws: Any, events: list[Event]
) -> None:
    """Two of one name cannot exist side by side; its stream goes first and comes again."""
    first = run()
    made = first.register(goal(GROUP_TYPE, "g", {"name": "mine"}))
    first.register(stream_of(made.urn, "mine"))

    second = run()
    made = second.register(goal(GROUP_TYPE, "g", {"name": "other"}))
    second.register(stream_of(made.urn, "other"))
    second.remover.delete_leftovers()

    assert aws.named("create_log") == ["create_log_group", "create_log_stream"] * 2
    assert [name for name, _ in aws.calls if name.startswith(("delete", "create"))] == [
        "create_log_group",
        "create_log_stream",
        "delete_log_stream",
        "delete_log_group",
        "create_log_group",
        "create_log_stream",
    ]
    assert kinds(events) == ["create g", "create s", "replace g", "replace s"]


def test_an_unnamed_resource_is_deleted_after_it_is_replaced(
    run: Callable[..., Run], aws: Any, store: MemoryStore, events: list[Event]
) -> None:
    """The new one has a fresh name; the old one is remembered until it is gone."""
    aws.groups["one"] = aws.groups["two"] = {}
    run().register(stream_of("urn:g", "one"))

    second = run()
    second.register(stream_of("urn:g", "two"))
    between = [
        (resource.id, resource.delete) for resource in store.snapshot.resources if resource.name == "s"
    ]
    second.remover.delete_leftovers()

    assert between == [("s-0000002", False), ("s-0000001", True)]
    assert list(aws.streams) == [("two", "s-0000002")]
    assert kinds(events) == ["create s", "replace s"]


def test_the_option_delete_before_replace_wins(run: Callable[..., Run], aws: Any) -> None:
    """Both ways."""
    run().register(goal(TOPIC_TYPE, "t", {"name": "mine"}))

    second = run()
    second.register(replace(goal(TOPIC_TYPE, "t", {"name": "other"}), delete_before_replace=False))
    second.remover.delete_leftovers()

    order = [name for name, _ in aws.calls if name in ("create_topic", "delete_topic")]
    assert order == ["create_topic", "create_topic", "delete_topic"]


def test_replace_on_changes_turns_an_update_into_a_replacement(
    run: Callable[..., Run], events: list[Event]
) -> None:
    """The option `replace_on_changes`."""
    run().register(group(retentionInDays=14))

    run().register(replace(group(retentionInDays=30), replace_on_changes=("retentionInDays",)))

    assert kinds(events)[-1] == "replace g"


def test_what_is_no_longer_registered_is_deleted(
    run: Callable[..., Run], aws: Any, store: MemoryStore, events: list[Event]
) -> None:
    """Needers first; what is left is the provider the program still uses."""
    first = run()
    made = first.register(group())
    first.register(stream_of(made.urn, "g-0000001"))

    last = run()
    last.remover.delete_leftovers()

    assert kinds(events) == ["create g", "create s", "delete s", "delete g"]
    assert (aws.groups, aws.streams, store.snapshot.resources) == ({}, {}, ())


def test_what_is_protected_is_neither_deleted_nor_replaced(run: Callable[..., Run], aws: Any) -> None:
    """The option `protect`; an update is no harm."""
    run().register(replace(group(retentionInDays=14), protect=True))
    run().register(replace(group(retentionInDays=30), protect=True))

    with pytest.raises(StepError, match="it is protected, and a change of name would replace it"):
        run().register(replace(goal(GROUP_TYPE, "g", {"name": "mine"}), protect=True))
    assert run().remover.protected() == [
        "aws.cloudwatch.LogGroup 'g' is protected: set protect=False and apply that before it can be deleted"
    ]
    assert aws.groups["g-0000001"]["retentionInDays"] == 30


def test_a_protected_needer_keeps_what_it_needs(run: Callable[..., Run], aws: Any) -> None:
    """Replacing the group would replace the stream."""
    first = run()
    made = first.register(goal(GROUP_TYPE, "g", {"name": "mine"}))
    first.register(replace(stream_of(made.urn, "mine"), protect=True))

    with pytest.raises(StepError, match=r"LogStream 's' is protected, and replacing 'g' would replace it"):
        run().register(goal(GROUP_TYPE, "g", {"name": "other"}))
    assert list(aws.groups) == ["mine"]


def test_retained_resources_are_forgotten_not_deleted(
    run: Callable[..., Run], aws: Any, store: MemoryStore
) -> None:
    """The option `retain_on_delete`."""
    run().register(replace(group(), retain_on_delete=True))

    run().remover.delete_leftovers()

    assert list(aws.groups) == ["g-0000001"]
    assert store.snapshot.resources == ()


def test_a_resource_is_known_by_an_alias(run: Callable[..., Run], aws: Any, events: list[Event]) -> None:
    """Renamed in the program, untouched on the endpoint."""
    old = run().register(group("before"))

    run().register(replace(group("after"), aliases=(old.urn,)))

    assert kinds(events) == ["create before", "same after"]
    assert list(aws.groups) == ["before-0000001"]


def test_what_a_renamed_component_holds_is_known_however_deep_it_lies(
    run: Callable[..., Run], aws: Any, events: list[Event]
) -> None:
    """Its parent's former name, and its parent's parent's, are part of its own."""

    def program(name: str, **options: Any) -> Run:
        started, root = run(), "urn:pulumi:dev::p::"
        outer = Goal(f"{root}my:Outer::{name}", "my:Outer", name, custom=False, inputs={}, **options)
        inner_name = f"{name}-inner"
        inner = Goal(
            f"{root}my:Outer$my:Inner::{inner_name}", "my:Inner", inner_name, custom=False, inputs={},
            parent=outer.urn,
        )  # fmt: skip
        urn = f"{root}my:Outer$my:Inner${GROUP_TYPE}::{name}-inner-logs"
        logs = Goal(urn, GROUP_TYPE, f"{name}-inner-logs", custom=True, inputs={}, parent=inner.urn)
        for each in (outer, inner, logs):
            started.register(each)
        return started

    program("old")
    program("new", aliases=("urn:pulumi:dev::p::my:Outer::old",)).remover.delete_leftovers()

    assert kinds(events) == ["create old-inner-logs", "same new-inner-logs"]
    assert list(aws.groups) == ["old-inner-logs-0000001"]


def test_an_alias_does_not_take_what_the_program_still_has(run: Callable[..., Run], aws: Any) -> None:
    """A copy that was left with its alias gets a resource of its own."""
    old = run().register(group("one"))

    program = run()
    program.register(group("one"))
    program.register(replace(group("two"), aliases=(old.urn,)))
    program.remover.delete_leftovers()

    assert list(aws.groups) == ["one-0000001", "two-0000002"]


def test_a_replacement_written_over_the_old_one_lives_on(
    run: Callable[..., Run], aws: Any, store: MemoryStore
) -> None:
    """PutDashboard with the same name: old and new are one, so nothing is deleted."""
    run().register(board('{"widgets": []}'))

    second = run()
    second.register(board('{"widgets": [], "start": "-PT1H"}'))
    second.remover.delete_leftovers()

    assert aws.dashboards == {"d": '{"widgets": [], "start": "-PT1H"}'}
    assert [known.name for known in store.snapshot.resources if known.counted] == ["d"]


def test_a_subscription_replaced_by_itself_lives_on(run: Callable[..., Run], aws: Any) -> None:
    """Subscribe answers with the ARN of the subscription that is there."""
    named = {"topic": "arn:aws:sns:us-east-1:000000000000:t", "protocol": "email", "endpoint": "a@b"}
    options = {"replace_on_changes": ("rawMessageDelivery",)}
    run().register(goal("aws:sns/topicSubscription:TopicSubscription", "s", named, **options))

    second = run()
    changed = named | {"rawMessageDelivery": True}
    second.register(goal("aws:sns/topicSubscription:TopicSubscription", "s", changed, **options))
    second.remover.delete_leftovers()

    assert list(aws.subscriptions) == ["arn:aws:sns:us-east-1:000000000000:t:1"]


def test_a_stream_of_the_same_name_in_another_group_is_another(run: Callable[..., Run], aws: Any) -> None:
    """Their ids are equal; the old one is deleted all the same."""
    aws.groups = {"one": {"tags": {}}, "two": {"tags": {}}}
    run().register(goal(STREAM_TYPE, "s", {"name": "s", "logGroupName": "one"}, delete_before_replace=False))

    second = run()
    second.register(goal(STREAM_TYPE, "s", {"name": "s", "logGroupName": "two"}, delete_before_replace=False))
    second.remover.delete_leftovers()

    assert list(aws.streams) == [("two", "s")]


def test_a_replacement_in_doubt_that_writes_over_the_old_one_is_made_again(
    run: Callable[..., Run], aws: Any, no_answer: Exception
) -> None:
    """What is found may be the old one still."""
    run().register(board('{"widgets": []}'))
    aws.fails["put_dashboard"] = no_answer
    with pytest.raises(StepError):
        run().register(board('{"widgets": [], "start": "-PT1H"}'))
    aws.fails.clear()

    third = run()
    third.remover.recover()
    third.register(board('{"widgets": [], "start": "-PT1H"}'))
    third.remover.delete_leftovers()

    assert aws.dashboards == {"d": '{"widgets": [], "start": "-PT1H"}'}


def test_two_resources_of_one_type_and_name_are_refused(run: Callable[..., Run]) -> None:
    """They would be one record."""
    program = run()
    program.register(group())

    with pytest.raises(StepError, match="another resource of this type and name"):
        program.register(group())


def test_an_unknown_type_is_refused_by_name(run: Callable[..., Run]) -> None:
    """With what there is instead."""
    bucket = replace(goal("aws:s3/bucket:Bucket", "b"), position="__main__.py:3")

    with pytest.raises(StepError, match=r"^__main__\.py:3: aws\.s3\.Bucket 'b': inferwatch does not support"):
        run().register(bucket)


def test_a_provider_setting_we_would_ignore_is_refused(run: Callable[..., Run]) -> None:
    """Default tags would silently be missing."""
    provider = goal("pulumi:providers:aws", "tagged", {"defaultTags": {"tags": {"a": "b"}}})

    with pytest.raises(StepError, match="does not support the AWS provider's setting default_tags yet"):
        run().register(provider)


def test_a_setting_of_the_default_provider_we_would_ignore_is_refused(store: MemoryStore, edge: Edge) -> None:
    """`aws:defaultTags` in the stack's config."""
    ledger = Ledger(
        store,
        stack="dev",
        project="p",
        provider_config={"region": "us-east-1", "defaultTags": '{"tags": {"a": "b"}}'},
        now=edge.now,
        dry_run=True,
    )

    with pytest.raises(
        StepError, match=r"the stack's config \(aws:\.\.\.\): .* AWS provider's setting default_tags yet"
    ):
        Stepper(ledger, edge).register(group())


def test_a_name_may_hold_what_parts_a_urn(run: Callable[..., Run], events: list[Event]) -> None:
    """`a::b` is one name."""
    run().register(goal(GROUP_TYPE, "a::b", {"name": "ab"}))

    assert kinds(events) == ["create a::b"]


# --- previews


def test_a_preview_calls_nothing_and_leaves_what_is_made_unknown(run: Callable[..., Run], aws: Any) -> None:
    """The name is known, because it is made here; the ARN is not."""
    outputs = run(dry_run=True).register(group()).outputs

    assert (outputs["name"], outputs["arn"]) == ("g-0000001", UNKNOWN)
    assert aws.calls == []


def test_an_unknown_input_is_a_change_in_a_preview_and_refused_for_real(run: Callable[..., Run]) -> None:
    """For real it means that something failed before."""
    topic = goal(TOPIC_TYPE, "t", {"displayName": UNKNOWN})

    run(dry_run=True).register(topic)
    with pytest.raises(StepError, match="depends on something that could not be made"):
        run().register(topic)


# --- failures and crashes


def test_a_refused_create_leaves_nothing(
    run: Callable[..., Run], aws: Any, store: MemoryStore, refuse: Callable[..., Exception]
) -> None:
    """Nothing was made, so there is nothing to remember; AWS's own words reach the user."""
    aws.fails["create_log_group"] = refuse(
        "CreateLogGroup", "LimitExceededException", "Resource limit exceeded."
    )

    with pytest.raises(
        StepError, match=r"'g': creating it: LimitExceededException: Resource limit exceeded\."
    ):
        run().register(group())
    assert [resource.type for resource in store.snapshot.resources] == ["pulumi:providers:aws"]
    assert store.snapshot.operations == ()


def test_a_create_that_got_no_answer_is_looked_for_the_next_time(
    run: Callable[..., Run], aws: Any, store: MemoryStore, no_answer: Exception, events: list[Event]
) -> None:
    """It was made after all: it is adopted, and not made twice."""
    aws.fails_after["create_log_group"] = no_answer
    with pytest.raises(StepError, match="Could not connect"):
        run().register(group())
    aws.fails_after.clear()

    second = run()
    second.remover.recover()
    second.register(group())

    assert list(aws.groups) == ["g-0000001"]
    assert kinds(events) == ["same g"]
    assert store.snapshot.operations == ()


def test_what_is_recovered_stays_secret(
    run: Callable[..., Run], aws: Any, store: MemoryStore, no_answer: Exception
) -> None:
    """The endpoint's answer gives back in clear what was sent as a secret."""
    aws.fails_after["create_topic"] = no_answer
    with pytest.raises(StepError):
        run().register(goal(TOPIC_TYPE, "t", {"displayName": Secret("hush")}))
    aws.fails_after.clear()

    run().remover.recover()

    (topic,) = [known for known in store.snapshot.resources if known.type == TOPIC_TYPE]
    assert topic.outputs["displayName"] == Secret("hush")


def test_a_create_that_never_happened_is_made_the_next_time(
    run: Callable[..., Run], aws: Any, no_answer: Exception, events: list[Event]
) -> None:
    """The endpoint was not reached."""
    aws.fails["create_log_group"] = no_answer
    with pytest.raises(StepError):
        run().register(group())
    aws.fails.clear()

    second = run()
    second.remover.recover()
    second.register(group())

    assert list(aws.groups) == ["g-0000002"]
    assert kinds(events) == ["create g"]


def test_a_topic_in_doubt_is_made_again_under_its_name(
    run: Callable[..., Run], aws: Any, no_answer: Exception
) -> None:
    """CreateTopic answers with the topic that is there."""
    aws.fails_after["create_topic"] = no_answer
    with pytest.raises(StepError):
        run().register(goal(TOPIC_TYPE, "t"))
    aws.fails_after.clear()

    second = run()
    second.remover.recover()
    second.register(goal(TOPIC_TYPE, "t"))

    assert list(aws.topics) == ["arn:aws:sns:us-east-1:000000000000:t-0000001"]


def test_a_failed_deletion_is_tried_again(
    run: Callable[..., Run], aws: Any, store: MemoryStore, refuse: Callable[..., Exception]
) -> None:
    """The record stays until the resource is gone."""
    run().register(group())
    aws.fails["delete_log_group"] = refuse("DeleteLogGroup", "OperationAbortedException")
    with pytest.raises(StepError, match="deleting it: OperationAbortedException"):
        run().remover.delete_leftovers()
    aws.fails.clear()

    last = run()
    last.remover.recover()
    last.remover.delete_leftovers()

    assert (aws.groups, store.snapshot) == ({}, Snapshot())


# --- lookups of single resources


def test_a_resource_can_be_looked_up_by_id(run: Callable[..., Run], aws: Any, events: list[Event]) -> None:
    """`LogGroup.get`: it is on record as not ours, so it is never deleted."""
    aws.groups["theirs"] = {"tags": {}}

    resource = run().stepper.read(group(), "theirs")
    run().remover.delete_leftovers()

    assert resource.outputs["arn"] == "arn:aws:logs:us-east-1:000000000000:log-group:theirs"
    assert list(aws.groups) == ["theirs"]
    assert kinds(events) == ["read g"]


def test_what_was_made_is_deleted_when_another_is_looked_up_under_its_name(
    run: Callable[..., Run], aws: Any, store: MemoryStore, events: list[Event]
) -> None:
    """From `LogGroup("g")` to `LogGroup.get("g", "theirs")`: the stack's own group is not forgotten."""
    aws.groups["theirs"] = {"tags": {}}
    run().register(group())

    second = run()
    second.stepper.read(group(), "theirs")
    second.remover.delete_leftovers()

    assert list(aws.groups) == ["theirs"]
    assert [known.external for known in store.snapshot.resources if known.counted] == [True]
    assert kinds(events) == ["create g", "read g", "delete g"]


def test_what_was_made_is_let_go_when_itself_is_looked_up(run: Callable[..., Run], aws: Any) -> None:
    """`LogGroup.get("g", "g-0000001")` ends the stack's ownership, not the group."""
    run().register(group())

    second = run()
    second.stepper.read(group(), "g-0000001")
    second.remover.delete_leftovers()
    run().remover.delete_leftovers()

    assert list(aws.groups) == ["g-0000001"]


def test_a_protected_resource_is_not_given_up_for_a_lookup(run: Callable[..., Run], aws: Any) -> None:
    """The preview says so before anything is done."""
    aws.groups["theirs"] = {"tags": {}}
    run().register(replace(group(), protect=True))

    preview = run(dry_run=True)
    preview.stepper.read(group(), "theirs")

    assert preview.remover.protected() == [
        "aws.cloudwatch.LogGroup 'g' is protected: set protect=False and apply that before it can be deleted"
    ]


def test_a_lookup_that_finds_nothing_says_so(run: Callable[..., Run]) -> None:
    """With the id it looked for."""
    with pytest.raises(StepError, match="the endpoint has no log group with the id 'nope'"):
        run().stepper.read(group(), "nope")


def test_an_id_that_does_not_say_where_it_is_is_refused(run: Callable[..., Run]) -> None:
    """A stream is found by its group and name, as `pulumi import` takes them."""
    with pytest.raises(StepError, match="the id 's' cannot be read: expected GROUP:STREAM"):
        run().stepper.read(goal(STREAM_TYPE, "s"), "s")
