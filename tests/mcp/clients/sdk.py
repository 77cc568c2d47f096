"""The official SDK, as a current client and as an older one."""

import asyncio

import common
from mcp import Client, types
from mcp.client.stdio import StdioServerParameters


async def elicit(context, params):
    print("asked: " + "\n  ".join(params.message.strip().split("\n")))
    return types.ElicitResult(action="accept", content={"approve": "(5)" not in params.message})


async def main():
    command = ["mcp", "--config", common.configuration()]
    server = StdioServerParameters(command=common.PROGRAM, args=command)
    for mode, callback in [("auto", elicit), ("legacy", elicit), ("legacy", None)]:
        async with Client(server, elicitation_callback=callback, mode=mode) as client:
            asks = "" if callback else ", which asks nobody"
            print(f"\n# {client.protocol_version}{asks}")
            tools = await client.list_tools()
            print("tools:", ", ".join(tool.name for tool in tools.tools))
            for code in [
                "items = ['tea', 'milk']\n[shop.stock_of(item=item).count for item in items]",
                "[shop.stock_of(item=item)['count'] for item in ['tea', 'milk']]",
                "len(items)",
                "shop.stock_of('gin')",
                "weather('Paris')['sunny']",
                "pay(900)",
            ]:
                result = await client.call_tool("run_python", {"code": code})
                for block in result.content:
                    block.text = common.tidy(block.text)
                common.show(code.split("\n")[-1], result)
            result = await client.call_tool("search_tools", {"query": "how many items"})
            common.show("search", result)


asyncio.run(main())
