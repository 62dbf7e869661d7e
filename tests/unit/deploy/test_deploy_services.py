"""What the Pulumi SDK is told about this engine, and what it is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from inferwatch.deploy.deployment import Deployment
from inferwatch.deploy.endpoint import Edge, StepError
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.result import Event
from inferwatch.deploy.state import Snapshot
from inferwatch.deploy.store import MemoryStore
from inferwatch.deploy.values import encode_struct

GROUP_TYPE = "aws:cloudwatch/logGroup:LogGroup"


def deployment(edge: Edge, *, dry_run: bool) -> Deployment:
    ledger = Ledger(
        MemoryStore(Snapshot()),
        stack="dev",
        project="p",
        provider_config={"region": "us-east-1"},
        now=edge.now,
        dry_run=dry_run,
    )
    return Deployment(
        ledger,
        edge,
        config={},
        secret_keys=frozenset(),
        directory=Path("/project"),
        read_stack=lambda name: {"name": name},
    )


def registration(type: str = GROUP_TYPE, **fields: object) -> resource_pb2.RegisterResourceRequest:
    known = {"type": type, "name": "g", "custom": True, "supportsResultReporting": True} | fields
    return resource_pb2.RegisterResourceRequest(**known)  # type: ignore[arg-type]


def test_only_what_is_carried_out_is_advertised(edge: Edge) -> None:
    """Secrets, deleted-with; the SDK refuses the rest itself, and without alias specs it sends whole URNs."""
    info = deployment(edge, dry_run=True).GetDeploymentInfo(empty_pb2.Empty())

    assert list(info.supportedFeatures) == [
        resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
        resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    ]
    assert (info.project, info.stack, info.dryRun) == ("p", "dev", True)


@pytest.mark.parametrize(
    ("feature", "supported"),
    [("secrets", True), ("aliasSpecs", False), ("outputValues", False), ("transforms", False)],
)
def test_older_sdks_ask_feature_by_feature(edge: Edge, feature: str, supported: bool) -> None:
    """The same answers under their old names."""
    request = resource_pb2.SupportsFeatureRequest(id=feature)

    assert deployment(edge, dry_run=True).SupportsFeature(request).hasSupport is supported


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"remote": True, "custom": False}, "components served by another process"),
        ({"replacement_trigger": encode_struct({"a": "x"}).fields["a"]}, "the option replacement_trigger"),
        ({"replace_with": ["urn"]}, "the option replace_with"),
        ({"packageRef": "ref"}, "parameterized packages"),
    ],
)
def test_an_option_we_would_ignore_is_refused_by_name(
    edge: Edge, fields: dict[str, object], words: str
) -> None:
    """What the SDK sends without asking first."""
    engine = deployment(edge, dry_run=True)

    response = engine.RegisterResource(registration(**fields))

    assert response.result == resource_pb2.FAIL
    assert engine.failures == [f"aws.cloudwatch.LogGroup 'g': inferwatch does not support {words} yet"]


def test_a_preview_goes_on_after_a_failure_and_the_real_thing_does_not(edge: Edge) -> None:
    """One collects; the other begins nothing new."""
    preview, real = deployment(edge, dry_run=True), deployment(edge, dry_run=False)
    bucket = registration("aws:s3/bucket:Bucket")

    preview.RegisterResource(bucket)
    after = preview.RegisterResource(registration())
    with pytest.raises(StepError, match="does not support this resource type"):
        real.RegisterResource(bucket)
    with pytest.raises(StepError, match="stopped after the first failure"):
        real.RegisterResource(registration())

    assert after.result == resource_pb2.SUCCESS
    assert (len(preview.failures), len(real.failures)) == (1, 1)


def test_a_failure_is_placed_in_the_users_code(edge: Edge) -> None:
    """The first line of the program's own, not the library's that made the call."""
    engine = deployment(edge, dry_run=True)
    request = registration("aws:s3/bucket:Bucket")
    for uri, line in (("file:///lib/site-packages/pulumi_aws/x.py", 9), ("file:///project/stack.py", 7)):
        frame = request.stackTrace.frames.add()
        frame.pc.uri, frame.pc.line = uri, line

    engine.RegisterResource(request)

    assert engine.failures[0].startswith("stack.py:7: aws.s3.Bucket 'g': ")


def test_a_logged_error_fails_the_deployment(edge: Edge, events: list[Event]) -> None:
    """As with the real CLI; what else is logged is passed on, debug lines are not."""
    engine = deployment(edge, dry_run=False)

    for severity in (engine_pb2.DEBUG, engine_pb2.INFO, engine_pb2.ERROR):
        engine.Log(engine_pb2.LogRequest(severity=severity, message="told\n"))

    assert engine.failures == ["told"]
    assert events == [Event("info", message="told")]


def test_a_lookup_that_finds_nothing_is_placed_and_named(edge: Edge) -> None:
    """The line in the program, the function, and what is missing."""
    engine = deployment(edge, dry_run=False)
    request = resource_pb2.ResourceInvokeRequest(
        tok="aws:cloudwatch/getLogGroup:getLogGroup", args=encode_struct({"name": "nope"})
    )
    request.sourcePosition.uri, request.sourcePosition.line = "file:///project/stack.py", 7

    with pytest.raises(StepError):
        engine.Invoke(request)

    assert engine.failures == ["stack.py:7: aws.cloudwatch.getLogGroup: the endpoint has no log group 'nope'"]


@pytest.mark.parametrize(
    "method",
    [
        "ExistsResource",
        "RegisterStackTransform",
        "RegisterStackInvokeTransform",
        "RegisterResourceHook",
        "RegisterErrorHook",
        "RegisterPackage",
        "RequirePulumiVersion",
        "StartDebugging",
        "Call",
    ],
)
def test_a_call_we_do_not_carry_out_is_refused_by_name(edge: Edge, method: str) -> None:
    """None answers as if it had done something."""
    engine = deployment(edge, dry_run=True)

    with pytest.raises(StepError, match="inferwatch does not support"):
        getattr(engine, method)(SimpleNamespace(name="n", tok="t"))
