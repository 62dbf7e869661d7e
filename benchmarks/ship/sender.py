"""One process that sends through one peer, and says what that cost.

python sender.py measure NAME URL FOLDER RESULT COUNT          as fast as it can
python sender.py pace    NAME URL FOLDER RESULT RATE SECONDS   so many a second, each told once accepted
python sender.py lag     NAME URL FOLDER RESULT RATE SECONDS   how late an event loop is that sends
python sender.py rescue  NAME URL FOLDER RESULT                what the next process does (ours alone)
"""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import resource
import statistics
import struct
import sys
import time
from pathlib import Path

from peers import KEYS, PEERS, REGION, Peer, Record

RECORD: Record = {
    "v": 1, "ts": "2026-11-24T12:00:00.000Z", "id": "01JDEZ6V3K8R2Q4T6W8Y0A2C4E", "writer": "", "seq": 0,
    "service": "checkout", "task": "summarise", "operation": "chat", "provider": "openai", "api": "chat",
    "model": "gpt-5-mini", "model_served": "gpt-5-mini-2026-08-01", "endpoint_host": "api.openai.com",
    "stream": True, "status": "ok", "http_status": 200, "duration_ms": 1234.567, "ttft_ms": 310.25,
    "itl_mean_ms": 19.125, "itl_max_ms": 88.5, "chunks": 42, "output_tps": 45.25, "attempts": 1,
    "input_tokens": 1200, "output_tokens": 42, "total_tokens": 1242, "cache_read_tokens": 0,
    "cache_write_tokens": 0, "reasoning_tokens": 0, "usage_source": "provider", "finish_reason": "stop",
}  # fmt: skip


def resident_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def forget_peak() -> None:
    """The highest resident memory is counted from here. Source: proc(5), "/proc/pid/clear_refs"."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(peer: type, name: str, url: str, folder: Path, count: int) -> dict[str, float]:
    made = peer(url, folder)
    records = [{**RECORD, "writer": name, "seq": number} for number in range(count)]
    forget_peak()
    base_kib, base_s, began_s = resident_kib(), cpu_s(), time.monotonic()
    opened = made.open()
    emit = opened.emit
    thread_s = time.thread_time()
    for record in records:
        emit(record)
    thread_s = time.thread_time() - thread_s
    getattr(opened, "finish", opened.close)()
    return {
        "caller_us": thread_s / count * 1e6,
        "cpu_s": cpu_s() - base_s,
        "wall_s": time.monotonic() - began_s,
        "peak_mb": (peak_kib() - base_kib) / 1024,
        "record_bytes": len(json.dumps(records[0], separators=(",", ":"))),
    }


def pace(
    peer: type, name: str, url: str, folder: Path, told: Path, rate: int, seconds: float
) -> dict[str, float]:
    opened: Peer = peer(url, folder).open()
    unfinished = told.with_suffix(".unfinished")
    with unfinished.open("w+b") as file:
        file.truncate(16)
        accepted = mmap.mmap(file.fileno(), 16)
    unfinished.rename(told)
    sent, began_s = 0, time.monotonic()
    while (passed_s := time.monotonic() - began_s) < seconds:
        while sent < int(passed_s * rate):
            opened.emit({**RECORD, "writer": name, "seq": sent})
            sent += 1
            struct.pack_into("Qd", accepted, 0, sent, time.monotonic())
        time.sleep(0.02)
    began_s = time.monotonic()
    opened.close()
    return {"accepted": sent, "close_s": time.monotonic() - began_s}


def lag(peer: type, name: str, url: str, folder: Path, rate: int, seconds: float) -> dict[str, float]:
    """The same loop with nothing to send, and then with so many records a second."""
    opened: Peer = peer(url, folder).open()
    opened.emit({**RECORD, "writer": name, "seq": 0})  # what starts with the first record has started
    alone = asyncio.run(_lateness_p99_ms(None, name, 0, seconds))
    beside = asyncio.run(_lateness_p99_ms(opened, name, rate, seconds))
    opened.close()
    return {"lag_alone_ms": alone, "lag_ms": beside}


async def _lateness_p99_ms(opened: Peer | None, name: str, rate: int, seconds: float) -> float:
    """Of a heartbeat every two milliseconds, how late the worst one in a hundred is."""
    beat_s, late_s, sent = 0.002, [], 0
    began_s = time.monotonic()
    while (before_s := time.monotonic()) - began_s < seconds:
        while opened is not None and sent < int((before_s - began_s) * rate):
            sent += 1
            opened.emit({**RECORD, "writer": name, "seq": sent})
        await asyncio.sleep(beat_s)
        late_s.append(time.monotonic() - before_s - beat_s)
    return statistics.quantiles(late_s, n=100)[98] * 1_000


def rescue(url: str, folder: Path) -> dict[str, float]:
    from inferwatch.ship.rescue import Rescuer

    found = Rescuer(endpoint_url=url, region=REGION).rescue(folder)
    return {"delivered": found.delivered, "left": found.left}


def main() -> None:
    task, name, url, folder, result, *numbers = sys.argv[1:]
    os.environ.update(KEYS)
    match task:
        case "measure":
            found = measure(PEERS[name], name, url, Path(folder), int(numbers[0]))
        case "lag":
            found = lag(PEERS[name], name, url, Path(folder), int(numbers[0]), float(numbers[1]))
        case "pace":
            told = Path(result).with_suffix(".told")
            found = pace(PEERS[name], name, url, Path(folder), told, int(numbers[0]), float(numbers[1]))
        case _:
            found = rescue(url, Path(folder))
    Path(result).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
