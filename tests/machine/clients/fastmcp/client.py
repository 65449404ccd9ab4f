"""client.py URL STEP...: takes steps at a protected MCP server with FastMCP's client, given nothing but the URL.

A STEP is list, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER. What FastMCP
keeps is in $HOME, in one of the stores that its documentation names.
"""

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastmcp import Client
from fastmcp.client.auth import OAuth

FOLDER = Path.home() / "fastmcp"


def open_store() -> Any:
    if version("fastmcp").startswith("2."):
        from key_value.aio.stores.disk import DiskStore

        return DiskStore(directory=FOLDER)
    from key_value.aio.stores.filetree import (
        FileTreeStore,
        FileTreeV1CollectionSanitizationStrategy,
        FileTreeV1KeySanitizationStrategy,
    )

    FOLDER.mkdir(exist_ok=True)
    return FileTreeStore(
        data_directory=FOLDER,
        key_sanitization_strategy=FileTreeV1KeySanitizationStrategy(FOLDER),
        collection_sanitization_strategy=FileTreeV1CollectionSanitizationStrategy(FOLDER),
    )


async def main(url: str, steps: list[str]) -> None:
    async with Client(url, auth=OAuth(mcp_url=url, token_storage=open_store())) as client:
        for step in steps:
            name, _, arguments = step.partition("=")
            call = client.list_tools_mcp() if name == "list" else client.call_tool_mcp(name, json.loads(arguments))
            print(json.dumps((await call).model_dump(mode="json", by_alias=True)), flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
