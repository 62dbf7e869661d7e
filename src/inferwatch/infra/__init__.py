"""From the catalog to infrastructure.

In:  what to call it, which models, thresholds, objectives, budget, whom to tell.
Out: `LlmMonitoring`, a Pulumi component that makes all of it; a `Plan` (see `infra.plan`), the same as data.

Begin reading at `monitoring.py`. Only the component needs Pulumi: the rest imports without it.
"""

from typing import TYPE_CHECKING

from inferwatch.catalog import M
from inferwatch.infra.notify import Notify, Webhook
from inferwatch.infra.plan import Alarm, Anomaly, Budget, Model, Mute, Slo

if TYPE_CHECKING:
    from inferwatch.infra.monitoring import LlmMonitoring

__all__ = [
    "Alarm",
    "Anomaly",
    "Budget",
    "LlmMonitoring",
    "M",
    "Model",
    "Mute",
    "Notify",
    "Slo",
    "Webhook",
]


def __getattr__(name: str) -> object:
    """The component, once somebody asks for it: Pulumi takes a second to import."""
    if name != "LlmMonitoring":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from inferwatch.infra.monitoring import LlmMonitoring
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("pulumi", "pulumi_aws", "grpc", "google"):
            raise
        raise ModuleNotFoundError(
            f'LlmMonitoring needs {missing.name}: pip install "inferwatch[infra]"', name=missing.name
        ) from None
    return LlmMonitoring
