"""The rooms of the house: each may import what stands below it, and nothing else of ours."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "inferwatch"

# room → the rooms it may import; `model` always. The most specific name that fits a module counts.
LANGUAGES = {
    "engine.alarmrules",
    "engine.dynamiclabels",
    "engine.filterpattern",
    "engine.insights",
    "engine.metricinsights",
    "engine.metricmath",
    "engine.search",
}
ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "lang": set(),
    "capture": set(),
    "ship": set(),
    "catalog": set(),
    "infra.plan": {"catalog"},
    "infra": {"catalog", "infra.plan"},
    **{language: {"lang"} for language in LANGUAGES},
    "engine.clock": set(),
    "engine.arn": set(),
    "engine.journal": {"engine.database"},
    "engine.tags": set(),
    "engine.database": set(),
    "engine.store": {"engine.database"},
    "engine.emf": {"engine.metrics", "engine.filterpattern"},
    "engine.dataprotection": set(),
    "engine.subscriptions": {"engine.filterpattern", "engine.notify", "engine.arn"},
    "engine.logs": {"engine.filterpattern", "engine.store", "engine.tags"},
    "engine.metrics": {"engine.database"},
    "engine.metricfilters": {"engine.filterpattern"},
    "engine.metricdata": {
        "engine.dynamiclabels",
        "engine.metrics",
        "engine.metricinsights",
        "engine.metricmath",
        "engine.search",
    },
    "engine.anomaly": {"engine.metricdata", "engine.metricmath", "engine.metrics"},
    "engine.alarms": {
        "engine.alarmrules",
        "engine.anomaly",
        "engine.arn",
        "engine.metricdata",
        "engine.metrics",
    },
    "engine.dashboards": {"engine.metrics", "engine.arn"},
    "engine.notify": {"engine.arn"},
    "engine.identity": set(),
    "engine.queries": {
        "engine.arn",
        "engine.dataprotection",
        "engine.insights",
        "engine.logs",
        "engine.store",
        "lang",
    },
    "engine.querydefinitions": set(),
    "engine": {
        "engine.alarms",
        "engine.anomaly",
        "engine.arn",
        "engine.clock",
        "engine.dashboards",
        "engine.dataprotection",
        "engine.emf",
        "engine.identity",
        "engine.journal",
        "engine.queries",
        "engine.querydefinitions",
        "engine.store",
        "engine.subscriptions",
        "engine.tags",
        "engine.logs",
        "engine.metricdata",
        "engine.metricfilters",
        "engine.metrics",
        "engine.notify",
    },
    "drawing": set(),
    "explain": {
        "drawing",
        "engine.alarmrules",
        "engine.alarms",
        "engine.metricdata",
        "engine.metricmath",
        "engine.metrics",
    },
    "wire": {"drawing", "engine", "engine.*"},
    "console": {"drawing", "explain"},
    "local": {
        "engine",
        "engine.clock",
        "engine.database",
        "engine.journal",
        "engine.metrics",
        "engine.notify",
        "engine.store",
        "wire",
        "console",
    },
    "deploy": set(),
    "testing.recording": {"capture"},
    "testing.aws": {"engine", "wire"},
    "testing": {"testing.recording"},
    "pipeline": {"capture", "catalog", "ship"},
    "wiring": {"capture", "pipeline", "ship"},
    "demo": {"", "deploy", "local"},
    "cli": {
        "catalog",
        "demo",
        "deploy",
        "drawing",
        "engine.filterpattern",
        "engine.subscriptions",
        "explain",
        "lang",
        "local",
        "ship",
    },
    "__main__": {"cli"},
    "": {"capture", "ship", "testing", "wiring"},
}


def _room(module: str) -> str:
    """The most specific room that a module (without the package's name) is in."""
    parts = module.split(".") if module else []
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in ALLOWED:
            return name
    return ""


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def _imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module of ours) for every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports name the whole way"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name == "inferwatch" or name.startswith("inferwatch."):
                yield node.lineno, name.removeprefix("inferwatch").removeprefix(".")


def _is_allowed(importer: str, imported: str) -> bool:
    if imported in (importer, "model"):
        return True
    allowed = ALLOWED[importer]
    return imported in allowed or ("engine.*" in allowed and imported.startswith("engine."))


@pytest.mark.parametrize(("module", "path"), list(_modules()), ids=lambda value: str(value))
def test_a_room_imports_only_what_stands_below_it(module: str, path: Path) -> None:
    """Data goes one way, and so do imports."""
    importer = _room(module)

    wrong = [
        f"{path.name}:{line} imports {imported or 'inferwatch'}"
        for line, imported in _imported(path)
        if not _is_allowed(importer, _room(imported))
    ]

    assert wrong == []


def test_every_package_says_what_goes_in_and_what_comes_out() -> None:
    """Three lines at the top of each package: what it is, In, Out."""
    silent = []
    for path in sorted(PACKAGE.rglob("__init__.py")):
        text = ast.get_docstring(ast.parse(path.read_text())) or ""
        if "In:" not in text or "Out:" not in text:
            silent.append(str(path.relative_to(PACKAGE)))

    assert silent == []


def test_no_file_has_outgrown_its_room() -> None:
    """Past 400 lines something second has moved in."""
    long = {
        str(path.relative_to(PACKAGE)): lines
        for _, path in _modules()
        if (lines := len(path.read_text().splitlines())) > 400
    }

    assert long == {}
