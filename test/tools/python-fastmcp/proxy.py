"""FastMCP's proxy on Streamable HTTP, in front of one server on stdio that it keeps: proxy.py <port> <command> <argument> ..."""

import asyncio
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.server import create_proxy


async def main() -> None:
    port, command, *arguments = sys.argv[1:]
    async with Client(StdioTransport(command, arguments), mode="legacy") as client:
        await create_proxy(client).run_async(
            transport="http", host="127.0.0.1", port=int(port), show_banner=False, log_level="error"
        )


asyncio.run(main())
