"""The columns of a store's folder: sealed files as they lie there, other segments as tables in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from inferwatch.engine.insights import Context, parse
from inferwatch.engine.queries.compiled.execute import Execution, connect
from inferwatch.engine.queries.compiled.live import LiveSegments, LiveTable
from inferwatch.engine.queries.compiled.sources import Table
from inferwatch.engine.queries.request import FileRequest, QueryAnswer, QueryRequest
from inferwatch.engine.store.seal import METADATA

_KEPT_CATALOGUES = 2_000


class ColumnFolder:
    """Answers one request after the other.

    Args:
        settings: Of DuckDB.
    """

    def __init__(self, folder: Path, **settings: Any) -> None:
        self._folder = folder
        self._live = LiveSegments(folder)
        self._kinds: dict[str, Mapping[str, str]] = {}
        self._database = connect(**settings)

    def answer(self, request: QueryRequest) -> QueryAnswer:
        """Run a query.

        Raises:
            OSError: A file is there no more.
            Damaged, duckdb.Error: One is not what was written.
        """
        live = [
            table
            for table in self._live.tables(request.segments, request.streams)
            if table.group_id in request.groups
        ]
        for table in live:
            self._database.register(table.name, table.data)
        try:
            tables = [self._sealed(file, request) for file in request.files]
            tables += [_live(table, request) for table in live]
            run = Execution(
                self._database,
                parse(request.text),
                [table for table in tables if table.start_ms <= min(table.last_ms, table.end_ms)],
                request.streams,
                Context(request.now_s, request.start_ms, request.end_ms),
                request.most,
            )
            rows, matched, skipped = run.run()
            scanned = run.scanned()
        finally:
            for table in live:
                self._database.unregister(table.name)
        held = [(each.events, each.size_bytes) for each in request.files]
        held += [(each.events, each.size_bytes) for each in live]
        events, size_bytes = (sum(figures) for figures in zip((0, 0), *held, strict=True))
        share = size_bytes * scanned // events if events else 0
        return QueryAnswer(rows, matched, scanned, share, skipped)

    def _sealed(self, file: FileRequest, request: QueryRequest) -> Table:
        path = self._folder / file.name
        if file.name not in self._kinds:
            if len(self._kinds) > _KEPT_CATALOGUES:
                self._kinds.clear()
            self._kinds[file.name] = json.loads(pq.read_schema(path).metadata[METADATA])["kinds"]
        group = request.groups[file.group_id]
        start_ms = max(request.start_ms, group.visible_from_ms)
        return Table(
            str(path),
            True,
            self._kinds[file.name],
            group.log,
            start_ms,
            request.end_ms,
            tuple(file.hidden),
            file.last_ms,
        )


def _live(table: LiveTable, request: QueryRequest) -> Table:
    group = request.groups[table.group_id]
    start_ms = max(request.start_ms, group.visible_from_ms)
    hidden = tuple(sorted(table.streams - request.streams.keys()))
    return Table(table.name, False, table.kinds, group.log, start_ms, request.end_ms, hidden, table.last_ms)
