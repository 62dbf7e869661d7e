"""A small engine behind the console's `Api`: a morning of inferences with one incident, on a movable clock.

Every value is a function of its minute, so a picture of any stretch of time is the same in every run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from inferwatch.model.errors import AwsError

MINUTE_MS = 60_000
NOW_MS = 1_795_682_105_000  # 2026-11-26 08:35:05 UTC
ACCOUNT = "000000000000"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:inference-alarms"

Shape = dict[str, Any]


def arn(name: str) -> str:
    return f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}"


def latency(minute: int, stat: str) -> float | None:
    """Milliseconds: calm around 900, an incident from 08:20 to 08:27, a pause without traffic at 07:50."""
    if 29_927_990 <= minute < 29_927_997:
        return None
    base = 900 + 180 * math.sin(minute / 9) + 60 * math.sin(minute / 2.3)
    if 29_928_020 <= minute < 29_928_027:
        base += 2_100 - 60 * abs(minute - 29_928_023)
    share = {"Maximum": 1.0, "p99": 0.93, "p90": 0.78, "p50": 0.52, "Average": 0.55, "Minimum": 0.3}
    return round(base * share.get(stat, 1.0), 1)


def tokens(minute: int, kind: str) -> float | None:
    if latency(minute, "p50") is None:
        return None
    base = {"input": 2_400, "output": 1_150}[kind]
    return float(round(base * (1 + 0.3 * math.sin(minute / 11 + len(kind)))))


METRICS: dict[str, tuple[str, Any]] = {
    "InferenceLatency": ("Milliseconds", latency),
    "Inferences": ("Count", lambda m, s: None if latency(m, s) is None else float(22 + (m * 7) % 9)),
    "Errors": ("Count", lambda m, s: 1.0 if m % 13 == 0 else None),
    "InputTokens": ("Count", lambda m, s: tokens(m, "input")),
    "OutputTokens": ("Count", lambda m, s: tokens(m, "output")),
}

BODY: Shape = {
    "widgets": [
        {
            "type": "metric", "x": 0, "y": 0, "width": 16, "height": 7,
            "properties": {
                "region": "us-east-1", "title": "Inference latency", "period": 60,
                "metrics": [
                    ["LLM/Inference", "InferenceLatency", {"stat": "Maximum", "label": "slowest"}],
                    ["...", {"stat": "p99", "label": "p99"}],
                    ["...", {"stat": "p50", "label": "p50"}],
                ],
            },
        },
        {
            "type": "metric", "x": 16, "y": 0, "width": 8, "height": 3,
            "properties": {
                "region": "us-east-1", "title": "Right now", "view": "singleValue", "period": 60,
                "stat": "Sum", "sparkline": True,
                "metrics": [["LLM/Inference", "Inferences", {"label": "inferences a minute"}]],
            },
        },
        {
            "type": "metric", "x": 16, "y": 3, "width": 8, "height": 4,
            "properties": {
                "region": "us-east-1", "title": "Errors", "period": 60, "stat": "Sum",
                "metrics": [
                    ["LLM/Inference", "Errors", {"id": "errors", "label": "errors"}],
                    ["LLM/Inference", "Inferences", {"id": "requests", "visible": False}],
                ],
            },
        },
        {
            "type": "metric", "x": 0, "y": 7, "width": 12, "height": 6,
            "properties": {
                "region": "us-east-1", "title": "Tokens", "period": 60, "stat": "Sum", "stacked": True,
                "metrics": [
                    ["LLM/Inference", "InputTokens", {"label": "input"}],
                    ["LLM/Inference", "OutputTokens", {"label": "output"}],
                ],
                "annotations": {"vertical": [{"value": "2026-11-26T08:05:00Z", "label": "deploy 41"}]},
            },
        },
        {
            "type": "metric", "x": 12, "y": 7, "width": 12, "height": 6,
            "properties": {
                "region": "us-east-1", "title": "Traffic and latency", "period": 60,
                "metrics": [
                    ["LLM/Inference", "Inferences", {"stat": "Sum", "label": "inferences"}],
                    ["LLM/Inference", "InferenceLatency", {"stat": "p90", "label": "p90", "yAxis": "right"}],
                ],
                "yAxis": {"left": {"label": "per minute", "min": 0}},
            },
        },
        {
            "type": "text", "x": 0, "y": 13, "width": 8, "height": 4,
            "properties": {
                "markdown": "# When it is slow\n\n"
                "Look at **output tokens** first: `duration_ms` grows with them.\n\n"
                "- [the runbook](https://example.com/runbook)\n- <script>alert(1)</script>"
            },
        },
        {
            "type": "log", "x": 8, "y": 13, "width": 8, "height": 4,
            "properties": {"region": "us-east-1", "title": "Slowest calls", "query": "SOURCE 'g'"},
        },
        {
            "type": "alarm", "x": 16, "y": 13, "width": 8, "height": 4,
            "properties": {"title": "Alarms", "alarms": [arn("slow-inferences"), arn("gone")]},
        },
    ]
}  # fmt: skip


def _alarm(name: str, state: str, since_ms: int, reason: str, **more: object) -> Shape:
    return {
        "AlarmName": name,
        "AlarmArn": arn(name),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [TOPIC],
        "InsufficientDataActions": [],
        "StateValue": state,
        "StateReason": reason,
        "StateUpdatedTimestamp": since_ms,
        "StateTransitionedTimestamp": since_ms,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        **more,
    }


def _latency_alarm(name: str, state: str, since_ms: int, reason: str, stat: Shape, **more: object) -> Shape:
    metric = {"Namespace": "LLM/Inference", "MetricName": "InferenceLatency", "Dimensions": [], "Period": 60}
    return _alarm(name, state, since_ms, reason, **metric, **stat, **more)


class FakeEngine:
    """Answers the operations the console uses; `calls` keeps what was asked."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS
        self.calls: list[tuple[str, str, str, Shape]] = []
        self.dashboards = {"llm-inferences": json.dumps(BODY)}
        self.refusals: dict[str, AwsError] = {}
        slow_ms = NOW_MS - 8 * MINUTE_MS - 50_000
        self.alarms = [
            _latency_alarm(
                "slow-inferences",
                "ALARM",
                slow_ms,
                "Threshold Crossed: 1 out of the last 1 datapoints [2706.6 (26/11/26 08:25:00)] was greater "
                "than the threshold (2000.0) (minimum 1 datapoint for OK -> ALARM transition).",
                {"Statistic": "Maximum"},
                Threshold=2000.0,
                DatapointsToAlarm=1,
                TreatMissingData="notBreaching",
                AlarmDescription="An inference took longer than two seconds.",
                StateReasonData=json.dumps(
                    {
                        "version": "1.0",
                        "evaluatedDatapoints": [
                            {
                                "timestamp": "2026-11-26T08:25:00.000+0000",
                                "sampleCount": 23.0,
                                "value": 2706.6,
                            }
                        ],
                    }
                ),
            ),
            _latency_alarm(
                "latency-p99",
                "OK",
                NOW_MS - 95 * MINUTE_MS,
                "Threshold Crossed: 3 datapoints were not greater than the threshold (4000.0).",
                {"ExtendedStatistic": "p99"},
                Threshold=4000.0,
                EvaluationPeriods=3,
                DatapointsToAlarm=2,
            ),
            _alarm(
                "error-rate",
                "INSUFFICIENT_DATA",
                NOW_MS - 2 * MINUTE_MS,
                "Insufficient Data: 3 datapoints were unknown.",
                Threshold=5.0,
                EvaluationPeriods=3,
                Metrics=[
                    {
                        "Id": "e1",
                        "Expression": "100 * errors / requests",
                        "Label": "error rate",
                        "ReturnData": True,
                    },
                    self._query("errors", "Errors"),
                    self._query("requests", "Inferences"),
                ],
            ),
        ]
        self.history = [
            self._state_update("slow-inferences", slow_ms, "OK", "ALARM"),
            self._state_update("slow-inferences", NOW_MS - 41 * MINUTE_MS, "INSUFFICIENT_DATA", "OK"),
            {
                "AlarmName": "slow-inferences",
                "Timestamp": NOW_MS - 50 * MINUTE_MS,
                "HistoryItemType": "ConfigurationUpdate",
                "HistorySummary": 'Alarm "slow-inferences" created',
                "HistoryData": json.dumps({"version": "1.0", "type": "Create"}),
            },
        ]
        self.forwards: list[Shape] = []
        self.deliveries = [
            {
                "kind": "Notification",
                "topic_arn": TOPIC,
                "subscription_arn": f"{TOPIC}:99999999-8888-7777-6666-555555555555",
                "endpoint": "http://127.0.0.1:9000/hook",
                "protocol": "http",
                "subject": 'ALARM: "slow-inferences" in US East (N. Virginia)',
                "message": '{"AlarmName":"slow-inferences","NewStateValue":"ALARM"}',
                "message_id": "11111111-2222-3333-4444-555555555555",
                "mail": None,
                "mail_file": None,
                "confirm_url": None,
                "status": "delivered",
                "attempts": 1,
                "last_error": None,
                "created_ms": slow_ms,
                "due_ms": None,
                "finished_ms": slow_ms + 400,
            }
        ]

    @staticmethod
    def _query(query_id: str, metric: str) -> Shape:
        stat = {
            "Metric": {"Namespace": "LLM/Inference", "MetricName": metric, "Dimensions": []},
            "Period": 60,
        }
        return {"Id": query_id, "MetricStat": {**stat, "Stat": "Sum"}, "ReturnData": False}

    @staticmethod
    def _state_update(name: str, time_ms: int, old: str, new: str) -> Shape:
        states = {
            "oldState": {"stateValue": old},
            "newState": {"stateValue": new, "stateReason": f"now {new}"},
        }
        return {
            "AlarmName": name,
            "Timestamp": time_ms,
            "HistoryItemType": "StateUpdate",
            "HistorySummary": f"Alarm updated from {old} to {new}",
            "HistoryData": json.dumps({"version": "1.0", **states}),
        }

    def set_state(self, name: str, state: str) -> None:
        """Move an alarm to another state now."""
        for alarm in self.alarms:
            if alarm["AlarmName"] == name:
                self.history.insert(0, self._state_update(name, self.now_ms, alarm["StateValue"], state))
                alarm |= {"StateValue": state, "StateTransitionedTimestamp": self.now_ms}

    async def local(self, path: str) -> Shape:
        self.calls.append(("", "", path, {}))
        if path.startswith("/_inferwatch/health"):
            return {"status": "ok", "engine_id": "e-0f3a", "version": "0.1.0", "now_ms": self.now_ms}
        assert path.startswith("/_inferwatch/deliveries?region=")
        return {"mail_folder": "/data/mail", "deliveries": self.deliveries, "forwards": self.forwards}

    async def call(self, region: str, service: str, operation: str, params: Mapping[str, object]) -> Shape:
        given: Shape = dict(params)
        self.calls.append((region, service, operation, given))
        if operation in self.refusals:
            raise self.refusals[operation]
        answer: Shape = getattr(self, f"_{operation}")(given)
        return answer

    def _ListDashboards(self, params: Shape) -> Shape:  # noqa: N802 - AWS's name
        return {
            "DashboardEntries": [
                {"DashboardName": name, "Size": len(body), "LastModified": NOW_MS - 3_600_000}
                for name, body in self.dashboards.items()
            ]
        }

    def _GetDashboard(self, params: Shape) -> Shape:  # noqa: N802
        name = params["DashboardName"]
        if name not in self.dashboards:
            raise AwsError("ResourceNotFound", f"Dashboard {name} does not exist", status=404)
        return {"DashboardName": name, "DashboardBody": self.dashboards[name], "DashboardArn": "arn"}

    def _DescribeAlarms(self, params: Shape) -> Shape:  # noqa: N802
        assert params["AlarmTypes"] == ["MetricAlarm", "CompositeAlarm"]
        named = params.get("AlarmNames")
        found = [alarm for alarm in self.alarms if named is None or alarm["AlarmName"] in named]
        return {
            "MetricAlarms": [alarm for alarm in found if "AlarmRule" not in alarm],
            "CompositeAlarms": [alarm for alarm in found if "AlarmRule" in alarm],
        }

    def _ListAlarmMuteRules(self, params: Shape) -> Shape:  # noqa: N802
        return {"AlarmMuteRuleSummaries": []}

    def _DescribeAlarmHistory(self, params: Shape) -> Shape:  # noqa: N802
        items = [
            item
            for item in self.history
            if item["Timestamp"] >= params["StartDate"]
            and params.get("AlarmName", item["AlarmName"]) == item["AlarmName"]
        ]
        return {"AlarmHistoryItems": items}

    def _GetMetricStatistics(self, params: Shape) -> Shape:  # noqa: N802
        unit = METRICS[params["MetricName"]][0] if params["MetricName"] in METRICS else None
        return {
            "Datapoints": [{"Timestamp": params["StartTime"], "SampleCount": 1.0, "Unit": unit}]
            if unit
            else []
        }

    def _ListMetrics(self, params: Shape) -> Shape:  # noqa: N802
        name = params["MetricName"]
        known = [{"Namespace": params["Namespace"], "MetricName": name, "Dimensions": []}]
        return {"Metrics": known if name in METRICS else []}

    def _GetMetricData(self, params: Shape) -> Shape:  # noqa: N802
        results = []
        for query in params["MetricDataQueries"]:
            if not query["ReturnData"]:
                continue
            series = self._series(query, params["StartTime"], params["EndTime"])
            label = query.get("Label") or query.get("MetricStat", {}).get("Metric", {}).get(
                "MetricName", query["Id"]
            )
            results.append(
                {
                    "Id": query["Id"],
                    "Label": label,
                    "Timestamps": [time_ms for time_ms, _ in series],
                    "Values": [value for _, value in series],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    def _series(self, query: Shape, start_ms: int, end_ms: int) -> list[tuple[int, float]]:
        if "Expression" in query:
            return [
                (minute * MINUTE_MS, 4.2) for minute in self._minutes(start_ms, end_ms) if minute % 13 == 0
            ]
        stat = query["MetricStat"]
        if stat["Metric"]["MetricName"] not in METRICS:
            return []
        value_at = METRICS[stat["Metric"]["MetricName"]][1]
        step = stat["Period"] // 60
        minutes = list(self._minutes(start_ms, end_ms))[::step]
        values = [(minute * MINUTE_MS, value_at(minute, stat["Stat"])) for minute in minutes]
        return [(time_ms, value) for time_ms, value in values if value is not None]

    def _minutes(self, start_ms: int, end_ms: int) -> range:
        return range(start_ms // MINUTE_MS, min(end_ms // MINUTE_MS, self.now_ms // MINUTE_MS + 1))
