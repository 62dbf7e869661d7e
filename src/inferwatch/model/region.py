"""The regions of AWS, from the table of the installed botocore."""

from __future__ import annotations

from functools import cache
from typing import Any


def partition_of(region: str) -> dict[str, Any]:
    """The partition that a region belongs to, as botocore's `endpoints` describe it.

    Raises:
        LookupError: The installed botocore knows no such region.
    """
    for partition in _partitions():
        if region in partition["regions"]:
            return partition
    raise LookupError(
        f'AWS has no region "{region}": expected one such as us-east-1 (a new region needs a newer botocore)'
    )


def check_region(region: str) -> str:
    """The region, as it was given.

    Raises:
        LookupError: As `partition_of`.
    """
    partition_of(region)
    return region


@cache
def _partitions() -> list[dict[str, Any]]:
    import botocore.loaders

    partitions: list[dict[str, Any]] = botocore.loaders.create_loader().load_data("endpoints")["partitions"]
    return partitions
