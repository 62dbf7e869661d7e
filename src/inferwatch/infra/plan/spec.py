"""What somebody wants watched: the argument of `plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from inferwatch.catalog.expressions import Condition
from inferwatch.catalog.watches import Missing, Severity
from inferwatch.infra.plan.budget import Budget
from inferwatch.infra.plan.model import Model
from inferwatch.infra.plan.mute import Mute
from inferwatch.infra.plan.notify import Notify
from inferwatch.infra.plan.slo import Slo
from inferwatch.infra.plan.values import Given


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of your own: `Alarm("cold-cache", when=M.cache_read / M.input < 0.5, means="...")`.

    Args:
        when: Over the catalog's metrics.
        model: Of which named model; `None`: of all inferences together.
        means: What it means when it rings, for somebody just woken.
        first: What to do first.
        datapoints, periods: It rings when `datapoints` of the last `periods` are bad.
        silence: What a period without any datapoint counts as.
    """

    name: str
    _: KW_ONLY
    when: Condition
    means: str
    first: str = ""
    model: str | None = None
    severity: Severity = "warning"
    period_s: int = 300
    datapoints: int = 3
    periods: int = 3
    silence: Missing = "notBreaching"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """An alarm on what is unusual for the hour and the weekday, as CloudWatch learns it.

    Args:
        metric: A metric's key, e.g. `duration`.
        deviations: How wide the band of the usual is.
        direction: `above` it, `below` it, or `both`.
    """

    metric: str
    _: KW_ONLY
    deviations: float = 2.0
    direction: str = "above"
    severity: Severity = "warning"
    period_s: int = 300


@dataclass(frozen=True, slots=True)
class Spec:
    """What to watch, and how. Everything but the name has a good default.

    Args:
        name: Of the application. Physical names begin with it: unique in an account and region.
        source: In which form inferences are logged: `inferwatch`, `bedrock`, `otel` or `emf`.
        adopt_log_group: An existing log group to watch; `None` makes one.
        retention_days: How long a log group that is made keeps events; `None`: for ever.
        models: Thresholds by model; `"default"` holds for every model that is not named.
        minimum_samples: Periods with fewer inferences give no percentile and no rate.
        period_s: Of those alarms.
        without: Default alarms to leave out: `no-traffic`, `unpriced`, ...
        runbooks: Default alarm → URL to link to; `"default"` for all others.
        indexes: Fields to index: Logs Insights then reads only events that have them.
        masks: Managed data identifiers to mask in the log group, e.g. `EmailAddress`.
    """

    name: str
    _: KW_ONLY
    source: str = "inferwatch"
    adopt_log_group: str | Given | None = None
    retention_days: int | None = 30
    models: Mapping[str, Model] = field(default_factory=dict)
    slos: Sequence[Slo] = ()
    budget: Budget | None = field(default_factory=lambda: Budget(usd_per_hour=10, usd_per_day=100))
    alarms: Sequence[Alarm] = ()
    anomalies: Sequence[Anomaly] = ()
    notify: Notify = field(default_factory=Notify)
    mutes: Sequence[Mute] = ()
    minimum_samples: int = 10
    period_s: int = 60
    without: Sequence[str] = ()
    runbooks: Mapping[str, str] = field(default_factory=dict)
    indexes: Sequence[str] = ()
    masks: Sequence[str] = ()
    tags: Mapping[str, str | Given] = field(default_factory=dict)

    @property
    def named_models(self) -> list[str]:
        """Those with thresholds of their own."""
        return [name for name in self.models if name != "default"]

    def runbook(self, what: str = "default") -> str | None:
        """The URL to link to from an alarm."""
        return self.runbooks.get(what, self.runbooks.get("default"))
