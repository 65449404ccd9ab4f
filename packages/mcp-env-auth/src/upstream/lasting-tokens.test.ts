import { describe, expect, it } from "vitest";
import { refreshByLastingTokens } from "./lasting-tokens.ts";
import { newLogin } from "./testing/upstream-client.ts";
import type { Upstream } from "./upstream.ts";
import { UpstreamError, type UpstreamTokens } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

const NOW = 1_700_000_000;

function wrap(tokens: UpstreamTokens, verdict?: Error) {
  let now = NOW;
  const calls: unknown[][] = [];
  const upstream: Upstream = {
    client: {
      metadata: {
        authorizationEndpoint: "https://p.example/authorize",
        tokenEndpoint: "https://p.example/token",
        scopesSupported: [],
        tokenEndpointAuthMethodsSupported: [],
        idTokenSigningAlgorithms: [],
        sendsIssuer: false,
      },
      authorizationUrl: async () => new URL("https://p.example/authorize"),
      exchangeCode: async () => tokens,
      async refresh(...call) {
        calls.push(["refresh", ...call]);
        return { accessToken: "refreshed" };
      },
      async revoke(...call) {
        calls.push(["revoke", ...call]);
        return true;
      },
      checkCredentials: async () => {},
    },
    tokens: {
      async verify(token) {
        if (verdict !== undefined) {
          throw verdict;
        }
        return { subject: "a", clientId: "c", expiresAt: NOW + 1, scopes: [], claims: {}, token };
      },
    },
    tokenKind: "opaque",
  };
  const { client } = refreshByLastingTokens(upstream, () => now);
  const login = async () => (await client.exchangeCode({ ...newLogin(), code: "c" })).refreshToken ?? "";
  return { client, calls, login, advance: (seconds: number) => (now += seconds) };
}

describe("a provider that gives no refresh token", () => {
  it("has its access token take the place of one, with the scope that was granted", async () => {
    const { client, calls, login } = wrap({ accessToken: "lasting", scope: "a b" });
    const refreshToken = await login();
    expect(await client.refresh(refreshToken, ["a", "b", "c"])).toEqual({
      accessToken: "lasting",
      refreshToken,
      scope: "a b",
    });
    expect(calls).toEqual([]);
  });

  it("has it end with the access token", async () => {
    const { client, login, advance } = wrap({ accessToken: "lasting", expiresIn: 28_800 });
    const refreshToken = await login();
    advance(28_000);
    expect(await client.refresh(refreshToken, [])).toMatchObject({ expiresIn: 800, refreshExpiresIn: 800 });
    advance(800);
    await expect(client.refresh(refreshToken, [])).rejects.toMatchObject({ kind: "invalid_grant" });
  });

  it("ends the session when the token is no longer good, and only then", async () => {
    const gone = wrap({ accessToken: "lasting" }, new UpstreamTokenError("inactive", "It was withdrawn."));
    await expect(gone.client.refresh(await gone.login(), [])).rejects.toMatchObject({ kind: "invalid_grant" });
    const out = wrap({ accessToken: "lasting" }, new UpstreamError("unavailable", "It is out."));
    await expect(out.client.refresh(await out.login(), [])).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("revokes it as the access token that it is", async () => {
    const { client, calls, login } = wrap({ accessToken: "lasting" });
    await client.revoke(await login(), "refresh_token");
    expect(calls).toEqual([["revoke", "lasting", "access_token"]]);
  });
});

describe("a provider that gives refresh tokens", () => {
  it("is left alone", async () => {
    const { client, calls, login } = wrap({ accessToken: "short", refreshToken: "theirs" });
    expect(await login()).toBe("theirs");
    expect(await client.refresh("theirs", ["a"])).toEqual({ accessToken: "refreshed" });
    await client.revoke("theirs", "refresh_token");
    expect(calls).toEqual([
      ["refresh", "theirs", ["a"]],
      ["revoke", "theirs", "refresh_token"],
    ]);
  });
});
