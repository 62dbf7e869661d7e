"""Who serves a model: the host a client calls in, the record's `provider` and `endpoint_host` out."""

from __future__ import annotations

from typing import Final, NamedTuple

# Hosts of providers, by OpenTelemetry's provider names.
# Source: the providers' API references, read 2026-11.
_OWN_HOSTS: Final = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai",
    "api.moonshot.ai": "moonshot_ai",
    "api.perplexity.ai": "perplexity",
    "api.x.ai": "x_ai",
}
_OPENAI_REGIONS: Final = ".api.openai.com"
_AZURE: Final = (".openai.azure.com", ".openai.azure.us", ".cognitiveservices.azure.com")
_VERTEX: Final = ("aiplatform.googleapis.com",)
_BEDROCK: Final = (".amazonaws.com", ".api.aws")


class Endpoint(NamedTuple):
    """`host` is `None` when it is the provider's own, the same for every customer."""

    provider: str
    host: str | None


def endpoint(host: str, port: int | None, *, dialect: str = "openai") -> Endpoint:
    """The provider behind a host.

    An unknown host runs some server with the API of `dialect`, whose name is the provider's in OpenTelemetry
    too, and the host says who really answers.
    """
    host = host.lower()
    if host in _OWN_HOSTS:
        return Endpoint(_OWN_HOSTS[host], None)
    if host.endswith(_OPENAI_REGIONS):
        return Endpoint("openai", host)
    if host.endswith(_AZURE):
        return Endpoint("azure.ai.openai", host)
    if host.startswith("bedrock") and host.endswith(_BEDROCK):
        return Endpoint("aws.bedrock", host)
    if host.endswith(_VERTEX):
        return Endpoint("gcp.vertex_ai", host)
    return Endpoint(dialect, host if port is None else f"{host}:{port}")
