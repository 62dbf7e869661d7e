"""Data protection policies: put, read back, and what readers, filters and metrics see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.clock import ManualClock
from inferwatch.engine.cloud import Cloud
from inferwatch.engine.journal import Journal
from inferwatch.engine.store.store import Store
from inferwatch.testing.aws import client
from inferwatch.wire.perform import restore

Aws = Callable[[str], Any]
Write = Callable[..., None]
OpenStore = Callable[[str], Store]
NAMES = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]
POLICY = json.dumps(
    {
        "Name": "p",
        "Version": "2021-06-01",
        "Statement": [
            {"DataIdentifier": NAMES, "Operation": {"Audit": {"FindingsDestination": {}}}},
            {"DataIdentifier": NAMES, "Operation": {"Deidentify": {"MaskConfig": {}}}},
        ],
    }
)
GROUP_ARN = "arn:aws:logs:us-east-1:123456789012:log-group:/inferwatch/app"


@pytest.fixture
def open_store(open_each_store: OpenStore) -> OpenStore:
    """Every test here runs in each kind of store."""
    return open_each_store


@pytest.fixture
def write(clock: ManualClock, write: Write) -> Write:
    """At a moment of its own: before or after a policy, never with it."""

    def put(message: str) -> None:
        clock.move_to(clock.now_ms() + 1)
        write(message)
        clock.move_to(clock.now_ms() + 1)

    return put


def _read(aws: Aws, log_stream: tuple[str, str], **more: Any) -> list[str]:
    group, stream = log_stream
    page = aws("logs").get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **more)
    return [event["message"] for event in page["events"]]


@pytest.mark.parametrize("identifier", ["/inferwatch/app", GROUP_ARN])
def test_a_policy_is_put_read_and_deleted(
    aws: Aws, clock: ManualClock, log_stream: tuple[str, str], identifier: str
) -> None:
    """By the group's name or ARN."""
    logs = aws("logs")
    before = logs.get_data_protection_policy(logGroupIdentifier=identifier)

    put = logs.put_data_protection_policy(logGroupIdentifier=identifier, policyDocument=POLICY)
    got = logs.get_data_protection_policy(logGroupIdentifier=identifier)
    (described,) = logs.describe_log_groups()["logGroups"]
    logs.delete_data_protection_policy(logGroupIdentifier=identifier)
    (after,) = logs.describe_log_groups()["logGroups"]

    wanted = {"logGroupIdentifier": identifier, "policyDocument": POLICY, "lastUpdatedTime": clock.now_ms()}
    for answer in (before, put, got):
        del answer["ResponseMetadata"]
    assert (before, put, got) == ({"logGroupIdentifier": identifier}, wanted, wanted)
    assert (described["dataProtectionStatus"], after["dataProtectionStatus"]) == ("ACTIVATED", "DELETED")


@pytest.mark.parametrize(
    "document", ["{", POLICY.replace("EmailAddress", "Address")], ids=["json", "identifier"]
)
def test_a_refused_first_policy_changes_nothing(
    aws: Aws, log_stream: tuple[str, str], write: Write, document: str
) -> None:
    """The group stays one that never had a policy: written, read, described and deleted from as before."""
    logs = aws("logs")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.put_data_protection_policy(logGroupIdentifier=GROUP_ARN, policyDocument=document)

    write("to ann@example.com")
    logs.delete_data_protection_policy(logGroupIdentifier=GROUP_ARN)
    (described,) = logs.describe_log_groups()["logGroups"]

    assert _read(aws, log_stream) == ["to ann@example.com"]
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=GROUP_ARN)
    assert "dataProtectionStatus" not in described


def test_only_what_comes_in_under_a_policy_is_masked(
    aws: Aws, log_stream: tuple[str, str], write: Write
) -> None:
    """Before it and after it events are plain; `unmask` shows everything."""
    logs = aws("logs")
    write("1 jo@x.io")
    logs.put_data_protection_policy(logGroupIdentifier=log_stream[0], policyDocument=POLICY)
    write("2 jo@x.io")
    logs.delete_data_protection_policy(logGroupIdentifier=log_stream[0])
    write("3 jo@x.io")

    masked, plain = _read(aws, log_stream), _read(aws, log_stream, unmask=True)

    assert masked == ["1 jo@x.io", "2 *******", "3 jo@x.io"]
    assert plain == ["1 jo@x.io", "2 jo@x.io", "3 jo@x.io"]


def test_patterns_find_only_what_is_shown(aws: Aws, log_stream: tuple[str, str], write: Write) -> None:
    """A search must not tell what a mask hides."""
    logs = aws("logs")
    logs.put_data_protection_policy(logGroupIdentifier=log_stream[0], policyDocument=POLICY)
    write('{"user": "jo@x.io"}')
    search = {"logGroupName": log_stream[0], "filterPattern": '{ $.user = "jo@x.io" }'}

    masked = logs.filter_log_events(**search)["events"]
    plain = logs.filter_log_events(**search, unmask=True)["events"]
    everything = logs.filter_log_events(logGroupName=log_stream[0])["events"]

    assert masked == []
    assert [event["message"] for event in plain] == ['{"user": "jo@x.io"}']
    assert [event["message"] for event in everything] == ['{"user": "*******"}']


def test_metric_filters_see_the_mask(aws: Aws, log_stream: tuple[str, str], write: Write) -> None:
    """No address becomes a dimension."""
    logs = aws("logs")
    logs.put_metric_filter(
        logGroupName=log_stream[0],
        filterName="f",
        filterPattern="{ $.v = 1 }",
        metricTransformations=[
            {"metricName": "m", "metricNamespace": "NS", "metricValue": "1", "dimensions": {"User": "$.user"}}
        ],
    )
    logs.put_data_protection_policy(logGroupIdentifier=log_stream[0], policyDocument=POLICY)

    write('{"v": 1, "user": "jo@x.io"}')

    (metric,) = aws("cloudwatch").list_metrics(Namespace="NS")["Metrics"]
    assert metric["Dimensions"] == [{"Name": "User", "Value": "*******"}]


def test_a_deleted_group_takes_its_policy_along(aws: Aws, log_stream: tuple[str, str]) -> None:
    """A group made anew under the name has none; one that is not there has none to ask for."""
    logs, group = aws("logs"), log_stream[0]
    logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=POLICY)
    logs.delete_log_group(logGroupName=group)

    with pytest.raises(ClientError, match="The specified log group does not exist"):
        logs.get_data_protection_policy(logGroupIdentifier=group)

    logs.create_log_group(logGroupName=group)
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=group)


def test_a_wrong_policy_is_refused(aws: Aws, log_stream: tuple[str, str]) -> None:
    """As a bad parameter, with the place."""
    with pytest.raises(ClientError, match=r"InvalidParameterException.*it is not JSON"):
        aws("logs").put_data_protection_policy(logGroupIdentifier=log_stream[0], policyDocument="{")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def _restarted(journal: Journal, clock: ManualClock, created_ms: int | None) -> Cloud:
    """Another engine on the same journal, whose log store holds the group since `created_ms`."""
    cloud = Cloud(clock, account_id="123456789012")
    if created_ms is not None:
        cloud.engine("us-east-1").logs.create("/inferwatch/app", created_ms, {})
    restore(cloud, journal)
    return cloud


def test_a_restart_brings_policies_back_at_their_time(
    cloud: Cloud, clock: ManualClock, log_stream: tuple[str, str], journal: Journal
) -> None:
    """What came in before the policy stays plain; a group that is gone, or new since, has none."""
    cloud.journal, made_ms = journal, clock.now_ms()
    clock.move_to(made_ms + 1_000)
    client(cloud, "logs").put_data_protection_policy(logGroupIdentifier=log_stream[0], policyDocument=POLICY)
    clock.move_to(made_ms + 9_000)

    same = _restarted(journal, clock, made_ms).engine("us-east-1").protection
    gone = _restarted(journal, clock, None).engine("us-east-1").protection
    anew = _restarted(journal, clock, made_ms + 2_000).engine("us-east-1").protection

    shown = [same.shown(log_stream[0], "jo@x.io", made_ms + seconds * 1_000) for seconds in (0, 1, 2)]
    assert shown == ["jo@x.io", "*******", "*******"]
    assert gone.policy(log_stream[0]) is None
    assert anew.policy(log_stream[0]) is None
