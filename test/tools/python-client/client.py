"""Lists the tools of an MCP server and calls `tiny__add`, prints both as JSON: client.py <url> <mode>, client.py stdio <command> ..."""

import asyncio
import json
import os
import sys

from mcp import Client, StdioServerParameters


async def main() -> None:
    target, *rest = sys.argv[1:]
    if target == "stdio":
        command, *arguments = rest
        parameters = StdioServerParameters(command=command, args=arguments, env=dict(os.environ))
        client = Client(parameters)
    else:
        client = Client(target, mode=rest[0])
    async with client:
        tools = await client.list_tools()
        result = await client.call_tool("tiny__add", {"a": 2, "b": 3})
    names = [tool.name for tool in tools.tools]
    print(json.dumps({"tools": names, "text": result.content[0].text}))


asyncio.run(main())
