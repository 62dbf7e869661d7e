"""Resource options and command options, each carried out or refused by name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.deploy import Changes, DeployError

pytestmark = pytest.mark.slow

Client = Callable[..., Any]
Inferwatch = Callable[..., subprocess.CompletedProcess[str]]


def _names(client: Client) -> list[str]:
    return [group["logGroupName"] for group in client("logs").describe_log_groups()["logGroups"]]


def test_what_is_there_is_imported_if_it_is_as_the_program_says(stack: Any, client: Client) -> None:
    """It is the stack's from then on; the option may stay, and nothing happens any more."""
    logs = client("logs")
    logs.create_log_group(logGroupName="theirs")
    logs.create_log_stream(logGroupName="theirs", logStreamName="one")
    program = """
        group = aws.cloudwatch.LogGroup("group", name="theirs", retention_in_days={days},
            opts=pulumi.ResourceOptions(import_="theirs"))
        aws.cloudwatch.LogStream("stream", name="one", log_group_name="theirs",
            opts=pulumi.ResourceOptions(import_="theirs:one"))
        """

    with pytest.raises(DeployError) as unlike:
        stack.write(program.replace("{days}", "7")).up()
    logs.put_retention_policy(logGroupName="theirs", retentionInDays=7)
    imported = stack.up()
    told = stack.told()
    again = stack.up()
    changed = stack.write(program.replace("{days}", "30")).up()
    removed = stack.destroy()

    assert unlike.value.problems == (
        (
            "__main__.py:4: aws.cloudwatch.LogGroup 'group': it cannot be imported, for it is not as the program "
            "says: retention_in_days: (none) -> 7"
        ),
    )
    assert not unlike.value.applied
    assert (imported.changes, told) == (Changes(same=2), ["import group", "import stream"])
    assert again.changes == Changes(same=2)
    assert changed.changes == Changes(update=1, same=1)
    assert (removed.changes, _names(client)) == (Changes(delete=2), [])


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        (
            "aws.cloudwatch.LogGroup('g', name='x', opts=pulumi.ResourceOptions(import_='x'))",
            "__main__.py:3: aws.cloudwatch.LogGroup 'g': the endpoint has no log group with the id 'x'",
        ),
        (
            "aws.cloudwatch.LogStream.get('s', 'x')",
            "__main__.py:3: aws.cloudwatch.LogStream 's': the id 'x' cannot be read: expected GROUP:STREAM",
        ),
        (
            "pulumi.StackReference('organization/nowhere/dev')",
            (
                "__main__.py:3: pulumi.StackReference 'organization/nowhere/dev': no stack "
                "'organization/nowhere/dev' was applied at this engine; there are none"
            ),
        ),
        (
            "pulumi.StackReference('../../dev')",
            "__main__.py:3: pulumi.StackReference '../../dev': '../../dev' is no stack: expected STACK,",
        ),
    ],
)
def test_what_cannot_be_looked_up_is_said(stack: Any, program: str, problem: str) -> None:
    """With the line it was asked in; nothing is changed."""
    with pytest.raises(DeployError) as failure:
        stack.write(program).up()

    (told,) = failure.value.problems
    assert told.startswith(problem)
    assert not failure.value.applied


def test_a_stream_is_found_by_its_group_and_name(stack: Any, client: Client) -> None:
    """As `pulumi import` names it; what is only looked up is not deleted."""
    client("logs").create_log_group(logGroupName="theirs")
    client("logs").create_log_stream(logGroupName="theirs", logStreamName="one")
    stack.write("""
        stream = aws.cloudwatch.LogStream.get("stream", "theirs:one")
        pulumi.export("arn", stream.arn)
        """)

    arn = stack.up().outputs["arn"]
    stack.destroy()
    left = client("logs").describe_log_streams(logGroupName="theirs")["logStreams"]
    client("logs").delete_log_group(logGroupName="theirs")

    assert arn == "arn:aws:logs:us-east-1:000000000000:log-group:theirs:log-stream:one"
    assert [stream["logStreamName"] for stream in left] == ["one"]


def test_a_stack_reads_what_another_one_exports(new_stack: Callable[..., Any]) -> None:
    """By the names Pulumi gives stacks; what was secret there is secret here."""
    producer, consumer = new_stack("-producer"), new_stack("-consumer")
    project = producer.directory.name
    producer.write("""
        topic = aws.sns.Topic("alarms", name="alarms")
        pulumi.export("topic_arn", topic.arn)
        pulumi.export("token", pulumi.Output.secret("hush"))
        """).up()
    consumer.write(f"""
        there = pulumi.StackReference("organization/{project}/dev")
        here = pulumi.StackReference("again", stack_name="{project}/dev")
        aws.sns.TopicSubscription(
            "hook", topic=there.require_output("topic_arn"), protocol="http", endpoint="http://127.0.0.1:9/")
        pulumi.export("arn", here.get_output("topic_arn"))
        pulumi.export("token", here.get_output("token"))
        """)

    applied = consumer.up()
    again = consumer.up()

    assert applied.changes == Changes(create=1)
    assert applied.outputs == {
        "arn": "arn:aws:sns:us-east-1:000000000000:alarms",
        "token": "[secret]",
    }
    assert again.changes == Changes(same=1)


def test_only_targets_are_changed(stack: Any, client: Client, inferwatch: Inferwatch) -> None:
    """What is not among them stays as it is, or is not made; needers are asked for by name."""
    program = """
        one = aws.cloudwatch.LogGroup("one", name="one", retention_in_days={days})
        two = aws.cloudwatch.LogGroup("two", name="two", retention_in_days={days})
        aws.cloudwatch.LogStream("stream", name="s", log_group_name=two.name)
        """
    stack.write(program.replace("{days}", "7"))

    with pytest.raises(DeployError) as needing:
        stack.up(targets=["one", "stream"])
    first = stack.up(targets=["one"])
    names = _names(client)
    whole = stack.up()
    stack.write(program.replace("{days}", "30"))
    changed = stack.up(targets=["two"])
    retention = [group["retentionInDays"] for group in client("logs").describe_log_groups()["logGroups"]]
    with pytest.raises(DeployError) as needed:
        stack.destroy(targets=["two"])
    with pytest.raises(DeployError) as unknown:
        stack.preview(targets=["three"])
    removed = inferwatch("destroy", str(stack.directory), "--target", "two", "--target", "stream")
    rest = stack.up()

    assert needing.value.problems == (
        (
            "__main__.py:6: aws.cloudwatch.LogStream 'stream': it needs 'two', which is not made yet: make it a "
            "target too"
        ),
    )
    assert (first.changes, names) == (Changes(create=1), ["one"])
    assert whole.changes == Changes(create=2, same=1)
    assert (changed.changes, retention) == (Changes(update=1, same=2), [7, 30])
    assert needed.value.problems == (
        "aws.cloudwatch.LogStream 'stream' needs 'two', which is to be deleted: make it a target too",
    )
    assert unknown.value.problems == ("--target three: no resource has this name or URN",)
    assert "2 deleted" in removed.stdout
    assert rest.changes == Changes(create=2, update=1)


def test_options_of_replacing_and_deleting_are_carried_out(stack: Any, client: Client) -> None:
    """Kept on delete; replaced at a change; deleted first; left as it is; in the order of `depends_on`."""
    program = """
        kept = aws.cloudwatch.LogGroup("kept", name="kept", opts=pulumi.ResourceOptions(retain_on_delete=True))
        replaced = aws.sns.Topic("replaced", display_name="{word}", opts=pulumi.ResourceOptions(
            replace_on_changes=["displayName"], delete_before_replace=True))
        aws.sns.Topic("left", name="left", display_name="{word}", opts=pulumi.ResourceOptions(
            ignore_changes=["displayName"], depends_on=[kept, replaced]))
        pulumi.export("replaced", replaced.name)
        """
    made = stack.write(program.replace("{word}", "one")).up()
    order = stack.told()
    changed = stack.write(program.replace("{word}", "two")).up()
    told = stack.told()
    sns = client("sns")
    topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    left = sns.get_topic_attributes(TopicArn="arn:aws:sns:us-east-1:000000000000:left")["Attributes"]
    removed = stack.destroy()
    names = _names(client)
    client("logs").delete_log_group(logGroupName="kept")

    assert (made.changes, order[-1]) == (Changes(create=3), "create left")
    assert (changed.changes, told) == (Changes(replace=1, same=2), ["replace replaced"])
    # Deleted first, so its name was free; the old one's was kept for it.
    assert changed.outputs == made.outputs
    assert len(topics) == 2
    assert left["DisplayName"] == "one"
    assert (removed.changes, names) == (Changes(delete=3), ["kept"])


def test_transformations_and_custom_timeouts_are_taken(stack: Any, client: Client) -> None:
    """The SDK itself carries out the former; nothing here takes as long as the latter."""
    stack.write("""
        def tagged(args):
            return pulumi.ResourceTransformationResult({**args.props, "tags": {"team": "ml"}}, args.opts)
        timeouts = pulumi.CustomTimeouts(create="5m", update="1h", delete="10s")
        aws.sns.Topic("topic", name="tagged", opts=pulumi.ResourceOptions(
            transformations=[tagged], custom_timeouts=timeouts))
        """)

    stack.up()

    arn = "arn:aws:sns:us-east-1:000000000000:tagged"
    assert client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "ml"}]
