"""The fake engine, asked as the AWS API."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def engine(fake: ModuleType) -> Any:
    return fake.FakeEngine()
