"""A stack on the embedded engine, looked at again: what drifted, what is gone, what is imported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.endpoint import Edge, StepError
from inferwatch.deploy.goal import Goal
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.refreshing import Refresher
from inferwatch.deploy.removal import Remover
from inferwatch.deploy.result import Difference, Event
from inferwatch.deploy.state import Snapshot
from inferwatch.deploy.stepper import Stepper
from inferwatch.deploy.store import MemoryStore
from inferwatch.deploy.values import Properties, Secret

GROUP_TYPE = "aws:cloudwatch/logGroup:LogGroup"
TOPIC_TYPE = "aws:sns/topic:Topic"


def goal(type: str, name: str, inputs: Properties, **options: Any) -> Goal:
    return Goal(
        urn=f"urn:pulumi:dev::p::{type}::{name}", type=type, name=name, custom=True, inputs=inputs, **options
    )


GROUP = goal(GROUP_TYPE, "group", {"name": "watched", "retentionInDays": 7})


class Stack:
    """Runs of one program against one store, on the engine of this process."""

    def __init__(self, edge: Edge, clients: Clients) -> None:
        self.store = MemoryStore(Snapshot())
        self._edge = replace(edge, clients=clients)

    def ledger(self, targets: frozenset[str] = frozenset(), *, dry_run: bool = False) -> Ledger:
        return Ledger(
            self.store,
            stack="dev",
            project="p",
            provider_config={"region": "us-east-1"},
            now=self._edge.now,
            dry_run=dry_run,
            targets=targets,
        )

    def up(self, *goals: Goal, targets: frozenset[str] = frozenset()) -> None:
        ledger = self.ledger(targets)
        stepper = Stepper(ledger, self._edge)
        for each in goals:
            stepper.register(each)
        Remover(ledger, self._edge).delete_leftovers()

    def refresh(self) -> None:
        Refresher(self.ledger(), self._edge).refresh()


@pytest.fixture
def stack(edge: Edge, engine_clients: Clients) -> Stack:
    return Stack(edge, engine_clients)


def kinds(events: list[Event]) -> list[str]:
    return [f"{event.kind} {event.name}" for event in events]


def test_nothing_is_drift_that_nobody_changed(stack: Stack, events: list[Event]) -> None:
    """And the state stays as it was."""
    stack.up(GROUP)
    before = stack.store.snapshot

    stack.refresh()

    assert kinds(events) == ["create group", "same group"]
    assert stack.store.snapshot == before


def test_what_was_changed_by_hand_is_told_and_put_right(
    stack: Stack, engine_clients: Clients, events: list[Event]
) -> None:
    """Property by property; the next `up` undoes it, tags nobody asked for too."""
    stack.up(GROUP)
    logs = engine_clients.logs()
    logs.put_retention_policy(logGroupName="watched", retentionInDays=30)
    arn = stack.store.snapshot.resources[-1].outputs["arn"]
    logs.tag_resource(resourceArn=arn, tags={"by": "hand"})

    stack.refresh()
    drift = events[-1]
    stack.up(GROUP)

    assert (drift.kind, drift.changed) == ("update", ("retention_in_days", "tags"))
    assert drift.differences == (
        Difference("retention_in_days", "update", 7, 30),
        Difference("tags", "add", None, {"by": "hand"}),
    )
    assert kinds(events) == ["create group", "update group", "update group"]
    (group,) = logs.describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 7
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}


def test_what_was_deleted_by_hand_is_made_again(
    stack: Stack, engine_clients: Clients, events: list[Event]
) -> None:
    """The refresh names it."""
    stack.up(GROUP)
    engine_clients.logs().delete_log_group(logGroupName="watched")

    stack.refresh()
    stack.up(GROUP)

    assert kinds(events) == ["create group", "delete group", "create group"]


def test_a_secret_stays_one(stack: Stack, engine_clients: Clients, events: list[Event]) -> None:
    """Neither it nor what stands in its place is told."""
    stack.up(goal(TOPIC_TYPE, "t", {"name": "t", "displayName": Secret("hush")}))
    arn = stack.store.snapshot.resources[-1].id
    engine_clients.sns().set_topic_attributes(
        TopicArn=arn, AttributeName="DisplayName", AttributeValue="loud"
    )

    stack.refresh()

    assert events[-1].differences == (Difference("display_name", "update", "[secret]", "[secret]"),)
    assert stack.store.snapshot.resources[-1].inputs["displayName"] == Secret("loud")


def test_an_import_takes_over_what_is_as_the_program_says(
    stack: Stack, engine_clients: Clients, events: list[Event]
) -> None:
    """And nothing else; the option may stay."""
    logs = engine_clients.logs()
    logs.create_log_group(logGroupName="watched")
    imported = replace(GROUP, import_id="watched")

    with pytest.raises(StepError, match=r"not as the program says: retention_in_days: \(none\) -> 7"):
        stack.up(imported)
    logs.put_retention_policy(logGroupName="watched", retentionInDays=7)
    stack.up(imported)
    stack.up(imported)

    assert kinds(events) == ["import group", "same group"]


def test_an_import_does_not_take_the_place_of_another(stack: Stack) -> None:
    """The stack would lose sight of the one it has."""
    stack.up(GROUP)

    with pytest.raises(StepError, match="the stack has another under this name, 'watched'"):
        stack.up(replace(GROUP, import_id="other"))


def test_what_is_no_target_stays_as_it_is(stack: Stack, events: list[Event]) -> None:
    """Not changed, not made, not deleted."""
    topic = goal(TOPIC_TYPE, "topic", {"name": "topic"})
    stack.up(GROUP, topic)
    more = replace(GROUP, inputs=GROUP.inputs | {"retentionInDays": 30})

    stack.up(more, goal(TOPIC_TYPE, "new", {"name": "new"}), targets=frozenset({"group"}))

    assert kinds(events) == ["create group", "create topic", "update group"]
    assert [resource.name for resource in stack.store.snapshot.resources][1:] == ["group", "topic"]


def test_a_target_that_needs_what_is_not_made_is_refused(stack: Stack) -> None:
    """It says which."""
    needer = goal(TOPIC_TYPE, "needer", {"name": "needer"}, dependencies=(GROUP.urn,))

    with pytest.raises(StepError, match="it needs 'group', which is not made yet: make it a target too"):
        stack.up(GROUP, needer, targets=frozenset({"needer"}))


def test_hidden_differences_are_not_told(stack: Stack, events: list[Event]) -> None:
    """That the resource changes is."""
    stack.up(GROUP)

    stack.up(replace(GROUP, inputs=GROUP.inputs | {"retentionInDays": 30}, hide_diffs=("retentionInDays",)))

    assert (events[-1].kind, events[-1].differences) == ("update", ())
