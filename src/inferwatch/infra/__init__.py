"""From the catalog to infrastructure.

In:  a `Spec`: what to call it, which models, thresholds, budgets, whom to tell.
Out: a `Plan` (see `infra.plan`), and what is made of one.
"""

from inferwatch.catalog import M
from inferwatch.infra.plan import Alarm, Anomaly, Budget, Model, Mute, Notify, Slo

__all__ = ["Alarm", "Anomaly", "Budget", "M", "Model", "Mute", "Notify", "Slo"]
