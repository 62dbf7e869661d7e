"""A CloudWatch Logs and an OTLP collector that count: who sent which numbers, in how many bytes and requests.

    python stub.py        prints its port; then obeys GET /mode/<mode>, /counts, /forget

Modes: `ok`, `down` (every connection is reset), `throttle` (every second PutLogEvents), `hang` (no answer).
A process of its own, so that its work is nobody's.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import re
import zlib
from collections import Counter, defaultdict

NUMBERED = re.compile(rb"writer\W+(\w+)\W+seq\W+(\d+)")
HEAD = b"HTTP/1.1 %d x\r\nx-amzn-RequestId: r\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
THROTTLED = b'{"__type":"ThrottlingException","message":"Rate exceeded"}'


class Stub:
    """What came, by writer."""

    def __init__(self) -> None:
        self.mode = "ok"
        self.turn = itertools.count()
        self.released = asyncio.Event()
        self.forget()

    def forget(self) -> None:
        self.numbers: defaultdict[str, set[int]] = defaultdict(set)
        self.received: Counter[str] = Counter()
        self.wire_bytes: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()

    def take(self, body: bytes, wire_bytes: int) -> None:
        found = NUMBERED.findall(body)
        for writer, number in found:
            self.numbers[writer.decode()].add(int(number))
        for writer, count in Counter(writer.decode() for writer, _ in found).items():
            self.received[writer] += count
            self.wire_bytes[writer] += wire_bytes
            self.requests[writer] += 1

    def counts(self) -> bytes:
        return json.dumps(
            {
                writer: {
                    "distinct": len(numbers),
                    "received": self.received[writer],
                    "wire_bytes": self.wire_bytes[writer],
                    "requests": self.requests[writer],
                }
                for writer, numbers in self.numbers.items()
            }
        ).encode()

    def order(self, path: str) -> bytes:
        match path.split("/")[1:]:
            case ["mode", mode]:
                self.mode = mode
                self.released.set()
                self.released = asyncio.Event()
            case ["forget"]:
                self.forget()
        return self.counts()

    async def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self.mode == "hang":
            await self.released.wait()
            return 503, b""
        is_put = headers.get("x-amz-target", "PutLogEvents").endswith("PutLogEvents")
        if is_put and self.mode == "throttle" and next(self.turn) % 2:
            is_aws = "x-amz-target" in headers
            return (400, THROTTLED) if is_aws else (429, b"")
        if is_put:
            self.take(decoded(headers.get("content-encoding"), body), len(body))
        return 200, b"{}" if "x-amz-target" in headers else b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := (await reader.readuntil(b"\r\n\r\n")).decode():
                line, *fields = request.split("\r\n")
                method, path, _ = line.split(" ", 2)
                headers = {
                    name.lower(): value for name, value in (each.split(": ", 1) for each in fields if each)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if method == "GET":
                    status, answer = 200, self.order(path)
                elif self.mode == "down":
                    break
                else:
                    status, answer = await self.answer(headers, body)
                kind = headers.get("content-type", "application/json")
                writer.write(HEAD % (status, kind.encode(), len(answer)) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()


def decoded(coding: str | None, body: bytes) -> bytes:
    match coding:
        case "gzip":
            return gzip.decompress(body)
        case "deflate":
            return zlib.decompress(body)
        case _:
            return body


async def main() -> None:
    stub = Stub()
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, limit=2**24)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
