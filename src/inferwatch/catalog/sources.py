"""The kinds of logs that inferences are told in, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from inferwatch.catalog.bedrock import BEDROCK
from inferwatch.catalog.emf import EMF
from inferwatch.catalog.otel import OTEL
from inferwatch.catalog.readings import Source
from inferwatch.catalog.records import RECORDS

SOURCES: Final[Mapping[str, Source]] = MappingProxyType(
    {source.name: source for source in (RECORDS, BEDROCK, OTEL, EMF)}
)
