import { createServer as createHttpServer } from "node:http";
import { startDevAuth0 } from "dev-auth0";
import { createServer, getAccessToken } from "mcp-env-auth";
import { describe, expect, it, onTestFinished } from "vitest";
import { Browser } from "../scripts/support/browser.mjs";
import { freePort } from "../scripts/support/free-port.mjs";
import { OAuthClient } from "../scripts/support/oauth-client.mjs";
import { CLIENT_KINDS, connect } from "./support/clients.ts";

const HOUR = 3600;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A server and its tenant in this process, both on a clock that the test moves. */
async function startOnOneClock(rotation: boolean) {
  const time = { now: Date.now() / 1000 };
  const clock = () => time.now;
  const auth0 = await startDevAuth0({ clock, accessTokenLifetime: HOUR, refresh: { rotation } });
  const port = await freePort();
  const server = createServer({
    name: "Clock",
    version: "1.0.0",
    env: { ...auth0.env(`http://127.0.0.1:${port}`), FASTMCP_ENV_FILE: "" },
    clock,
    logger: silent,
  });
  server.registerTool("whoami", { description: "Who is asking" }, () => getAccessToken().subject);
  const http = createHttpServer(await server.app());
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  onTestFinished(async () => {
    http.close();
    http.closeAllConnections();
    await server.close();
    await auth0.close();
  });
  return { url: `http://127.0.0.1:${port}/mcp`, auth0, advance: (seconds: number) => (time.now += seconds) };
}

describe.each([
  { provider: "a provider that rotates refresh tokens", rotation: true },
  { provider: "a provider that keeps them", rotation: false },
])("with $provider", ({ rotation }) => {
  it.each(CLIENT_KINDS)(
    "one login lasts through five refreshes, each long after the one before, with %s",
    async (kind) => {
      const { url, auth0, advance } = await startOnOneClock(rotation);
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const session = await connect({ kind, url, oauth });
      const refreshTokens = new Set([oauth.tokens()?.refresh_token]);
      auth0.requests.length = 0;
      for (let refresh = 1; refresh <= 5; refresh++) {
        advance(2 * HOUR);
        const result = await session.callTool("whoami");
        expect(result.content[0]?.text).toBe("auth0|alice");
        refreshTokens.add(oauth.tokens()?.refresh_token);
        expect(refreshTokens.size).toBe(refresh + 1);
      }
      expect(auth0.requests.filter(({ path }) => path === "/oauth/token")).toHaveLength(5);
      expect(oauth.logins).toBe(1);
      await session.close();
    },
  );
});
