"""What would change, and what was changed by hand."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.deploy import Changes, DeployError

pytestmark = pytest.mark.slow

Inferwatch = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = """
    import json
    config = pulumi.Config()
    group = aws.cloudwatch.LogGroup("group", name="watched", retention_in_days=config.get_int("days") or 7)
    aws.cloudwatch.LogStream("stream", name="s", log_group_name=group.name)
    texts = json.loads(config.get("texts") or '["a", "c"]')
    widgets = [
        {"type": "text", "x": 0, "y": ord(text) - 97, "width": 6, "height": 1, "properties": {"markdown": text}}
        for text in texts
    ]
    aws.cloudwatch.Dashboard("board", dashboard_name="watched", dashboard_body=json.dumps({"widgets": widgets}))
    aws.sns.Topic("topic", name="watched", display_name=config.get_secret("display"), tags={"team": "ml"})
"""


@pytest.fixture
def watched(stack: Any) -> Any:
    stack.write(PROGRAM)
    stack.up()
    return stack


def test_a_preview_tells_old_and_new(watched: Any, client: Callable[..., Any]) -> None:
    """Inside JSON too; nothing is changed, and `up` tells the same."""
    config = {"days": "30", "texts": '["a", "d"]'}

    seen = watched.preview(config=config)
    told, differences = watched.told(), watched.differences()
    before = client("logs").describe_log_groups()["logGroups"][0]["retentionInDays"]
    done = watched.up(config=config)

    assert seen.changes == done.changes == Changes(update=2, same=2)
    assert sorted(told) == sorted(watched.told()) == ["update board", "update group"]
    assert sorted(differences) == [
        ("dashboard_body.widgets[1].properties.markdown", "c", "d"),
        ("dashboard_body.widgets[1].y", 2, 3),
        ("retention_in_days", 7, 30),
    ]
    assert sorted(watched.differences()) == sorted(differences)
    assert before == 7


def test_a_widget_put_in_between_is_one_change(watched: Any) -> None:
    """Those after it stay what they are."""
    watched.preview(config={"texts": '["a", "b", "c"]'})

    ((path, old, new),) = watched.differences()
    assert (path, old) == ("dashboard_body.widgets[1]", None)
    assert new["properties"] == {"markdown": "b"}


def test_a_preview_shows_what_is_replaced_deleted_secret_and_unknown(watched: Any) -> None:
    """A secret is only said to change; an output of what is not made yet is `<computed>`."""
    watched.write("""
        group = aws.cloudwatch.LogGroup("group", name="moved")
        aws.cloudwatch.LogStream("stream", name="s", log_group_name=group.name)
        topic = aws.sns.Topic("topic", name="watched", display_name=pulumi.Output.secret("hush"), tags={"team": "x"})
        later = aws.sns.Topic("later")
        pulumi.export("arn", later.arn)
        """)

    seen = watched.preview()

    assert seen.changes == Changes(create=1, update=1, replace=2, delete=1)
    assert sorted(watched.told()) == [
        "create later",
        "delete board",
        "replace group",
        "replace stream",
        "update topic",
    ]
    assert ("display_name", None, "[secret]") in watched.differences()
    assert ("tags.team", "ml", "x") in watched.differences()
    (name,) = [
        difference
        for event in watched.events
        for difference in event.differences
        if difference.property == "name"
    ]
    assert (name.old, name.new, name.forces_new) == ("watched", "moved", True)
    assert seen.outputs == {"arn": "<computed>"}
    assert "hush" not in repr(watched.events)


def test_hidden_differences_are_not_told(watched: Any) -> None:
    """The option `hide_diffs`: the resource is told, the value is not."""
    watched.write("""
        aws.cloudwatch.LogGroup(
            "group", name="watched", retention_in_days=30,
            opts=pulumi.ResourceOptions(hide_diffs=["retentionInDays"]),
        )
        """)

    watched.preview()

    assert "update group" in watched.told()
    assert watched.differences() == []


def test_a_preview_collects_every_failure(watched: Any) -> None:
    """And says that nothing was changed."""
    watched.write("""
        aws.cloudwatch.LogGroup("group", name="watched", retention_in_days=13)
        aws.s3.Bucket("bucket")
        """)

    with pytest.raises(DeployError, match=r"(?s)2 problems; nothing was changed.*13.*aws\.s3\.Bucket"):
        watched.preview()


def test_a_refresh_finds_what_was_changed_by_hand_and_up_puts_it_right(
    watched: Any, client: Callable[..., Any]
) -> None:
    """Property by property; the next one finds nothing any more, and `up` changes just that back."""
    logs, sns, cloudwatch = client("logs"), client("sns"), client("cloudwatch")
    logs.put_retention_policy(logGroupName="watched", retentionInDays=1)
    topic = "arn:aws:sns:us-east-1:000000000000:watched"
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "by", "Value": "hand"}])
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Hand")
    body = cloudwatch.get_dashboard(DashboardName="watched")["DashboardBody"]
    cloudwatch.put_dashboard(DashboardName="watched", DashboardBody=json.dumps(json.loads(body), indent=4))
    logs.delete_log_stream(logGroupName="watched", logStreamName="s")

    found = watched.refresh()
    told, differences = watched.told(), watched.differences()
    settled = watched.refresh()
    righted = watched.up()
    tags = sns.list_tags_for_resource(ResourceArn=topic)["Tags"]
    display = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"]

    assert found.changes == Changes(update=2, delete=1, same=1)
    assert sorted(told) == ["delete stream", "update group", "update topic"]
    assert sorted(differences, key=repr) == [
        ("display_name", None, "Hand"),
        ("retention_in_days", 7, 1),
        ("tags.by", None, "hand"),
    ]
    assert settled.changes == Changes(same=3)
    assert righted.changes == Changes(create=1, update=2, same=1)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    assert (tags, display) == ([{"Key": "team", "Value": "ml"}], "")


def test_a_refresh_keeps_a_secret_secret(stack: Any, client: Callable[..., Any]) -> None:
    """The value somebody put in its place is not shown either."""
    stack.write("aws.sns.Topic('t', name='quiet', display_name=pulumi.Output.secret('hush'))").up()
    arn = "arn:aws:sns:us-east-1:000000000000:quiet"
    client("sns").set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="loud")

    stack.refresh()

    assert stack.differences() == [("display_name", "[secret]", "[secret]")]
    assert "loud" not in repr(stack.events)


def test_the_commands_tell_it_too(watched: Any, inferwatch: Inferwatch, client: Callable[..., Any]) -> None:
    """Readable, as JSON with its steps, and by the exit status where that is asked for."""
    directory = str(watched.directory)
    client("logs").put_retention_policy(logGroupName="watched", retentionInDays=1)

    drifted = inferwatch("refresh", directory, "--expect-no-changes")
    preview = inferwatch("preview", directory, "--expect-no-changes")
    as_json = inferwatch("preview", directory, "--json")
    applied = inferwatch("up", directory)
    settled = inferwatch("preview", directory, "--expect-no-changes")

    assert drifted.returncode == preview.returncode == 1
    assert "~ retention_in_days: 7 -> 1\n" in drifted.stdout
    assert "1 drifted, 3 as they were" in drifted.stdout
    assert "~ retention_in_days: 1 -> 7\n" in preview.stdout
    assert "1 to update, 3 unchanged" in preview.stdout
    (step,) = json.loads(as_json.stdout)["steps"]
    assert (step["kind"], step["type"], step["name"]) == ("update", "aws.cloudwatch.LogGroup", "group")
    assert step["differences"] == [
        {"property": "retention_in_days", "kind": "update", "old": 1, "new": 7, "forces_new": False}
    ]
    assert "~ retention_in_days: 1 -> 7\n" in applied.stdout
    assert (settled.returncode, settled.stderr) == (0, "")
