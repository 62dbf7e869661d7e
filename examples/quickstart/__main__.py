import pulumi

from inferwatch.infra import LlmMonitoring

mon = LlmMonitoring("chat")
for key in ("log_group_name", "log_stream_name", "dashboard_url"):
    pulumi.export(key, getattr(mon, key))
