"""Several accounts in one process: apart from each other, in memory and across a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.exceptions import ClientError

from inferwatch.local import LocalServer
from inferwatch.model.errors import UsageError

pytestmark = pytest.mark.slow
OURS, THEIRS = "111111111111", "222222222222"


def _client(endpoint_url: str, service: str, key: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key="test",
    )


def _furnish(endpoint_url: str, key: str, region: str = "us-east-1") -> None:
    """One of each thing that is an account's own."""
    logs, cloudwatch, sns, iam = (
        _client(endpoint_url, service, key, region) for service in ("logs", "cloudwatch", "sns", "iam")
    )
    logs.create_log_group(logGroupName="/app")
    cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "m", "Value": 1}])
    cloudwatch.put_metric_alarm(
        AlarmName="high",
        Namespace="App",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.put_dashboard(DashboardName="board", DashboardBody='{"widgets":[]}')
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    iam.create_policy(
        PolicyName="p",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        ),
    )


def _seen(endpoint_url: str, key: str, region: str = "us-east-1") -> list[int]:
    """How many groups, metrics, alarms, dashboards, topics, subscriptions and policies a key sees."""
    logs, cloudwatch, sns, iam = (
        _client(endpoint_url, service, key, region) for service in ("logs", "cloudwatch", "sns", "iam")
    )
    return [
        len(logs.describe_log_groups()["logGroups"]),
        len(cloudwatch.list_metrics()["Metrics"]),
        len(cloudwatch.describe_alarms()["MetricAlarms"]),
        len(cloudwatch.list_dashboards()["DashboardEntries"]),
        len(sns.list_topics()["Topics"]),
        len(sns.list_subscriptions()["Subscriptions"]),
        len(iam.list_policies(Scope="Local")["Policies"]),
    ]


def test_an_account_sees_nothing_of_anothers() -> None:
    """A key id of twelve digits names the account; any other key is the engine's own."""
    with LocalServer(port=0, account_id=OURS) as server:
        _furnish(server.endpoint_url, THEIRS)

        assert _seen(server.endpoint_url, THEIRS) == [1] * 7
        assert _seen(server.endpoint_url, "AKIAEXAMPLE") == [0] * 7
        assert _seen(server.endpoint_url, OURS) == [0] * 7
        named = _client(server.endpoint_url, "sts", THEIRS).get_caller_identity()["Account"]
        own = _client(server.endpoint_url, "sts", "AKIAEXAMPLE").get_caller_identity()["Account"]
        arn = _client(server.endpoint_url, "logs", THEIRS).describe_log_groups()["logGroups"][0]["arn"]

    assert (named, own) == (THEIRS, OURS)
    assert arn == f"arn:aws:logs:us-east-1:{THEIRS}:log-group:/app:*"


def test_a_region_sees_nothing_of_anothers_but_what_aws_keeps_globally() -> None:
    """Dashboards and policies are the account's; all else is a region's."""
    with LocalServer(port=0) as server:
        _furnish(server.endpoint_url, "test", "eu-west-1")

        assert _seen(server.endpoint_url, "test", "us-east-1") == [0, 0, 0, 1, 0, 0, 1]


def test_links_in_another_accounts_mail_lead_to_it() -> None:
    """Who follows a link signs nothing: the topic's ARN says whose it is."""
    with LocalServer(port=0) as server:
        _furnish(server.endpoint_url, THEIRS)
        sns = _client(server.endpoint_url, "sns", THEIRS)
        address = f"{server.endpoint_url}/_inferwatch/deliveries?region=us-east-1&account={THEIRS}"
        with urlopen(address, timeout=5) as answer:
            invitation = json.load(answer)["deliveries"][0]
        with urlopen(invitation["confirm_url"], timeout=5) as page:
            shown = page.read().decode()

        confirmed = sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"]

    assert "Subscription confirmed!" in shown
    assert confirmed.startswith(f"arn:aws:sns:us-east-1:{THEIRS}:alarms:")


def test_each_account_outlives_a_restart_in_its_own_folder(tmp_path: Path) -> None:
    """The other account's alarms go on without anybody speaking to it."""
    with LocalServer(port=0, data=tmp_path) as server:
        _furnish(server.endpoint_url, THEIRS)
    with LocalServer(port=0, data=tmp_path) as server:
        address = f"{server.endpoint_url}/_inferwatch/health?account={THEIRS}"
        with urlopen(address, timeout=5) as answer:
            regions = json.load(answer)["regions"]

        assert regions == ["us-east-1"]
        assert _seen(server.endpoint_url, THEIRS) == [1] * 7
        assert _seen(server.endpoint_url, "test") == [0] * 7


def test_a_folder_is_one_accounts(tmp_path: Path) -> None:
    """Its ARNs would name another account than its owner."""
    with LocalServer(port=0, data=tmp_path, account_id=OURS):
        pass

    with pytest.raises(UsageError, match=f"holds the account {OURS}: start with --account-id {OURS}"):
        LocalServer(port=0, data=tmp_path, account_id=THEIRS)
    with LocalServer(port=0, data=tmp_path, account_id=OURS) as again:
        assert again.cloud.account_id == OURS


@pytest.mark.parametrize("account_id", ["", "12345678901", "1234567890123", "12345678901x", "१२३४५६७८९०१२"])
def test_an_account_id_is_of_twelve_digits(account_id: str) -> None:
    """ASCII ones."""
    with pytest.raises(UsageError, match="is no account id: expected twelve digits"):
        LocalServer(port=0, account_id=account_id)


def _reset(endpoint_url: str, method: str = "POST", **headers: str) -> tuple[int, dict[str, Any]]:
    """Status and document."""
    asked = Request(f"{endpoint_url}/_inferwatch/reset", method=method, headers=headers)
    try:
        answer = urlopen(asked, timeout=5)
    except HTTPError as refused:
        answer = refused
    with answer:
        return answer.status, json.load(answer)


def test_reset_empties_every_account_and_region(connect: Callable[..., Any]) -> None:
    """It is another engine then, so that a stack's state is not taken for what is there."""
    with LocalServer(port=0) as server:
        _furnish(server.endpoint_url, "test")
        _furnish(server.endpoint_url, THEIRS, "eu-west-1")
        before = server.cloud.engine_id
        logs = connect(server.endpoint_url, "logs")

        status, answer = _reset(server.endpoint_url)

        assert _seen(server.endpoint_url, "test") == [0] * 7
        assert _seen(server.endpoint_url, THEIRS, "eu-west-1") == [0] * 7
        assert status == 200
        assert answer["engine_id"] == server.cloud.engine_id != before
        logs.create_log_group(logGroupName="/app")  # a client that was there goes on
        assert server.cloud.regions == ["us-east-1"]


def test_reset_is_refused_where_a_folder_keeps_the_data(tmp_path: Path) -> None:
    """What was kept on purpose is not emptied by one request."""
    with LocalServer(port=0, data=tmp_path) as server:
        _furnish(server.endpoint_url, "test")

        status, answer = _reset(server.endpoint_url)

        assert status == 409
        assert "only one that was started with --memory" in answer["message"]
        assert _seen(server.endpoint_url, "test") == [1] * 7


def test_reset_is_no_link_and_no_other_sites_form() -> None:
    """A page elsewhere could empty the engine otherwise."""
    with LocalServer(port=0) as server:
        before = server.cloud.engine_id

        linked, _ = _reset(server.endpoint_url, "GET")
        posted, _ = _reset(server.endpoint_url, Origin="https://evil.example")

        assert (linked, posted) == (405, 403)
        assert server.cloud.engine_id == before


def test_an_accounts_folder_that_cannot_be_made_is_said_in_awss_form(tmp_path: Path) -> None:
    """A file lies where the accounts' folders go."""
    with LocalServer(port=0, data=tmp_path) as server:
        (tmp_path / "accounts").write_text("in the way")

        with pytest.raises(ClientError) as refused:
            _client(server.endpoint_url, "logs", THEIRS).describe_log_groups()

        assert refused.value.response["Error"]["Code"] == "ServiceUnavailableException"
        assert _seen(server.endpoint_url, "test") == [0] * 7
