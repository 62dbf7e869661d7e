"""Log groups over a durable store: what a restart finds again, and what stays gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from inferwatch.engine.logs.batch import InputEvent
from inferwatch.engine.logs.groups import LogGroups
from inferwatch.engine.logs.reading import read_stream
from inferwatch.engine.store.control import FilterRow
from inferwatch.engine.store.store import Store
from inferwatch.model.errors import AwsError

NOON_MS = 1_795_521_600_000
DAY_MS = 86_400_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one group, two streams and three events."""
    store = Store.open(tmp_path / "data")
    groups = LogGroups(store)
    groups.create("/app", NOON_MS, {"team": "ml"})
    groups.create_stream("/app", "one", NOON_MS)
    groups.create_stream("/app", "two", NOON_MS)
    group = groups["/app"]
    group.stream("one").append([InputEvent(NOON_MS, "a"), InputEvent(NOON_MS + 5, "b")], NOON_MS + 9)
    group.stream("two").append([InputEvent(NOON_MS + 3, "c")], NOON_MS + 10)
    store.close()
    return tmp_path / "data"


def _messages(groups: LogGroups, stream: str, *, oldest_ms: int = 0) -> list[str]:
    page = read_stream(
        groups["/app"].stream(stream),
        start_ms=None,
        end_ms=None,
        oldest_ms=oldest_ms,
        limit=None,
        from_head=True,
        token=None,
    )
    return [event.message for event in page.events]


def test_groups_streams_and_events_are_found_again(folder: Path) -> None:
    """Names, times, tags, totals."""
    store = Store.open(folder)
    groups = LogGroups(store)

    group = groups["/app"]
    one = group.stream("one")

    assert (group.created_ms, dict(group.tags), group.retention_days) == (NOON_MS, {"team": "ml"}, None)
    assert list(group.streams) == ["one", "two"]
    assert one.first is not None
    assert one.last is not None
    assert (one.first.timestamp_ms, one.last.timestamp_ms) == (NOON_MS, NOON_MS + 5)
    assert one.last_ingestion_ms == NOON_MS + 9
    assert (one.stored_bytes, group.stored_bytes) == (54, 81)
    assert _messages(groups, "one") == ["a", "b"]
    store.close()


def test_tags_and_retention_are_kept(folder: Path) -> None:
    """Every way the tags of a group are edited."""
    store = Store.open(folder)
    group = LogGroups(store)["/app"]
    group.tags |= {"stage": "test", "cost": "1"}
    group.tags.pop("team", None)
    del group.tags["cost"]
    group.tags["owner"] = "me"
    LogGroups(store).retain("/app", 7)
    store.close()

    store = Store.open(folder)
    group = LogGroups(store)["/app"]

    assert dict(group.tags) == {"stage": "test", "owner": "me"}
    assert group.retention_days == 7
    store.close()


def test_a_deleted_stream_stays_gone_even_under_its_old_name(folder: Path) -> None:
    """A new stream of that name begins empty."""
    store = Store.open(folder)
    groups = LogGroups(store)
    groups.delete_stream("/app", "one")
    groups.create_stream("/app", "one", NOON_MS)
    before = _messages(groups, "one")
    store.close()

    store = Store.open(folder)
    groups = LogGroups(store)

    assert (before, _messages(groups, "one"), _messages(groups, "two")) == ([], [], ["c"])
    store.close()


def test_a_deleted_group_takes_streams_and_filters_with_it(folder: Path) -> None:
    """A new group of that name begins empty."""
    store = Store.open(folder)
    groups = LogGroups(store)
    store.control.save_filter(FilterRow("/app", "errors", "ERROR", {"value": "1"}, NOON_MS))
    groups.delete("/app")
    groups.create("/app", NOON_MS, {})
    store.close()

    store = Store.open(folder)

    assert LogGroups(store)["/app"].streams == {}
    assert store.control.filters() == []
    store.close()


def test_metric_filters_are_found_again(folder: Path) -> None:
    """Saved, saved again under the same name, removed."""
    store = Store.open(folder)
    control = store.control
    control.save_filter(FilterRow("/app", "errors", "ERROR", {"value": "1"}, NOON_MS))
    control.save_filter(FilterRow("/app", "errors", "FATAL", {"value": "$.n", "default": 0.5}, NOON_MS + 1))
    control.save_filter(FilterRow("/app", "gone", "x", {}, NOON_MS))
    control.remove_filter("/app", "gone")
    store.close()

    store = Store.open(folder)

    assert store.control.filters() == [
        FilterRow("/app", "errors", "FATAL", {"value": "$.n", "default": 0.5}, NOON_MS + 1)
    ]
    store.close()


def test_expired_events_show_nowhere_and_give_their_space_back(folder: Path) -> None:
    """Not in reads, not in the totals of a swept stream."""
    store = Store.open(folder)
    groups = LogGroups(store)
    groups.retain("/app", 1)
    now_ms = NOON_MS + DAY_MS + 4

    groups.expire(now_ms)

    one, two = groups["/app"].stream("one"), groups["/app"].stream("two")
    assert _messages(groups, "one", oldest_ms=groups["/app"].oldest_ms(now_ms)) == ["b"]
    assert one.first is not None
    assert one.first.timestamp_ms == NOON_MS + 5
    assert (two.first, two.last) == (None, None)
    store.close()


def test_what_the_disk_refuses_did_not_happen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that could not be written does not show."""
    store = Store.open(folder)
    groups = LogGroups(store)
    store.control._database.execute("PRAGMA query_only = ON")

    with pytest.raises(AwsError) as refused:
        groups.create("/new", NOON_MS, {})

    assert (refused.value.code, refused.value.status) == ("ServiceUnavailableException", 500)
    assert [group.name for group in groups] == ["/app"]
    store.close()
