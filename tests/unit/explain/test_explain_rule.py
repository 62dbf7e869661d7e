"""A composite alarm's rule: what each part is, what decides, and which single change would change it."""

from __future__ import annotations

from inferwatch.explain.rule import UNKNOWN, Flip, Node, Standing, alarms_in, flips, tree

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:b"


def _lines(node: Node, depth: int = 0) -> list[str]:
    """One a part: `*` where it decides, yes or no, and the words."""
    mark = "*" if node.decides else " "
    name = f"{node.alarm} " if node.alarm else ""
    line = f"{mark}{'  ' * depth}{'yes' if node.is_true else 'no '} {name}{node.words}"
    return [line, *(line for part in node.parts for line in _lines(part, depth + 1))]


def _tree(text: str, **states: str) -> list[str]:
    return _lines(tree(text, {name: Standing(state) for name, state in states.items()}))


def test_the_first_part_that_settles_a_chain_decides_it() -> None:
    """An OR by what is true, with all that makes that so; not by what would do as well."""
    found = _tree(f'ALARM(a) AND NOT OK("{ARN}") OR ALARM(c)', a="ALARM", b="ALARM", c="ALARM")

    assert found == [
        "*yes any of",
        "*  yes all of",
        "*    yes a in ALARM",
        "*    yes not",
        "*      no  b in OK",
        "   yes c in ALARM",
    ]


def test_where_nothing_settles_a_chain_all_of_it_decides() -> None:
    """An OR whose parts are all false."""
    assert _tree("ALARM(a) OR ALARM(b)", a="OK", b="OK") == [
        "*no  any of",
        "*  no  a in ALARM",
        "*  no  b in ALARM",
    ]


def test_a_quorum_counts_its_members() -> None:
    """As many of them decide as are enough."""
    assert _tree("AT_LEAST(50%, NOT OK, (a, b, c, d))", a="ALARM", b="OK", c="ALARM", d="ALARM") == [
        "*yes at least 2 of these 4, now 3",
        "*  yes a not in OK",
        "   no  b not in OK",
        "*  yes c not in OK",
        "   yes d not in OK",
    ]


def test_an_alarm_that_is_gone_is_in_no_state() -> None:
    """Whoever asks for one is told no."""
    found = tree("OK(gone)", {})

    assert not found.is_true
    assert found.standing == Standing(UNKNOWN)


def test_names_and_arns_are_the_same_alarm() -> None:
    """Each once, in the order of the text."""
    assert alarms_in(f'ALARM("{ARN}") OR ALARM(a) OR OK(b)') == ("b", "a")


def test_single_changes_that_change_the_whole() -> None:
    """One of two in ALARM is enough: leaving it ends it, the other joining changes nothing."""
    assert flips("ALARM(a) OR ALARM(b)", {"a": "ALARM", "b": "OK"}) == (
        Flip("a", "OK", "OK"),
        Flip("a", "INSUFFICIENT_DATA", "OK"),
    )
    assert flips("ALARM(a) OR ALARM(b)", {"a": "ALARM", "b": "ALARM"}) == ()
