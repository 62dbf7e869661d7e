"""`aws.iam.get_policy_document`: a policy document put together from statements; nothing is asked.

Source: terraform-provider-aws `internal/service/iam/policy_document_data_source.go`, `policy_model.go`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final

from inferwatch.deploy.values import Properties

_VERSION: Final = "2012-10-17"
_REFUSED: Final = ("sourceJson", "overrideJson", "sourcePolicyDocuments", "overridePolicyDocuments")
# A statement's members in the order in which the provider writes them.
_LISTS: Final = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_PRINCIPALS: Final = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def make_policy_document(arguments: Properties) -> Properties:
    """The result of the function: the document as text, and what it was made from.

    Raises:
        ValueError: an argument inferwatch would have to ignore, or a statement without meaning.
    """
    for name in _REFUSED:
        if arguments.get(name):
            raise ValueError(f"inferwatch does not support the argument {name} yet")
    version = arguments.get("version") or _VERSION
    statements = arguments.get("statements") or []
    document: dict[str, Any] = {"Version": version}
    if policy_id := arguments.get("policyId"):
        document["Id"] = policy_id
    document["Statement"] = [_statement(item, version) for item in statements]
    sids = [item["Sid"] for item in document["Statement"] if "Sid" in item]
    if twice := next((sid for sid in sids if sids.count(sid) > 1), None):
        raise ValueError(f"two statements have the sid {twice!r}")
    text = json.dumps(document, indent=2)
    return {
        **{key: value for key, value in arguments.items() if value is not None},
        "id": str(zlib.crc32(text.encode())),
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
        "version": version,
        "statements": statements,
    }


def _statement(item: Properties, version: str) -> Properties:
    effect = item.get("effect") or "Allow"
    if effect not in ("Allow", "Deny"):
        raise ValueError(f"effect: expected Allow or Deny, got {effect!r}")
    made: Properties = {"Sid": item["sid"]} if item.get("sid") else {}
    made["Effect"] = effect
    for key, member in _LISTS.items():
        if texts := item.get(key):
            made[member] = _one_or_sorted(_with_variables(text, version) for text in texts)
    for key, member in _PRINCIPALS.items():
        if principals := item.get(key):
            made[member] = _principals(principals, lambda text: _with_variables(text, version))
    if conditions := item.get("conditions"):
        made["Condition"] = _conditions(conditions, lambda text: _with_variables(text, version))
    return made


def _principals(items: list[Properties], read: Callable[[str], str]) -> str | Properties:
    if [(item["type"], item["identifiers"]) for item in items] == [("*", ["*"])]:
        return "*"
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(item["type"], []).extend(read(text) for text in item["identifiers"])
    return {kind: _one_or_sorted(texts) for kind, texts in sorted(found.items())}


def _conditions(items: list[Properties], read: Callable[[str], str]) -> Properties:
    found: dict[str, dict[str, list[str]]] = {}
    for item in items:
        values = found.setdefault(item["test"], {}).setdefault(item["variable"], [])
        values += [read(text) for text in item["values"]]
    return {
        test: {name: values[0] if len(values) == 1 else values for name, values in sorted(named.items())}
        for test, named in sorted(found.items())
    }


def _one_or_sorted(texts: Iterable[str]) -> str | list[str]:
    """One text by itself; several backwards, as the provider sorts them."""
    found = list(texts)
    return found[0] if len(found) == 1 else sorted(found, reverse=True)


def _with_variables(text: str, version: str) -> str:
    """`&{aws:username}` stands for `${aws:username}`, which a program's language would take for its own."""
    if "&{" in text and version == "2008-10-17":
        raise ValueError(f"{text!r}: policies of version 2008-10-17 have no variables")
    return text.replace("&{", "${")
