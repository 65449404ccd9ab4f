import { describe, expect, it } from "vitest";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import { McpClient } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { breakKeys } from "../testing/proxy-server.ts";

const fixture = useProxy();

function revocations(): number {
  return fixture.auth0.requests.filter(({ path }) => path === "/oauth/revoke").length;
}

async function loggedIn() {
  const client = await McpClient.register(fixture.server);
  return { client, ...(await client.logIn()) };
}

describe("revocation", () => {
  it("of a refresh token ends all tokens of the login, here and at the provider", async () => {
    const { client, refresh_token } = await loggedIn();
    fixture.clock.advance(60);
    const { body } = await client.refresh(refresh_token);
    const answer = await client.revoke(body.refresh_token ?? "");
    expect([answer.status, answer.body]).toEqual([200, {}]);
    expect(revocations()).toBe(1);
    await expect(fixture.server.proxy.verifier.verify(body.access_token ?? "")).rejects.toThrow("revoked");
    expect((await client.refresh(body.refresh_token ?? "")).body.error).toBe("invalid_grant");
  });

  it("of a refresh token within a refresh's grace period leaves no kept answer to get", async () => {
    const { client, refresh_token } = await loggedIn();
    await client.refresh(refresh_token);
    await client.revoke(refresh_token);
    expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
  });

  it("after a refresh that stopped halfway ends the session at the provider by the refresh token that nobody got", async () => {
    const { client, refresh_token } = await loggedIn();
    const revoked: string[] = [];
    const provider = fixture.server.options.upstream();
    if (provider === undefined) {
      throw new Error("The provider is known.");
    }
    let latest: string | undefined;
    const recording = {
      ...provider,
      client: {
        ...provider.client,
        async refresh(token: string, scopes: readonly string[]) {
          const tokens = await provider.client.refresh(token, scopes);
          latest = tokens.refreshToken;
          return tokens;
        },
        revoke(token: string, hint: "access_token" | "refresh_token") {
          revoked.push(token);
          return provider.client.revoke(token, hint);
        },
      },
    };
    fixture.server.restart({ upstream: () => recording });
    breakKeys(fixture.server);
    expect((await client.refresh(refresh_token)).status).toBe(503);
    expect((await client.revoke(refresh_token)).status).toBe(200);
    expect(revoked).toEqual([latest]);
  });

  it("of an access token ends that one, without a provider call", async () => {
    const { client, access_token, refresh_token } = await loggedIn();
    await fixture.server.proxy.verifier.verify(access_token);
    expect((await client.revoke(access_token)).status).toBe(200);
    await expect(fixture.server.proxy.verifier.verify(access_token)).rejects.toMatchObject({ code: "invalid_token" });
    expect(revocations()).toBe(0);
    expect((await client.refresh(refresh_token)).status).toBe(200);
  });

  it("of an unknown token is answered with 200", async () => {
    const { client } = await loggedIn();
    expect((await client.revoke("unknown")).status).toBe(200);
  });

  it("of another client's tokens is answered with 200, and ignored", async () => {
    const { client, access_token, refresh_token } = await loggedIn();
    const other = await McpClient.register(fixture.server);
    expect((await other.revoke(refresh_token)).status).toBe(200);
    expect((await other.revoke(access_token)).status).toBe(200);
    expect(revocations()).toBe(0);
    await expect(fixture.server.proxy.verifier.verify(access_token)).resolves.toBeDefined();
    expect((await client.refresh(refresh_token)).status).toBe(200);
  });

  it("needs the client, and a token", async () => {
    const { client, refresh_token } = await loggedIn();
    expect((await client.revoke("")).body.error).toBe("invalid_request");
    const stranger = new McpClient(fixture.server);
    stranger.id = "unknown";
    expect((await stranger.revoke(refresh_token)).status).toBe(401);
  });

  it.each(["down" as const, { status: 500 }])(
    "is answered with 503 when the provider fails (%j), has taken effect here, and can be repeated",
    async (fault) => {
      const { client, refresh_token } = await loggedIn();
      fixture.auth0.misbehave({ revoke: fault });
      const { status, headers } = await client.revoke(refresh_token);
      expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
      expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
      await fixture.auth0.restore();
      expect((await client.revoke(refresh_token)).status).toBe(200);
    },
  );

  it("is answered with 200 where the provider has no revocation endpoint", async () => {
    const { client, refresh_token } = await loggedIn();
    const upstream = fixture.server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    const without = { ...upstream, client: { ...upstream.client, revoke: async () => false } };
    fixture.server.restart({ upstream: () => without });
    expect((await client.revoke(refresh_token)).status).toBe(200);
    expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
  });

  it("is answered with 503 when the denial can't be kept", async () => {
    const { client, refresh_token } = await loggedIn();
    const { store } = fixture.server.options;
    fixture.server.restart({ store: { ...store, set: () => Promise.reject(new GuardStoreUnavailable("full")) } });
    expect((await client.revoke(refresh_token)).status).toBe(503);
    expect(revocations()).toBe(0);
  });
});

describe("Security rule 22: a user who has used up their share of ended sessions", () => {
  /** One session and one access token of a user may be denied, and of ten users. */
  function restart() {
    const capacities = { "deny-family": 10, "deny-token": 10 };
    fixture.server.restart({ store: createMemoryGuardStore({ clock: fixture.clock.now, capacities }) });
  }

  const isGood = (token: string) =>
    fixture.server.proxy.verifier.verify(token).then(
      () => true,
      () => false,
    );

  it("loses all others with the next one, and keeps what begins later, as others keep theirs", async () => {
    restart();
    const client = await McpClient.register(fixture.server);
    const [first, second, third] = [await client.logIn(), await client.logIn(), await client.logIn()];
    const others = await client.logIn("bob");
    expect((await client.revoke(first.refresh_token)).status).toBe(200);
    expect([await isGood(first.access_token), await isGood(second.access_token)]).toEqual([false, true]);

    expect((await client.revoke(second.refresh_token)).status).toBe(200);
    expect([await isGood(second.access_token), await isGood(third.access_token)]).toEqual([false, false]);
    expect((await client.refresh(third.refresh_token)).body.error).toBe("invalid_grant");
    expect(await isGood(others.access_token)).toBe(true);

    fixture.clock.advance(2);
    const later = await client.logIn();
    expect(await isGood(later.access_token)).toBe(true);
    expect((await client.revoke(others.refresh_token)).status).toBe(200);
    expect(await isGood(others.access_token)).toBe(false);
  });

  it("also by access tokens", async () => {
    restart();
    const client = await McpClient.register(fixture.server);
    const [first, second] = [await client.logIn(), await client.logIn()];
    expect((await client.revoke(first.access_token)).status).toBe(200);
    expect(await isGood(second.access_token)).toBe(true);
    expect((await client.revoke(second.access_token)).status).toBe(200);
    expect(await isGood(second.access_token)).toBe(false);
  });

  it("also by codes that come again", async () => {
    restart();
    const client = await McpClient.register(fixture.server);
    for (let login = 0; login < 2; login++) {
      const code = (await client.authorize()).searchParams.get("code") ?? "";
      const { body } = await client.redeem(code);
      expect((await client.redeem(code)).body.error).toBe("invalid_grant");
      expect(await isGood(body.access_token ?? "")).toBe(false);
    }
    const others = await client.logIn("bob");
    expect((await client.revoke(others.refresh_token)).status).toBe(200);
    expect(await isGood(others.access_token)).toBe(false);
  });
});
