import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createProofKey, type ProofKey } from "../../dpop/testing/proof-key.ts";
import { sha256Base64url } from "../../lib/secrets.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import { type Answer, createPkce, locationOf, McpClient, postForm, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { breakKeys, type ProxyServer } from "../testing/proxy-server.ts";

const fixture = useProxy();

async function clientWithCode(scope?: string): Promise<{ client: McpClient; code: string }> {
  const client = await McpClient.register(fixture.server);
  const redirect = await client.authorize(new TestBrowser(), "alice", { ...(scope !== undefined && { scope }) });
  return { client, code: redirect.searchParams.get("code") ?? "" };
}

function tokenRequests(): number {
  return fixture.auth0.requests.filter(({ path }) => path === "/oauth/token").length;
}

describe("Security rule 5: the code is bound to its client, redirect URI and PKCE challenge", () => {
  it.each([
    ["no verifier", { code_verifier: undefined }, "invalid_request"],
    ["another verifier", { code_verifier: createPkce().verifier }, "invalid_grant"],
    ["a verifier that is too short", { code_verifier: "x" }, "invalid_grant"],
    ["no redirect URI", { redirect_uri: undefined }, "invalid_grant"],
    ["another port", { redirect_uri: "http://127.0.0.1:1/callback" }, "invalid_grant"],
    ["another redirect URI", { redirect_uri: "https://evil.example/cb" }, "invalid_grant"],
    ["no code", { code: undefined }, "invalid_request"],
    ["no grant type", { grant_type: undefined }, "invalid_request"],
    ["another grant type", { grant_type: "password" }, "unsupported_grant_type"],
  ])("refuses %s, and the code still works after that", async (_what, overrides, error) => {
    const { client, code } = await clientWithCode();
    const { status, body } = await client.redeem(code, overrides);
    expect([status, body.error]).toEqual([400, error]);
    expect(tokenRequests()).toBe(0);
    expect((await client.redeem(code)).status).toBe(200);
  });

  it("refuses the challenge as the verifier", async () => {
    const { client, code } = await clientWithCode();
    expect((await client.redeem(code, { code_verifier: client.pkce.challenge })).body.error).toBe("invalid_grant");
  });

  it("refuses a verifier that is too short to be one, although the challenge is of it (RFC 7636 section 4.1)", async () => {
    const client = await McpClient.register(fixture.server);
    const code_challenge = sha256Base64url("short");
    const redirect = await client.authorize(new TestBrowser(), "alice", { code_challenge });
    const code = redirect.searchParams.get("code") ?? "";
    expect((await client.redeem(code, { code_verifier: "short" })).body.error).toBe("invalid_grant");
  });

  it("refuses a code for another MCP endpoint of the same server (CVE-2025-69196)", async () => {
    const { client, code } = await clientWithCode();
    fixture.server.restart({ resource: `${fixture.server.address}/other/mcp` });
    expect((await client.redeem(code, { resource: undefined })).body.error).toBe("invalid_target");
  });

  it("refuses the code of another client, which loses nothing by it", async () => {
    const { client, code } = await clientWithCode();
    const thief = await McpClient.register(fixture.server);
    const { body } = await thief.redeem(code, { code_verifier: client.pkce.verifier });
    expect(body.error).toBe("invalid_grant");
    expect((await client.redeem(code)).status).toBe(200);
  });

  it("refuses a code after 60 seconds, and the 60 that clocks of replicas may differ by", async () => {
    const { client, code } = await clientWithCode();
    fixture.clock.advance(120);
    const { body } = await client.redeem(code);
    expect(body.error).toBe("invalid_grant");
    expect(body.error_description).toContain("expired");
  });

  it.each(["damaged", "a refresh token", "an access token"])("refuses a code that is %s", async (what) => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    const code = {
      damaged: "a.b.c.d.e",
      "a refresh token": tokens.refresh_token,
      "an access token": tokens.access_token,
    }[what];
    expect((await client.redeem(code ?? "")).body.error).toBe("invalid_grant");
  });
});

describe("the access token", () => {
  it("ends when the provider says so at the token endpoint, although the token inside says later", async () => {
    const upstream = fixture.server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    const exchangeCode: typeof upstream.client.exchangeCode = async (exchange) => ({
      ...(await upstream.client.exchangeCode(exchange)),
      expiresIn: 60,
    });
    fixture.server.restart({ upstream: () => ({ ...upstream, client: { ...upstream.client, exchangeCode } }) });
    const { client, code } = await clientWithCode();
    const { body } = await client.redeem(code);
    expect(body.expires_in).toBe(60);
    fixture.clock.advance(61);
    await expect(fixture.server.proxy.verifier.verify(body.access_token ?? "")).rejects.toThrow("expired");
  });
});

describe("requests with one code that overlap", () => {
  it("get the same bytes from one provider call, and the next one is a replay", async () => {
    const { client, code } = await clientWithCode();
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.redeem(code)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(tokenRequests()).toBe(1);
    const access = answers[0]?.body.access_token ?? "";
    await expect(fixture.server.proxy.verifier.verify(access)).resolves.toBeDefined();
    expect((await client.redeem(code)).body.error).toBe("invalid_grant");
    await expect(fixture.server.proxy.verifier.verify(access)).rejects.toThrow("revoked");
  });

  it("get the same bytes at two replicas that share a store", async () => {
    const { client, code } = await clientWithCode();
    const held = holdExchanges(fixture.server);
    const { baseUrl, issuer, resource, store } = fixture.server.options;
    const replica = await fixture.start({ baseUrl, issuer, resource, store });
    const first = client.redeem(code);
    await held.reached;
    const other = new McpClient({ address: replica.address, options: { resource } });
    Object.assign(other, { id: client.id, pkce: client.pkce });
    const second = other.redeem(code);
    // The replica waits; it neither asks the provider nor ends the login.
    await expect(Promise.race([second, sleep(300, "waits")])).resolves.toBe("waits");
    held.go();
    const [one, two] = await Promise.all([first, second]);
    expect([one.status, two.status, two.body]).toEqual([200, 200, one.body]);
    expect(tokenRequests()).toBe(1);
    await expect(replica.proxy.verifier.verify(one.body.access_token ?? "")).resolves.toBeDefined();
    expect((await other.redeem(code)).body.error).toBe("invalid_grant");
    await expect(replica.proxy.verifier.verify(one.body.access_token ?? "")).rejects.toThrow("revoked");
  });

  it("go on, at another replica, from the provider's answer that the first one could not pass on", async () => {
    const { client, code } = await clientWithCode();
    const { baseUrl, issuer, resource, store } = fixture.server.options;
    const replica = await fixture.start({ baseUrl, issuer, resource, store });
    breakKeys(fixture.server);
    const held = holdExchanges(fixture.server);
    const first = client.redeem(code);
    await held.reached;
    const other = new McpClient({ address: replica.address, options: { resource } });
    Object.assign(other, { id: client.id, pkce: client.pkce });
    const second = other.redeem(code);
    await expect(Promise.race([second, sleep(300, "waits")])).resolves.toBe("waits");
    held.go();
    expect((await first).status).toBe(503);
    const { status, body } = await second;
    expect([status, tokenRequests()]).toEqual([200, 1]);
    await expect(replica.proxy.verifier.verify(body.access_token ?? "")).resolves.toBeDefined();
    expect((await other.refresh(body.refresh_token ?? "")).status).toBe(200);
  });

  it("go on, in one process, from the provider's answer that another key's request could not pass on", async () => {
    const { client, code } = await clientWithCode();
    const keys = breakKeys(fixture.server);
    const held = holdExchanges(fixture.server);
    const first = client.redeem(code);
    await held.reached;
    const second = redeemWith(client, code, await createProofKey());
    await expect(Promise.race([second, sleep(300, "waits")])).resolves.toBe("waits");
    held.go();
    expect((await first).status).toBe(503);
    keys.mend();
    expect([(await second).status, tokenRequests()]).toEqual([200, 1]);
  });

  it("count as overlapping from when they came: a proof that takes longer to look up makes no replay", async () => {
    const { client, code } = await clientWithCode();
    const { store } = fixture.server.options;
    const [lookedUp, answered] = [createSignal(), createSignal()];
    let proofs = 0;
    const claim: typeof store.claim = async (kind, ...entry) => {
      if (kind === "proof" && ++proofs === 2) {
        lookedUp.give();
        await answered.given;
      }
      return store.claim(kind, ...entry);
    };
    fixture.server.restart({ store: { ...store, claim } });
    const held = holdExchanges(fixture.server);
    const key = await createProofKey();
    const first = redeemWith(client, code, key);
    await held.reached;
    const second = redeemWith(client, code, key);
    await lookedUp.given;
    held.go();
    const one = await first;
    answered.give();
    expect([one.status, (await second).body]).toEqual([200, one.body]);
    expect(tokenRequests()).toBe(1);
    await expect(fixture.server.proxy.verifier.verify(one.body.access_token ?? "")).resolves.toBeDefined();
    expect((await redeemWith(client, code, key)).body.error).toBe("invalid_grant");
    await expect(fixture.server.proxy.verifier.verify(one.body.access_token ?? "")).rejects.toThrow("revoked");
  });

  it("never get the kept answer of another login, whoever writes to the store", async () => {
    const theirs = await clientWithCode();
    const { store, baseUrl, issuer, resource } = fixture.server.options;
    let kept: string | undefined;
    const set: typeof store.set = async (kind, id, value, ttl) => {
      if (kind === "answer") {
        kept ??= value;
      }
      await store.set(kind, id, value, ttl);
    };
    fixture.server.restart({ store: { ...store, set } });
    expect((await theirs.client.redeem(theirs.code)).status).toBe(200);
    expect(kept).toBeDefined();
    const { client, code } = await clientWithCode();
    const held = holdExchanges(fixture.server);
    const get: typeof store.get = async (kind, id) => (kind === "answer" ? kept : store.get(kind, id));
    const replica = await fixture.start({ baseUrl, issuer, resource, store: { ...store, get } });
    const other = new McpClient({ address: replica.address, options: { resource } });
    Object.assign(other, { id: client.id, pkce: client.pkce });
    const first = client.redeem(code);
    await held.reached;
    const second = other.redeem(code);
    await sleep(50);
    held.go();
    expect((await first).status).toBe(200);
    expect((await second).body).not.toHaveProperty("access_token");
  });

  it("share a failure as well, after which the code is refused at once", async () => {
    const { client, code } = await clientWithCode();
    fixture.auth0.misbehave({ token: { error: "invalid_grant" } });
    const answers = await Promise.all([client.redeem(code), client.redeem(code)]);
    expect(answers.map(({ body }) => body.error)).toEqual(["invalid_grant", "invalid_grant"]);
    expect(tokenRequests()).toBe(1);
    await fixture.auth0.restore();
    expect((await client.redeem(code)).body.error).toBe("invalid_grant");
    expect(tokenRequests()).toBe(1);
  });

  it("are validated one by one: what would be refused alone gets nothing", async () => {
    const { client, code } = await clientWithCode();
    const held = holdExchanges(fixture.server);
    const first = client.redeem(code);
    await held.reached;
    const thief = await McpClient.register(fixture.server);
    const refused = await Promise.all([
      client.redeem(code, { code_verifier: createPkce().verifier }),
      client.redeem(code, { redirect_uri: "http://127.0.0.1:1/callback" }),
      client.redeem(code, { resource: "https://other.example/mcp" }),
      thief.redeem(code, { code_verifier: client.pkce.verifier }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    held.go();
    expect((await first).status).toBe(200);
  });

  it("need a proof each, by the same key: another key's request ends the login", async () => {
    const { client, code } = await clientWithCode();
    const held = holdExchanges(fixture.server);
    const url = `${fixture.server.address}/token`;
    const [own, other] = await Promise.all([createProofKey(), createProofKey()]);
    const redeem = (dpop: string) =>
      postForm(
        url,
        {
          grant_type: "authorization_code",
          code,
          client_id: client.id,
          redirect_uri: client.redirectUri,
          code_verifier: client.pkce.verifier,
        },
        { dpop },
      );
    const proofBy = (key: ProofKey) => key.sign("POST", url, { iat: fixture.clock.now() });
    const proof = await proofBy(own);
    const first = redeem(proof);
    await held.reached;
    const again = await redeem(proof);
    expect([again.status, again.body.error]).toEqual([400, "invalid_dpop_proof"]);
    const second = redeem(await proofBy(own));
    const foreign = redeem(await proofBy(other));
    await sleep(50);
    held.go();
    const [one, two] = await Promise.all([first, second]);
    expect([one.status, two.body]).toEqual([200, one.body]);
    expect((await foreign).body.error).toBe("invalid_grant");
    await expect(fixture.server.proxy.verifier.verify(one.body.access_token ?? "")).rejects.toThrow("revoked");
  });
});

describe("a code that comes again", () => {
  it("ends the login it stands for", async () => {
    const { client, code } = await clientWithCode();
    const { body } = await client.redeem(code);
    await expect(fixture.server.proxy.verifier.verify(body.access_token ?? "")).resolves.toBeDefined();
    const replay = await client.redeem(code);
    expect([replay.status, replay.body.error]).toEqual([400, "invalid_grant"]);
    await expect(fixture.server.proxy.verifier.verify(body.access_token ?? "")).rejects.toThrow("revoked");
    expect((await client.refresh(body.refresh_token ?? "")).body.error).toBe("invalid_grant");
    expect(fixture.server.log.some(({ fields }) => fields.event === "code-reused")).toBe(true);
    expect(tokenRequests()).toBe(1);
  });

  it("is refused with the reason, and nobody else is blamed", async () => {
    const { client, code } = await clientWithCode();
    await client.redeem(code);
    expect((await client.redeem(code)).body.error_description).toBe(
      "The code was used before, so its login was ended. Log in again.",
    );
  });

  it("is refused here, without the provider, once the provider has refused it", async () => {
    const { client, code } = await clientWithCode();
    fixture.auth0.misbehave({ token: { status: 400 } });
    expect((await client.redeem(code)).status).toBe(502);
    await fixture.auth0.restore();
    expect((await client.redeem(code)).body.error).toBe("invalid_grant");
    expect(tokenRequests()).toBe(1);
  });

  it("leaves nothing behind for longer than minutes when the provider never gave it: anybody can make such codes", async () => {
    const store = createMemoryGuardStore({
      clock: fixture.clock.now,
      capacities: { "deny-family": 1 },
    });
    fixture.server.restart({ store });
    const client = await McpClient.register(fixture.server);
    const forgeLogin = async () => {
      const browser = new TestBrowser();
      const approved = await client.answer(browser, await client.openConsent(browser));
      const callback = new URL("/auth/callback", fixture.server.address);
      callback.searchParams.set("state", locationOf(approved).searchParams.get("state") ?? "");
      callback.searchParams.set("code", "no-code-of-the-provider");
      const code = locationOf(await browser.get(callback)).searchParams.get("code") ?? "";
      expect((await client.redeem(code)).body.error).toBe("invalid_grant");
      return client.redeem(code);
    };
    expect((await forgeLogin()).body.error).toBe("invalid_grant");
    fixture.clock.advance(200);
    expect((await forgeLogin()).body.error).toBe("invalid_grant");
    fixture.clock.advance(200);
    const { refresh_token } = await client.logIn();
    expect((await client.revoke(refresh_token)).status).toBe(200);
  });

  it("is answered even when the guard store fails after the provider has taken it", async () => {
    const { client, code } = await clientWithCode();
    const { store } = fixture.server.options;
    const set: typeof store.set = async (kind, ...entry) => {
      if (kind === "code") {
        throw new GuardStoreUnavailable("Redis does not answer.");
      }
      return store.set(kind, ...entry);
    };
    fixture.server.restart({ store: { ...store, set } });
    expect((await client.redeem(code)).status).toBe(200);
    expect(fixture.server.log.some(({ fields }) => fields.event === "code-not-recorded")).toBe(true);
  });
});

describe("the provider's failures at the token endpoint", () => {
  it.each([
    ["is down", "down" as const],
    ["answers 500", { status: 500 }],
    ["answers 429", { status: 429 }],
    ["answers 503", { status: 503 }],
  ])("when it %s, 503 with Retry-After, and the same code works later", async (_what, fault) => {
    const { client, code } = await clientWithCode();
    fixture.auth0.misbehave({ token: fault });
    const { status, body, headers } = await client.redeem(code);
    expect([status, body.error, headers.get("retry-after")]).toEqual([503, "temporarily_unavailable", "5"]);
    await fixture.auth0.restore();
    expect((await client.redeem(code)).status).toBe(200);
  });

  it("when its keys can't be fetched after it has taken the code, 503, and the same code works later, without it", async () => {
    const { client, code } = await clientWithCode();
    const keys = breakKeys(fixture.server);
    for (const _try of [1, 2]) {
      const { status, headers } = await client.redeem(code);
      expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    }
    keys.mend();
    const { status, body } = await client.redeem(code);
    expect([status, tokenRequests()]).toEqual([200, 1]);
    expect((await client.refresh(body.refresh_token ?? "")).status).toBe(200);
    expect((await client.redeem(code)).body.error).toBe("invalid_grant");
  });

  it.each(["accessToken", "idToken"] as const)("a key that is not published yet loses no login: %s", async (which) => {
    const { client, code } = await clientWithCode("openid weather:read");
    fixture.auth0.misbehave({ [which]: "unpublished-key" });
    const { status, headers } = await client.redeem(code);
    expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    expect(fixture.server.log.at(-1)?.message).toContain("may not be published yet");
    expect((await client.redeem(code)).status).toBe(503);
  });

  it("an id token with somebody else's signature is refused, also at a later try without its keys at the first", async () => {
    const { client, code } = await clientWithCode("openid weather:read");
    forgeIdTokens(fixture.server);
    const keys = breakKeys(fixture.server);
    expect((await client.redeem(code)).status).toBe(503);
    keys.mend();
    const { status, body } = await client.redeem(code);
    expect([status, body.error]).toEqual([502, "server_error"]);
    expect(body.error_description).toContain("id token");
  });

  it("invalid_grant stays invalid_grant", async () => {
    const { client, code } = await clientWithCode();
    fixture.auth0.misbehave({ token: { error: "invalid_grant" } });
    const { status, body } = await client.redeem(code);
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
  });

  it.each(["invalid_client", "unauthorized_client", "invalid_request"])(
    "%s is our own mistake: 502 server_error, and a log line that names the variable",
    async (error) => {
      const { client, code } = await clientWithCode();
      fixture.auth0.misbehave({ token: { error, status: error === "invalid_client" ? 401 : 403 } });
      const { status, body } = await client.redeem(code);
      expect([status, body.error]).toEqual([502, "server_error"]);
      const line = fixture.server.log.find(({ fields }) => fields.event === "provider-failed");
      expect(line).toMatchObject({ level: "error" });
      expect(line?.message).toContain("FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID");
    },
  );

  it.each(["opaque", "wrong-audience", "wrong-issuer", "expired"] as const)(
    "an access token that is %s is refused here, with the reason",
    async (fault) => {
      const { client, code } = await clientWithCode();
      fixture.auth0.misbehave({ accessToken: fault });
      const { status, body } = await client.redeem(code);
      expect([status, body.error]).toEqual([502, "server_error"]);
      expect(body.error_description).toMatch(/^The identity provider's token can't be used: \w/);
      expect(fixture.server.log.at(-1)).toMatchObject({ level: "error", fields: { event: "provider-token-refused" } });
    },
  );

  it("an access token that would be too long for a header is refused, with what to slim", async () => {
    const { client, code } = await clientWithCode();
    const random = Array.from({ length: 14 }, () => crypto.getRandomValues(Buffer.alloc(400)).toString("base64"));
    fixture.auth0.misbehave({ accessToken: { claims: { "https://example.com/groups": random } } });
    const { status, body } = await client.redeem(code);
    expect([status, body.error]).toEqual([500, "server_error"]);
    expect(body.error_description).toContain("custom claims");
    expect(body.error_description).toContain("FASTMCP_TOKEN_FORMAT=reference");
  });

  it("claims that are looked up and could be sealed, but not be opened again, are refused in the same way", async () => {
    const { client, code } = await clientWithCode();
    const upstream = fixture.server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is not known.");
    }
    const tokens: typeof upstream.tokens = {
      async verify(token) {
        const verified = await upstream.tokens.verify(token);
        return { ...verified, claims: { ...verified.claims, groups: "a group ".repeat(10_000) } };
      },
    };
    fixture.server.restart({ upstream: () => ({ ...upstream, tokenKind: "opaque", tokens }) });
    const { status, body } = await client.redeem(code);
    expect([status, body.error]).toEqual([500, "server_error"]);
    expect(body.error_description).toContain("more than 60,000 characters");
  });
});

describe("the guard store's failures at the token endpoint", () => {
  it("503 before the provider is asked, and the same code works later", async () => {
    const { client, code } = await clientWithCode();
    const { store } = fixture.server.options;
    fixture.server.restart({ store: { ...store, claim: () => Promise.reject(new GuardStoreUnavailable("out")) } });
    const { status, body, headers } = await client.redeem(code);
    expect([status, body.error, headers.get("retry-after")]).toEqual([503, "temporarily_unavailable", "1"]);
    expect(tokenRequests()).toBe(0);
    fixture.server.restart({ store });
    expect((await client.redeem(code)).status).toBe(200);
  });
});

describe("token lifetimes", () => {
  it("are the provider's, capped by ours and by the session's end", async () => {
    fixture.server.restart({ accessTokenTtl: 600 });
    const client = await McpClient.register(fixture.server);
    expect((await client.logIn()).expires_in).toBe(600);
    fixture.server.restart({ accessTokenTtl: 3600, sessionTtl: 300 });
    expect((await client.logIn()).expires_in).toBe(300);
  });

  it("leave out a refresh token where the provider gives none, and the log says what to turn on", async () => {
    fixture.auth0.misbehave({ refreshToken: "none" });
    const client = await McpClient.register(fixture.server);
    expect(await client.logIn()).not.toHaveProperty("refresh_token");
    expect(fixture.server.log.find(({ fields }) => fields.event === "no-refresh-token")?.message).toContain(
      "Allow Offline Access",
    );
  });
});

describe("Security rule 3: the code goes through the same browser", () => {
  it("but is redeemed by the client, without cookies", async () => {
    const client = await McpClient.register(fixture.server);
    const redirect = await client.authorize(new TestBrowser());
    expect((await client.redeem(redirect.searchParams.get("code") ?? "")).headers.getSetCookie()).toEqual([]);
  });
});

/** Redeems a code with a new proof by `key`. */
async function redeemWith(client: McpClient, code: string, key: ProofKey): Promise<Answer> {
  const url = `${fixture.server.address}/token`;
  const form = {
    grant_type: "authorization_code",
    code,
    client_id: client.id,
    redirect_uri: client.redirectUri,
    code_verifier: client.pkce.verifier,
  };
  return postForm(url, form, { dpop: await key.sign("POST", url, { iat: fixture.clock.now() }) });
}

/** Starts over with a provider that takes codes, and answers when told to. */
function holdExchanges(server: ProxyServer): { readonly reached: Promise<void>; go(): void } {
  const upstream = server.options.upstream();
  if (upstream === undefined) {
    throw new Error("The provider is known.");
  }
  const [reached, told] = [createSignal(), createSignal()];
  const exchangeCode: typeof upstream.client.exchangeCode = async (exchange) => {
    const tokens = await upstream.client.exchangeCode(exchange);
    reached.give();
    await told.given;
    return tokens;
  };
  server.restart({ upstream: () => ({ ...upstream, client: { ...upstream.client, exchangeCode } }) });
  return { reached: reached.given, go: told.give };
}

function createSignal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

/** Starts over with a provider whose id tokens have somebody else's signature. */
function forgeIdTokens(server: ProxyServer): void {
  const upstream = server.options.upstream();
  if (upstream === undefined) {
    throw new Error("The provider is known.");
  }
  const exchangeCode: typeof upstream.client.exchangeCode = async (exchange) => {
    const tokens = await upstream.client.exchangeCode(exchange);
    const [header, claims] = tokens.idToken?.split(".") ?? [];
    return { ...tokens, idToken: `${header}.${claims}.${Buffer.alloc(256, 1).toString("base64url")}` };
  };
  server.restart({ upstream: () => ({ ...upstream, client: { ...upstream.client, exchangeCode } }) });
}
