"""What is worth waking somebody for, or worth a mail: every default alarm, as data.

A watch is an expression over the catalog, how long it must be bad, and the words for the person who is told.
Rates are of inferences that the provider ended: one that the application cancelled or abandoned is nobody's
failure. A percentile or a rate of a handful says nothing, so periods with few inferences give no datapoint,
and silence is no fault (`notBreaching`) unless silence is the fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from inferwatch.catalog.expressions import Comparison, Expression, M

Severity = Literal["warning", "critical"]
SEVERITIES: Final[tuple[Severity, ...]] = ("warning", "critical")
Missing = Literal["breaching", "notBreaching"]

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Levels:
    """From where on a watch warns, and from where on it pages; `None`: not at all."""

    warning: float | None = None
    critical: float | None = None

    def of(self, severity: Severity) -> float | None:
        return self.warning if severity == "warning" else self.critical


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing watched.

    Args:
        what: The middle of its alarms' keys: `model/what/severity`.
        said: What is so, in one clause; `{limit}` is the threshold, `{time}` how long it is looked at.
        samples: What is counted against the least number of samples; `None`: one is enough.
        unit: Of the threshold, as written behind it.
        levels: The threshold where nobody says otherwise, as the argument takes it.
        factor: What a level is multiplied by to be the threshold: 100 for shares shown in percent.
        argument: Which argument of `Model` sets the levels; `None`: the watch is not about models.
        period_s: `None`: the plan's own.
        means: What it means when this alarm rings, for somebody just woken.
        first: What to do first.
    """

    what: str
    said: str
    expression: Expression
    means: str
    first: str
    unit: str
    levels: Levels
    samples: Expression | None = None
    argument: str | None = None
    factor: float = 1.0
    comparison: Comparison = ">"
    period_s: int | None = None
    datapoints: int = 3
    periods: int = 5
    missing: Missing = "notBreaching"


_OF_MODELS: Final = (
    Watch(
        "latency",
        "p99 duration above {limit} in {time}",
        M.duration.p(99),
        "One answer in a hundred takes longer than this, retries included: users are waiting.",
        "See on the dashboard whether the first token is late too (then the provider queues: route to "
        "another model or region) or only the whole answer (then prompts or answers have grown).",
        "ms",
        Levels(warning=15_000, critical=30_000),
        samples=M.duration.samples,
        argument="latency_p99_ms",
    ),
    Watch(
        "first-token",
        "p99 time to first token above {limit} in {time}",
        M.ttft.p(99),
        "Streamed answers begin late: users look at an empty page.",
        "Look for throttled requests and a longer input; then see the provider's status page, and route to "
        "another model or region.",
        "ms",
        Levels(warning=4_000, critical=10_000),
        samples=M.ttft.samples,
        argument="ttft_p99_ms",
    ),
    Watch(
        "error-rate",
        "more than {limit} of inferences failed in {time}",
        100 * M.failed / M.ended,
        "Inferences end in errors, timeouts or cut streams after all retries. Cancelled and abandoned ones "
        "are not counted.",
        "Run the saved query @errors: one error type of one model is the provider's (fail over), all at once "
        "is ours (roll the last release back, check keys and network).",
        "%",
        Levels(warning=0.02, critical=0.05),
        samples=M.ended,
        argument="error_rate",
        factor=100,
    ),
    Watch(
        "throttle-rate",
        "more than {limit} of inferences throttled in {time}",
        100 * M.throttled / M.ended,
        "The provider refuses inferences for the sake of a quota, even after retries.",
        "Run @throttled to see which model; shed or queue load that can wait, move traffic to another model "
        "or region, then ask for a higher quota.",
        "%",
        Levels(warning=0.01, critical=0.05),
        samples=M.ended,
        argument="throttle_rate",
        factor=100,
    ),
)

_OF_ALL: Final = (
    Watch(
        "no-traffic",
        "no inference ended in {time}",
        M.requests.fill(0),
        "The application is new, down or unused, or its records do not arrive.",
        "Call the application once. If it answers, look at its log for inferwatch's own warnings, and at the "
        "writer's permission to the log group.",
        "inferences",
        Levels(warning=1),
        comparison="<",
        period_s=300,
        datapoints=6,
        periods=6,
        missing="breaching",
    ),
    Watch(
        "unpriced",
        "inferences of unknown price in {time}",
        M.unpriced.fill(0),
        "The cost that is shown and alarmed on is too low: it leaves them out.",
        "Run @by-model to see which; say what they cost, as in inferwatch.configure(prices={...}), update "
        'genai-prices, or leave this watch out (without=["unpriced"]).',
        "inferences",
        Levels(warning=0),
        period_s=300,
        datapoints=1,
        periods=1,
    ),
    Watch(
        "dropped",
        "records of inferences lost in {time}",
        M.dropped.fill(0),
        "The application could not deliver them: every other figure is too low.",
        "Look at the application's log for inferwatch's reason: permissions, network, throttling of "
        "PutLogEvents, or a full disk under the spool.",
        "records",
        Levels(warning=0),
        period_s=300,
        datapoints=1,
        periods=1,
    ),
)

COST_HOUR: Final = Watch(
    "cost-hour",
    "inferences cost more than {limit} in {time}",
    M.cost.fill(0),
    "More money goes than was planned: traffic has grown, prompts have, or something calls a model in a "
    "loop.",
    "Run @cost-by-model and @expensive to see which model and which calls; stop the caller that runs away, "
    "or raise the budget if this is wanted.",
    "USD",
    Levels(),
    period_s=HOUR_S,
    datapoints=1,
    periods=1,
)
COST_DAY: Final = replace(COST_HOUR, what="cost-day", period_s=DAY_S)

OF_MODELS: Final[Mapping[str, Watch]] = MappingProxyType({watch.what: watch for watch in _OF_MODELS})
OF_ALL: Final[Mapping[str, Watch]] = MappingProxyType(
    {watch.what: watch for watch in (*_OF_ALL, COST_HOUR, COST_DAY)}
)
