import { startDevAuth0 } from "dev-auth0";
import { describe, expect, it } from "vitest";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { type Answer, McpClient } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { breakKeys } from "../testing/proxy-server.ts";

const fixture = useProxy();

function providerRefreshes(auth0 = fixture.auth0): number {
  return auth0.requests.filter(({ path }) => path === "/oauth/token").length;
}

function refreshTokenOf({ status, body }: Answer): string {
  expect([status, body]).toEqual([200, expect.objectContaining({ refresh_token: expect.any(String) })]);
  return body.refresh_token ?? "";
}

async function loggedIn(overrides: Record<string, string | undefined> = {}) {
  const client = await McpClient.register(fixture.server);
  const tokens = await client.logIn("alice", overrides);
  fixture.auth0.requests.length = 0;
  return { client, ...tokens };
}

describe("refresh", () => {
  it("gives new tokens, time and again, each past the grace period of the last", async () => {
    const { client, refresh_token } = await loggedIn();
    let current = refresh_token;
    const seen = new Set([current]);
    for (let count = 0; count < 5; count++) {
      fixture.clock.advance(120);
      const answer = await client.refresh(current, {
        resource: count % 2 ? undefined : fixture.server.options.resource,
      });
      current = refreshTokenOf(answer);
      seen.add(current);
      await expect(fixture.server.proxy.verifier.verify(answer.body.access_token ?? "")).resolves.toBeDefined();
    }
    expect(seen.size).toBe(6);
    expect(providerRefreshes()).toBe(5);
  });

  it("asks the provider no more often than a client needs, and takes the same token afterwards", async () => {
    fixture.server.restart({ rateLimit: 1 });
    const { client, refresh_token } = await loggedIn();
    let current = refresh_token;
    for (let count = 0; count < 60; count++) {
      current = refreshTokenOf(await client.refresh(current));
    }
    const refused = await client.refresh(current);
    expect([refused.status, refused.body.error]).toEqual([429, "temporarily_unavailable"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(providerRefreshes()).toBe(60);
    const other = await loggedIn();
    refreshTokenOf(await other.client.refresh(other.refresh_token));
    fixture.clock.advance(60);
    refreshTokenOf(await client.refresh(current));
  });

  it("answers repeated refreshes from what it kept, however many there are", async () => {
    fixture.server.restart({ rateLimit: 1 });
    const { client, refresh_token } = await loggedIn();
    const first = refreshTokenOf(await client.refresh(refresh_token));
    for (let count = 0; count < 70; count++) {
      expect(refreshTokenOf(await client.refresh(refresh_token))).toBe(first);
    }
    expect((await client.refresh(first)).status).toBe(200);
    expect(providerRefreshes()).toBe(2);
  });

  it("ends where the provider's refresh token does, without asking it again", async () => {
    const upstream = fixture.server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    const exchangeCode: typeof upstream.client.exchangeCode = async (exchange) => ({
      ...(await upstream.client.exchangeCode(exchange)),
      refreshExpiresIn: 600,
    });
    fixture.server.restart({ upstream: () => ({ ...upstream, client: { ...upstream.client, exchangeCode } }) });
    const { client, refresh_token } = await loggedIn();
    fixture.clock.advance(601);
    expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
    expect(providerRefreshes()).toBe(0);
  });

  it("gives nothing for another MCP endpoint of the same server (CVE-2025-69196)", async () => {
    const { client, refresh_token } = await loggedIn();
    fixture.server.restart({ resource: `${fixture.server.address}/other/mcp` });
    expect((await client.refresh(refresh_token, { resource: undefined })).body.error).toBe("invalid_target");
  });

  it("never takes the kept answer of another session for its own, whoever writes to the store", async () => {
    const [theirs, ours] = [await loggedIn(), await loggedIn()];
    const { store } = fixture.server.options;
    let kept: string | undefined;
    const set: typeof store.set = async (kind, id, value, ttl) => {
      if (kind === "answer") {
        kept ??= value;
      }
      await store.set(kind, id, value, ttl);
    };
    const get: typeof store.get = async (kind, id) => (kind === "answer" ? kept : store.get(kind, id));
    fixture.server.restart({ store: { ...store, set, get } });
    const stolen = refreshTokenOf(await theirs.client.refresh(theirs.refresh_token));
    expect(refreshTokenOf(await ours.client.refresh(ours.refresh_token))).not.toBe(stolen);
  });

  it("goes on from no kept answer of the provider but its own, whoever writes to the store", async () => {
    const [theirs, ours] = [await loggedIn(), await loggedIn()];
    const { store } = fixture.server.options;
    let kept: string | undefined;
    const set: typeof store.set = async (kind, id, value, ttl) => {
      if (kind === "exchange") {
        kept = value;
      }
      await store.set(kind, id, value, ttl);
    };
    const get: typeof store.get = async (kind, id) => (kind === "exchange" ? kept : store.get(kind, id));
    fixture.server.restart({ store: { ...store, set, get } });
    const keys = breakKeys(fixture.server);
    expect((await theirs.client.refresh(theirs.refresh_token)).status).toBe(503);
    expect(kept).toBeDefined();
    keys.mend();
    const before = providerRefreshes();
    expect((await ours.client.refresh(ours.refresh_token)).status).toBe(200);
    expect(providerRefreshes()).toBe(before + 1);
  });

  it("does so at a provider that does not rotate too, with a new refresh token each time", async () => {
    const auth0 = await startDevAuth0({ clock: fixture.clock.now, refresh: { rotation: false } });
    try {
      const server = await fixture.start({}, auth0);
      const client = await McpClient.register(server);
      const tokens = await client.logIn();
      let current = tokens.refresh_token;
      for (let count = 0; count < 5; count++) {
        fixture.clock.advance(120);
        const next = refreshTokenOf(await client.refresh(current));
        expect(next).not.toBe(current);
        current = next;
      }
      expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
      expect((await client.refresh(current)).body.error).toBe("invalid_grant");
    } finally {
      await auth0.close();
    }
  });

  it("may narrow the access token, and leaves the grant as the user approved it", async () => {
    const { client, refresh_token } = await loggedIn({ scope: "weather:read weather:write" });
    const narrow = await client.refresh(refresh_token, { scope: "weather:read" });
    expect(narrow.body.scope).toBe("weather:read");
    const token = await fixture.server.proxy.verifier.verify(narrow.body.access_token ?? "");
    expect(token.scopes).toEqual(["weather:read"]);
    fixture.clock.advance(60);
    const whole = await client.refresh(refreshTokenOf(narrow));
    expect(whole.body.scope).toBe("weather:read weather:write");
  });

  it.each(["offline_access", "weather:read offline_access profile admin"])(
    "leaves out of %s what a login leaves out",
    async (scope) => {
      const { client, refresh_token } = await loggedIn({ scope: "weather:read weather:write" });
      const { status, body } = await client.refresh(refresh_token, { scope });
      expect([status, body.scope]).toEqual([200, "weather:read"]);
    },
  );

  it("keeps what every token needs, however far it narrows", async () => {
    const { client, refresh_token } = await loggedIn({ scope: "openid weather:write" });
    const { body } = await client.refresh(refresh_token, { scope: "openid" });
    expect(body.scope).toBe("openid weather:read");
  });

  it("follows what the provider takes away", async () => {
    const client = await McpClient.register(fixture.server);
    const { refresh_token } = await client.logIn("alice", { scope: "weather:read weather:write" });
    fixture.auth0.updateUser("alice", { permissions: ["weather:read"] });
    try {
      expect((await client.refresh(refresh_token)).body.scope).toBe("weather:read");
    } finally {
      fixture.auth0.updateUser("alice", { permissions: ["weather:read", "weather:write"] });
    }
  });

  it.each([
    ["a scope beyond the grant", { scope: "weather:read weather:write" }, "invalid_scope"],
    ["no refresh token", { refresh_token: undefined }, "invalid_request"],
    ["something else", { refresh_token: "x.y.z" }, "invalid_grant"],
  ])("refuses %s, and the refresh token still works", async (_what, overrides, error) => {
    const { client, refresh_token } = await loggedIn();
    const { status, body } = await client.refresh(refresh_token, overrides);
    expect([status, body.error]).toEqual([400, error]);
    refreshTokenOf(await client.refresh(refresh_token));
  });

  it("refuses another client's refresh token, whose owner loses nothing by it", async () => {
    const { client, refresh_token } = await loggedIn();
    const thief = await McpClient.register(fixture.server);
    expect((await thief.refresh(refresh_token)).body.error).toBe("invalid_grant");
    refreshTokenOf(await client.refresh(refresh_token));
  });

  it("refuses an access token in the place of a refresh token", async () => {
    const { client, access_token } = await loggedIn();
    expect((await client.refresh(access_token)).body.error).toBe("invalid_grant");
  });

  it("ends with the session, however often it was refreshed", async () => {
    fixture.server.restart({ sessionTtl: 3600 });
    const { client, refresh_token } = await loggedIn();
    fixture.clock.advance(1800);
    const next = await client.refresh(refresh_token);
    expect(next.body.expires_in).toBe(1800);
    fixture.clock.advance(1800);
    expect((await client.refresh(refreshTokenOf(next))).body.error_description).toContain("session has expired");
  });

  it("ends at once when the operator shortens sessions", async () => {
    const { client, refresh_token } = await loggedIn();
    fixture.clock.advance(3600);
    fixture.server.restart({ sessionTtl: 3600 });
    expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
  });
});

describe("a refresh token that is used twice", () => {
  it("within the grace period gets the identical answer, from one provider call", async () => {
    const { client, refresh_token } = await loggedIn();
    const first = await client.refresh(refresh_token);
    fixture.clock.advance(29);
    const second = await client.refresh(refresh_token);
    expect(second.body).toEqual(first.body);
    expect(providerRefreshes()).toBe(1);
    fixture.clock.advance(60);
    refreshTokenOf(await client.refresh(refreshTokenOf(second)));
  });

  it("at the same time does so too, in one process and over replicas that share a store", async () => {
    const { client, refresh_token } = await loggedIn();
    const { baseUrl, issuer, resource, store } = fixture.server.options;
    const replica = await fixture.start({ baseUrl, issuer, resource, store });
    const elsewhere = new McpClient(replica);
    elsewhere.id = client.id;
    const answers = await Promise.all([client, elsewhere, client, elsewhere].map((one) => one.refresh(refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(providerRefreshes()).toBe(1);
  });

  it("on replicas without a common store works within the provider's leeway", async () => {
    const { client, refresh_token } = await loggedIn();
    const { baseUrl, issuer, resource } = fixture.server.options;
    const store = createMemoryGuardStore({ clock: fixture.clock.now });
    const elsewhere = new McpClient(await fixture.start({ baseUrl, issuer, resource, store }));
    elsewhere.id = client.id;
    refreshTokenOf(await client.refresh(refresh_token));
    refreshTokenOf(await elsewhere.refresh(refresh_token));
  });

  describe("Security rule 21: after its successor was redeemed, within the grace period", () => {
    /** Replicas with one store, and a client of each. */
    async function replicas() {
      const { client, refresh_token } = await loggedIn();
      const { baseUrl, issuer, resource, store } = fixture.server.options;
      const elsewhere = new McpClient(await fixture.start({ baseUrl, issuer, resource, store }));
      elsewhere.id = client.id;
      return { client, elsewhere, refresh_token };
    }

    it.each([
      ["redeemed in the same process", 0, 0],
      ["redeemed by another replica", 1, 0],
      ["which comes to another replica", 0, 1],
    ])("ends the session at once, for whoever has it: %s", async (_where, redeemedAt, replayedAt) => {
      const { client, elsewhere, refresh_token } = await replicas();
      const at = [client, elsewhere];
      const successor = refreshTokenOf(await client.refresh(refresh_token));
      const last = await (at[redeemedAt] as McpClient).refresh(successor);
      const reuse = await (at[replayedAt] as McpClient).refresh(refresh_token);
      expect([reuse.status, reuse.body.error]).toEqual([400, "invalid_grant"]);
      expect(reuse.body.error_description).toContain("session was ended");
      expect((await client.refresh(refreshTokenOf(last))).body.error).toBe("invalid_grant");
      await expect(fixture.server.proxy.verifier.verify(last.body.access_token ?? "")).rejects.toThrow("revoked");
    });

    it("leaves nothing of the answer that was kept for it", async () => {
      const { client, refresh_token } = await loggedIn();
      const { store } = fixture.server.options;
      const answers = new Set<string>();
      fixture.server.restart({
        store: {
          ...store,
          async set(kind, id, value, ttl) {
            if (kind === "answer") {
              answers.add(id);
            }
            await store.set(kind, id, value, ttl);
          },
        },
      });
      const kept = () => Promise.all([...answers].map(async (id) => (await store.get("answer", id)) !== undefined));
      const successor = refreshTokenOf(await client.refresh(refresh_token));
      expect(await kept()).toEqual([true]);
      refreshTokenOf(await client.refresh(successor));
      expect(await kept()).toEqual([false, true]);
    });

    it("gets no answer either while a third one is being redeemed", async () => {
      const { client, refresh_token } = await loggedIn();
      const first = await client.refresh(refresh_token);
      const second = await client.refresh(refreshTokenOf(first));
      const [third, reuse] = await Promise.all([client.refresh(refreshTokenOf(second)), client.refresh(refresh_token)]);
      expect(reuse.body).not.toHaveProperty("refresh_token");
      expect([200, 400]).toContain(third.status);
      expect((await client.refresh(refreshTokenOf(second))).body.error).toBe("invalid_grant");
    });

    it("waits for a successor that is being redeemed, and then ends the session", async () => {
      const { client, elsewhere, refresh_token } = await replicas();
      const successor = refreshTokenOf(await client.refresh(refresh_token));
      const { upstream } = fixture.server.options;
      const provider = upstream();
      if (provider === undefined) {
        throw new Error("The provider is known.");
      }
      let begin: (() => void) | undefined;
      let proceed: (() => void) | undefined;
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const permitted = new Promise<void>((resolve) => {
        proceed = resolve;
      });
      const refresh: typeof provider.client.refresh = async (...args) => {
        begin?.();
        await permitted;
        return provider.client.refresh(...args);
      };
      fixture.server.restart({ upstream: () => ({ ...provider, client: { ...provider.client, refresh } }) });
      const redeeming = client.refresh(successor);
      await begun;
      const reuse = elsewhere.refresh(refresh_token);
      const early = await Promise.race([reuse, new Promise((resolve) => setTimeout(resolve, 300, "waits"))]);
      expect(early).toBe("waits");
      proceed?.();
      refreshTokenOf(await redeeming);
      expect((await reuse).body.error_description).toContain("session was ended");
    });

    it.each([
      [
        "its access token was used",
        async (first: Answer) => fixture.server.proxy.verifier.verify(first.body.access_token ?? ""),
      ],
      [
        "a redemption of it failed",
        async (first: Answer, client: McpClient) => {
          fixture.auth0.misbehave({ token: { status: 500 } });
          expect((await client.refresh(refreshTokenOf(first))).status).toBe(503);
          await fixture.auth0.restore();
        },
      ],
      [
        "it was refused for another scope",
        async (first: Answer, client: McpClient) => {
          expect((await client.refresh(refreshTokenOf(first), { scope: "weather:write" })).body.error).toBe(
            "invalid_scope",
          );
        },
      ],
    ])("does not apply when only %s: the first still gets its answer again", async (_what, use) => {
      const { client, refresh_token } = await loggedIn({ scope: "weather:read" });
      const first = await client.refresh(refresh_token);
      await use(first, client);
      expect((await client.refresh(refresh_token)).body).toEqual(first.body);
      refreshTokenOf(await client.refresh(refreshTokenOf(first)));
    });

    it("is told by an entry that an earlier version has left", async () => {
      const { client, refresh_token } = await loggedIn();
      const { store } = fixture.server.options;
      const set: typeof store.set = async (kind, id, value, ttl) => {
        const left = kind === "refresh" ? JSON.stringify((JSON.parse(value) as unknown[]).slice(0, 2)) : value;
        await store.set(kind, id, left, ttl);
      };
      fixture.server.restart({ store: { ...store, set } });
      const successor = refreshTokenOf(await client.refresh(refresh_token));
      fixture.server.restart({ store });
      refreshTokenOf(await client.refresh(successor));
      expect((await client.refresh(refresh_token)).body.error_description).toContain("session was ended");
    });
  });

  it("within the grace period, for something else, is refused without ending the session", async () => {
    const { client, refresh_token } = await loggedIn({ scope: "weather:read weather:write" });
    const first = await client.refresh(refresh_token);
    expect((await client.refresh(refresh_token, { scope: "weather:read" })).body.error).toBe("invalid_grant");
    refreshTokenOf(await client.refresh(refreshTokenOf(first)));
  });

  it("after the grace period has leaked: its family is denied, revoked at the provider and logged", async () => {
    const { client, refresh_token } = await loggedIn();
    const first = await client.refresh(refresh_token);
    fixture.clock.advance(31);
    const reuse = await client.refresh(refresh_token);
    expect([reuse.status, reuse.body.error]).toEqual([400, "invalid_grant"]);
    expect((await client.refresh(refreshTokenOf(first))).body.error).toBe("invalid_grant");
    await expect(fixture.server.proxy.verifier.verify(first.body.access_token ?? "")).rejects.toThrow("revoked");
    expect(fixture.auth0.requests.filter(({ path }) => path === "/oauth/revoke")).toHaveLength(1);
    expect(fixture.server.log.find(({ fields }) => fields.event === "refresh-token-reused")).toMatchObject({
      level: "warn",
    });
  });

  it("has leaked too when it is not the last one: any earlier token of the session", async () => {
    const { client, refresh_token } = await loggedIn();
    let current = refresh_token;
    for (let count = 0; count < 3; count++) {
      current = refreshTokenOf(await client.refresh(current));
    }
    fixture.clock.advance(31);
    expect((await client.refresh(refresh_token)).body.error_description).toContain("session was ended");
    expect((await client.refresh(current)).body.error).toBe("invalid_grant");
  });

  it("after a restart without a store is taken as its first use, as the provider sees fit", async () => {
    const { client, refresh_token } = await loggedIn();
    const next = refreshTokenOf(await client.refresh(refresh_token));
    fixture.server.restart({ store: createMemoryGuardStore({ clock: fixture.clock.now }) });
    refreshTokenOf(await client.refresh(next));
    fixture.clock.advance(31);
    expect((await client.refresh(next)).body.error_description).toContain("session was ended");
  });

  it("after the grace period is denied even when the provider can't revoke", async () => {
    const { client, refresh_token } = await loggedIn();
    const first = await client.refresh(refresh_token);
    fixture.clock.advance(31);
    fixture.auth0.misbehave({ revoke: "down" });
    expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
    expect((await client.refresh(refreshTokenOf(first))).body.error).toBe("invalid_grant");
  });
});

describe("Security rule 12: what refreshes leave behind is bounded", () => {
  const fullAt = (refresh: number) => createMemoryGuardStore({ clock: fixture.clock.now, capacities: { refresh } });

  it("by the sessions, not by the refreshes", async () => {
    fixture.server.restart({ store: fullAt(1) });
    const { client, refresh_token } = await loggedIn();
    let current = refresh_token;
    for (let count = 0; count < 5; count++) {
      fixture.clock.advance(60);
      current = refreshTokenOf(await client.refresh(current));
    }
    expect((await client.refresh(refresh_token)).body.error_description).toContain("session was ended");
  });

  it("and a session that finds no room is told so before the provider is asked, and loses nothing", async () => {
    fixture.server.restart({ store: fullAt(1), sessionTtl: 3600 });
    const first = await loggedIn();
    refreshTokenOf(await first.client.refresh(first.refresh_token));
    fixture.clock.advance(1800);
    const second = await loggedIn();
    const { status, headers } = await second.client.refresh(second.refresh_token);
    expect([status, headers.get("retry-after"), providerRefreshes()]).toEqual([503, "1", 0]);
    fixture.clock.advance(1800);
    refreshTokenOf(await second.client.refresh(second.refresh_token));
  });
});

describe("the lock of a refresh", () => {
  it("that has ended and was taken by another one is not given back", async () => {
    const { client, refresh_token } = await loggedIn();
    const { store, upstream } = fixture.server.options;
    const provider = upstream();
    if (provider === undefined) {
      throw new Error("The provider is known.");
    }
    let family = "";
    let another: boolean | undefined;
    const slow = {
      ...provider,
      client: {
        ...provider.client,
        async refresh(token: string, scopes: readonly string[]) {
          fixture.clock.advance(61);
          another = await store.claim("lock", family, 60, "another");
          return provider.client.refresh(token, scopes);
        },
      },
    };
    fixture.server.restart({
      upstream: () => slow,
      store: {
        ...store,
        claim(kind, id, ttl, ticket) {
          family = kind === "lock" ? id : family;
          return store.claim(kind, id, ttl, ticket);
        },
      },
    });
    refreshTokenOf(await client.refresh(refresh_token));
    expect([another, await store.get("lock", family)]).toEqual([true, "another"]);
    await store.release("lock", family);
  });

  it("is given back, after a failure too", async () => {
    const { client, refresh_token } = await loggedIn();
    fixture.auth0.misbehave({ token: { status: 500 } });
    expect((await client.refresh(refresh_token)).status).toBe(503);
    await fixture.auth0.restore();
    refreshTokenOf(await client.refresh(refresh_token));
  });
});

describe("failures during a refresh", () => {
  it("after the provider has rotated cost no session: the next try gets tokens without another provider call", async () => {
    const { client, refresh_token } = await loggedIn();
    const keys = breakKeys(fixture.server);
    const failed = await client.refresh(refresh_token);
    expect([failed.status, failed.body.error]).toEqual([503, "temporarily_unavailable"]);
    fixture.clock.advance(300);
    expect((await client.refresh(refresh_token)).status).toBe(503);
    keys.mend();
    const answer = await client.refresh(refresh_token);
    expect(providerRefreshes()).toBe(1);
    fixture.clock.advance(60);
    refreshTokenOf(await client.refresh(refreshTokenOf(answer)));
  });

  it("and when it comes after the access token has ended, a new one by the refresh token that nobody got", async () => {
    const { client, refresh_token } = await loggedIn();
    const keys = breakKeys(fixture.server);
    await client.refresh(refresh_token);
    keys.mend();
    fixture.clock.advance(25 * 3600);
    refreshTokenOf(await client.refresh(refresh_token));
    expect(providerRefreshes()).toBe(2);
  });

  it("and what is kept for that is sealed, and gone once it was used", async () => {
    const { client, refresh_token } = await loggedIn();
    const { store } = fixture.server.options;
    const kept = new Map<string, string>();
    fixture.server.restart({
      store: {
        ...store,
        async set(kind, id, value, ttl) {
          kept.set(`${kind} ${id}`, value);
          await store.set(kind, id, value, ttl);
        },
        async release(kind, id, ticket) {
          kept.delete(`${kind} ${id}`);
          await store.release(kind, id, ticket);
        },
      },
    });
    const keys = breakKeys(fixture.server);
    await client.refresh(refresh_token);
    const exchanges = () => [...kept].filter(([key]) => key.startsWith("exchange "));
    expect(exchanges()).toEqual([[expect.any(String), expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)]]);
    keys.mend();
    refreshTokenOf(await client.refresh(refresh_token));
    expect(exchanges()).toEqual([]);
  });

  it.each([
    ["is down", "down" as const],
    ["answers 500", { status: 500 }],
  ])("when the provider %s, 503, and the refresh token still works", async (_what, fault) => {
    const { client, refresh_token } = await loggedIn();
    fixture.auth0.misbehave({ token: fault });
    const { status, body, headers } = await client.refresh(refresh_token);
    expect([status, body.error, headers.get("retry-after")]).toEqual([503, "temporarily_unavailable", "5"]);
    await fixture.auth0.restore();
    refreshTokenOf(await client.refresh(refresh_token));
  });

  it("requests at the same time share one provider call, and its failure", async () => {
    const { client, refresh_token } = await loggedIn();
    const { store, upstream } = fixture.server.options;
    const provider = upstream();
    if (provider === undefined) {
      throw new Error("The provider is known.");
    }
    let arrived = 0;
    let calls = 0;
    let resolve = () => {};
    const allArrived = new Promise<void>((done) => {
      resolve = done;
    });
    const failing = {
      ...provider,
      client: {
        ...provider.client,
        async refresh(): Promise<never> {
          calls++;
          await allArrived;
          throw new UpstreamError("unavailable", "The provider is out.");
        },
      },
    };
    fixture.server.restart({
      upstream: () => failing,
      store: {
        ...store,
        async get(kind, id) {
          arrived += kind === "deny-client" ? 1 : 0;
          if (arrived === 3) {
            setImmediate(() => resolve());
          }
          return store.get(kind, id);
        },
      },
    });
    const answers = await Promise.all([1, 2, 3].map(() => client.refresh(refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(calls).toBe(1);
  });

  it("the provider's invalid_grant stays invalid_grant, and its invalid_client becomes 502", async () => {
    const { client, refresh_token } = await loggedIn();
    fixture.auth0.misbehave({ token: { error: "invalid_client", status: 401 } });
    expect((await client.refresh(refresh_token)).status).toBe(502);
    fixture.auth0.misbehave({ token: { error: "invalid_grant" } });
    const { status, body } = await client.refresh(refresh_token);
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
  });

  it.each(["unauthorized", "access_denied", "mfa_required"])(
    "the provider's %s is about the user, who has to log in again",
    async (error) => {
      const { client, refresh_token } = await loggedIn();
      fixture.auth0.misbehave({ token: { error } });
      const { status, body } = await client.refresh(refresh_token);
      expect([status, body.error]).toEqual([400, "invalid_grant"]);
    },
  );

  it("a token of another user is refused", async () => {
    const { client, refresh_token } = await loggedIn();
    fixture.auth0.misbehave({ accessToken: { claims: { sub: "auth0|mallory" } } });
    expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
    expect(fixture.server.log.at(-1)).toMatchObject({ level: "error", fields: { event: "subject-changed" } });
  });

  it("when the guard store is out, 503 before the provider is asked", async () => {
    const { client, refresh_token } = await loggedIn();
    const { store } = fixture.server.options;
    fixture.server.restart({ store: { ...store, get: () => Promise.reject(new GuardStoreUnavailable("out")) } });
    const { status, headers } = await client.refresh(refresh_token);
    expect([status, headers.get("retry-after"), providerRefreshes()]).toEqual([503, "1", 0]);
  });

  it("when the guard store fails after the provider has rotated, the client gets its tokens all the same", async () => {
    const { client, refresh_token } = await loggedIn();
    const { store } = fixture.server.options;
    fixture.server.restart({
      store: {
        ...store,
        set: (...entry) =>
          providerRefreshes() > 0 ? Promise.reject(new GuardStoreUnavailable("out")) : store.set(...entry),
      },
    });
    refreshTokenOf(await client.refresh(refresh_token));
    expect(fixture.server.log.some(({ fields }) => fields.event === "refresh-not-recorded")).toBe(true);
  });
});
