"""Pulumi programs, applied to a running engine by `inferwatch.deploy` and looked at through boto3."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from inferwatch import deploy
from inferwatch.deploy import Changes, DeployError, Result
from inferwatch.model.errors import UsageError

pytestmark = pytest.mark.slow

PUBLISHED = Path(__file__).parents[2] / "examples" / "published"


def test_a_mailbox_is_subscribed_and_told_of_as_pending(
    stack: Any, client: Callable[..., Any], endpoint_url: str
) -> None:
    """Once, when it is made; confirmed by the mail's link, it stays as it is, and goes with the stack."""
    stack.write("""
        topic = aws.sns.Topic("alarms", name="alarms")
        mail = aws.sns.TopicSubscription(
            "ops", topic=topic.arn, protocol="email", endpoint="ops@example.com")
        pulumi.export("pending", mail.pending_confirmation)
        """)
    made = stack.up()
    said = [event.message for event in stack.events if event.kind == "info"]
    with urlopen(f"{endpoint_url}/_inferwatch/deliveries?region=us-east-1", timeout=10) as answer:
        invitation = json.load(answer)["deliveries"][0]
    with urlopen(invitation["confirm_url"], timeout=10) as answer:
        assert answer.status == 200

    again = stack.up()

    assert (made.changes, made.outputs) == (Changes(create=2), {"pending": True})
    (words,) = said
    assert words == (
        "__main__.py:5: aws.sns.TopicSubscription 'ops': it hears nothing until the link in the mail it was sent "
        "is followed, as on AWS; the console shows that mail among its deliveries"
    )
    assert again.changes == Changes(same=2)
    assert [event.kind for event in stack.events if event.message] == []
    topic = "arn:aws:sns:us-east-1:000000000000:alarms"
    (listed,) = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"].startswith(f"{topic}:")


def test_env_names_the_region_that_was_applied(endpoint_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region given with --config is not given again to `env`."""
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    deploy.up(PUBLISHED, endpoint_url=endpoint_url, stack="eu", config={"aws:region": "eu-west-1"})
    try:
        assert (
            deploy.environment(PUBLISHED, endpoint_url=endpoint_url, stack="eu")["AWS_REGION"] == "eu-west-1"
        )
    finally:
        deploy.destroy(PUBLISHED, endpoint_url=endpoint_url, stack="eu", config={"aws:region": "eu-west-1"})


def test_env_names_the_region_of_the_log_group_alone(stack: Any, endpoint_url: str) -> None:
    """Whatever else of its name lives in another region."""
    stack.write("""
        aws.sns.Topic("t", name="twin", region="us-west-2")
        group = aws.cloudwatch.LogGroup("g", name="twin", region="eu-west-1")
        pulumi.export("log_group_name", group.name)
        pulumi.export("log_stream_name", "s")
        """)
    stack.up()

    assert deploy.environment(stack.directory, endpoint_url=endpoint_url)["AWS_REGION"] == "eu-west-1"


def test_another_region_is_a_move(stack: Any, client: Callable[..., Any]) -> None:
    """Everything is made there, and nothing is left where it was; then nothing changes any more."""
    stack.write("""
        group = aws.cloudwatch.LogGroup("g", name="moved")
        aws.cloudwatch.LogStream("s", log_group_name=group.name)
        aws.sns.Topic("t", name="moved")
        """)
    stack.up(config={"aws:region": "eu-west-1"})

    moved = stack.up(config={"aws:region": "us-west-2"})

    assert moved.changes == Changes(replace=3)
    for region, left in (("eu-west-1", 0), ("us-west-2", 1)):
        groups = client("logs", region).describe_log_groups(logGroupNamePrefix="moved")["logGroups"]
        assert len(groups) == left
        assert len(client("sns", region).list_topics()["Topics"]) == left
    assert stack.up(config={"aws:region": "us-west-2"}).changes == Changes(same=3)


def test_the_published_program_is_applied_once_and_removed_whole(
    endpoint_url: str, client: Callable[[str], Any], state_folder: Path
) -> None:
    """Up creates, up again changes nothing, env names the stream, destroy leaves nothing."""
    logs, cloudwatch, sns = client("logs"), client("cloudwatch"), client("sns")

    first = deploy.up(PUBLISHED, endpoint_url=endpoint_url)
    second = deploy.up(PUBLISHED, endpoint_url=endpoint_url)
    environment = deploy.environment(PUBLISHED, endpoint_url=endpoint_url)

    assert first.changes == Changes(create=12)
    assert second.changes == Changes(same=12)
    assert second.outputs == first.outputs == deploy.outputs(PUBLISHED, endpoint_url=endpoint_url)
    assert environment == {
        "INFERWATCH_LOG_GROUP": first.outputs["log_group_name"],
        "INFERWATCH_LOG_STREAM": first.outputs["log_stream_name"],
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint_url,
    }
    assert first.outputs["dashboard_url"] == (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards:name=LLMInferences-dev"
    )
    assert first.console_urls == {
        "LLMInferences-dev": f"{endpoint_url}/dashboards/LLMInferences-dev?region=us-east-1"
    }
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (first.outputs["log_group_name"], 14)

    removed = deploy.destroy(PUBLISHED, endpoint_url=endpoint_url)

    assert removed == Result(Changes(delete=12), {}, {})
    assert logs.describe_log_groups()["logGroups"] == []
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []
    assert sns.list_topics()["Topics"] == []
    assert list(state_folder.rglob("*.json")) == []


def test_everything_watched_is_a_metric_some_filter_makes(
    endpoint_url: str, client: Callable[[str], Any]
) -> None:
    """No alarm and no widget of the published program waits for data that never comes."""
    applied = deploy.up(PUBLISHED, endpoint_url=endpoint_url)
    filters = client("logs").describe_metric_filters(logGroupName=applied.outputs["log_group_name"])
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    body = client("cloudwatch").get_dashboard(DashboardName="LLMInferences-dev")["DashboardBody"]
    deploy.destroy(PUBLISHED, endpoint_url=endpoint_url)

    made = {
        (transformation["metricNamespace"], transformation["metricName"])
        for found in filters["metricFilters"]
        for transformation in found["metricTransformations"]
    }
    watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms if "MetricName" in alarm}
    for alarm in alarms:
        metrics = [
            query["MetricStat"]["Metric"] for query in alarm.get("Metrics", ()) if "MetricStat" in query
        ]
        watched |= {(metric["Namespace"], metric["MetricName"]) for metric in metrics}
    rows = [row for widget in json.loads(body)["widgets"] for row in widget["properties"]["metrics"]]
    drawn = {(row[0], row[1]) for row in rows if len(row) > 1 and row[0] != "..."}
    assert watched == {("LLM/Inference/dev", name) for name in ("InferenceLatency", "Errors", "Requests")}
    assert watched <= made
    assert drawn == made
    assert all(alarm["AlarmActions"] == [applied.outputs["topic_arn"]] for alarm in alarms)
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"notBreaching"}


def test_a_webhook_is_subscribed_only_when_the_config_names_one(
    endpoint_url: str, client: Callable[[str], Any]
) -> None:
    """`--config notifyUrl=...`; without it the next time, it goes again."""
    url = "http://127.0.0.1:9/hook"

    with_url = deploy.up(PUBLISHED, endpoint_url=endpoint_url, config={"notifyUrl": url})
    topic = with_url.outputs["topic_arn"]
    subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    without = deploy.up(PUBLISHED, endpoint_url=endpoint_url)
    deploy.destroy(PUBLISHED, endpoint_url=endpoint_url)

    assert [(found["Protocol"], found["Endpoint"]) for found in subscriptions] == [("http", url)]
    assert with_url.changes == Changes(create=13)
    assert without.changes == Changes(delete=1, same=12)


def test_two_stacks_of_the_published_program_stand_side_by_side(
    endpoint_url: str, client: Callable[[str], Any]
) -> None:
    """Neither overwrites the other's dashboard or metrics."""
    dev = deploy.up(PUBLISHED, endpoint_url=endpoint_url)
    prod = deploy.up(PUBLISHED, endpoint_url=endpoint_url, stack="prod")
    dashboards = client("cloudwatch").list_dashboards()["DashboardEntries"]
    for name in ("dev", "prod"):
        deploy.destroy(PUBLISHED, endpoint_url=endpoint_url, stack=name)

    assert prod.changes == Changes(create=12)
    assert [found["DashboardName"] for found in dashboards] == ["LLMInferences-dev", "LLMInferences-prod"]
    assert dev.outputs["metric_namespace"] != prod.outputs["metric_namespace"]


def test_what_is_pushed_is_measured(endpoint_url: str, client: Callable[[str], Any]) -> None:
    """push.py writes to the exported stream; the filters make metrics of it."""
    applied = deploy.up(PUBLISHED, endpoint_url=endpoint_url)
    environment = deploy.environment(PUBLISHED, endpoint_url=endpoint_url)

    pushed = subprocess.run(
        [sys.executable, str(PUBLISHED / "push.py"), "--duration-ms", "2600", "--count", "3"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    events = client("logs").filter_log_events(logGroupName=applied.outputs["log_group_name"])["events"]
    metrics = client("cloudwatch").list_metrics(Namespace=applied.outputs["metric_namespace"])["Metrics"]
    deploy.destroy(PUBLISHED, endpoint_url=endpoint_url)

    assert pushed.stdout.startswith("sent 3 to llm-inferences-")
    assert [json.loads(event["message"])["duration_ms"] for event in events] == [2600.0] * 3
    assert {metric["MetricName"] for metric in metrics} == {
        "Errors",
        "InferenceLatency",
        "OutputTokens",
        "Requests",
    }


def test_a_stack_follows_its_program(stack: Any, client: Callable[[str], Any]) -> None:
    """A changed property is updated, a changed name replaced, a removed resource deleted."""
    logs = client("logs")
    stack.write(
        """
        group = aws.cloudwatch.LogGroup("group", name="before", retention_in_days=7)
        aws.cloudwatch.LogStream("stream", name="stream", log_group_name=group.name)
        aws.sns.Topic("topic")
        pulumi.export("arn", group.arn)
        """
    )

    made = stack.up()
    updated = stack.write(
        """
        group = aws.cloudwatch.LogGroup("group", name="before", retention_in_days=30)
        aws.cloudwatch.LogStream("stream", name="stream", log_group_name=group.name)
        aws.sns.Topic("topic")
        pulumi.export("arn", group.arn)
        """
    ).up()
    retention = logs.describe_log_groups(logGroupNamePrefix="before")["logGroups"][0]["retentionInDays"]
    replaced = stack.write(
        """
        group = aws.cloudwatch.LogGroup("group", name="after", retention_in_days=30)
        aws.cloudwatch.LogStream("stream", name="stream", log_group_name=group.name)
        aws.sns.Topic("topic")
        pulumi.export("arn", group.arn)
        """
    ).up()
    names = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    removed = stack.write('aws.cloudwatch.LogGroup("group", name="after", retention_in_days=30)\n').up()

    assert made.changes == Changes(create=3)
    assert (updated.changes, retention) == (Changes(update=1, same=2), 30)
    assert (replaced.changes, names) == (Changes(replace=2, same=1), ["after"])
    assert replaced.outputs == {"arn": "arn:aws:logs:us-east-1:000000000000:log-group:after"}
    assert removed.changes == Changes(delete=2, same=1)
    assert client("sns").list_topics()["Topics"] == []
    assert logs.describe_log_streams(logGroupName="after")["logStreams"] == []


def test_every_failure_is_told_before_anything_is_made(stack: Any, client: Callable[[str], Any]) -> None:
    """An unknown type, an invalid retention, each with its line; the good group is not created."""
    stack.write(
        """
        aws.cloudwatch.LogGroup("good")
        bucket = aws.s3.Bucket("bucket")
        aws.cloudwatch.LogGroup("bad", name=bucket.id, retention_in_days=13)
        """
    )

    with pytest.raises(DeployError) as failure:
        stack.up()

    first, second = failure.value.problems
    assert first.startswith(
        "__main__.py:5: aws.s3.Bucket 'bucket': inferwatch does not support this resource type"
    )
    assert second.startswith("__main__.py:6: aws.cloudwatch.LogGroup 'bad': retention_in_days: expected 0")
    assert not failure.value.applied
    assert client("logs").describe_log_groups()["logGroups"] == []


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("raise ValueError('no such model')", "__main__.py:3: ValueError: no such model"),
        (
            "aws.cloudwatch.MetricFilter('f')",
            "__main__.py:3: AttributeError: module 'pulumi_aws.cloudwatch' has no",
        ),
        ("x = = 1", "__main__.py:3: SyntaxError: invalid syntax"),
        ("import sys; sys.exit('not today')", "the program ended itself: not today"),
        ("import os; os._exit(3)", "the program's process ended itself with exit status 3 before"),
        ("pulumi.log.error('no good')", "no good"),
        ("pulumi.Config().require('key')", "__main__.py:3: Missing required configuration variable"),
        (
            "aws.get_availability_zones()",
            "__main__.py:3: aws.getAvailabilityZones: inferwatch does not support this function yet",
        ),
        (
            "aws.cloudwatch.LogGroup('g', opts=pulumi.ResourceOptions(transforms=[lambda _: None]))",
            "inferwatch does not support transforms yet",
        ),
        (
            "aws.cloudwatch.LogGroup.get('g', 'nope')",
            "__main__.py:3: aws.cloudwatch.LogGroup 'g': the endpoint has no log group with the id 'nope'",
        ),
    ],
)
def test_a_program_that_fails_is_one_clear_sentence(stack: Any, program: str, problem: str) -> None:
    """Where, and what; nothing was changed."""
    stack.write(program)

    with pytest.raises(DeployError) as failure:
        stack.up()

    (told,) = failure.value.problems
    assert told.startswith(problem)
    assert not failure.value.applied
    assert str(failure.value).endswith("; nothing was changed")


def test_debug_adds_the_programs_traceback(stack: Any) -> None:
    """Python's own account, for those who ask."""
    stack.write("def f():\n    raise ValueError('deep')\nf()\n")

    with pytest.raises(
        DeployError, match=r"(?s)Traceback \(most recent call last\).*in f\n.*ValueError: deep"
    ):
        stack.up(debug=True)


def test_a_program_killed_in_the_middle_is_continued(stack: Any, client: Callable[[str], Any]) -> None:
    """What was made is known, so the next run makes only the rest."""
    stack.write(
        """
        import os, signal
        def die(name):
            if not pulumi.runtime.is_dry_run():
                os.kill(os.getpid(), signal.SIGKILL)
            return name
        group = aws.cloudwatch.LogGroup("group")
        aws.cloudwatch.LogStream("stream", log_group_name=group.name.apply(die))
        """
    )
    with pytest.raises(DeployError, match="was killed by signal 9"):
        stack.up()

    continued = stack.write(
        """
        group = aws.cloudwatch.LogGroup("group")
        aws.cloudwatch.LogStream("stream", log_group_name=group.name)
        """
    ).up()

    assert continued.changes == Changes(create=1, same=1)
    assert len(client("logs").describe_log_groups()["logGroups"]) == 1


def test_an_error_while_applying_keeps_what_was_made(stack: Any, client: Callable[[str], Any]) -> None:
    """The endpoint refuses the second: the first stays on record, and nothing is deleted."""
    client("logs").create_log_group(logGroupName="taken")
    stack.write(
        """
        first = aws.sns.Topic("first")
        aws.cloudwatch.LogGroup("second", name="taken", opts=pulumi.ResourceOptions(depends_on=[first]))
        """
    )

    with pytest.raises(DeployError) as failure:
        stack.up()
    client("logs").delete_log_group(logGroupName="taken")
    fixed = stack.up()

    assert failure.value.applied
    (problem,) = failure.value.problems
    assert problem == (
        "__main__.py:5: aws.cloudwatch.LogGroup 'second': creating it: "
        "ResourceAlreadyExistsException: The specified log group already exists"
    )
    assert fixed.changes == Changes(create=1, same=1)


def test_a_refused_first_resource_changes_nothing(stack: Any) -> None:
    """An alarm whose expression only AWS can read: its line, and AWS's own words."""
    stack.write("""
        query = {"id": "e1", "expression": "1 +", "return_data": True}
        aws.cloudwatch.MetricAlarm("alarm", comparison_operator="GreaterThanThreshold", evaluation_periods=1,
            threshold=1, metric_queries=[query])
        """)

    with pytest.raises(DeployError, match="; nothing was changed") as failure:
        stack.up()

    (problem,) = failure.value.problems
    assert problem.startswith(
        "__main__.py:5: aws.cloudwatch.MetricAlarm 'alarm': creating it: ValidationError: Error in expression 'e1'"
    )


def test_components_providers_secrets_lookups_and_options_are_carried_out(
    stack: Any, client: Callable[[str], Any], state_folder: Path
) -> None:
    """The parts of Pulumi an ordinary program uses; what it prints stays off our output."""
    stack.write(
        """
        print("hello from the program")
        pulumi.log.info("applying")
        class Pair(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("my:mod:Pair", name)
                self.topic = aws.sns.Topic(name, opts=pulumi.ResourceOptions(parent=self))
                self.register_outputs({"arn": self.topic.arn})
        europe = aws.Provider("europe", region="eu-west-1")
        there = aws.cloudwatch.LogGroup("there", opts=pulumi.ResourceOptions(provider=europe))
        here = aws.cloudwatch.LogGroup("here", name="/x/here", opts=pulumi.ResourceOptions(protect=True))
        found = aws.cloudwatch.get_log_group_output(name=here.name)
        pulumi.export("there", there.arn.apply(lambda arn: arn.split(":")[3]))
        pulumi.export("found", found.arn)
        pulumi.export("account", aws.get_caller_identity().account_id)
        pulumi.export("region", aws.get_region().description)
        pulumi.export("topic", Pair("pair").topic.name.apply(lambda name: name[:5]))
        pulumi.export("secret", pulumi.Output.secret("hush"))
        """
    )

    result = stack.up()
    with pytest.raises(DeployError, match=r"'here' is protected: .*; nothing was changed"):
        stack.destroy()
    texts = [path.read_text() for path in state_folder.rglob("*.json")]
    unprotected = stack.write('aws.cloudwatch.LogGroup("here", name="/x/here")').up()

    assert result.changes == Changes(create=3)
    assert result.outputs == {
        "account": "000000000000",
        "found": "arn:aws:logs:us-east-1:000000000000:log-group:/x/here",
        "region": "US East (N. Virginia)",
        "secret": "[secret]",
        "there": "eu-west-1",
        "topic": "pair-",
    }
    assert not any("hush" in text for text in texts)
    assert unprotected.changes == Changes(delete=2, same=1)


def test_a_renamed_component_keeps_its_logs(stack: Any, client: Callable[[str], Any]) -> None:
    """An alias on the outermost is enough for what lies two components deep."""
    program = """
        class Inner(pulumi.ComponentResource):
            def __init__(self, name, opts):
                super().__init__("my:mod:Inner", name, opts=opts)
                of_mine = pulumi.ResourceOptions(parent=self)
                self.logs = aws.cloudwatch.LogGroup(f"{name}-logs", opts=of_mine)
        class Outer(pulumi.ComponentResource):
            def __init__(self, name, opts=None):
                super().__init__("my:mod:Outer", name, opts=opts)
                of_mine = pulumi.ResourceOptions(parent=self)
                self.direct = aws.cloudwatch.LogGroup(f"{name}-direct", opts=of_mine)
                self.inner = Inner(f"{name}-inner", of_mine)
        """

    def use(call: str) -> Result:
        return stack.write(f"{textwrap.dedent(program)}{call}\n").up()

    made = use("Outer('old')")
    before = [group["logGroupName"] for group in client("logs").describe_log_groups()["logGroups"]]
    renamed = use("Outer('new', pulumi.ResourceOptions(aliases=[pulumi.Alias(name='old')]))")
    after = [group["logGroupName"] for group in client("logs").describe_log_groups()["logGroups"]]

    assert (made.changes, renamed.changes) == (Changes(create=2), Changes(same=2))
    assert before == after


def test_a_preview_names_things_as_they_will_be_named(stack: Any) -> None:
    """What a program does with a name in the preview holds for real."""
    stack.write(
        """
        import pathlib
        names = pathlib.Path("names")
        def note(name):
            with names.open("a") as file:
                file.write(f"{name}\\n")
        aws.cloudwatch.LogGroup("group").name.apply(note)
        """
    ).up()

    preview, real = (stack.directory / "names").read_text().splitlines()
    assert preview == real


def test_default_tags_of_the_config_are_refused_before_anything_is_made(
    stack: Any, client: Callable[[str], Any]
) -> None:
    """They would silently be missing."""
    settings = "config:\n  aws:defaultTags:\n    tags: {team: ml}\n"
    (stack.directory / "Pulumi.dev.yaml").write_text(settings)
    stack.write("aws.cloudwatch.LogGroup('one')\naws.cloudwatch.LogGroup('two')\n")

    with pytest.raises(DeployError) as failure:
        stack.up()

    assert failure.value.problems == (
        "the stack's config (aws:...): inferwatch does not support the AWS provider's setting default_tags yet",
    )
    assert not failure.value.applied


def test_a_stack_never_applied_has_no_outputs(stack: Any) -> None:
    """It says how to apply it."""
    with pytest.raises(UsageError, match=r"apply it with `inferwatch up "):
        deploy.outputs(stack.directory, endpoint_url=stack.endpoint_url)


def test_the_commands_print_the_contracts_json(
    endpoint_url: str, inferwatch: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """One line each; an error is one sentence on standard error and exit status 2."""

    applied = inferwatch("up", str(PUBLISHED), "--json")
    shell = inferwatch("env", str(PUBLISHED))
    dotenv = inferwatch("env", str(PUBLISHED), "--dotenv")
    as_json = inferwatch("env", str(PUBLISHED), "--json")
    human = inferwatch("up", str(PUBLISHED))
    removed = inferwatch("destroy", str(PUBLISHED), "--json")
    wrong = inferwatch("up", "/nowhere", "--json")

    document = json.loads(applied.stdout)
    assert applied.stdout.count("\n") == 1
    assert document.keys() == {"changes", "outputs", "console_urls"}
    assert document["changes"] == {"create": 12, "update": 0, "replace": 0, "delete": 0, "same": 0}
    assert shell.stdout.splitlines() == [
        f"export INFERWATCH_LOG_GROUP='{document['outputs']['log_group_name']}'",
        f"export INFERWATCH_LOG_STREAM='{document['outputs']['log_stream_name']}'",
        "export AWS_REGION='us-east-1'",
        "export AWS_DEFAULT_REGION='us-east-1'",
        f"export AWS_ENDPOINT_URL='{endpoint_url}'",
    ]
    assert dotenv.stdout == shell.stdout.replace("export ", "")
    assert json.loads(as_json.stdout)["AWS_ENDPOINT_URL"] == endpoint_url
    assert "12 unchanged" in human.stdout
    assert document["outputs"]["log_group_name"] in human.stdout
    assert json.loads(removed.stdout)["changes"]["delete"] == 12
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "/nowhere has no Pulumi.yaml" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_alarms_on_bands_and_fleets_are_applied_once(stack: Any, client: Callable[[str], Any]) -> None:
    """Up again changes nothing; a wider band is an update in place."""
    program = """
        aws.cloudwatch.MetricAlarm(
            "unusual",
            name="unusual",
            comparison_operator="GreaterThanUpperThreshold",
            evaluation_periods=3,
            datapoints_to_alarm=2,
            threshold_metric_id="ad1",
            metric_queries=[
                {
                    "id": "m1",
                    "metric": {"namespace": "LLM", "metric_name": "Latency", "period": 60, "stat": "p90"},
                    "return_data": True,
                },
                {"id": "ad1", "expression": "ANOMALY_DETECTION_BAND(m1, WIDTH)", "return_data": True},
            ],
        )
        aws.cloudwatch.MetricAlarm(
            "fleet",
            name="fleet",
            comparison_operator="GreaterThanThreshold",
            threshold=100,
            evaluation_periods=1,
            metric_queries=[{
                "id": "q1",
                "expression": "SELECT MAX(Latency) FROM LLM GROUP BY Model ORDER BY MAX() DESC",
                "period": 60,
                "return_data": True,
            }],
        )
        """
    stack.write(program.replace("WIDTH", "2"))
    first, second = stack.up(), stack.up()
    made = client("cloudwatch").describe_alarms(AlarmNames=["unusual"])["MetricAlarms"][0]
    detectors = client("cloudwatch").describe_anomaly_detectors()["AnomalyDetectors"]

    changed = stack.write(program.replace("WIDTH", "3")).up()

    assert (first.changes, second.changes) == (Changes(create=2), Changes(same=2))
    assert made["ThresholdMetricId"] == "ad1"
    assert "Threshold" not in made
    assert [each["Stat"] for each in detectors] == ["p90"]
    assert changed.changes == Changes(update=1, same=1)
