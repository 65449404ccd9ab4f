import { describe, expect, it } from "vitest";
import { silentLogger } from "../logger.ts";
import { startProvider } from "./testing/provider-server.ts";
import { createUpstreamTokenExchange } from "./token-exchange.ts";

async function start(answer: (count: number) => Record<string, unknown>) {
  let now = 1_800_000_000;
  let count = 0;
  const provider = await startProvider(() => ({ json: { token_type: "Bearer", ...answer(++count) } }));
  const exchange = createUpstreamTokenExchange({
    metadata: {
      authorizationEndpoint: `${provider.origin}/authorize`,
      tokenEndpoint: `${provider.origin}/token`,
      scopesSupported: [],
      tokenEndpointAuthMethodsSupported: ["client_secret_basic"],
      idTokenSigningAlgorithms: [],
      sendsIssuer: false,
    },
    clientId: "exchanger",
    clientSecret: "secret",
    variables: { clientId: "ID", clientSecret: "SECRET" },
    clock: () => now,
    logger: silentLogger,
  });
  const target = { audience: "https://api.example.com", resource: undefined, scopes: ["b", "a"] };
  return {
    provider,
    ask: (changes = {}) => exchange({ subjectToken: "subject", expiresAt: now + 100_000, ...target, ...changes }),
    advance: (seconds: number) => {
      now += seconds;
    },
  };
}

describe("token exchange", () => {
  it("asks as RFC 8693 has it", async () => {
    const { provider, ask } = await start(() => ({ access_token: "exchanged", expires_in: 300 }));
    expect(await ask()).toBe("exchanged");
    const [request] = provider.requests;
    expect(request?.authorization).toMatch(/^Basic /);
    expect(request?.form).toEqual({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: "subject",
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
      audience: "https://api.example.com",
      scope: "b a",
    });
  });

  it("keeps what it got until shortly before it ends, whatever order the scopes are in", async () => {
    const { ask, advance } = await start((count) => ({ access_token: `token ${count}`, expires_in: 300 }));
    expect(await ask()).toBe("token 1");
    advance(269);
    expect(await ask({ scopes: ["a", "b"] })).toBe("token 1");
    advance(2);
    expect(await ask()).toBe("token 2");
  });

  it("keeps nothing for longer than the token that it was exchanged for", async () => {
    const { ask, advance } = await start((count) => ({ access_token: `token ${count}`, expires_in: 300 }));
    await ask({ expiresAt: 1_800_000_100 });
    advance(71);
    expect(await ask({ expiresAt: 1_800_000_100 })).toBe("token 2");
  });

  it("keeps what does not say when it ends for half a minute", async () => {
    const { ask, advance } = await start((count) => ({ access_token: `token ${count}` }));
    await ask();
    advance(29);
    expect(await ask()).toBe("token 1");
    advance(2);
    expect(await ask()).toBe("token 2");
  });

  it("keeps nothing of a refusal", async () => {
    const { ask } = await start((count) =>
      count < 3 ? { error: "access_denied" } : { access_token: "exchanged", expires_in: 300 },
    );
    await expect(ask()).rejects.toMatchObject({ name: "UpstreamError" });
    await expect(ask()).rejects.toMatchObject({ name: "UpstreamError" });
    expect(await ask()).toBe("exchanged");
  });

  it.each([
    [
      "another kind of token",
      { access_token: "x", issued_token_type: "urn:ietf:params:oauth:token-type:refresh_token" },
    ],
    ["the very token that was sent", { access_token: "subject" }],
  ])("refuses %s", async (_name, answer) => {
    const { ask } = await start(() => ({ expires_in: 300, ...answer }));
    await expect(ask()).rejects.toMatchObject({ name: "UpstreamError", kind: "rejected" });
  });
});
