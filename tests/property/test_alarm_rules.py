"""The composite language: printed rules parse back, evaluation is logic, deciding children decide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inferwatch.engine.alarmrules import RuleError, compile_rule, deciding, evaluate, references, write
from inferwatch.engine.alarmrules.nodes import STATES, AtLeast, Constant, Every, InState, Not, Rule, Some
from inferwatch.engine.alarmrules.parser import parse

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FEW = st.sampled_from(["a", "b", "c"])


def _quorums(names: st.SearchStrategy[str]) -> st.SearchStrategy[AtLeast]:
    alarms = st.lists(names, min_size=1, max_size=4).map(tuple)
    return alarms.flatmap(
        lambda named: st.one_of(
            st.builds(
                AtLeast,
                st.integers(1, len(named)),
                st.just(False),
                st.booleans(),
                st.sampled_from(STATES),
                st.just(named),
            ),
            st.builds(
                AtLeast,
                st.integers(1, 100),
                st.just(True),
                st.booleans(),
                st.sampled_from(STATES),
                st.just(named),
            ),
        )
    )


def _rules(names: st.SearchStrategy[str]) -> st.SearchStrategy[Rule]:
    leaves = st.one_of(
        st.builds(Constant, st.booleans()),
        st.builds(InState, st.sampled_from(STATES), names),
        _quorums(names),
    )
    return st.recursive(leaves, _joined, max_leaves=12)


def _joined(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    chains = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(Not, inner, st.integers(1, 3)), st.builds(Every, chains), st.builds(Some, chains)
    )


@given(_rules(NAMES))
def test_a_printed_rule_parses_to_itself(rule: Rule) -> None:
    """Whatever its alarms are called."""
    assert parse(write(rule)) == rule


def _plain(rule: Rule, states: dict[str, str]) -> bool:
    """The rule's meaning, spelled out."""
    if isinstance(rule, Constant):
        return rule.value
    if isinstance(rule, InState):
        return states[rule.alarm] == rule.state
    if isinstance(rule, AtLeast):
        count = sum((states[alarm] == rule.state) is not rule.is_negated for alarm in rule.alarms)
        return count * 100 >= rule.least * len(rule.alarms) if rule.is_percentage else count >= rule.least
    if isinstance(rule, Not):
        value = _plain(rule.operand, states)
        for _ in range(rule.times):
            value = not value
        return value
    values = [_plain(operand, states) for operand in rule.operands]
    return min(values) if isinstance(rule, Every) else max(values)


STATES_OF = st.fixed_dictionaries({name: st.sampled_from(STATES) for name in "abc"})


@given(_rules(FEW), STATES_OF)
def test_a_rule_means_what_logic_says(rule: Rule, states: dict[str, str]) -> None:
    """Against a plain reading."""
    assert evaluate(rule, states.__getitem__) is _plain(rule, states)


@given(_rules(FEW), STATES_OF, STATES_OF)
def test_the_deciding_children_are_enough(rule: Rule, states: dict[str, str], others: dict[str, str]) -> None:
    """Whatever states all others are in, the rule stays what it is."""
    deciders = deciding(rule, states.__getitem__)

    mixed = {name: states[name] if name in deciders else others[name] for name in states}

    assert set(deciders) <= set(references(rule))
    assert evaluate(rule, mixed.__getitem__) is evaluate(rule, states.__getitem__)


@given(st.text('()TRUE FALSNODKAM"\\,%19', max_size=60))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    """In AWS's form, pointing inside the text."""
    rule, refused = _compiled(text)

    if refused is not None:
        assert refused.message.startswith("Error in AlarmRule [")
        assert 0 <= refused.offset <= len(text)
    if rule is not None:
        assert parse(write(rule)) == rule


def _compiled(text: str) -> tuple[Rule | None, RuleError | None]:
    try:
        return compile_rule(text), None
    except RuleError as refused:
        return None, refused
