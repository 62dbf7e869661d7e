"""The chart library in the user's cache."""

import asyncio
from pathlib import Path

import pytest

from inferwatch.console.bundle import Bundle, BundleError, user_cache_dir


def test_the_cache_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/cache")

    assert user_cache_dir() == Path("/somewhere/cache/inferwatch")


def test_a_bundle_that_exists_is_used_as_it_is(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    (tmp_path / f"vega.{bundle.version}.js").write_text("ready")

    assert asyncio.run(bundle.ready()).read_text() == "ready"


def test_a_folder_that_cannot_be_made_is_said_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    bundle = Bundle(tmp_path / "file")

    for _ in range(2):
        with pytest.raises(BundleError, match="the chart library cannot be made in"):
            asyncio.run(bundle.ready())


@pytest.mark.slow
def test_several_makers_at_once_leave_one_whole_bundle(tmp_path: Path) -> None:
    async def make() -> list[Path]:
        return await asyncio.gather(*(Bundle(tmp_path).ready() for _ in range(2)))

    paths = asyncio.run(make())

    assert paths[0] == paths[1]
    assert [one.name for one in tmp_path.iterdir()] == [paths[0].name]
    assert paths[0].read_text(encoding="utf-8").rstrip().endswith("window.vegaLite=__default1;")
