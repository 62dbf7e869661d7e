"""Pictures as files: here, and in a process of their own that may fail or die."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from inferwatch.drawing.body import read_metric_widget
from inferwatch.drawing.charts import chart, sketch_of
from inferwatch.drawing.frame import Sketch
from inferwatch.drawing.painting import Painter, PaintingError, Picture, paint, picture_of
from inferwatch.drawing.readings import Reading, Series
from inferwatch.drawing.timerange import Window
from inferwatch.drawing.widgets import Place

pytestmark = pytest.mark.slow

T0 = 1_795_680_000_000
WINDOW = Window(T0, T0 + 600_000)
BAD = Picture({"mark": "no such mark", "data": {"values": []}})


def sketch(**properties: Any) -> Sketch:
    widget = read_metric_widget(
        {"metrics": [["LLM", "A"]], **properties}, Place(0, 0, 12, 6), region="us-east-1"
    )
    points = tuple((T0 + n * 60_000, float(n)) for n in range(1, 10))
    series = (Series("a", "Sum", 60_000, "Count", "left", None, points),)
    return sketch_of(widget, Reading(WINDOW, series), theme="light", legend=True)


def picture(width: int = 300, height: int = 200, **properties: Any) -> Picture:
    of = sketch(**properties)
    return picture_of(of, chart(of), width=width, height=height)


@pytest.fixture
def painter() -> Iterator[Painter]:
    made = Painter()
    yield made
    made.close()


@pytest.mark.parametrize("view", ["timeSeries", "bar", "pie", "gauge", "singleValue", "table"])
def test_every_view_has_the_size_asked_for(view: str, png_size: Any) -> None:
    axis = {"left": {"min": 0, "max": 10}}

    assert png_size(paint(picture(317, 211, view=view, yAxis=axis, title="T"))) == (317, 211)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2_000, 1), (1, 2_000)])
def test_a_picture_may_be_tiny(width: int, height: int, png_size: Any) -> None:
    assert png_size(paint(picture(width, height, title="T"))) == (width, height)


def test_another_process_paints_the_same(painter: Painter) -> None:
    assert asyncio.run(painter.paint(picture())) == paint(picture())


def test_a_specification_that_is_none_is_refused_and_the_next_is_painted(
    painter: Painter, png_size: Any
) -> None:
    with pytest.raises(PaintingError):
        paint(BAD)
    with pytest.raises(PaintingError):
        asyncio.run(painter.paint(BAD))

    assert png_size(asyncio.run(painter.paint(picture()))) == (300, 200)


def test_a_process_that_died_is_replaced(painter: Painter, png_size: Any) -> None:
    asyncio.run(painter.paint(picture()))
    assert painter._process is not None
    painter._process.kill()
    painter._process.wait()

    assert png_size(asyncio.run(painter.paint(picture()))) == (300, 200)


def test_pictures_asked_for_at_once_are_all_painted(painter: Painter, png_size: Any) -> None:
    async def many() -> list[bytes]:
        return await asyncio.gather(*(painter.paint(picture(200 + n, 100)) for n in range(4)))

    assert [png_size(png)[0] for png in asyncio.run(many())] == [200, 201, 202, 203]


def test_what_waits_is_not_held_up(painter: Painter) -> None:
    """The event loop goes on while a picture is painted."""

    async def turns() -> int:
        painting = asyncio.create_task(painter.paint(picture()))
        count = 0
        while not painting.done():
            await asyncio.sleep(0)
            count += 1
        await painting
        return count

    assert asyncio.run(turns()) > 100


def test_a_picture_cut_short_is_none(monkeypatch: pytest.MonkeyPatch, painter: Painter) -> None:
    """The process may die in the middle of what it writes."""
    dies = "import sys; sys.stdin.buffer.read(4); sys.stdout.buffer.write(b'+\\0\\0\\0\\x09\\x89PNG')"
    monkeypatch.setattr("inferwatch.drawing.painting._PAINT", dies)

    with pytest.raises(PaintingError, match="gave no picture"):
        asyncio.run(painter.paint(picture()))
