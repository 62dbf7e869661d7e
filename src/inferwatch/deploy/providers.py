"""The settings of an AWS provider that mean something at a local endpoint; the others are refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from inferwatch.deploy.clients import LOCAL_KEY, Clients
from inferwatch.deploy.resources.handler import python_name

# They say how to reach and enter AWS. Where we go, and with which credentials, is settled by the caller.
_ABOUT_ACCESS: Final = frozenset(
    {
        "accessKey",
        "endpoints",
        "profile",
        "secretKey",
        "sharedConfigFiles",
        "sharedCredentialsFiles",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "token",
        "version",
    }
)
_SKIPPED: Final = (
    "skipCredentialsValidation",
    "skipRequestingAccountId",
    "skipMetadataApiCheck",
    "skipRegionValidation",
)
_SERVICES: Final = ("logs", "cloudwatch", "sns", "iam", "sts", "lambda")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What a provider decides for its resources; without a region of its own it uses the deployment's."""

    region: str | None = None

    def clients(self, clients: Clients) -> Clients:
        """The endpoint as this provider's resources see it."""
        return clients if self.region is None else clients.in_region(self.region)


def read_provider(inputs: Mapping[str, Any]) -> ProviderSettings:
    """Understand a provider's inputs.

    Raises:
        ValueError: a setting inferwatch would have to ignore.
    """
    for key, value in inputs.items():
        if key not in _ABOUT_ACCESS and key != "region" and value is not None:
            raise ValueError(f"inferwatch does not support the AWS provider's setting {python_name(key)} yet")
    return ProviderSettings(inputs.get("region"))


def local_config(endpoint_url: str, region: str) -> dict[str, Any]:
    """The stack settings with which the real AWS provider speaks to an endpoint on this computer.

    One element of endpoints, and no key twice: the provider breaks on either.
    """
    switches = dict.fromkeys((f"aws:{name}" for name in _SKIPPED), "true")
    return {
        "aws:region": region,
        "aws:accessKey": LOCAL_KEY,
        "aws:secretKey": LOCAL_KEY,
        **switches,
        "aws:endpoints": [dict.fromkeys(_SERVICES, endpoint_url)],
    }
