"""What counts as a change, and the property paths of resource options."""

from __future__ import annotations

import pytest

from inferwatch.deploy.diff import Change, Compare, changes, covers, keep_old, parse_path
from inferwatch.deploy.values import UNKNOWN, Properties, Secret


def test_changes_name_the_innermost_property() -> None:
    """Added, deleted and updated, sorted by name."""
    old = {"a": 1, "tags": {"x": "1", "y": "2"}, "list": [1, 2]}
    new = {"b": 1, "tags": {"x": "1", "y": "3"}, "list": [1, 5]}

    assert changes(old, new, {}) == [
        Change(("a",), "delete"),
        Change(("b",), "add"),
        Change(("list", 1), "update"),
        Change(("tags", "y"), "update"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "compare"),
    [
        ({"a": 2000}, {"a": 2000.0}, Compare.EXACT),
        ({"a": None}, {}, Compare.EXACT),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, Compare.SET),
        ({"a": [{"id": "m1"}, {"id": "e1"}]}, {"a": [{"id": "e1"}, {"id": "m1"}]}, Compare.SET),
        ({"a": '{"b": 1, "c": 2}'}, {"a": '{"c":2,"b":1}'}, Compare.JSON),
        ({"a": Secret("x")}, {"a": "x"}, Compare.EXACT),
        ({"__defaults": ["name"]}, {"__defaults": []}, Compare.EXACT),
    ],
)
def test_no_change(old: Properties, new: Properties, compare: Compare) -> None:
    """Two ways to write one value."""
    assert changes(old, new, {"a": compare}) == []


@pytest.mark.parametrize(
    ("old", "new", "compare"),
    [
        ({"a": True}, {"a": 1}, Compare.EXACT),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, Compare.EXACT),
        ({"a": ["x"]}, {"a": ["x", "x"]}, Compare.SET),
        ({"a": '{"b": [1, 2]}'}, {"a": '{"b": [2, 1]}'}, Compare.JSON),
        ({"a": "x"}, {"a": UNKNOWN}, Compare.EXACT),
    ],
)
def test_a_change(old: Properties, new: Properties, compare: Compare) -> None:
    """Values that are not the same, however alike."""
    assert {change.property for change in changes(old, new, {"a": compare})} == {"a"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tags", ("tags",)),
        ("a.b", ("a", "b")),
        ("a[0].b", ("a", 0, "b")),
        ('a["b.c"]', ("a", "b.c")),
        ("a[*].b", ("a", "*", "b")),
        ('["x"].y', ("x", "y")),
    ],
)
def test_property_paths(text: str, path: tuple[str | int, ...]) -> None:
    """As `ignore_changes` and `replace_on_changes` spell them."""
    assert parse_path(text) == path


def test_a_path_covers_what_lies_in_it() -> None:
    """`tags` covers `tags.env`; `*` stands for one step."""
    assert covers(("tags",), ("tags", "env"))
    assert covers(("a", "*", "b"), ("a", 3, "b"))
    assert not covers(("tags", "env"), ("tags",))


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("a", {"a": 1, "tags": {"x": "new", "z": "9"}}),
        ("tags.x", {"a": 2, "tags": {"x": "old", "z": "9"}}),
        ("tags.z", {"a": 2, "tags": {"x": "new"}}),
        ("tags[*]", {"a": 2, "tags": {"x": "old", "z": "9"}}),
        ("absent.deep", {"a": 2, "tags": {"x": "new", "z": "9"}}),
        ("*", {"a": 1, "tags": {"x": "old"}}),
    ],
)
def test_ignore_changes_keeps_what_was(path: str, kept: Properties) -> None:
    """What the old inputs hold at the path, or nothing if they hold nothing."""
    old = {"a": 1, "tags": {"x": "old"}}
    new = {"a": 2, "tags": {"x": "new", "z": "9"}}

    assert keep_old(old, new, [path]) == kept
    assert new == {"a": 2, "tags": {"x": "new", "z": "9"}}


def test_a_moment_is_the_same_in_any_zone() -> None:
    """And other text is compared as text."""
    assert not Compare.MOMENT.differs("2026-11-25T00:00:00+01:00", "2026-11-24T23:00:00Z")
    assert Compare.MOMENT.differs("2026-11-25T00:00:00Z", "2026-11-24T23:00:00Z")
    assert Compare.MOMENT.differs("soon", "later")


def test_an_item_put_in_between_is_one_change() -> None:
    """The items after it are none."""
    found = changes({"a": ["x", "z"]}, {"a": ["x", "y", "z"]}, {})

    assert [(change.path, change.kind, change.new) for change in found] == [(("a", 1), "add", "y")]
