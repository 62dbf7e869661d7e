"""A data protection policy document, read and held against AWS's rules.

Source: CloudWatch Logs API reference, "PutDataProtectionPolicy"; User Guide, "Custom data identifiers".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from inferwatch.engine.dataprotection.identifier import Identifier, compile_regex
from inferwatch.engine.dataprotection.managed import MANAGED, managed
from inferwatch.model.errors import AwsError, Unsupported, invalid_parameter

DOCUMENT_MAX_CHARS: Final = 30_720
CUSTOM_MAX: Final = 10
VERSION: Final = "2021-06-01"
_ARN = re.compile(r"arn:aws(?:-cn|-us-gov)?:dataprotection::aws:data-identifier/")
_CUSTOM_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_CUSTOM_REGEX = re.compile(r"[A-Za-z0-9_#=@/;, \-^$?\[\]{}|\\*+.]{1,200}")
_DOCUMENT_MEMBERS = ("Name", "Description", "Version", "Statement", "Configuration")
_STATEMENT_MEMBERS = ("Sid", "DataIdentifier", "Operation")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a group's events are searched for.

    Args:
        document: The text as it was put.
    """

    document: str
    identifiers: Sequence[Identifier]


def read_policy(document: str) -> Policy:
    """Raises AwsError (InvalidParameterException), and Unsupported for what AWS has and inferwatch lacks.

    Differs: AWS's texts for wrong policies are not known; these are ours. Which partition's ARNs its
    identifiers have outside of `aws` is not documented: any partition's are taken in any region.
    """
    if len(document) > DOCUMENT_MAX_CHARS:
        raise _wrong(f"it has {len(document)} characters; at most {DOCUMENT_MAX_CHARS} are allowed")
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        raise _wrong("it is not JSON") from None
    _members(policy, "it", _DOCUMENT_MEMBERS)
    if not isinstance(policy.get("Name"), str) or not policy["Name"]:
        raise _wrong("Name must be text")
    if policy.get("Version") != VERSION:
        raise _wrong(f'Version must be "{VERSION}"')
    if not isinstance(policy.get("Description", ""), str):
        raise _wrong("Description must be text")
    custom = _custom(policy.get("Configuration", {}))
    return Policy(document, tuple(_identifier(name, custom) for name in _wanted(policy.get("Statement"))))


def _wanted(statements: Any) -> list[str]:
    """The data identifiers that both statements name: one audits, the other masks."""
    if not isinstance(statements, list) or len(statements) != 2:
        raise _wrong("Statement must hold two: one with the Operation Audit, one with Deidentify")
    named: dict[str, list[str]] = {}
    for number, statement in enumerate(statements):
        where = f"Statement[{number}]"
        _members(statement, where, _STATEMENT_MEMBERS)
        named[_operation(statement.get("Operation"), f"{where}.Operation")] = _names(
            statement.get("DataIdentifier"), f"{where}.DataIdentifier"
        )
    if len(named) != 2:
        raise _wrong("Statement must hold one Audit and one Deidentify")
    if named["Audit"] != named["Deidentify"]:
        raise _wrong("the DataIdentifier lists of Audit and Deidentify must be the same")
    return named["Audit"]


def _operation(operation: Any, where: str) -> str:
    if isinstance(operation, dict) and list(operation) == ["Deidentify"]:
        if operation["Deidentify"] != {"MaskConfig": {}}:
            raise _wrong(f'{where}.Deidentify must be {{"MaskConfig": {{}}}}')
        return "Deidentify"
    if isinstance(operation, dict) and list(operation) == ["Audit"]:
        audit = operation["Audit"]
        if not isinstance(audit, dict) or not isinstance(audit.get("FindingsDestination"), dict):
            raise _wrong(f"{where}.Audit must hold a FindingsDestination, which may be empty")
        _members(audit, f"{where}.Audit", ("FindingsDestination",))
        if audit["FindingsDestination"]:
            kinds = ", ".join(sorted(map(str, audit["FindingsDestination"])))
            raise Unsupported(
                f"audit findings destinations ({kinds})",
                f"{where}.Audit.FindingsDestination must be {{}}",
                code="InvalidParameterException",
            )
        return "Audit"
    raise _wrong(f"{where} must be one of Audit and Deidentify")


def _names(names: Any, where: str) -> list[str]:
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise _wrong(f"{where} must be a list of at least one data identifier")
    if len(set(names)) != len(names):
        raise _wrong(f"{where} names one data identifier twice")
    return names


def _identifier(name: str, custom: dict[str, Identifier]) -> Identifier:
    if name in custom:
        return custom[name]
    arn = _ARN.match(name)
    if arn is None:
        raise _wrong(f'"{name}" is neither the ARN of a managed data identifier nor the name of a custom one')
    short = name[arn.end() :]
    if short not in MANAGED:
        raise Unsupported(
            f'the data identifier "{short}"',
            f"{', '.join(MANAGED)} and custom ones are",
            code="InvalidParameterException",
        )
    return managed(short)


def _custom(configuration: Any) -> dict[str, Identifier]:
    _members(configuration, "Configuration", ("CustomDataIdentifier",))
    listed = configuration.get("CustomDataIdentifier", [])
    if not isinstance(listed, list) or len(listed) > CUSTOM_MAX:
        raise _wrong(f"Configuration.CustomDataIdentifier must be a list of at most {CUSTOM_MAX}")
    found: dict[str, Identifier] = {}
    for number, item in enumerate(listed):
        made = _custom_identifier(item, f"Configuration.CustomDataIdentifier[{number}]")
        if made.name in found or made.name in MANAGED:
            raise _wrong(f'the name "{made.name}" is taken')
        found[made.name] = made
    return found


def _custom_identifier(item: Any, where: str) -> Identifier:
    _members(item, where, ("Name", "Regex"))
    name, regex = item.get("Name"), item.get("Regex")
    if not isinstance(name, str) or not _CUSTOM_NAME.fullmatch(name):
        raise _wrong(f"{where}.Name must be 1 to 128 letters, digits, _ or -")
    if not isinstance(regex, str) or not _CUSTOM_REGEX.fullmatch(regex):
        raise _wrong(
            f"{where}.Regex must be 1 to 200 letters, digits, spaces and characters of "
            "_ # = @ / ; , - ^ $ ? [ ] { } | \\ * + ."
        )
    try:
        compiled = compile_regex(regex)
    except ValueError as wrong:
        raise _wrong(f"{where}.Regex cannot be compiled: {wrong}") from None
    if compiled.search(b"") is not None:
        raise _wrong(f"{where}.Regex matches where there is nothing, and so everywhere")
    return Identifier(name, compiled)


def _members(value: Any, where: str, known: Sequence[str]) -> None:
    if not isinstance(value, dict):
        raise _wrong(f"{where} must be an object")
    strange = sorted(value.keys() - set(known))
    if strange:
        raise _wrong(f'{where} holds "{strange[0]}"; known are ' + ", ".join(known))


def _wrong(what: str) -> AwsError:
    return invalid_parameter(f"Invalid data protection policy: {what}.")
