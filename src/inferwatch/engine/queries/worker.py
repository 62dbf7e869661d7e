"""The process that runs queries over columns: `python -m inferwatch.engine.queries.worker`.

One request file's path a line; the answer is written beside it. See `store.worker`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import duckdb
import msgspec

from inferwatch.engine.queries.compiled.folder import ColumnFolder
from inferwatch.engine.queries.request import QueryAnswer, QueryRequest
from inferwatch.engine.store.frame import Damaged
from inferwatch.engine.store.worker import ANSWER
from inferwatch.model.errors import AwsError

# Ingestion comes first.
_NICENESS = 5
_MEMORY = "1GB"


def main() -> None:
    os.nice(_NICENESS)
    read, write = msgspec.json.Decoder(QueryRequest), msgspec.json.Encoder()
    folders: dict[str, ColumnFolder] = {}
    with tempfile.TemporaryDirectory(prefix="inferwatch-query-") as scratch:
        for line in sys.stdin:
            path = Path(line.rstrip("\n"))
            try:
                request = read.decode(path.read_bytes())
            except FileNotFoundError:
                return  # Who started us is gone, and somebody else has the folder.
            if request.folder not in folders:
                settings = {"threads": 1, "memory_limit": _MEMORY, "temp_directory": scratch}
                folders[request.folder] = ColumnFolder(Path(request.folder), **settings)
            answer = _answer(folders[request.folder], request)
            path.with_name(path.name + ANSWER).write_bytes(write.encode(answer))
            sys.stdout.write("done\n")
            sys.stdout.flush()


def _answer(folder: ColumnFolder, request: QueryRequest) -> QueryAnswer:
    try:
        return folder.answer(request)
    except (OSError, Damaged, duckdb.Error, AwsError, MemoryError, KeyError) as failed:
        return QueryAnswer(error=f"{type(failed).__name__}: {failed}")


if __name__ == "__main__":
    main()
