"""Dashboards through the wire: what AWS takes, what it refuses, how it keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
PostJson = Callable[..., tuple[int, dict[str, Any]]]
EMPTY = '{"widgets":[]}'


def test_bodies_are_taken_and_refused_as_recorded(vectors: Vectors, post_json: PostJson) -> None:
    """Every vector: error texts to the letter, warnings, and the stored form."""
    checked = 0
    for case in vectors("dashboard_bodies"):
        if "expect" not in case:
            continue
        expected = case["expect"]
        params = {"DashboardName": case.get("name", "d"), "DashboardBody": case.get("body", EMPTY)}

        status, answer = post_json("cloudwatch", "PutDashboard", params)

        if expected.get("ok"):
            assert status == 200, case["id"]
            messages = answer["DashboardValidationMessages"]
            assert messages == expected.get("messages", messages), case["id"]
            assert bool(messages) == expected.get("warnings", bool(messages)), case["id"]
            _, kept = post_json("cloudwatch", "GetDashboard", {"DashboardName": "d"})
            assert kept["DashboardBody"] == expected.get("stored", kept["DashboardBody"]), case["id"]
        else:
            assert status == 400, case["id"]
            assert answer["message"] == expected.get("message", answer["message"]), case["id"]
            found = answer.get("dashboardValidationMessages", [])
            for error, wanted in zip(found, expected.get("errors", found), strict=True):
                text = wanted.get("message", wanted.get("messagePrefix", wanted.get("Message")))
                assert error["DataPath"] == wanted.get("dataPath", error["DataPath"]), case["id"]
                assert error["Message"].startswith(text), case["id"]
        checked += 1
    assert checked == 26


def test_a_refused_body_leaves_the_old_one(aws: Aws) -> None:
    """Nothing half-applied."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody=EMPTY)

    with pytest.raises(ClientError) as refused:
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets": {}}')

    assert refused.value.response["Error"]["Code"] == "InvalidParameterInput"
    assert cloudwatch.get_dashboard(DashboardName="d")["DashboardBody"] == EMPTY


def test_dashboards_are_global_listed_and_deleted(aws: Aws) -> None:
    """No region in the ARN; unknown names pass in a deletion."""
    cloudwatch = aws("cloudwatch")
    for name in ("team-a", "team-b", "other"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=EMPTY)

    entries = cloudwatch.list_dashboards(DashboardNamePrefix="team-")["DashboardEntries"]
    cloudwatch.delete_dashboards(DashboardNames=["team-a", "unknown"])

    assert [entry["DashboardName"] for entry in entries] == ["team-a", "team-b"]
    assert entries[0]["DashboardArn"] == "arn:aws:cloudwatch::123456789012:dashboard/team-a"
    assert entries[0]["Size"] == 14
    left = cloudwatch.list_dashboards()["DashboardEntries"]
    assert [entry["DashboardName"] for entry in left] == ["other", "team-b"]


@pytest.mark.parametrize(
    "body",
    [
        "[" * 200_000,
        '{"widgets":' + "[" * 100_000,
        '{"widgets": [1e999]}',
        '{"widgets": [{"type": "text", "x": 1e999, "y": NaN, "properties": {"markdown": ""}}]}',
        '{"widgets": [{"type": [], "properties": {}}]}',
        '{"widgets": [{"type": "metric", "properties": {"annotations": [], "metrics": {}, "region": "r"}}]}',
        '{"widgets": [{"type": "text", "x": 1e400, "y": 0, "properties": {"markdown": ""}}]}',
    ],
)
def test_a_hostile_body_is_a_well_formed_answer(post_json: PostJson, body: str) -> None:
    """Refused or taken, never a fault of ours."""
    status, _ = post_json("cloudwatch", "PutDashboard", {"DashboardName": "d", "DashboardBody": body})

    assert status in (200, 400)
