"""`inferwatch match`: try a filter pattern on lines of text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated, TypeAlias

import typer

from inferwatch.cli.up import AsJson, Debug
from inferwatch.model.visible import visible

Line: TypeAlias = tuple[int, str]
Match: TypeAlias = tuple[int, str, dict[str, str]]

# Source: CloudWatch Logs API reference, "TestMetricFilter".
_MESSAGES_PER_CALL = 50
_DEFAULT_REGION = "us-east-1"


def match(
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="A CloudWatch Logs filter pattern.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Log events, one a line; - for standard input.")
    ] = Path("-"),
    *,
    region: Annotated[
        str | None, typer.Option("--region", help="Ask Amazon CloudWatch Logs in this region instead.")
    ] = None,
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", help="Ask the CloudWatch Logs that answers there.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show which lines a filter pattern matches, and what is extracted from them.

    Empty lines are no log events: they count for nothing. A pattern that begins with - stands behind --.
    """
    from inferwatch.engine.filterpattern import PatternError

    lines = _Lines(file)
    try:
        if region is None and endpoint_url is None:
            found = _locally(pattern, lines)
        else:
            found = _remotely(pattern, lines, region or _DEFAULT_REGION, endpoint_url)
        if as_json:
            _print_json(list(found), lines)
        else:
            _print_text(found, lines)
    except PatternError as refused:
        if as_json:
            message = f"{refused.message}: {refused.hint}" if refused.hint else refused.message
            print(json.dumps({"error": {"column": refused.column, "message": message}}))
        else:
            width = get_terminal_size().columns
            sys.stderr.write(visible(f"{refused.picture(width)}\n{refused.message}\n"))
        raise typer.Exit(2) from None


class _Lines:
    """The lines of a file that are log events, with their numbers; `total` counts those read so far."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.total = 0

    def __iter__(self) -> Iterator[Line]:
        from inferwatch.model.errors import UsageError

        is_stdin = str(self._file) == "-"
        try:
            with nullcontext(sys.stdin.buffer) if is_stdin else self._file.open("rb") as stream:
                for number, line in enumerate(stream, start=1):
                    # Bytes that are no UTF-8 harm their own characters only.
                    message = line.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")
                    if message:
                        self.total += 1
                        yield number, message
        except OSError as error:
            raise UsageError(f"cannot read {self._file}: {error.strerror or error}") from None


def _locally(text: str, lines: _Lines) -> Iterator[Match]:
    from inferwatch.engine.filterpattern import compile_extractor, compile_pattern

    extract = compile_extractor(compile_pattern(text))
    for number, message in lines:
        extracted = extract(message)
        if extracted is not None:
            yield number, message, extracted


def _remotely(text: str, lines: _Lines, region: str, endpoint_url: str | None) -> Iterator[Match]:
    """TestMetricFilter, a call for every 50 lines; at least one, which tells whether the pattern is right."""
    from botocore.exceptions import BotoCoreError, ClientError

    from inferwatch.deploy.clients import make_client
    from inferwatch.model.errors import UsageError

    events = iter(lines)
    batch = list(islice(events, _MESSAGES_PER_CALL))
    try:
        client = make_client("logs", endpoint_url, region)
        while True:
            messages = [message for _, message in batch]
            answer = client.test_metric_filter(filterPattern=text, logEventMessages=messages or ["-"])
            for found in answer["matches"] if batch else ():
                number, message = batch[found["eventNumber"] - 1]
                yield number, message, found["extractedValues"]
            batch = list(islice(events, _MESSAGES_PER_CALL))
            if not batch:
                return
    except ClientError as error:
        details = error.response["Error"]
        if details["Code"] == "InvalidParameterException":
            raise _refusal(text, details["Message"]) from None
        raise UsageError(f"CloudWatch Logs refused: {details['Code']}: {details['Message']}") from None
    except BotoCoreError as error:
        raise UsageError(f"CloudWatch Logs could not be asked: {error}") from None


def _refusal(text: str, message: str) -> Exception:
    """AWS's words; the column and hint are ours, where we refuse the pattern too."""
    from inferwatch.engine.filterpattern import PatternError, compile_pattern

    try:
        compile_pattern(text)
    except PatternError as ours:
        return PatternError(message, ours.pattern, ours.column - 1, ours.hint)
    return PatternError(message, text, 0, "refused by the service, not by inferwatch")


def _print_json(found: list[Match], lines: _Lines) -> None:
    matches = [{"line": number, "extracted": extracted} for number, _, extracted in found]
    print(json.dumps({"count": len(matches), "total": lines.total, "matches": matches}))


def _print_text(found: Iterator[Match], lines: _Lines) -> None:
    from inferwatch.cli.paper import is_terminal

    shown = visible if is_terminal() else str
    count = 0
    for number, message, extracted in found:
        count += 1
        print(f"{number}: {shown(message)}")
        width = max(map(len, extracted), default=0)
        for name, text in extracted.items():
            print(f"    {name:<{width}}  {shown(text)}")
    print(f"{count} of {lines.total} lines match")
