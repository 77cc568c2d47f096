"""fastmcp, over standard input and output and over HTTP."""

import asyncio
import re
import subprocess

import common
from fastmcp import Client


async def drive(client):
    async with client:
        tools = await client.list_tools()
        print("tools:", ", ".join(tool.name for tool in tools))
        code = "stock = shop.stock_of(item='tea')\nstock['count'] * 2"
        common.show("run_python", await client.call_tool("run_python", {"code": code}))
        wrong = await client.call_tool("run_python", {"code": "1 / 0"}, raise_on_error=False)
        common.show("run_python", wrong)


async def main():
    config = common.configuration()
    command = {"command": common.PROGRAM, "args": ["mcp", "--config", config]}
    print("# stdio")
    await drive(Client({"mcpServers": {"monty": command}}))
    serving = subprocess.Popen(
        [common.PROGRAM, "mcp", "--config", config, "--http", "127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = re.search(r"http://\S+", serving.stderr.readline()).group()
        print("# HTTP")
        await drive(Client(url))
    finally:
        serving.terminate()
        print("exit code", serving.wait(20))


asyncio.run(main())
