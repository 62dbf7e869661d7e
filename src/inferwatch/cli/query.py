"""`inferwatch query`: ask log groups a Logs Insights query."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Final

import typer

from inferwatch.cli.asking import Asked, EndpointUrl, Region, asked_of
from inferwatch.cli.up import AsJson, Debug
from inferwatch.model.variables import LOG_GROUP

if TYPE_CHECKING:
    from inferwatch.catalog.readings import Source
    from inferwatch.drawing.logquery import Answer, QueryRefused, Question

_GROUPS_SHOWN: Final = 10
_ROWS_MAX: Final = 100_000


def query(
    text: Annotated[
        str,
        typer.Argument(metavar="QL", help="The query; @NAME for one of the catalog's, @ for a list of them."),
    ],
    *,
    log_group: Annotated[
        list[str] | None,
        typer.Option(
            "--log-group",
            metavar="NAME",
            help=f"A log group's name or ARN; may be repeated.  [default: ${LOG_GROUP}, or the only one]",
        ),
    ] = None,
    since: Annotated[str, typer.Option("--since", help="How far back, as 15m, 3h or 7d.")] = "1h",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, max=_ROWS_MAX, help="At most so many rows.")
    ] = None,
    source: Annotated[
        str, typer.Option("--source", help="The records an @NAME is about: inferwatch, bedrock, otel or emf.")
    ] = "inferwatch",
    as_chart: Annotated[
        bool, typer.Option("--chart", help="Draw what is counted by bin(): a chart for each series.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
    as_json: AsJson = False,
    region: Region = None,
    endpoint_url: EndpointUrl = None,
    debug: Debug = False,
) -> None:
    """Ask log groups a Logs Insights query.

    Of an engine on this computer, or of Amazon CloudWatch, which bills what it scans.
    """
    from inferwatch.drawing.logquery import QueryRefused
    from inferwatch.model.errors import UsageError

    if as_chart + as_csv + as_json > 1:
        raise UsageError("--chart, --csv and --json: choose one")
    if text == "@":
        _list_saved(source)
        return
    asked = asked_of(endpoint_url, region)
    try:
        answer = _answer(asked, _question(asked, _text(text, source), log_group, since, limit))
    except QueryRefused as refused:
        _print_refusal(refused, as_json)
        raise typer.Exit(2) from None
    _show(answer, as_json=as_json, as_csv=as_csv, as_chart=as_chart)


def _text(text: str, source: str) -> str:
    """The query itself; of a saved one, as it is written for this kind of records."""
    from inferwatch.catalog.queries import QUERIES, text_for
    from inferwatch.model.errors import UsageError

    if not text.startswith("@") or not text[1:].replace("-", "").isalnum():
        return text
    saved = QUERIES.get(text)
    if saved is None:
        raise UsageError(f"there is no saved query {text}: there are {', '.join(QUERIES)}")
    written = text_for(saved, _source(source))
    if written is None:
        raise UsageError(f"{text} asks for what {source} records do not hold")
    return written


def _source(name: str) -> Source:
    from inferwatch.catalog.sources import SOURCES
    from inferwatch.model.errors import UsageError

    if name not in SOURCES:
        raise UsageError(f"--source: {name!r} is not known; expected {', '.join(SOURCES)}")
    return SOURCES[name]


def _list_saved(source: str) -> None:
    """Those that this kind of records can answer."""
    from inferwatch.catalog.queries import QUERIES, text_for

    for saved in QUERIES.values():
        if text_for(saved, _source(source)) is not None:
            print(f"{saved.name:<16} {saved.about}")


def _question(
    asked: Asked, text: str, groups: Sequence[str] | None, since: str, limit: int | None
) -> Question:
    from inferwatch.drawing.logquery import Question
    from inferwatch.drawing.timerange import parse_range
    from inferwatch.model.errors import UsageError
    from inferwatch.model.limits import SECOND_MS
    from inferwatch.model.process import wall_ms

    try:
        length_ms = parse_range(since).length_ms
    except UsageError as wrong:
        raise UsageError(f"--since: {str(wrong).removeprefix('range: ')}") from None
    to_s = wall_ms() // SECOND_MS + 1
    named = tuple(groups or ())
    if not named and not text.lstrip().upper().startswith("SOURCE"):
        named = (os.environ.get(LOG_GROUP) or _only_group(asked),)
    return Question(text, named, to_s - length_ms // SECOND_MS, to_s, limit)


def _only_group(asked: Asked) -> str:
    """The one log group that is there.

    Raises:
        UsageError: There is none, or there are several.
    """
    from inferwatch.model.errors import UsageError

    params = {"limit": _GROUPS_SHOWN + 1}
    with asked.answering():
        page = asyncio.run(asked.connect().call(asked.region, "logs", "DescribeLogGroups", params))
    names = [str(group["logGroupName"]) for group in page["logGroups"]]
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(f"{asked.name} has no log group to ask")
    more = ", ..." if len(names) > _GROUPS_SHOWN else ""
    shown = ", ".join(names[:_GROUPS_SHOWN])
    raise UsageError(f"which log group? Name it with --log-group; there are {shown}{more}")


def _answer(asked: Asked, question: Question) -> Answer:
    """Ask, and show how far it is where a person looks on."""
    from inferwatch.drawing.logquery import ask

    with asked.answering(), _watching() as on_progress:
        return asyncio.run(ask(asked.connect(), asked.region, question, on_progress))


@contextmanager
def _watching() -> Iterator[Callable[[Answer], None]]:
    from rich.console import Console

    from inferwatch.cli.answered import scanned

    with Console(stderr=True).status("asking") as status:
        yield lambda answer: status.update(scanned(answer))


def _print_refusal(refused: QueryRefused, as_json: bool) -> None:
    from inferwatch.lang.source import caret

    if as_json:
        error = {"line": refused.line, "column": refused.column, "message": refused.message}
        print(json.dumps({"error": error}))
        return
    if refused.offset is not None:
        where = (
            f"line {refused.line}, column {refused.column}"
            if refused.line > 1
            else f"column {refused.column}"
        )
        shown = caret(refused.text, refused.offset, get_terminal_size().columns)
        sys.stderr.write(f"query, {where}:\n{shown}\n")
    sys.stderr.write(f"{refused.message}\n")


def _show(answer: Answer, *, as_json: bool, as_csv: bool, as_chart: bool) -> None:
    from inferwatch.cli.answered import print_charts, print_csv, print_table
    from inferwatch.cli.paper import paper

    if as_json:
        rows = [dict(row) for row in answer.rows]
        print(json.dumps({"rows": rows, "statistics": dict(answer.statistics)}, ensure_ascii=False))
    elif as_csv:
        print_csv(answer)
    elif as_chart:
        print_charts(paper(), answer)
    else:
        print_table(paper(), answer)
