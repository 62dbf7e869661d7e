"""Prometheus as a peer: the same values by remote write, the same percentiles by range query; loopback only.

Every value is a sample of its own, so that percentiles can be asked for: Prometheus keeps them all.
"""

from __future__ import annotations

import json
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

_VARINT_BYTES = 6  # of a timestamp of our days in ms
_READY_S = 30.0


class Prometheus:
    """A server of its own, with an empty database."""

    def __init__(self, url: str, pid: int) -> None:
        self.pid = pid
        self._url = url

    def write(self, series: Sequence[tuple[str, Any, Any]]) -> None:
        """Remote write: (label, timestamps in ms ascending, values) of each series."""
        body = b"".join(
            _field(1, _labels(label) + _samples(at_ms, values)) for label, at_ms, values in series
        )
        headers = {
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        request = urllib.request.Request(f"{self._url}/api/v1/write", _snappy(body), headers)
        with urllib.request.urlopen(request) as answer:
            assert answer.status in (200, 204), answer.status

    def range(self, query: str, start_s: int, end_s: int, step_s: int) -> list[list[tuple[float, float]]]:
        """The points of each series found."""
        asked = urllib.parse.urlencode({"query": query, "start": start_s, "end": end_s, "step": step_s})
        with urllib.request.urlopen(f"{self._url}/api/v1/query_range?{asked}") as answer:
            found = json.load(answer)["data"]["result"]
        return [[(at, float(value)) for at, value in each["values"]] for each in found]


@contextmanager
def serving(program: str, port: int) -> Iterator[Prometheus]:
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "prometheus.yml"
        config.write_text("global: {}\n")
        command = [
            program,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver",
            "--storage.tsdb.retention.time=60d",
            "--log.level=error",
        ]
        process = subprocess.Popen(command)
        try:
            _wait(url, process)
            yield Prometheus(url, process.pid)
        finally:
            process.terminate()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/-/ready").close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise SystemExit(f"prometheus did not start: {process.returncode}")


def _labels(label: str) -> bytes:
    pairs = (("__name__", "duration_ms"), ("series", label))
    return b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in pairs)


def _samples(at_ms: Any, values: Any) -> bytes:
    """Each sample as `tag length (tag double) (tag varint)`, which is 18 bytes: made by the thousand."""
    made = np.empty((len(values), 12 + _VARINT_BYTES), np.uint8)
    made[:, 0], made[:, 1] = 0x12, 10 + _VARINT_BYTES
    made[:, 2], made[:, 11] = 0x09, 0x10
    made[:, 3:11] = np.asarray(values, "<f8").view(np.uint8).reshape(-1, 8)
    moments = np.asarray(at_ms, np.int64)
    for place in range(_VARINT_BYTES):
        more = 0x80 if place < _VARINT_BYTES - 1 else 0
        made[:, 12 + place] = (moments >> (7 * place) & 0x7F) | more
    return made.tobytes()


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _snappy(body: bytes) -> bytes:
    """Snappy's block format with one literal: nothing is compressed, so its sender costs the peer nothing."""
    return _varint(len(body)) + bytes([63 << 2]) + struct.pack("<I", len(body) - 1) + body
