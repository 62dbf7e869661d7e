"""What is refused in a spec, and how it is said: the argument first, then what was expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.catalog import M
from inferwatch.catalog.watches import Levels
from inferwatch.infra.plan import Alarm, Anomaly, Budget, Model, Mute, Notify, Slo, Spec, plan
from inferwatch.model.errors import UsageError


def _spec(**arguments: Any) -> Callable[[], Spec]:
    return lambda: Spec("shop", **arguments)


def _model(**arguments: Any) -> Callable[[], Spec]:
    return _spec(models={"gpt-5": Model(**arguments)})


def _alarm(**arguments: Any) -> Callable[[], Spec]:
    return lambda: Spec("shop", alarms=[Alarm("a", **{"when": M.failed > 5, "means": "Bad.", **arguments})])


def _critical(count: int, name: str = "a") -> list[Alarm]:
    return [Alarm(f"{name}{n}", when=M.cut > 5, means="Bad.", severity="critical") for n in range(count)]


CASES: list[tuple[Callable[[], Spec], str]] = [
    (lambda: Spec("my shop"), "name: expected 1-64 letters, digits, dashes or underscores, a letter or digit first, got 'my shop'"),
    (_spec(source="langfuse"), "source: 'langfuse' is not known; expected inferwatch, bedrock, otel, emf"),
    (_spec(models=["gpt-5"]), "models: expected a Mapping, got ['gpt-5']"),
    (_spec(masks="EmailAddress"), "masks: expected a list, got 'EmailAddress'"),
    (_spec(slos=["availability"]), "slos: expected a list of Slo, got 'availability' in it"),
    (_spec(notify=["ml@example.com"]), "notify: expected a Notify, got ['ml@example.com']"),
    (_spec(budget=50), "budget: expected a Budget or None, got 50"),
    (_alarm(model="gpt-5"), "alarms['a'].model: 'gpt-5' is not among models; name it there too"),
    (_spec(models={"gpt-5": Model()}, alarms=[Alarm("a", when=M.cut > 1, means="Cut.", model="gpt-5")]), "alarms['a'].when (of one model): 'cut' is not known; expected requests, ended, failed, throttled, duration, ttft, input, output, cost"),
    (_spec(retention_days=31), "retention_days: expected None or one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; got 31"),
    (_spec(adopt_log_group="/a b"), "adopt_log_group: expected a log group's name, got '/a b'"),
    (_spec(models={"gpt-*": Model()}), "models['gpt-*']: a pattern of several models has no alarm of its own: name each model"),
    (_spec(models={"all": Model()}), "models['all']: the names all, slo, custom, anomaly are taken by alarms that are not about models"),
    (_spec(models={'a"b': Model()}), "models['a\"b']: expected a model's name of 1-128 characters without quotes and backslashes, got 'a\"b'"),
    (_spec(models={"gpt-5": 4_000}), "models['gpt-5']: expected a Model, got 4000"),
    (_model(latency_p99_ms=-1), "models['gpt-5'].latency_p99_ms (critical): expected a number above 0, got -1"),
    (_model(latency_p99_ms="4s"), "models['gpt-5'].latency_p99_ms (critical): expected a number above 0, got '4s'"),
    (_model(latency_p99_ms=True), "models['gpt-5'].latency_p99_ms (critical): expected a number above 0, got True"),
    (_model(latency_p99_ms={"page": 1}), "models['gpt-5'].latency_p99_ms: 'page' is not known; expected warning, critical"),
    (_model(ttft_p99_ms=Levels(warning=9, critical=9)), "models['gpt-5'].ttft_p99_ms: warning (9) is not below critical (9)"),
    (_model(error_rate=2), "models['gpt-5'].error_rate (critical): expected a number above 0 and at most 1, got 2"),
    (_model(error_rate=float("nan")), "models['gpt-5'].error_rate (critical): expected a number above 0 and at most 1, got nan"),
    (_spec(models={f"a-model-with-a-long-name-{n}": Model() for n in range(30)}), "models: a filter that names them all has 1,300 characters; CloudWatch takes 1,024: name fewer"),
    (lambda: Spec("shop", alarms=_critical(101)), "all/page/critical: 107 critical alarms; a composite alarm takes at most 100: make fewer of them critical"),
    (lambda: Spec("s" * 64, alarms=_critical(80, "n" * 60)), "all/page/critical: its rule would have 13,086 characters; a rule has at most 10,240: make fewer alarms critical, or their names shorter"),
    (_spec(budget=Budget(usd_per_day=0)), "budget.usd_per_day: expected a number above 0, got 0"),
    (_spec(budget=Budget(warn_at=1)), "budget.warn_at: expected a share of the budget below 1, got 1"),
    (_spec(slos=[Slo("a", objective=99.9)]), "slos['a'].objective: expected a share from 0.5 to below 1, got 99.9"),
    (_spec(slos=[Slo("a", objective=0.9, window="1h")]), "slos['a'].window: expected a number of days such as 30d, got '1h'"),
    (_spec(slos=[Slo("a", objective=0.9, window="1d")]), "slos['a'].window: expected 7d to 90d, got '1d'"),
    (_spec(slos=[Slo("a", objective=0.9, latency_ms=1, ttft_ms=1)]), "slos['a']: latency_ms and ttft_ms are two promises: make an Slo of each"),
    (_spec(slos=[Slo("a", objective=0.9), Slo("a", objective=0.99)]), "slos: 'a' is there twice"),
    (_spec(source="bedrock", slos=[Slo("a", objective=0.9, ttft_ms=1)]), "slos['a']: logs of the source 'bedrock' cannot give ttft: not in the log; AWS/Bedrock's TimeToFirstToken has it"),
    (_alarm(when=5), "alarms['a'].when: expected a comparison such as M.failed > 10, got 5"),
    (_alarm(means=""), "alarms['a'].means: expected a sentence of at most 400 characters, got ''"),
    (_alarm(datapoints=4), "alarms['a'].datapoints: 4 of 3 periods can never be bad"),
    (_alarm(period_s=90), "alarms['a'].period_s: expected a multiple of 60 seconds, got 90"),
    (_alarm(period_s=3_540, periods=25), "alarms['a'].period_s: 25 periods of 3540 s are longer than 86,400 s"),
    (_alarm(period_s=86_400, periods=8), "alarms['a'].period_s: 8 periods of 86400 s are longer than 604,800 s"),
    (_alarm(severity="page"), "alarms['a'].severity: 'page' is not known; expected warning, critical"),
    (_alarm(silence="ignore"), "alarms['a'].silence: 'ignore' is not known; expected breaching, notBreaching"),
    (_alarm(when=sum((M.cost.p(n) for n in range(1, 11)), M.cost) > 1), "custom/a/warning: reads 11 metrics; an alarm reads at most 10"),
    (_spec(source="otel", alarms=[Alarm("a", when=M.cost > 1, means="Dear.")]), "alarms['a'].when: logs of the source 'otel' cannot give cost: the conventions have no such attribute"),
    (_spec(anomalies=[Anomaly("latency")]), "anomalies.metric: 'latency' is not known; expected requests, ended, failed, timeouts, cut, throttled, blocked, cancelled, abandoned, length, filtered, retried, throttles, duration, ttft, tpot, input, uncached, output, cache_read, cache_write, reasoning, cost, unpriced, dropped"),
    (_spec(anomalies=[Anomaly("duration", direction="up")]), "anomalies['duration'].direction: 'up' is not known; expected above, below, both"),
    (_spec(notify=Notify(critical="ml@example.com")), "notify.critical: expected a list of targets, got 'ml@example.com'"),
    (_spec(notify=Notify(warning=["ops"])), "notify.warning: expected the ARN of an SNS topic or Lambda function, an e-mail address or an https URL, got 'ops'"),
    (_spec(notify=Notify(warning=["http://hook.example/x"])), "notify.warning: an alarm goes over https, got http://hook.example"),
    (_spec(notify=Notify(critical=["https://hooks.slack.com/services/T0/B0/x"])), "notify.critical: a Slack webhook cannot be told by SNS: it cannot confirm the subscription, and takes messages of Slack's own form only. Set the channel up in Amazon Q Developer in chat applications (formerly AWS Chatbot) for a topic, and name that topic here"),
    (_spec(notify=Notify(critical=["https://contoso.webhook.office.com/x"])), "notify.critical: a Microsoft Teams webhook cannot be told by SNS: it cannot confirm the subscription, and takes messages of Microsoft Teams's own form only. Set the channel up in Amazon Q Developer in chat applications (formerly AWS Chatbot) for a topic, and name that topic here"),
    (_spec(notify=Notify(critical=["a@b.example"] * 2)), "notify.critical: 'a@b.example' is there twice"),
    (_spec(notify=Notify(critical=[f"arn:aws:sns:eu-west-1:123456789012:t{n}" for n in range(6)])), "notify.critical: 6 actions; an alarm takes at most 5: subscribe some of them to one topic, and name that"),
    (_spec(mutes=[Mute("night", schedule="0 2 * * *", minutes=60)]), "mutes['night'].schedule: expected cron(minute hour day-of-month month day-of-week) or at(yyyy-MM-ddThh:mm), got '0 2 * * *'"),
    (_spec(mutes=[Mute("night", schedule="cron(0 2 * * *)", minutes=21_601)]), "mutes['night'].minutes: a window lasts at most 15 days, got 21601 minutes"),
    (_spec(minimum_samples=0), "minimum_samples: expected a whole number, 1 or more, got 0"),
    (_spec(period_s=30), "period_s: expected a multiple of 60 seconds, got 30"),
    (_spec(without=["latancy"]), "without: 'latancy' is not known; expected latency, first-token, error-rate, throttle-rate, no-traffic, unpriced, dropped, cost-hour, cost-day"),
    (_spec(runbooks={"latency": "wiki"}), "runbooks['latency']: expected a URL of at most 200 characters, got 'wiki'"),
    (_spec(indexes=[f"f{n}" for n in range(21)]), "indexes: 21 fields; CloudWatch Logs indexes at most 20"),
    (_spec(masks=["e-mail!"]), "masks: expected a managed data identifier such as EmailAddress, got 'e-mail!'"),
    (_spec(tags={"aws:x": "y"}), "tags: expected a key of 1-128 characters, not beginning aws:, got 'aws:x'"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), CASES)
def test_a_wrong_spec_is_refused_by_its_argument(make: Callable[[], Spec], message: str) -> None:
    """One sentence each, whole."""
    with pytest.raises(UsageError) as refused:
        plan(make())

    assert str(refused.value) == message


def test_a_modest_promise_leaves_out_what_could_never_ring() -> None:
    """Of 10 % that may be bad, a fiftieth of 30 days' cannot go within an hour; the notes say so."""
    planned = plan(Spec("shop", slos=[Slo("fast", objective=0.9, latency_ms=4_000)]))

    assert "slo/fast/1h" not in {resource.key for resource in planned.resources}
    assert planned["slo/fast/6h"].properties["threshold"] == 60.0
    assert "fast: 1 of 4 pairs of windows could never ring: left out." in planned.notes


def test_a_loopback_webhook_needs_no_certificate() -> None:
    """On a laptop."""
    planned = plan(Spec("shop", notify=Notify(warning=["http://127.0.0.1:9000/hook"])))

    assert planned["topic/warning/127.0.0.1-e26ff300"].properties["protocol"] == "http"


def test_a_webhooks_secret_is_in_no_name() -> None:
    """Names are in state files, previews and logs."""
    planned = plan(Spec("shop", notify=Notify(critical=["https://hook.example/integration/s3cr3t"])))

    assert "s3cr3t" not in repr([(resource.key, resource.name) for resource in planned.resources])
