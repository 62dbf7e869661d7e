"""`LlmMonitoring` in programs of all kinds, applied to a running engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.deploy import Changes, DeployError

pytestmark = pytest.mark.slow

Client = Callable[..., Any]
IMPORTS = "from inferwatch.infra import *\n"


@pytest.fixture
def program(stack: Any) -> Callable[[str], Any]:
    """`program(text)` is a stack whose program is that."""
    return lambda text: stack.write(f"{IMPORTS}{text}")


def test_what_a_program_gets_of_it(program: Callable[[str], Any]) -> None:
    """Outputs; resources and alarms by keys; an application's environment and its policy."""
    made = program("""
mon = LlmMonitoring("chat")
for key in ("log_group_name", "log_stream_name", "dashboard_name", "dashboard_url", "region",
            "metric_namespace", "environment", "writer_policy"):
    pulumi.export(key, getattr(mon, key))
pulumi.export("filter", mon.resources["filter/duration_ms"].name)
pulumi.export("alarm", mon.alarms["default/latency/critical"].arn)
pulumi.export("pages", mon.alarm_arns["all/page/critical"])
pulumi.export("count", len(mon.alarms))
pulumi.export("warnings", mon.plan.warnings[0])
""").up()

    policy = json.loads(str(made.outputs.pop("writer_policy")))
    assert made.outputs == {
        "log_group_name": "/inferwatch/chat-dev",
        "log_stream_name": "inferences",
        "dashboard_name": "chat-dev",
        "dashboard_url": "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        "#dashboards:name=chat-dev",
        "region": "us-east-1",
        "metric_namespace": "inferwatch/chat-dev",
        "environment": {
            "INFERWATCH_LOG_GROUP": "/inferwatch/chat-dev",
            "INFERWATCH_LOG_STREAM": "inferences",
        },
        "filter": "chat-dev/duration_ms",
        "alarm": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:chat-dev/default/latency/critical",
        "pages": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:chat-dev/all/page/critical",
        "count": 16,
        "warnings": "Nobody is told of warning alarms: notify.warning is empty.",
    }
    assert policy["Statement"][0]["Resource"] == [
        "arn:aws:logs:us-east-1:000000000000:log-group:/inferwatch/chat-dev:*"
    ]


def test_warnings_are_told(program: Callable[[str], Any]) -> None:
    """Once, though the program runs twice."""
    applied = program("LlmMonitoring('chat', notify=Notify(warning=['http://127.0.0.1:9/hook']))")
    applied.up()

    warnings = [event.message for event in applied.events if event.kind == "warning"]
    assert warnings == ["Nobody is told of critical alarms: notify.critical is empty."]


@pytest.mark.parametrize(
    ("region", "partition", "console"),
    [
        ("eu-west-1", "aws", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "aws-us-gov", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_it_goes_where_its_provider_is(
    region: str, partition: str, console: str, program: Callable[[str], Any], client: Client
) -> None:
    """Resources, widgets, ARNs and the console's address; the stack's own region is another."""
    made = program(f"""
there = aws.Provider("there", region="{region}")
mon = LlmMonitoring("chat", masks=["EmailAddress"], opts=pulumi.ResourceOptions(providers=[there]))
pulumi.export("url", mon.dashboard_url)
pulumi.export("policy", mon.writer_policy)
""").up()

    (group,) = client("logs", region).describe_log_groups()["logGroups"]
    body = client("cloudwatch", region).get_dashboard(DashboardName="chat-dev")["DashboardBody"]
    masks = client("logs", region).get_data_protection_policy(logGroupIdentifier="/inferwatch/chat-dev")
    widgets = json.loads(body)["widgets"]
    regions = {widget["properties"]["region"] for widget in widgets if "region" in widget["properties"]}
    assert group["logGroupName"] == "/inferwatch/chat-dev"
    assert regions == {region}
    assert str(made.outputs["url"]).startswith(f"https://{console}/cloudwatch/home?region={region}#")
    assert f'"arn:{partition}:logs:{region}:' in str(made.outputs["policy"])
    assert f"arn:{partition}:dataprotection::aws:data-identifier/EmailAddress" in masks["policyDocument"]
    assert client("logs").describe_log_groups()["logGroups"] == []


@pytest.mark.parametrize("given", ["'theirs'", "pulumi.Output.from_input('theirs')"])
def test_an_adopted_log_group_stays(given: str, program: Callable[[str], Any], client: Client) -> None:
    """As it was: its retention, its events' streams; only the filters come and go."""
    logs = client("logs")
    logs.create_log_group(logGroupName="theirs")
    logs.put_retention_policy(logGroupName="theirs", retentionInDays=3)
    logs.create_log_stream(logGroupName="theirs", logStreamName="theirs")
    applied = program(f"""
mon = LlmMonitoring("chat", adopt_log_group={given})
pulumi.export("stream", mon.log_stream_name)
pulumi.export("environment", mon.environment)
""")

    made = applied.up()
    (watched,) = logs.describe_log_groups()["logGroups"]
    applied.destroy()
    (left,) = logs.describe_log_groups()["logGroups"]
    streams = logs.describe_log_streams(logGroupName="theirs")["logStreams"]
    logs.delete_log_group(logGroupName="theirs")

    assert made.outputs == {"environment": {"INFERWATCH_LOG_GROUP": "theirs"}}  # Pulumi drops what is None
    assert (watched["metricFilterCount"], left["metricFilterCount"]) == (24, 0)
    assert left["retentionInDays"] == 3
    assert [stream["logStreamName"] for stream in streams] == ["theirs"]


def test_kept_logs_stay_when_it_goes(program: Callable[[str], Any], client: Client) -> None:
    """The group and its stream; nothing else."""
    applied = program("LlmMonitoring('chat', keep_logs=True)")
    applied.up()
    applied.destroy()

    groups = client("logs").describe_log_groups()["logGroups"]
    streams = client("logs").describe_log_streams(logGroupName="/inferwatch/chat-dev")["logStreams"]
    client("logs").delete_log_group(logGroupName="/inferwatch/chat-dev")
    assert [(group["logGroupName"], group["metricFilterCount"]) for group in groups] == [
        ("/inferwatch/chat-dev", 0)
    ]
    assert len(streams) == 1


def test_targets_of_every_kind_are_told(
    program: Callable[[str], Any], client: Client, state_folder: Path
) -> None:
    """A topic, an ARN, a secret webhook and one in clear: no webhook's URL can be read in the state."""
    made = program("""
topic = aws.sns.Topic("oncall", name="oncall")
other = aws.sns.Topic("other", name="other")
secret = pulumi.Output.secret("http://127.0.0.1:9/key-1")
pager = Webhook("pager", secret)
LlmMonitoring("chat", notify=Notify(critical=[topic, other.arn, pager], warning=[pager, "http://127.0.0.1:9/key-2"]))
""")
    made.up()

    cloudwatch, sns = client("cloudwatch"), client("sns")
    page = cloudwatch.describe_alarms(
        AlarmNames=["chat-dev/all/page/critical"], AlarmTypes=["CompositeAlarm"]
    )
    subscriptions = sns.list_subscriptions()["Subscriptions"]
    arn = "arn:aws:sns:us-east-1:000000000000:"
    assert sorted(page["CompositeAlarms"][0]["AlarmActions"]) == [
        f"{arn}{name}" for name in ("chat-dev-critical", "oncall", "other")
    ]
    assert sorted((each["TopicArn"], each["Protocol"], each["Endpoint"]) for each in subscriptions) == [
        (f"{arn}chat-dev-critical", "http", "http://127.0.0.1:9/key-1"),
        (f"{arn}chat-dev-warning", "http", "http://127.0.0.1:9/key-1"),
        (f"{arn}chat-dev-warning", "http", "http://127.0.0.1:9/key-2"),
    ]
    states = [path.read_text() for path in state_folder.rglob("*.json")]
    assert len(states) == 1
    assert "key-" not in states[0]


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (
            "pulumi.Output.secret('https://hook.example/hush')",
            "notify.critical[0]: an output is taken for the ARN of an SNS topic",
        ),
        (
            "Webhook('chat', pulumi.Output.secret('https://hooks.slack.com/services/hush'))",
            "notify.critical[0]: a Slack webhook cannot be told by SNS",
        ),
        (
            "Webhook('chat', pulumi.Output.secret('http://hook.example/hush'))",
            "notify.critical[0]: an alarm goes over https, got http://hook.example",
        ),
        (
            "pulumi.Output.from_input('arn:aws:lambda:us-east-1:123456789012:function:page')",
            "notify.critical[0]: an output is taken for the ARN of an SNS topic",
        ),
    ],
)
def test_a_wrong_target_is_refused_once_it_is_known(
    target: str, problem: str, program: Callable[[str], Any]
) -> None:
    """In the preview: nothing is made, and no secret is told."""
    with pytest.raises(DeployError) as failure:
        program(f"LlmMonitoring('chat', notify=Notify(critical=[{target}]))").up()

    told = str(failure.value)
    assert problem in told
    assert "hush" not in told
    assert not failure.value.applied


def test_a_tag_may_be_an_output(program: Callable[[str], Any], client: Client) -> None:
    """On all that takes tags; a wrong one is refused once it is known."""
    applied = program("LlmMonitoring('chat', tags={'owner': pulumi.Output.from_input('ml'), 'stage': 'dev'})")
    applied.up()

    (group,) = client("logs").describe_log_groups()["logGroups"]
    tags = client("logs").list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
    assert tags == {"owner": "ml", "stage": "dev"}

    with pytest.raises(DeployError) as failure:
        program("LlmMonitoring('chat', tags={'owner': pulumi.Output.from_input('a;b')})").preview()
    assert "tags['owner']: expected a value of at most 256 characters, got 'a;b'" in str(failure.value)


def test_an_indexed_field_is_in_the_log_groups_policy(program: Callable[[str], Any], client: Client) -> None:
    """As CloudWatch Logs has it."""
    program("LlmMonitoring('chat', indexes=['trace_id', 'tenant'])").up()

    (group,) = client("logs").describe_log_groups()["logGroups"]
    found = client("logs").describe_index_policies(logGroupIdentifiers=[group["logGroupName"]])
    (policy,) = found["indexPolicies"]
    assert json.loads(policy["policyDocument"]) == {"Fields": ["trace_id", "tenant"]}


def test_an_alarm_may_invoke_a_function(program: Callable[[str], Any], client: Client) -> None:
    """Its action is the function, whose policy lets CloudWatch's alarms of this account in."""
    function = "arn:aws:lambda:us-east-1:000000000000:function:page"
    applied = program(f"LlmMonitoring('chat', notify=Notify(critical=['{function}']))")

    applied.up()

    policy = json.loads(client("lambda").get_policy(FunctionName="page")["Policy"])
    (statement,) = policy["Statement"]
    found = client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"], ActionPrefix=function)
    assert statement["Principal"] == {"Service": "lambda.alarms.cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceAccount": "000000000000"}}
    assert statement["Sid"] == "chat-dev-alarms"
    assert [alarm["AlarmName"] for alarm in found["CompositeAlarms"]] == ["chat-dev/all/page/critical"]

    applied.destroy()
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("lambda").get_policy(FunctionName="page")


def test_a_wrong_argument_is_refused_by_its_name_and_line(program: Callable[[str], Any]) -> None:
    """Before anything is registered."""
    with pytest.raises(DeployError) as failure:
        program("LlmMonitoring('chat', retention_days=31)").up()

    (problem,) = failure.value.problems
    assert problem.startswith("__main__.py:4: ")
    assert "retention_days: expected None or one of 1, 3, 5" in problem
    assert not failure.value.applied


def test_a_renamed_component_keeps_everything(program: Callable[[str], Any]) -> None:
    """By an alias, and by the physical name it had."""
    before = program("LlmMonitoring('old')").up()
    renamed = program("""
LlmMonitoring("new", physical_name="old-dev", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")]))
""").up()

    assert renamed.changes == Changes(same=before.changes.create)


def test_what_holds_for_it_holds_for_all_in_it(program: Callable[[str], Any]) -> None:
    """Inside another component: protection; a transformation of what is made."""
    applied = program("""
class App(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("my:app:App", name)
        def short(args):
            if args.type_ == "aws:cloudwatch/logGroup:LogGroup":
                return pulumi.ResourceTransformationResult(args.props | {"retention_in_days": 1}, args.opts)
        opts = pulumi.ResourceOptions(parent=self, protect=True, transformations=[short])
        self.mon = LlmMonitoring(f"{name}-chat", opts=opts)
        self.register_outputs({})
app = App("shop")
pulumi.export("days", app.mon.resources["log-group"].retention_in_days)
""")
    made = applied.up()
    with pytest.raises(DeployError, match=r"LogGroup 'shop-chat/log-group' is protected"):
        applied.destroy()
    main = applied.directory / "__main__.py"
    main.write_text(main.read_text().replace("protect=True, ", ""))
    applied.up()

    assert made.outputs == {"days": 1}


def test_two_stacks_stand_side_by_side(program: Callable[[str], Any], client: Client) -> None:
    """Neither overwrites the other's dashboard, metrics or alarms."""
    applied = program("mon = LlmMonitoring('chat')\npulumi.export('namespace', mon.metric_namespace)")

    dev, prod = applied.up(), applied.up(stack="prod")
    dashboards = client("cloudwatch").list_dashboards()["DashboardEntries"]
    applied.destroy(stack="prod")

    assert dev.changes == prod.changes
    assert [found["DashboardName"] for found in dashboards] == ["chat-dev", "chat-prod"]
    assert (dev.outputs, prod.outputs) == (
        {"namespace": "inferwatch/chat-dev"},
        {"namespace": "inferwatch/chat-prod"},
    )
