"""Asks awslabs.cloudwatch-mcp-server, over its standard input and output, what an assistant would ask."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters, stdio_client

SERVER = Path(sys.executable).with_name("awslabs.cloudwatch-mcp-server")


async def ask(session: ClientSession, tool: str, **arguments: Any) -> Any:
    answer = await session.call_tool(tool, arguments)
    text = answer.content[0].text
    return json.loads(text) if text.startswith(("{", "[")) else text


async def main(now_ms: int) -> Any:
    now = datetime.fromtimestamp(now_ms / 1_000, UTC)
    server = StdioServerParameters(command=str(SERVER), env=dict(os.environ))
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        return {
            "groups": await ask(session, "describe_log_groups", log_group_name_prefix="/mission"),
            "alarms": await ask(session, "get_active_alarms"),
            "history": await ask(session, "get_alarm_history", alarm_name="errors"),
            "metric": await ask(
                session,
                "get_metric_data",
                namespace="Mission",
                metric_name="Errors",
                start_time=(now - timedelta(minutes=10)).isoformat(),
                end_time=(now + timedelta(minutes=10)).isoformat(),
                statistic="Sum",
                dimensions=[],
            ),
        }


sys.stdout.write(json.dumps(asyncio.run(main(int(sys.argv[1])))))
