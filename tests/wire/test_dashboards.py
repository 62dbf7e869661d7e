"""Dashboards through the wire: what AWS takes, what it refuses, how it keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inferwatch.engine.cloud import Cloud
from inferwatch.testing.aws import client

Vectors = Callable[[str], list[dict[str, Any]]]
Aws = Callable[[str], Any]
PostJson = Callable[..., tuple[int, dict[str, Any]]]
EMPTY = '{"widgets":[]}'


@pytest.mark.parametrize(("name", "count"), [("dashboard_bodies", 26), ("dashboard_bodies_recorded", 61)])
def test_bodies_are_taken_and_refused_as_recorded(
    vectors: Vectors, post_json: PostJson, name: str, count: int
) -> None:
    """Every vector: error texts to the letter, warnings, and the stored form."""
    checked = 0
    for case in vectors(name):
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
            assert status == 400, (case["id"], answer)
            assert answer["message"] == expected.get("message", answer["message"]), case["id"]
            found = _errors_in(answer["message"])
            wanted = expected.get("errors", found)
            assert [error["dataPath"] for error in found] == [error["dataPath"] for error in wanted], case[
                "id"
            ]
            for error, want in zip(found, wanted, strict=True):
                assert error["message"].startswith(want.get("message", want.get("messagePrefix"))), case["id"]
        checked += 1
    assert checked == count


def _errors_in(message: str) -> list[dict[str, str]]:
    """The errors that AWS lists inside the text: no other member of its answer has them."""
    head, _, listed = message.partition(":\n[")
    errors: list[dict[str, str]] = json.loads(f"[{listed}") if listed else []
    assert not errors or f"there are {len(errors)} validation errors" in head
    return errors


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


def _metric_widget(rows: int) -> dict[str, Any]:
    metrics = [["LLM", "Latency", "Model", f"m{row}"] for row in range(rows)]
    return {"type": "metric", "properties": {"region": "us-east-1", "metrics": metrics}}


@pytest.mark.parametrize(
    ("widgets", "path", "text"),
    [
        ([_metric_widget(0)] * 501, "/widgets", "Should NOT have more than 500 items"),
        ([_metric_widget(501)], "/widgets/0/properties/metrics", "Should NOT have more than 500 items"),
        ([_metric_widget(417)] * 6, "/widgets", "Should NOT have more than 2500 metrics, found 2502"),
        (
            [{"type": "alarm", "properties": {"alarms": ["arn"] * 101}}],
            "/widgets/0/properties/alarms",
            "Should NOT have more than 100 items",
        ),
    ],
)
def test_a_body_beyond_a_quota_is_refused(
    post_json: PostJson, widgets: list[Any], path: str, text: str
) -> None:
    params = {"DashboardName": "d", "DashboardBody": json.dumps({"widgets": widgets})}

    status, answer = post_json("cloudwatch", "PutDashboard", params)

    assert status == 400
    assert _errors_in(answer["message"]) == [{"dataPath": path, "message": text}]


def test_quotas_themselves_are_allowed(post_json: PostJson) -> None:
    widgets = [_metric_widget(500)] * 5 + [{"type": "text", "properties": {"markdown": ""}}] * 495
    params = {"DashboardName": "d", "DashboardBody": json.dumps({"widgets": widgets})}

    assert post_json("cloudwatch", "PutDashboard", params) == (200, {"DashboardValidationMessages": []})


def test_a_body_of_ten_megabytes_is_refused(post_json: PostJson) -> None:
    text = {"type": "text", "properties": {"markdown": "x" * 10_000_000}}
    params = {"DashboardName": "d", "DashboardBody": json.dumps({"widgets": [text]})}

    status, answer = post_json("cloudwatch", "PutDashboard", params)

    assert status == 400
    assert answer["message"] == "The field DashboardBody must not be longer than 1048576 characters"


@pytest.mark.parametrize(
    ("operation", "params", "code", "message"),
    [
        (
            "list_dashboards",
            {"DashboardNamePrefix": "a/"},
            "InvalidParameterValue",
            "The value for field DashboardNamePrefix contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n",
        ),
        (
            "list_dashboards",
            {"DashboardNamePrefix": "x" * 256},
            "InvalidParameterValue",
            "The value for field DashboardNamePrefix is too long. It must have length less than or equal to 255.\n",
        ),
        ("list_dashboards", {"NextToken": "not-a-token"}, "ValidationError", "Invalid NextToken"),
        (
            "delete_dashboards",
            {"DashboardNames": ["kept", "kept/invalid"]},
            "InvalidParameterValue",
            "The value for field DashboardNames[1] contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n",
        ),
        (
            "delete_dashboards",
            {"DashboardNames": []},
            "InvalidParameterValue",
            "Field DashboardNames is required and has to contain at least 1 element.",
        ),
        (
            "delete_dashboards",
            {"DashboardNames": ["kept", *(f"d{n}" for n in range(100))]},
            "InvalidParameterValue",
            "Field DashboardNames can contain up to 100 elements.",
        ),
        ("get_dashboard", {"DashboardName": "gone"}, "ResourceNotFound", "Dashboard gone does not exist"),
    ],
)
def test_a_bad_name_or_token_is_refused_and_nothing_is_deleted(
    aws: Aws, operation: str, params: dict[str, Any], code: str, message: str
) -> None:
    """Source: recorded, 2026-09; of the numbers of names, read in code written after recordings."""
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_dashboard(DashboardName="kept", DashboardBody=EMPTY)

    with pytest.raises(ClientError) as refused:
        getattr(cloudwatch, operation)(**params)

    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)
    assert cloudwatch.get_dashboard(DashboardName="kept")["DashboardBody"] == EMPTY


def test_a_name_given_many_times_is_deleted_once(aws: Aws) -> None:
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody=EMPTY)

    cloudwatch.delete_dashboards(DashboardNames=["d"] * 101)

    assert cloudwatch.list_dashboards()["DashboardEntries"] == []


def test_a_dashboard_is_the_same_in_every_region(aws: Aws, cloud: Cloud) -> None:
    """Source: recorded, 2026-09."""
    aws("cloudwatch").put_dashboard(DashboardName="d", DashboardBody=EMPTY)

    elsewhere = client(cloud, "cloudwatch", region="eu-west-1").get_dashboard(DashboardName="d")

    assert elsewhere["DashboardBody"] == EMPTY


def test_tags_are_taken_at_creation_only_and_changed_by_arn(aws: Aws) -> None:
    """Source: recorded, 2026-09: a later PutDashboard leaves them, however many it brings."""
    cloudwatch = aws("cloudwatch")
    owned = [{"Key": "owned", "Value": "created"}]
    many = [{"Key": f"k{n}", "Value": "v"} for n in range(51)]
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody=EMPTY, Tags=owned)
    arn = cloudwatch.get_dashboard(DashboardName="d")["DashboardArn"]

    cloudwatch.put_dashboard(DashboardName="d", DashboardBody=EMPTY, Tags=many)

    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == owned
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "more", "Value": "1"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["owned", "unknown"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "more", "Value": "1"}]


def test_a_new_dashboard_with_too_many_tags_is_not_made(aws: Aws) -> None:
    cloudwatch = aws("cloudwatch")
    many = [{"Key": f"k{n}", "Value": "v"} for n in range(51)]

    with pytest.raises(ClientError):
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody=EMPTY, Tags=many)

    assert cloudwatch.list_dashboards()["DashboardEntries"] == []
