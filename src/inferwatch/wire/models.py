"""The service models of the installed botocore: what each operation takes, gives and refuses."""

from __future__ import annotations

from functools import cache
from typing import Final

import botocore.loaders
import botocore.model

from inferwatch.model.region import partition_of

SERVICES: Final = ("logs", "cloudwatch", "sns", "sts", "iam")


@cache
def service_model(service: str) -> botocore.model.ServiceModel:
    """The newest model of a service; read from disk once."""
    document = _loader().load_service_model(service, "service-2")
    return botocore.model.ServiceModel(document, service)


def region_label(region: str) -> str:
    """A region's name for people, as AWS's notifications use it; the code itself where AWS has none.

    Requests for such a region are refused, but a data folder may hold one: of an earlier version, or from
    beside a newer botocore.

    Differs: botocore says `Europe (Ireland)` where CloudWatch's messages still say `EU (Ireland)`.
    """
    try:
        label: str = partition_of(region)["regions"][region]["description"]
    except LookupError:
        return region
    return label.replace("Europe (", "EU (")


@cache
def _loader() -> botocore.loaders.Loader:
    return botocore.loaders.create_loader()


def service_of_target(prefix: str) -> str | None:
    """The service whose JSON target or CBOR path begins with `prefix`."""
    return _by_metadata("targetPrefix").get(prefix)


def service_of_version(version: str) -> str | None:
    """The query service with this API version."""
    service = _by_metadata("apiVersion").get(version)
    return service if service and "query" in service_model(service).metadata["protocols"] else None


@cache
def _by_metadata(key: str) -> dict[str, str]:
    found = {service: service_model(service).metadata.get(key) for service in SERVICES}
    return {value: service for service, value in found.items() if value}
