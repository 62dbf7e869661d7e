"""What a resource needs is written before it and deleted after it."""

from __future__ import annotations

from dataclasses import dataclass

from inferwatch.deploy.order import deletion_order, dependents, ordered


@dataclass(frozen=True)
class Item:
    urn: str
    needs: tuple[str, ...] = ()


def urns(items: list[Item]) -> str:
    return " ".join(item.urn for item in items)


def test_needs_come_first_and_the_rest_keeps_its_order() -> None:
    """An order that is good already is not changed."""
    assert urns(ordered([Item("c", ("a",)), Item("b"), Item("a")])) == "a c b"
    assert urns(ordered([Item("z"), Item("a"), Item("m", ("z",))])) == "z a m"


def test_needers_are_deleted_first() -> None:
    """The reverse of the order of writing."""
    assert urns(deletion_order([Item("group"), Item("stream", ("group",))])) == "stream group"


def test_a_need_that_is_not_there_is_passed_over() -> None:
    """A leftover may need something that stays."""
    assert urns(ordered([Item("a", ("gone",))])) == "a"


def test_dependents_are_found_through_others() -> None:
    """In the order they can be deleted in."""
    items = [Item("a"), Item("b", ("a",)), Item("c", ("b",)), Item("d")]

    assert urns(dependents(items, "a")) == "c b"


def test_a_long_chain_is_no_deep_recursion() -> None:
    """Ten thousand resources, each needing the next."""
    chain = [Item(str(number), (str(number + 1),)) for number in range(10_000)]

    assert ordered(chain)[0].urn == "9999"
