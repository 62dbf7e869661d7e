"""AWS's quotas, each with its source: LOGS is the PutLogEvents page of the API reference (read 2026-11)."""

from typing import Final

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000

# --- PutLogEvents. Source: CloudWatch Logs API reference, "PutLogEvents", read 2026-11.
EVENT_OVERHEAD_BYTES: Final = 26
BATCH_MAX_BYTES: Final = 1_048_576
EVENT_MAX_BYTES: Final = 1_048_576
BATCH_MAX_EVENTS: Final = 10_000
BATCH_MAX_SPAN_MS: Final = DAY_MS
EVENT_MAX_FUTURE_MS: Final = 2 * HOUR_MS
EVENT_MAX_AGE_MS: Final = 14 * DAY_MS

# --- Reading back. Source: API reference, "GetLogEvents", "FilterLogEvents".
PAGE_MAX_EVENTS: Final = 10_000
PAGE_MAX_BYTES: Final = 1_048_576

# --- Groups and filters. Source: "CloudWatch Logs quotas"; botocore's model `logs/2014-03-28`.
RETENTION_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
METRIC_FILTERS_PER_GROUP: Final = 100
DIMENSIONS_PER_FILTER: Final = 3
FILTER_PATTERN_MAX_CHARS: Final = 1_024
# Metric and subscription filters together. Source: User Guide, "Supported regular expressions syntax".
REGEX_FILTERS_PER_GROUP: Final = 5

# --- Metrics and alarms. Source: API reference, "PutMetricData", "PutMetricAlarm", "GetMetricData".
METRIC_VALUE_MAX: Final = 2.0**360
METRIC_NAME_MAX_CHARS: Final = 255  # and of namespaces and dimension names
DIMENSION_VALUE_MAX_CHARS: Final = 1_024
DIMENSIONS_PER_METRIC: Final = 30
DATA_PER_PUT: Final = 1_000
VALUES_PER_DATUM: Final = 150
PUT_METRIC_DATA_MAX_BYTES: Final = 1_048_576
DATAPOINTS_MAX: Final = 100_800
STATISTICS_MAX_DATAPOINTS: Final = 1_440
ALARM_WINDOW_SHORT_MAX_S: Final = 86_400
ALARM_WINDOW_LONG_MAX_S: Final = 604_800
INSIGHTS_ALARM_WINDOW_MAX_S: Final = 10_800
INSIGHTS_ALARMS_MAX: Final = 200
CONTRIBUTORS_IN_ALARM_MAX: Final = 100
ACTIONS_PER_STATE: Final = 5
METRICS_PER_ALARM: Final = 10
EXPRESSIONS_PER_ALARM: Final = 10
QUERIES_PER_GET: Final = 500
# Source: CloudWatch User Guide, "Use dynamic labels".
LABEL_MAX_VALUES: Final = 6
# Source: CloudWatch User Guide, "Search expression syntax".
SEARCH_MAX_CHARS: Final = 1_024
SEARCH_MAX_SERIES: Final = 500
# Source: CloudWatch User Guide, "Metrics Insights quotas".
INSIGHTS_MAX_METRICS: Final = 10_000
INSIGHTS_MAX_SERIES: Final = 500
INSIGHTS_MAX_AGE_MS: Final = 14 * DAY_MS

# --- Dashboards. Source: API reference, "PutDashboard"; User Guide, "CloudWatch service quotas".
DASHBOARD_NAME_MAX_CHARS: Final = 255
DASHBOARDS_PER_DELETION: Final = 100
DASHBOARD_BODY_MAX_BYTES: Final = 1_048_576  # ours: AWS documents none
WIDGETS_PER_DASHBOARD: Final = 500
METRICS_PER_WIDGET: Final = 500
METRICS_PER_DASHBOARD: Final = 2_500
VARIABLES_PER_DASHBOARD: Final = 25
VARIABLE_VALUES_MAX: Final = 500
# Source: API reference, "GetMetricWidgetImage": 100 metrics, 100 KB.
METRICS_PER_IMAGE: Final = 100
IMAGE_WIDGET_MAX_BYTES: Final = 102_400

# --- SNS. Source: SNS API reference, "Publish".
SNS_SUBJECT_MAX_CHARS: Final = 100
SNS_MESSAGE_MAX_BYTES: Final = 262_144

# --- Ours: where the embedded CloudWatch listens unless told otherwise.
LOCAL_PORT: Final = 4586
LOCAL_ENDPOINT_URL: Final = f"http://127.0.0.1:{LOCAL_PORT}"

# --- Logs Insights. Source: API reference, "StartQuery", "GetQueryResults"; User Guide, "Quotas".
QUERY_MAX_ROWS: Final = 100_000
QUERY_DEFAULT_ROWS: Final = 10_000
QUERY_MAX_GROUPS: Final = 50
QUERIES_AT_ONCE: Final = 100
QUERY_MAX_MS: Final = 60 * MINUTE_MS
QUERY_KEPT_MS: Final = 7 * DAY_MS
QUERY_PAGE_ROWS: Final = 10_000
