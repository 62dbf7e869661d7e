"""A specification → a PNG, by vl-convert: here, or in a process of its own.

A picture takes a tenth of a second or so, and holds Python's lock all that time: a server lets another
process paint, so that nothing else waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from subprocess import PIPE, Popen
from typing import Any, Final

from inferwatch.drawing.frame import Sketch, Spec
from inferwatch.drawing.themes import LOOKS
from inferwatch.model.errors import InferwatchError
from inferwatch.model.visible import visible

_TIMEOUT_S = 60
_LEGEND_PX = 150
_PAINT = "from inferwatch.drawing.painting import serve; serve()"
_LENGTH: Final = struct.Struct(">I")
# The server's answers: a PNG follows, or why there is none.
_PAINTED, _FAILED = b"+", b"-"


class PaintingError(InferwatchError):
    """A picture cannot be painted."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A specification with its size in pixels, ready to be painted."""

    spec: Spec


def picture_of(sketch: Sketch, spec: Spec, *, width: int, height: int) -> Picture:
    """Give a drawn widget its size, its ground and its title; what could not be read stands below that."""
    look = LOOKS[sketch.theme]
    beside = sketch.widget.legend == "right"
    legend = {**spec["config"]["legend"], "columns": 1 if beside else max(1, width // _LEGEND_PX)}
    framed = {
        **spec,
        "config": {**spec["config"], "legend": legend},
        "width": width,
        "height": height,
        "background": look.halo,
        "padding": {"left": 12, "right": max(14, spec["padding"]["right"]), "top": 12, "bottom": 10},
    }
    problems = sketch.reading.problems[:2]
    if sketch.widget.title or problems:
        framed["title"] = {
            "text": sketch.widget.title,
            "subtitle": list(problems),
            "anchor": "start",
            "frame": "bounds",
            "offset": 12,
            "color": look.ink,
            "fontSize": 14,
            "fontWeight": 600,
            "subtitleColor": look.threshold,
            "subtitleFontWeight": 400,
            "limit": max(40, width - 32),
        }
    return Picture(_written(framed))


def _written(spec: Any) -> Any:
    """A specification whose texts can be written as XML, which the painter does on its way."""
    match spec:
        case str():
            return visible(spec)
        case dict():
            return {key: _written(value) for key, value in spec.items()}
        case list() | tuple():
            return [_written(value) for value in spec]
        case _:
            return spec


def paint(picture: Picture) -> bytes:
    """Paint in this process, now.

    Raises:
        PaintingError: vl-convert does not take the specification.
    """
    import vl_convert

    with painting("the picture"):
        # No address is allowed: a picture is made of nothing but its specification.
        png: bytes = vl_convert.vegalite_to_png(picture.spec, allowed_base_urls=[])
    return png


@contextlib.contextmanager
def painting(what: str) -> Iterator[None]:
    """Whatever vl-convert raises in here is a PaintingError that names what was painted."""
    try:
        yield
    except Exception as failed:  # it raises ValueError and what its runtime panics with
        raise PaintingError(f"{what} cannot be painted: {failed}") from failed


class Painter:
    """Paints in a process of its own, which is started for the first picture."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()

    async def paint(self, picture: Picture) -> bytes:
        """Wait for the picture.

        Raises:
            PaintingError: It cannot be painted, or not within a minute.
        """
        document = json.dumps(picture.spec).encode()
        return await asyncio.to_thread(self._ask, document)

    def _ask(self, document: bytes) -> bytes:
        with self._one_at_a_time:
            process = self._running()
            too_long = threading.Timer(_TIMEOUT_S, process.kill)
            too_long.start()
            try:
                kind, body = _exchange(process, document)
            except (OSError, EOFError, struct.error) as error:
                self.close()
                raise PaintingError(f"the painting process gave no picture: {error!r}") from error
            finally:
                too_long.cancel()
        if kind == _FAILED:
            raise PaintingError(body.decode())
        return body

    def _running(self) -> Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            # A session of its own: Ctrl-C at the server's terminal is not meant for it.
            command = [sys.executable, "-c", _PAINT]
            self._process = Popen(command, stdin=PIPE, stdout=PIPE, start_new_session=True)
        return self._process

    def close(self) -> None:
        """Let the process go, with what it paints; the next picture starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        self._process = None


def _exchange(process: Popen[bytes], document: bytes) -> tuple[bytes, bytes]:
    """Raises OSError, EOFError, struct.error: the process has gone."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_LENGTH.pack(len(document)) + document)
    process.stdin.flush()
    kind = process.stdout.read(1)
    (length,) = _LENGTH.unpack(process.stdout.read(_LENGTH.size))
    body = process.stdout.read(length)
    if len(body) < length:
        raise EOFError(f"{len(body)} of {length} bytes came")
    return kind, body


def serve() -> None:
    """Paint what stdin asks for until it ends: the other side of `Painter`."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        spec: Spec = json.loads(source.read(_LENGTH.unpack(head)[0]))
        try:
            kind, body = _PAINTED, paint(Picture(spec))
        except PaintingError as failed:
            kind, body = _FAILED, str(failed).encode()
        sink.write(kind + _LENGTH.pack(len(body)) + body)
        sink.flush()
