"""Send inferences to CloudWatch Logs with plain boto3: what an application without inferwatch does.

    eval "$(inferwatch env examples/published)"
    python push.py --duration-ms 850 --output-tokens 42
    python push.py --duration-ms 2600 --count 3          # slow enough for the alarm
    python push.py --from-stdin < inferences.jsonl       # one JSON object a line

The log group and stream are the ones the program beside this file exports; on AWS, take them from
`pulumi stack output log_group_name` and `log_stream_name`.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

import boto3

# PutLogEvents takes at most this many events, and this many bytes counting 26 for each event, at once.
MAX_EVENTS = 10_000
MAX_BYTES = 1_048_576
EVENT_OVERHEAD_BYTES = 26


def logs_client() -> Any:
    """A CloudWatch Logs client; boto3 itself reads AWS_ENDPOINT_URL and the credentials."""
    local = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1")
    # An engine on this computer takes any credentials, so real ones are not sent to it.
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} if local else {}
    # Of AWS's two variables for the region, boto3 reads only AWS_DEFAULT_REGION by itself.
    return boto3.client("logs", region_name=os.environ.get("AWS_REGION"), **keys)


def push(client: Any, log_group: str, log_stream: str, records: Iterable[dict[str, Any]]) -> int:
    """Write each record as one event, now; return how many CloudWatch accepted.

    Raises:
        RuntimeError: an event was refused, too old or too new.
    """
    sent = 0
    for batch in batches(records):
        answer = client.put_log_events(logGroupName=log_group, logStreamName=log_stream, logEvents=batch)
        # Events outside the accepted time range do not fail the call: they are only reported.
        if refused := answer.get("rejectedLogEventsInfo"):
            raise RuntimeError(f"CloudWatch refused some events: {refused}")
        sent += len(batch)
    return sent


def batches(records: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Cut records into calls that PutLogEvents accepts, in order of time."""
    batch: list[dict[str, Any]] = []
    size = 0
    for record in records:
        # Milliseconds since 1970, UTC; seconds would be refused as half a century too old.
        timestamp_ms = time.time_ns() // 1_000_000
        message = json.dumps(record)
        event_size = len(message.encode()) + EVENT_OVERHEAD_BYTES
        if batch and (len(batch) == MAX_EVENTS or size + event_size > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append({"timestamp": timestamp_ms, "message": message})
        size += event_size
    if batch:
        yield batch


class Lines:
    """Records from JSON lines, up to the first line that holds none: `fault` says which, and why."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.fault: str | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(self._lines, start=1):
            if not line.strip():
                continue
            try:
                yield read_record(line)
            except ValueError as error:
                self.fault = f"line {number}: {error}"
                return


def read_record(line: bytes) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        ValueError: what the line is instead.
    """
    try:
        # Python reads NaN and Infinity too; CloudWatch would take them for text without fields.
        record = json.loads(line.decode(), parse_constant=_refuse_constant, parse_float=finite_number)
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(record, dict):
        raise ValueError(f"not a JSON object but {json.dumps(record)[:40]}")
    return record


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def finite_number(text: str) -> float:
    """Read a number that can be written as JSON again.

    Raises:
        ValueError: Python has only Infinity for it, or none at all.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def main() -> None:
    parser = argparse.ArgumentParser(description="Send inferences to CloudWatch Logs.")
    parser.add_argument("--log-group", default=os.environ.get("INFERWATCH_LOG_GROUP"))
    parser.add_argument("--log-stream", default=os.environ.get("INFERWATCH_LOG_STREAM"))
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--status", default="ok", help="ok, error, throttled, timeout, cut ...")
    parser.add_argument("--duration-ms", type=finite_number, default=850.0)
    parser.add_argument(
        "--ttft-ms", type=finite_number, help="time to the first token, for a streamed answer"
    )
    parser.add_argument("--input-tokens", type=int, default=120)
    parser.add_argument("--output-tokens", type=int, default=42)
    parser.add_argument("--count", type=int, default=1, help="how many times to send it")
    parser.add_argument(
        "--from-stdin", action="store_true", help="send JSON lines from standard input instead"
    )
    arguments = parser.parse_args()
    if not arguments.log_group or not arguments.log_stream:
        parser.error('give --log-group and --log-stream, or run: eval "$(inferwatch env examples/published)"')

    lines = Lines(sys.stdin.buffer if arguments.from_stdin else ())
    records: Iterable[dict[str, Any]] = lines
    if not arguments.from_stdin:
        record = {
            "model": arguments.model,
            "status": arguments.status,
            "duration_ms": arguments.duration_ms,
            "input_tokens": arguments.input_tokens,
            "output_tokens": arguments.output_tokens,
        }
        if arguments.ttft_ms is not None:
            record["ttft_ms"] = arguments.ttft_ms
        records = [record] * arguments.count

    sent = push(logs_client(), arguments.log_group, arguments.log_stream, records)
    print(f"sent {sent} to {arguments.log_group}, stream {arguments.log_stream}")
    if lines.fault is not None:
        print(f"push.py: {lines.fault}; sent {sent} before it, nothing after it", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
