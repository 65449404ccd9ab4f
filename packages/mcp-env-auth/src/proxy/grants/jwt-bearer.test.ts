import { describe, expect, it } from "vitest";
import { impliedScopes } from "../../authorization/scope-hierarchy.ts";
import type { IdJag } from "../../upstream/id-jag.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";
import type { Enterprise } from "../options.ts";
import { McpClient, postForm } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { JWT_BEARER } from "./jwt-bearer.ts";

const proxy = useProxy();

/** An enterprise whose assertions all say `jag`, until it has expired. */
function enterpriseOf(jag: IdJag): Enterprise {
  return {
    organizationOf: () => undefined,
    async verify(_assertion, at) {
      if (jag.expiresAt + 60 <= at) {
        throw new UpstreamTokenError("expired", "The assertion has expired.");
      }
      return jag;
    },
  };
}

async function setUp(changes: Partial<IdJag> = {}) {
  const { server, clock } = proxy;
  const client = await McpClient.register(server, { token_endpoint_auth_method: "client_secret_post" });
  const jag: IdJag = {
    issuer: "https://acme.example",
    subject: "00u1",
    clientId: client.id,
    audiences: [server.options.issuer],
    resource: server.options.resource,
    jti: "1",
    expiresAt: clock.now() + 300,
    scopes: ["weather:read"],
    claims: {},
    ...changes,
  };
  const enterprise = enterpriseOf(jag);
  server.restart({ enterprise });
  const use = (address = server.address, more: Record<string, string> = {}) =>
    postForm(`${address}/token`, {
      grant_type: JWT_BEARER,
      assertion: "an assertion",
      client_id: client.id,
      client_secret: client.secret,
      ...more,
    });
  return { enterprise, use };
}

describe("an enterprise's assertion", () => {
  it("is good once at replicas whose clocks differ, too: what has ended for one is still good for another", async () => {
    const { enterprise, use } = await setUp();
    const { baseUrl, issuer, resource, store, clock } = proxy.server.options;
    const behind = { clock: () => clock() - 50, baseUrl, issuer, resource, store, enterprise };
    const other = await proxy.start(behind);
    proxy.clock.advance(359);
    expect((await use()).status).toBe(200);
    proxy.clock.advance(10);
    expect(await use(other.address)).toMatchObject({
      status: 400,
      body: { error: "invalid_grant", error_description: expect.stringContaining("used before") },
    });
  });

  it("gives what its scopes imply where the client asks for that, and nothing else of them", async () => {
    const { use } = await setUp({ scopes: ["weather:write"] });
    const { server } = proxy;
    server.restart({
      withImpliedScopes: (scopes) => [...impliedScopes(scopes, { "weather:write": ["weather:read"] })],
    });
    expect((await use(server.address, { scope: "weather:read" })).body.scope).toBe("weather:read");
  });

  it("that is bound by what can't be checked here is refused, in the words of the token endpoint", async () => {
    const { use } = await setUp({ claims: { cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } } });
    expect(await use()).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });
});
