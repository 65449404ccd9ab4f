import { type AccessTokenFault, type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type InProcessServer, startInProcess, until } from "./support/in-process.ts";

let auth0: DevAuth0;
let server: InProcessServer;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0.close());
beforeEach(async () => {
  await auth0.restore();
  server = await startInProcess({ auth0 });
  await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
});

async function expectInvalidToken(response: Response): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
}

const FAULTS: AccessTokenFault[] = [
  "expired",
  "wrong-audience",
  "wrong-issuer",
  "alg-none",
  "hs256",
  "unpublished-key",
  "not-yet-valid",
  "without-expiry",
  "opaque",
];

describe("Security rule 8: a provider's token that is not good is refused where it comes in", () => {
  it.each(FAULTS)("at the token endpoint: %s", async (fault) => {
    const { exchange } = await server.getCode();
    auth0.misbehave({ accessToken: fault });
    const response = await exchange();
    const body = (await response.json()) as { error: string; access_token?: string };
    expect(body.access_token).toBeUndefined();
    // A key that is not published yet may be soon: the client tries again, and nothing is lost.
    const isTemporary = fault === "unpublished-key";
    const expected = isTemporary ? [503, "temporarily_unavailable"] : [502, "server_error"];
    expect([response.status, body.error]).toEqual(expected);
    expect(server.lines.some(({ level }) => level === (isTemporary ? "warn" : "error"))).toBe(true);
  });
});

describe("Security rule 7: only tokens for this resource, of the right type, are bearer tokens", () => {
  it("refuses the provider's own token, good as it is at the provider", async () => {
    await expectInvalidToken(await server.call(await auth0.issueAccessToken({ user: "alice" })));
  });

  it("refuses a refresh token, a code, a client id and an id token", async () => {
    const { form, exchange } = await server.getCode();
    const tokens = (await (await exchange()).json()) as { refresh_token: string };
    await expectInvalidToken(await server.call(tokens.refresh_token));
    await expectInvalidToken(await server.call(form.code));
    await expectInvalidToken(await server.call(form.client_id));
  });

  it("refuses a token of another environment with the same keys", async () => {
    const other = await startInProcess({ auth0, env: { FASTMCP_STREAMABLE_HTTP_PATH: "/other" } });
    const { access_token } = await other.getTokens();
    await expectInvalidToken(await server.call(access_token));
  });

  it("refuses every token after the epoch changes", async () => {
    const { access_token } = await server.getTokens();
    expect((await server.call(access_token)).status).toBe(200);
    const later = await startInProcess({
      auth0,
      env: { FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: server.origin, FASTMCP_TOKEN_EPOCH: "2" },
    });
    await until(async () => (await fetch(`${later.origin}/readyz`)).ok);
    await expectInvalidToken(
      await fetch(`${later.origin}/mcp`, { method: "POST", headers: { Authorization: `Bearer ${access_token}` } }),
    );
  });
});

describe("Security rule 16: a client never gets a scope that it did not ask for and that not every token needs", () => {
  it("although the provider's token lists all permissions of the user", async () => {
    let written = 0;
    const narrow = await startInProcess({
      auth0,
      register: (it) =>
        it.registerTool("write", { requiredScopes: ["weather:write"] }, () => {
          written += 1;
          return "written";
        }),
    });
    await until(async () => (await fetch(`${narrow.origin}/readyz`)).ok);
    const tokens = await narrow.getTokens("alice", { scope: "openid" });
    expect(tokens.scope?.split(" ")).not.toContain("weather:write");
    const refused = await narrow.call(tokens.access_token, {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "write", arguments: {} },
    });
    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toContain("weather:write");
    expect(written).toBe(0);
  });
});

describe("a body is judged only after its token", () => {
  const large = JSON.stringify({ padding: "x".repeat(10 * 1024 * 1024) });

  it("malformed JSON is 401 without a token and a parse error with one", async () => {
    expect((await server.call(undefined, "{oops")).status).toBe(401);
    const { access_token } = await server.getTokens();
    const answer = await server.call(access_token, "{oops");
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: -32700 } }]);
  });

  it("10 MB are 401 without a token and 413 with one", async () => {
    expect((await server.call(undefined, large)).status).toBe(401);
    const { access_token } = await server.getTokens();
    expect((await server.call(access_token, large)).status).toBe(413);
  });
});
