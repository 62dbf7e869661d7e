"""Make the reference pages from the tables in the code: `make docs`; a test fails where a page is stale."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from inferwatch.catalog.metrics import METRICS, Metric
from inferwatch.catalog.queries import QUERIES
from inferwatch.catalog.readings import Absent, Embedded, Filter, Source
from inferwatch.catalog.sources import SOURCES
from inferwatch.catalog.watches import OF_ALL, OF_MODELS, SEVERITIES, Watch
from inferwatch.infra import Alarm, Anomaly, Budget, LlmMonitoring, Model, Mute, Notify, Slo, Webhook
from inferwatch.infra.plan.alarm import Rhythm
from inferwatch.model.fields import FIELDS
from inferwatch.wire.models import service_model
from inferwatch.wire.operations import OPERATIONS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "inferwatch"
NOTICE = "<!-- Made by docs/generate.py from the code. Do not edit: run `make docs`. -->"
SERVICE_NAMES = {
    "logs": "CloudWatch Logs",
    "cloudwatch": "CloudWatch",
    "sns": "SNS",
    "sts": "STS",
    "iam": "IAM",
    "lambda": "Lambda",
}


def record() -> str:
    """The fields of a record, from model/fields.py."""
    rows = [
        f"| `{field.name}` | {field.type} | {field.unit or ''} | {_code(field.otel)} | "
        f"{'always' if field.always else ''} | {field.about} |"
        for field in FIELDS
    ]
    return "\n".join(
        [
            "# The record",
            "",
            NOTICE,
            "",
            "One flat JSON object per inference, written once, at its end, whatever the end. A field that is absent",
            "is unknown; zero is data. Prompts and completions are never in it.",
            "",
            "| Field | Type | Unit | OpenTelemetry GenAI | Written | Meaning |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""


def operations() -> str:
    """Every operation of the services, from botocore's models and our tables."""
    lines = [
        "# Operations",
        "",
        NOTICE,
        "",
        "What the embedded CloudWatch answers, of all that the service models of botocore name. Everything else is",
        "refused by name with `UnsupportedOperation`, and so is every parameter listed as refused.",
        "",
    ]
    for service, table in OPERATIONS.items():
        model = service_model(service)
        lines += [f"## {SERVICE_NAMES[service]}", ""]
        lines += [f"{len(table)} of {len(model.operation_names)} operations.", ""]
        lines += ["| Operation | Parameters refused |", "|---|---|"]
        for name in sorted(table):
            shape = model.operation_model(name).input_shape
            members = list(shape.members) if shape is not None else []
            refused = [member for member in members if member not in table[name].accepts.split()]
            lines.append(f"| {name} | {', '.join(f'`{member}`' for member in refused)} |")
        missing = sorted(set(model.operation_names) - set(table))
        if missing:
            lines += ["", f"Refused: {', '.join(missing)}."]
        lines.append("")
    return "\n".join(lines)


def differences() -> str:
    """Every `Differs:` of a docstring or comment, with the module it stands in."""
    lines = [
        "# Differences from AWS",
        "",
        NOTICE,
        "",
        "Where the embedded CloudWatch is known, or guessed, to differ from the real one: collected from the code",
        "that differs. Operations and parameters that are refused by name are on [another page](operations.md).",
        "",
        "| Where | What |",
        "|---|---|",
    ]
    for path in sorted(SOURCE.rglob("*.py")):
        for text in _differs(path):
            lines.append(f"| `{path.relative_to(SOURCE)}` | {text} |")
    return "\n".join([*lines, ""])


def _differs(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                _, found, text = paragraph.partition("Differs:")
                if found:
                    yield " ".join(text.split())


def catalog() -> str:
    """What is watched: metrics and how each kind of log tells them, alarms, saved queries."""
    lines = [
        "# What is watched",
        "",
        NOTICE,
        "",
        "The catalog: every metric, alarm and saved query that a plan (`inferwatch.infra.plan`) can make. Metrics are",
        "in the namespace `inferwatch/NAME`: of all inferences without a dimension, of each named model with the",
        "dimension `model`, and of the other models in `inferwatch/NAME/others`, where models are named.",
        "",
        "Rates are of inferences that the provider ended. Those that the application cancelled or abandoned are left",
        "out: they are nobody's failure, and would make a provider look better than it is. A percentile or a rate of",
        "fewer than ten inferences a minute gives no datapoint, and a silent metric is no fault, but for `no-traffic`.",
        "Critical alarms have no action of their own: one composite alarm, `all/page/critical`, pages for them all.",
        "",
        "## Metrics",
        "",
        "F: by a metric filter. E: embedded in the event, in the embedded metric format.",
        "",
        f"| `M.` | Metric | Unit | By model | {' | '.join(SOURCES)} | Meaning |",
        f"|---|---|---|---|{'---|' * len(SOURCES)}---|",
        *(_metric(metric) for metric in METRICS.values()),
        "",
        "Where a log gives a figure of its own kind, or none:",
        "",
        *(_of_source(source) for source in SOURCES.values()),
        "## Alarms",
        "",
        "| Key | Rings when | Warning | Critical | It means | First |",
        "|---|---|---|---|---|---|",
        *(_watch(watch) for watch in (*OF_MODELS.values(), *OF_ALL.values())),
        "",
        "`cost-hour` and `cost-day` have their levels from the budget.",
        "",
        "## Saved queries",
        "",
        "| Name | Question |",
        "|---|---|",
        *(f"| `{query.name}` | {query.about} |" for query in QUERIES.values()),
        "",
    ]
    return "\n".join(lines)


def _metric(metric: Metric) -> str:
    marks = {Filter: "F", Embedded: "E", Absent: ""}
    told = " | ".join(marks[type(source.readings[metric.key])] for source in SOURCES.values())
    by_model = "yes" if metric.by_model else ""
    return f"| `{metric.key}` | `{metric.name}` | {metric.unit} | {by_model} | {told} | {metric.about} |"


def _of_source(source: Source) -> str:
    """What to know of a log's figures; nothing where a metric is only another's difference."""
    told = [f"**{source.name}**: {source.about}", ""]
    for key, reading in source.readings.items():
        if isinstance(reading, Absent):
            told.append(f"- no `{METRICS[key].name}`: {reading.why}")
        elif reading.note or reading.name:
            told.append(f"- `{reading.name or METRICS[key].name}`: {reading.note}")
    return "\n".join([*told, ""])


def _watch(watch: Watch) -> str:
    scope = "MODEL" if watch.argument else "all"
    levels = [watch.levels.of(severity) for severity in SEVERITIES]
    warning, critical = (
        "" if level is None else f"{level * watch.factor:,.12g} {watch.unit}" for level in levels
    )
    rhythm = Rhythm(watch.period_s or 60, watch.datapoints, watch.periods, watch.missing)
    said = watch.said.format(limit="the limit", time=rhythm)
    return f"| `{scope}/{watch.what}/SEVERITY` | {said} | {warning} | {critical} | {watch.means} | {watch.first} |"


def component() -> str:
    """The component's arguments, the classes they are made of, its outputs, and the default alarms."""
    classes = (Model, Slo, Budget, Notify, Webhook, Alarm, Anomaly, Mute)
    outputs = _attributes(LlmMonitoring)
    return "\n".join(
        [
            "# LlmMonitoring",
            "",
            NOTICE,
            "",
            "```python",
            "from inferwatch.infra import LlmMonitoring",
            "",
            'mon = LlmMonitoring("chat")',
            "```",
            "",
            "A Pulumi component: a log group for inferences, the metrics read out of it, alarms, saved queries and a",
            "dashboard. What each is stands in [the catalog](catalog.md); [programs](../../examples/full/__main__.py) use",
            "all of it. Arguments after the name are keyword-only. A wrong one is refused by its name before anything is",
            "registered; one that is an Output, as soon as its value is known.",
            "",
            "## Arguments",
            "",
            *_arguments(LlmMonitoring.__init__, _documented(LlmMonitoring)),
            "",
            *(line for each in classes for line in _class(each)),
            "## Outputs",
            "",
            "| Attribute | |",
            "|---|---|",
            *(f"| `{name}` | {about} |" for name, about in outputs.items()),
            "",
            "## Default alarms",
            "",
            "By their keys: `mon.alarms[key]`, and `NAME-STACK/key` is the alarm's name. `MODEL` is `default`, and each",
            "model that `models` names. [The catalog](catalog.md#alarms) says what each means and what to do first.",
            "",
            "| Key | Rings above | Changed by |",
            "|---|---|---|",
            *(row for watch in (*OF_MODELS.values(), *OF_ALL.values()) for row in _default_alarm(watch)),
            "| `all/page/critical` | any critical alarm | `notify.critical` is told by this one alone |",
            "",
            'Each but the last is left out by `without=["..."]`, named by the middle of its key.',
            "",
        ]
    )


def _documented(documented: object) -> dict[str, str]:
    """Argument → what its `Args:` say."""
    text = inspect.getdoc(documented) or ""
    arguments = text.partition("Args:\n")[2].partition("\n\n")[0]
    told: dict[str, str] = {}
    names: list[str] = []
    for line in arguments.splitlines():
        if found := re.match(r" {4}([a-z0-9_, ]+): (.*)", line):
            names = found[1].split(", ")
            told |= dict.fromkeys(names, found[2])
        elif names:
            told |= {name: f"{told[name]} {line.strip()}" for name in names}
    return told


def _arguments(call: Callable[..., object], told: Mapping[str, str]) -> list[str]:
    rows = ["| Argument | Default | |", "|---|---|---|"]
    for name, parameter in inspect.signature(call).parameters.items():
        if name == "self":
            continue
        default = parameter.default
        is_needed = default is inspect.Parameter.empty
        shown = "" if is_needed else f"`{dict(default) if isinstance(default, Mapping) else default!r}`"
        rows.append(f"| `{name}` | {shown} | {told.get(name, '').replace('|', chr(92) + '|')} |")
    return rows


def _class(documented: type) -> list[str]:
    text = (inspect.getdoc(documented) or "").partition("\n\nArgs:")[0]
    defaults = {
        field.name: field
        for field in dataclasses.fields(documented)
        if field.default_factory is not dataclasses.MISSING
    }
    assert not defaults, f"{documented.__name__}: the page shows plain defaults only"
    return [
        f"### {documented.__name__}",
        "",
        text,
        "",
        *_arguments(documented.__init__, _documented(documented)),
        "",
    ]


def _attributes(documented: type) -> dict[str, str]:
    """Attribute → the docstring behind it in the class's source."""
    tree = ast.parse(inspect.getsource(documented)).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for node, behind in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            is_told = isinstance(behind, ast.Expr) and isinstance(behind.value, ast.Constant)
            found[node.target.id] = " ".join(str(behind.value.value).split()) if is_told else ""
    return found


def _default_alarm(watch: Watch) -> Iterator[str]:
    scope = "MODEL" if watch.argument else "all"
    argument = f"`models[MODEL].{watch.argument}`" if watch.argument else ""
    spent = {"cost-hour": "usd_per_hour", "cost-day": "usd_per_day"}.get(watch.what)
    for severity in SEVERITIES:
        level = watch.levels.of(severity)
        if spent is not None:
            limit = getattr(inspect.signature(LlmMonitoring.__init__).parameters["budget"].default, spent)
            share = Budget().warn_at if severity == "warning" else 1
            level, argument = limit * share, f"`budget.{spent}`"
        if level is not None:
            shown = f"{level * watch.factor:,.12g} {watch.unit}"
            below = "fewer than " if watch.comparison == "<" else ""
            yield f"| `{scope}/{watch.what}/{severity}` | {below}{shown} | {argument} |"


PAGES = {
    "docs/reference/component.md": component,
    "docs/reference/catalog.md": catalog,
    "docs/reference/record.md": record,
    "docs/reference/operations.md": operations,
    "docs/reference/differences.md": differences,
}


def main() -> int:
    """Write the pages; with `--check`, only say which are stale."""
    stale = []
    for name, make in PAGES.items():
        path, text = ROOT / name, make()
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
    for name in stale:
        print(f"{'stale' if '--check' in sys.argv else 'made'}: {name}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
