# Python FastMCP with its Auth0 proxy, stateless. It logs no requests: what it logs by default would be measured too.
import os

from fastmcp import FastMCP
from fastmcp.server.auth.providers.auth0 import Auth0Provider

env = os.environ
auth = Auth0Provider(
    config_url=env["CONFIG_URL"],
    client_id=env["CLIENT_ID"],
    client_secret=env["CLIENT_SECRET"],
    audience=env["AUDIENCE"],
    base_url=env["BASE_URL"],
    required_scopes=["openid", "offline_access"],
)
mcp = FastMCP("bench", auth=auth)


def greet(text: str) -> str:
    """Greets somebody by name."""
    return f"Hello, {text}!"


for number in range(1, int(env["TOOLS"]) + 1):
    mcp.tool(name=f"greet_{number}")(greet)

mcp.run(
    transport="http",
    host="127.0.0.1",
    port=int(env["PORT"]),
    stateless_http=True,
    log_level="warning",
    show_banner=False,
)
