"""client.py URL STEP...: takes steps at a protected MCP server with chuk-mcp-client-oauth, given nothing but the URL.

A STEP is list, TOOL=ARGUMENTS, the arguments as JSON, or "log out". Each but that prints a line of JSON. Logins open
$BROWSER. The library keeps its tokens in $HOME, in a file that a password protects: there is no keyring, as on a server.
"""

import asyncio
import json
import os
import sys
from typing import Any

from chuk_mcp_client_oauth import OAuthHandler, parse_sse_json

SERVER = "weather"
PROTOCOL_VERSION = "2025-11-25"

os.environ["MCP_CLI_ENCRYPTION_KEY"] = "a password"


class Session:
    """What the library's README shows: requests of JSON-RPC, one by one."""

    def __init__(self, url: str) -> None:
        self._handler = OAuthHandler()
        self._url = url
        self._last_id = 0

    async def ask(self, method: str, params: dict[str, Any]) -> Any:
        self._last_id += 1
        answer = await self._post({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        if "error" in answer:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]

    async def initialize(self) -> None:
        client = {"name": "chuk-client", "version": "1.0.0"}
        params = {"protocolVersion": PROTOCOL_VERSION, "capabilities": {}, "clientInfo": client}
        await self.ask("initialize", params)
        await self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def log_out(self) -> None:
        await self._handler.logout(SERVER, self._url)

    async def _post(self, message: dict[str, Any]) -> Any:
        response = await self._handler.authenticated_request(
            server_name=SERVER,
            server_url=self._url,
            url=self._url,
            method="POST",
            json=message,
            headers={"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": PROTOCOL_VERSION},
        )
        if not response.content:
            return {}
        is_stream = response.headers["content-type"].startswith("text/event-stream")
        return parse_sse_json(response.text.splitlines()) if is_stream else response.json()


async def main(url: str, steps: list[str]) -> None:
    session = Session(url)
    await session.initialize()
    for step in steps:
        name, _, arguments = step.partition("=")
        if name == "log out":
            await session.log_out()
        elif name == "list":
            print(json.dumps(await session.ask("tools/list", {})), flush=True)
        else:
            params = {"name": name, "arguments": json.loads(arguments)}
            print(json.dumps(await session.ask("tools/call", params)), flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
