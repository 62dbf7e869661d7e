"""What holds of every plan: keys that stay, references that resolve, rules of the provider and of AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inferwatch.catalog import M
from inferwatch.catalog.sources import SOURCES
from inferwatch.deploy.resources import HANDLERS
from inferwatch.engine import metricmath
from inferwatch.engine.alarmrules.parser import parse as parse_rule
from inferwatch.engine.dashboards.validate import validate
from inferwatch.engine.filterpattern import compile_pattern
from inferwatch.infra.plan import (
    Alarm,
    Anomaly,
    Budget,
    Given,
    Model,
    Mute,
    Notify,
    Resource,
    Slo,
    Spec,
    fill,
    plan,
    references,
)
from inferwatch.infra.plan.resource import (
    COMPOSITE_ALARM,
    LAMBDA_PERMISSION,
    METRIC_ALARM,
    METRIC_FILTER,
)
from inferwatch.infra.plan.values import ACCOUNT_ID, CONSOLE_DOMAIN, PARTITION, REGION, Json, Leaf, Ref

_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-./:_", min_size=1, max_size=24).filter(
    lambda name: name not in ("default", "all", "slo", "custom", "anomaly")
)
_LEVELS = st.sampled_from([None, "off", 9.5, {"warning": 4.0}, {"warning": 4.0, "critical": 8.0}])
_RATES = st.sampled_from([None, "off", 0.02, {"warning": 0.001, "critical": 0.5}])
_MODELS = st.builds(
    Model, latency_p99_ms=_LEVELS, ttft_p99_ms=_LEVELS, error_rate=_RATES, throttle_rate=_RATES
)
_TARGETS = st.sampled_from(
    [
        (),
        ("ml@example.com",),
        (Given("topic"), "https://hook.example/x", "arn:aws:lambda:eu-west-1:123456789012:function:page"),
    ]
)
_SLOS = st.sampled_from(
    [
        (),
        (Slo("availability", objective=0.999),),
        (Slo("availability", objective=0.9, window="7d"), Slo("fast", objective=0.99, latency_ms=4_000)),
    ]
)
_SPECS = st.builds(
    Spec,
    st.just("shop"),
    models=st.dictionaries(_NAMES | st.just("default"), _MODELS, max_size=4),
    slos=_SLOS,
    budget=st.sampled_from([None, Budget(), Budget(usd_per_hour=1), Budget(usd_per_day=5, warn_at=0.1)]),
    alarms=st.sampled_from([(), (Alarm("cold", when=M.cache_read / M.input < 0.5, means="Cold."),)]),
    anomalies=st.sampled_from([(), (Anomaly("duration"),)]),
    notify=st.builds(Notify, critical=_TARGETS, warning=_TARGETS),
    mutes=st.sampled_from([(), (Mute("night", schedule="cron(0 2 * * *)", minutes=60),)]),
    adopt_log_group=st.sampled_from([None, "/mine"]),
    minimum_samples=st.integers(1, 100),
    period_s=st.sampled_from([60, 300]),
    without=st.sampled_from([(), ("no-traffic", "latency")]),
    indexes=st.sampled_from([(), ("model",)]),
    masks=st.sampled_from([(), ("EmailAddress",)]),
    tags=st.sampled_from([{}, {"team": "shop"}]),
)


def _filled(resource: Resource) -> dict[str, Any]:
    """Its properties, with something for every leaf."""
    known: dict[Leaf, str] = {
        leaf: f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{leaf.key}"
        if isinstance(leaf, Ref) and leaf.attribute == "arn"
        else leaf.key
        if isinstance(leaf, Ref)
        else leaf.name
        for leaf in references(resource.properties)
    }
    filled: dict[str, Any] = fill(resource.properties, known)
    return filled


@settings(deadline=None, max_examples=25)
@given(_SPECS)
def test_every_plan_holds_together(spec: Spec) -> None:
    """Keys and names are unique, and everything referred to is there, before it is needed."""
    planned = plan(spec)

    keys = [resource.key for resource in planned.resources]
    assert len(set(keys)) == len(keys)
    assert len({resource.name for resource in planned.resources}) == len(keys)
    for number, resource in enumerate(planned.resources):
        assert set(resource.needs) <= set(keys[:number]), resource.key
    exported = {leaf for leaf in references(list(planned.outputs.values())) if isinstance(leaf, Ref)}
    assert {leaf.key for leaf in exported} <= set(keys)
    assert set(planned.givens) <= {REGION, ACCOUNT_ID, PARTITION, CONSOLE_DOMAIN, Given("topic")}


@settings(deadline=None, max_examples=25)
@given(_SPECS, _NAMES, _MODELS)
def test_a_further_model_moves_nobody_elses_key(spec: Spec, name: str, model: Model) -> None:
    """Resources of before are there under the same keys, types and names; new ones are the model's own."""
    wider = plan(
        Spec("shop", models={**spec.models, "zz-" + name: model}, slos=spec.slos, budget=spec.budget)
    )
    before = plan(Spec("shop", models=spec.models, slos=spec.slos, budget=spec.budget))

    old = {resource.key: (resource.type, resource.name) for resource in before.resources}
    new = {resource.key: (resource.type, resource.name) for resource in wider.resources}
    added = new.keys() - old.keys()

    assert old.items() <= new.items()
    expected = ("zz-" + name + "/", "filter/") if not spec.named_models else ("zz-" + name + "/",)
    assert all(key.startswith(expected) for key in added - {"all/page/critical"})


@settings(deadline=None, max_examples=25)
@given(_SPECS, _NAMES, _MODELS)
def test_a_further_model_leaves_the_alarms_of_named_ones_alone(spec: Spec, name: str, model: Model) -> None:
    """To the letter: their metrics, thresholds and words."""
    wider = plan(Spec("shop", models={**spec.models, "zz-" + name: model}))
    before = plan(Spec("shop", models=spec.models))

    for alarm in before.of_type(METRIC_ALARM):
        if not alarm.key.startswith("default/"):
            assert wider[alarm.key] == alarm


@settings(deadline=None, max_examples=25)
@given(_SPECS)
def test_the_provider_finds_nothing_wrong(spec: Spec) -> None:
    """Names, lengths, patterns, periods, actions: by the rules of the resource handlers, and AWS's."""
    for resource in plan(spec).resources:
        filled = _filled(resource)
        if handler := HANDLERS.get(resource.type):
            checked = handler.check(_camel(filled), None, name=resource.name, suffix=lambda: "0000000")
            problems = [str(problem) for problem in checked.problems]
            assert [text for text in problems if "threshold_metric_id" not in text] == [], resource.key
        for key in ("alarm_actions", "ok_actions"):
            assert len(filled.get(key, [])) <= 5
        assert len(filled.get("alarm_description", "")) <= 1_024
        assert len(filled.get("name", "") or filled.get("alarm_name", "")) <= 255


# Maps whose keys are the user's, not the provider's.
_MAPS = ("tags", "dimensions")


def _camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            re.sub("_(.)", lambda found: found.group(1).upper(), key): item if key in _MAPS else _camel(item)
            for key, item in value.items()
        }
    return [_camel(item) for item in value] if isinstance(value, list) else value


@settings(deadline=None, max_examples=25)
@given(_SPECS, st.sampled_from(sorted(SOURCES)))
def test_every_text_in_a_plan_is_read_by_the_engine(spec: Spec, source: str) -> None:
    """Patterns, expressions, rules and the dashboard's body: no error, and no warning."""
    planned = plan(
        Spec("shop", source=source, models=spec.models, notify=spec.notify, period_s=spec.period_s)
    )

    for resource in planned.of_type(METRIC_FILTER):
        compile_pattern(str(resource.properties["pattern"]))
    for resource in planned.of_type(METRIC_ALARM):
        for query in _filled(resource).get("metric_queries", ()):
            if "expression" in query:
                metricmath.parse(query["expression"], query["id"])
    for resource in planned.of_type(COMPOSITE_ALARM):
        parse_rule(_filled(resource)["alarm_rule"])
    _, warnings = validate(_filled(planned["dashboard"])["dashboard_body"])
    assert warnings == []


@settings(deadline=None, max_examples=25)
@given(_SPECS)
def test_every_alarms_metric_comes_from_a_filter_of_the_plan(spec: Spec) -> None:
    """None waits for a metric that nobody makes."""
    planned = plan(spec)
    made = set()
    for resource in planned.of_type(METRIC_FILTER):
        transformation = _filled(resource)["metric_transformation"]
        models = spec.named_models if "dimensions" in transformation else [None]
        made |= {(transformation["namespace"], transformation["name"], model) for model in models}

    for alarm in planned.of_type(METRIC_ALARM):
        for metric in _metrics_of(alarm):
            named = (metric["namespace"], metric["metric_name"], metric.get("dimensions", {}).get("model"))
            assert named in made, alarm.key


def _metrics_of(alarm: Resource) -> list[dict[str, Any]]:
    properties = _filled(alarm)
    if "metric_name" in properties:
        return [properties]
    return [query["metric"] for query in properties["metric_queries"] if "metric" in query]


@settings(deadline=None, max_examples=25)
@given(_SPECS)
def test_widgets_fill_the_grid_and_never_overlap(spec: Spec) -> None:
    """Twenty-four columns, each cell taken once."""
    body = json.loads(_filled(plan(spec)["dashboard"])["dashboard_body"])
    taken: set[tuple[int, int]] = set()

    for widget in body["widgets"]:
        x, y = widget["x"], widget["y"]
        cells = {(x + i, y + j) for i in range(widget["width"]) for j in range(widget["height"])}
        assert x + widget["width"] <= 24
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_no_region_is_written_into_a_plan(region: str) -> None:
    """The deployment brings it."""
    planned = plan(Spec("shop", models={"gpt-5": Model()}))

    assert region not in repr(planned)
    assert REGION in planned.givens


def test_a_model_adds_as_many_metrics_and_alarms_as_is_said() -> None:
    """What the default plan says of itself is so of the next ones."""
    one, two, three = (
        plan(Spec("shop", models={f"m{n}": Model() for n in range(size)})) for size in (1, 2, 3)
    )

    assert three.size.metrics - two.size.metrics == two.size.metrics - one.size.metrics == 9
    assert three.size.alarms - two.size.alarms == two.size.alarms - one.size.alarms == 8
    assert (two.size.metrics_per_model, two.size.alarms_per_model) == (9, 8)
    assert three.size.filters == two.size.filters


def test_the_default_plan_says_what_it_makes() -> None:
    """In one sentence, for whoever pays for it."""
    assert str(plan(Spec("chat")).size) == (
        "24 custom metrics, 24 metric filters; 15 metric alarms reading 23 metrics; 1 composite; 1 dashboard. "
        "Each further named model adds 9 metrics and 8 alarms."
    )


@pytest.mark.parametrize("source", SOURCES)
def test_no_plan_has_more_filters_than_a_group_takes(source: str) -> None:
    """However many models are named: a filter holds them all."""
    models = {f"model-{number}": Model() for number in range(8)}

    assert plan(Spec("shop", source=source, models=models)).size.filters <= 100


def test_an_alarm_reads_ten_metrics_at_most() -> None:
    """Ten of them are taken; the error texts have the eleventh."""
    ten = sum((M.cost.p(n) for n in range(1, 10)), M.cost)
    planned = plan(Spec("shop", alarms=[Alarm("a", when=ten > 1, means="Bad.")]))

    assert len(_filled(planned["custom/a/warning"])["metric_queries"]) == 11


def test_an_alarm_of_ones_own_is_of_all_or_of_one_model() -> None:
    """One metric, without the dimension and with it."""
    long_answers = Alarm("long", when=M.output / M.requests > 900, means="Long.")
    of_one = Alarm("dear", when=M.cost.fill(0) > 5, means="Dear.", model="gpt-5", period_s=3_600)
    planned = plan(Spec("shop", models={"gpt-5": Model()}, alarms=[long_answers, of_one]))

    assert _filled(planned["custom/long/warning"])["metric_queries"] == [
        {
            "id": "output",
            "metric": {
                "namespace": "inferwatch/shop",
                "metric_name": "output_tokens",
                "stat": "Sum",
                "period": 300,
            },
        },
        {
            "id": "requests",
            "metric": {
                "namespace": "inferwatch/shop",
                "metric_name": "requests",
                "stat": "Sum",
                "period": 300,
            },
        },
        {"id": "watched", "expression": "output / requests", "return_data": True, "label": "long"},
    ]
    assert _filled(planned["custom/dear/warning"])["metric_queries"][0]["metric"]["dimensions"] == {
        "model": "gpt-5"
    }


def test_nobody_is_paged_twice_for_one_alarm() -> None:
    """Critical alarms have no actions of their own: the composite has."""
    planned = plan(Spec("shop", notify=Notify(critical=[Given("pager")], warning=[Given("mail")])))
    told = {
        alarm.key: alarm.properties.get("alarm_actions")
        for alarm in planned.resources
        if alarm.type in (METRIC_ALARM, COMPOSITE_ALARM)
    }

    assert told.pop("all/page/critical") == [Given("pager")]
    assert {key for key, actions in told.items() if actions is None} == {
        key for key in told if key.endswith("/critical")
    }
    assert all(actions == [Given("mail")] for key, actions in told.items() if key.endswith("/warning"))


def test_a_function_is_given_leave_to_be_called() -> None:
    """Or CloudWatch's call would fail, and nobody would know."""
    function = "arn:aws:lambda:eu-west-1:123456789012:function:page"
    planned = plan(Spec("shop", notify=Notify(critical=[function], warning=[function])))

    (permission,) = planned.of_type(LAMBDA_PERMISSION)
    assert permission.properties["principal"] == "lambda.alarms.cloudwatch.amazonaws.com"
    assert permission.properties["source_account"] == ACCOUNT_ID


def test_a_writer_may_write_to_the_group_and_nothing_else() -> None:
    """An adopted group is named, one that is made is referred to."""
    known: dict[Leaf, str] = {REGION: "eu-west-1", ACCOUNT_ID: "123456789012", PARTITION: "aws"}

    adopted = fill(plan(Spec("shop", adopt_log_group="/mine")).writer_policy, known)
    made = fill(plan(Spec("shop")).writer_policy, known | {Ref("log-group", "name"): "/inferwatch/shop"})

    assert adopted["Statement"] == [
        {
            "Sid": "WriteInferences",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": ["arn:aws:logs:eu-west-1:123456789012:log-group:/mine:*"],
        }
    ]
    assert made["Statement"][0]["Resource"] == [
        "arn:aws:logs:eu-west-1:123456789012:log-group:/inferwatch/shop:*"
    ]


def test_filling_needs_every_leaf() -> None:
    """A leaf that is not known is an error, not a gap in a text."""
    with pytest.raises(KeyError):
        fill(Json({"a": [Given("b")]}), {})
