import { startDevAuth0 } from "dev-auth0";
import { expect, it, onTestFinished } from "vitest";
import { startInProcess } from "./support/in-process.ts";
import { WHOAMI } from "./support/oauth-steps.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";

it("an MCP endpoint with an address of its own is described, reached and used there", async () => {
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  const resourceBase = "https://mcp.example.com/tools";
  const server = await startInProcess({ auth0, env: { [`${AUTH0}RESOURCE_BASE_URL`]: resourceBase } });
  const call = (path: string, token?: string) =>
    fetch(`${server.origin}${path}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(WHOAMI),
    });
  for (const path of ["/mcp", "/tools/mcp"]) {
    const challenge = (await call(path)).headers.get("www-authenticate");
    expect(challenge).toContain(`resource_metadata="${resourceBase}/.well-known/oauth-protected-resource/mcp"`);
  }
  for (const path of [
    "/.well-known/oauth-protected-resource/tools/mcp",
    "/tools/.well-known/oauth-protected-resource/mcp",
  ]) {
    const metadata = await (await fetch(`${server.origin}${path}`)).json();
    expect(metadata).toMatchObject({ resource: `${resourceBase}/mcp`, authorization_servers: [`${server.origin}/`] });
  }
  const { access_token: token } = await server.getTokens("alice", { resource: `${resourceBase}/mcp` });
  expect((await call("/tools/mcp", token)).status).toBe(200);
});
