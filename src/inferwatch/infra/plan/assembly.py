"""Spec → plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from inferwatch.catalog.expressions import terms
from inferwatch.catalog.metrics import METRICS
from inferwatch.catalog.readings import Absent, Embedded
from inferwatch.catalog.sources import SOURCES
from inferwatch.catalog.watches import OF_ALL, OF_MODELS, SEVERITIES
from inferwatch.infra.plan.anomaly_alarms import anomaly_alarms
from inferwatch.infra.plan.check import check_spec
from inferwatch.infra.plan.composite import page
from inferwatch.infra.plan.dashboard import dashboard_resource
from inferwatch.infra.plan.logs import filter_resources, group_name, log_resources, query_resources
from inferwatch.infra.plan.mute_rules import mute_resources
from inferwatch.infra.plan.notify import is_email, notify_resources
from inferwatch.infra.plan.policy import writer_policy
from inferwatch.infra.plan.resource import Plan, Resource
from inferwatch.infra.plan.scope import Scopes
from inferwatch.infra.plan.size import size_of
from inferwatch.infra.plan.slo import BURNS, burns
from inferwatch.infra.plan.slo_alarms import slo_alarms, slo_composites
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import CONSOLE_DOMAIN, REGION, Ref, Value, join
from inferwatch.infra.plan.watch_alarms import model_alarms, own_alarms, stack_alarms


def plan(spec: Spec) -> Plan:
    """Everything that watches the inferences of an application.

    Raises:
        UsageError: The spec is wrong, or AWS would refuse what comes of it; the text names the argument.
    """
    check_spec(spec)
    scopes = Scopes(f"inferwatch/{spec.name}", SOURCES[spec.source], tuple(spec.named_models))
    filters = list(filter_resources(spec, scopes))
    alarms = list(_alarms(spec, scopes))
    resources = (
        *log_resources(spec),
        *filters,
        *query_resources(spec, scopes),
        *notify_resources(spec.notify, spec.name, dict(spec.tags)),
        *alarms,
        *mute_resources(spec, alarms),
        dashboard_resource(spec, scopes, alarms),
    )
    return Plan(
        spec.name,
        resources,
        _outputs(spec, scopes),
        writer_policy(spec),
        size_of(scopes, filters, alarms),
        tuple(_warnings(spec)),
        tuple(_notes(spec, scopes)),
    )


def _alarms(spec: Spec, scopes: Scopes) -> Iterator[Resource]:
    """Metric alarms, then composites, each behind its children."""
    alarms = [
        *model_alarms(spec, scopes),
        *stack_alarms(spec, scopes),
        *own_alarms(spec, scopes),
        *anomaly_alarms(spec, scopes),
        *slo_alarms(spec, scopes),
        *slo_composites(spec),
    ]
    yield from alarms
    yield from page(spec, alarms)


def _outputs(spec: Spec, scopes: Scopes) -> Mapping[str, Value]:
    outputs: dict[str, Value] = {"log_group_name": group_name(spec)}
    if spec.adopt_log_group is None:
        outputs["log_stream_name"] = Ref("log-stream", "name")
    outputs["metric_namespace"] = scopes.namespace
    dashboard = Ref("dashboard", "dashboard_name")
    outputs["dashboard_name"] = dashboard
    home = join("https://", REGION, ".", CONSOLE_DOMAIN, "/cloudwatch/home?region=", REGION)
    outputs["dashboard_url"] = join(home, "#dashboards:name=", dashboard)
    return outputs


def _notes(spec: Spec, scopes: Scopes) -> Iterator[str]:
    for watch in chain(OF_MODELS.values(), OF_ALL.values()):
        if lacking := [
            term.metric for term in terms(watch.expression) if not scopes.source.gives(term.metric)
        ]:
            yield f"no alarm {watch.what}: these logs do not tell {', '.join(lacking)}."
    for key, reading in scopes.source.readings.items():
        name = METRICS[key].name
        if isinstance(reading, Absent):
            yield f"no {name}: {reading.why}."
        elif reading.note:
            yield f"{name}: {reading.note}"
    if scopes.models and any(isinstance(each, Embedded) for each in scopes.source.readings.values()):
        yield (
            'Embedded numbers are of all models together or of one: the "default" alarms on them watch the '
            "named models too."
        )
    for slo in spec.slos:
        if left := len(BURNS) - len(burns(slo)):
            yield f"{slo.name}: {left} of {len(BURNS)} pairs of windows could never ring: left out."


def _warnings(spec: Spec) -> Iterator[str]:
    for severity in SEVERITIES:
        if not spec.notify.of(severity):
            yield f"Nobody is told of {severity} alarms: notify.{severity} is empty."
    mails = [target for target in chain(*map(spec.notify.of, SEVERITIES)) if is_email(target)]
    if mails:
        yield f"Each of {', '.join(map(str, mails))} must confirm the mail that SNS sends first."
