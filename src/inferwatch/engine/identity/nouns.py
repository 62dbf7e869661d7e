"""Roles and managed policies."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

DEFAULT_SESSION_S = 3_600


@dataclass(slots=True)
class Role:
    """Who may take it (`trust`), what it may do: inline policies by name, and ARNs of attached ones."""

    name: str
    arn: str
    id: str
    path: str
    trust: str
    created_ms: int
    description: str | None = None
    max_session_s: int = DEFAULT_SESSION_S
    tags: dict[str, str] = field(default_factory=dict)
    inline: dict[str, str] = field(default_factory=dict)
    attached: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a managed policy: `v1`, `v2`, ..."""

    id: str
    document: str
    created_ms: int


@dataclass(slots=True)
class ManagedPolicy:
    """A policy that roles are attached to; one of its versions holds."""

    name: str
    arn: str
    id: str
    path: str
    created_ms: int
    updated_ms: int
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    default_version: str = ""
    made_versions: int = 0


def unique_id(prefix: str, seed: str) -> str:
    """A unique id as IAM writes them: `AROA` or `ANPA` and 17 letters and digits."""
    digits = base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode()
    return f"{prefix}{digits[:17]}"
