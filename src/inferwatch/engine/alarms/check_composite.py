"""What AWS refuses of a composite alarm's configuration, beside the others that exist.

Source: CloudWatch API reference, "PutCompositeAlarm"; texts recorded or posted in public.
Differs: the texts about suppressors and about too many parents are ours; AWS's were not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from inferwatch.engine.alarmrules import RuleError, references
from inferwatch.engine.alarms.actions import check_composite as check_actions
from inferwatch.engine.alarms.alarm import Alarm
from inferwatch.engine.alarms.check import check_name
from inferwatch.engine.alarms.composite import CompositeDefinition, Suppressor, name_of
from inferwatch.engine.arn import Realm
from inferwatch.model.errors import AwsError, validation_failure

PARENTS_MAX: Final = 150
_PERIOD_MAX_S: Final = 2**31 - 1


def check(
    definition: CompositeDefinition,
    realm: Realm,
    alarms: Mapping[str, Alarm],
    parents: Mapping[str, frozenset[str]],
) -> None:
    """Raises AwsError (ValidationException, LimitExceededFault).

    Args:
        parents: Names of the composite alarms that ask about an alarm, by its name.
    """
    check_name(definition.name)
    check_actions(definition.responses)
    _check_arns(references(definition.rule), realm)
    if definition.name in definition.children:
        raise validation_failure(
            "A composite alarm cannot have a child relation with itself via its AlarmRule, as it would "
            "introduce a circular dependency"
        )
    named = dict.fromkeys(map(name_of, references(definition.rule)))
    missing = [realm.alarm(name) for name in named if name not in alarms]
    if missing:
        raise validation_failure(
            f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not "
            "exist"
        )
    for child in named:
        if len(parents.get(child, frozenset()) - {definition.name}) >= PARENTS_MAX:
            raise AwsError(
                "LimitExceededFault",
                f"The alarm {child} is a child of {PARENTS_MAX} composite alarms already",
            )
    if definition.suppressor is not None:
        _check_suppressor(definition.suppressor, definition.name, realm, alarms)


def _check_arns(named: tuple[str, ...], realm: Realm) -> None:
    for reference in named:
        if reference == name_of(reference):
            continue
        _, _, _, region, account, _ = reference.split(":", 5)
        if region != realm.region:
            raise RuleError(f"Wrong ARN region, it was {region} but {realm.region} was expected instead")
        if account != realm.account_id:
            raise validation_failure(
                "A composite alarm cannot have a child relation with alarms from another AWS account"
            )


def _check_suppressor(suppressor: Suppressor, owner: str, realm: Realm, alarms: Mapping[str, Alarm]) -> None:
    _check_arns((suppressor.alarm,), realm)
    if suppressor.name == owner:
        raise validation_failure("A composite alarm cannot be its own ActionsSuppressor")
    if suppressor.name not in alarms:
        raise validation_failure(f"The ActionsSuppressor {suppressor.alarm} does not exist")
    for name, seconds in (("Wait", suppressor.wait_s), ("Extension", suppressor.extension_s)):
        if not 0 <= seconds <= _PERIOD_MAX_S:
            raise validation_failure(f"ActionsSuppressor{name}Period must be between 0 and {_PERIOD_MAX_S}")
