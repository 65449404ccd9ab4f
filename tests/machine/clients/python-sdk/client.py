"""client.py URL STEP...: takes steps at a protected MCP server with the Python SDK 1 or 2, given nothing but the URL.

A STEP is list, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER. What the SDK
asks its application to store is kept in $HOME/mcp.json.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from queue import Queue
from subprocess import DEVNULL, Popen
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

MODERN = not version("mcp").startswith("1.")


class FileStorage:
    """The SDK's TokenStorage, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _read(self) -> dict[str, Any]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def _write(self, name: str, value: OAuthToken | OAuthClientInformationFull) -> None:
        kept = {**self._read(), name: value.model_dump(mode="json", exclude_none=True)}
        self._path.write_text(json.dumps(kept))

    async def get_tokens(self) -> OAuthToken | None:
        kept = self._read().get("tokens")
        return OAuthToken.model_validate(kept) if kept else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._write("tokens", tokens)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        kept = self._read().get("client")
        return OAuthClientInformationFull.model_validate(kept) if kept else None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._write("client", client_info)


class Callback:
    """Where the browser comes back to."""

    def __init__(self) -> None:
        queries: Queue[dict[str, str]] = Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                queries.put({name: values[0] for name, values in query.items()})
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._queries = queries
        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/callback"

    async def wait(self) -> Any:
        query = await asyncio.to_thread(self._queries.get)
        if not MODERN:
            return query.get("code", ""), query.get("state")
        from mcp.client.auth import AuthorizationCodeResult

        return AuthorizationCodeResult(code=query.get("code", ""), state=query.get("state"), iss=query.get("iss"))


async def open_browser(url: str) -> None:
    Popen([os.environ["BROWSER"], url], stdout=DEVNULL, stderr=DEVNULL)


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Any]:
    callback = Callback()
    auth = OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(client_name="Python SDK client", redirect_uris=[callback.url]),
        storage=FileStorage(Path(os.environ["HOME"], "mcp.json")),
        redirect_handler=open_browser,
        callback_handler=callback.wait,
    )
    if MODERN:
        from httpx2 import AsyncClient
        from mcp.client.client import Client

        async with AsyncClient(auth=auth) as http_client:
            async with Client(streamable_http_client(url, http_client=http_client)) as client:
                yield client
        return
    from httpx import AsyncClient

    async with AsyncClient(auth=auth) as http_client:
        async with streamable_http_client(url, http_client=http_client) as (read, write, _):
            async with ClientSession(read, write) as session:
                await session.initialize()
                yield session


async def main(url: str, steps: list[str]) -> None:
    async with connect(url) as client:
        for step in steps:
            name, _, arguments = step.partition("=")
            call = client.list_tools() if name == "list" else client.call_tool(name, json.loads(arguments or "{}"))
            print(json.dumps((await call).model_dump(mode="json", by_alias=True)), flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
