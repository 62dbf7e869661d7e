"""The sealing process: `python -m inferwatch.engine.store.sealer`, one request file's path a line.

A request names a segment and the streams there are; the answer is written beside it, and one line says that
it is there. The process ends when its input does, so it never outlives who started it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

from inferwatch.engine.store.frame import Damaged
from inferwatch.engine.store.worker import ANSWER

_NICENESS = 10


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Seal one segment: its files' rows for the control state, or what went wrong."""
    from inferwatch.engine.store.seal import seal

    names = {int(stream_id): name for stream_id, name in request["streams"].items()}
    try:
        files = seal(Path(request["segment"]), names, request["attempt"])
    except (Damaged, OSError, ValueError, MemoryError) as failed:
        return {"error": f"{type(failed).__name__}: {failed}", "files": []}
    rows = [file.row() for file in files]
    return {
        "error": None,
        "files": [[row.name, row.segment, row.group_id, row.catalogue] for row in rows],
    }


def quicken() -> None:
    """Settings for a process that does nothing but seal; together they halve what it costs."""
    import pyarrow as pa

    # Decoded events are many, short-lived, and hold no cycles to look for.
    gc.disable()
    # Arrow's usual allocator hands pages back and forth with the kernel. A build without jemalloc keeps it,
    # and seals slower.
    with contextlib.suppress(NotImplementedError):
        pa.set_memory_pool(pa.jemalloc_memory_pool())


def main() -> None:
    os.nice(_NICENESS)
    quicken()
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        try:
            request = json.loads(path.read_text())
        except FileNotFoundError:
            return  # Who started us is gone, and somebody else has the folder.
        result = answer(request)
        path.with_name(path.name + ANSWER).write_text(json.dumps(result))
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
