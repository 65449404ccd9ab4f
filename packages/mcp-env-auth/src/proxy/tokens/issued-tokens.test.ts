import { beforeEach, describe, expect, it } from "vitest";
import { createProofKey, type ProofKey } from "../../dpop/testing/proof-key.ts";
import { type GuardStore, GuardStoreUnavailable } from "../../store/guard-store.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import { McpClient, postForm } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();
const REFERENCE = /^ref_[\w-]{43}$/;

/** A store that replicas share, which shows what it is given. */
interface SharedStore {
  readonly store: GuardStore;
  readonly kept: { kind: string; id: string; value: string; ttl: number }[];
  down: boolean;
}

function createSharedStore(): SharedStore {
  const memory = createMemoryGuardStore({ clock: fixture.clock.now });
  const shared: SharedStore = {
    kept: [],
    down: false,
    store: {
      ...memory,
      async set(kind, id, value, ttl) {
        if (shared.down && kind === "token") {
          throw new GuardStoreUnavailable("down");
        }
        shared.kept.push({ kind, id, value, ttl });
        await memory.set(kind, id, value, ttl);
      },
      async get(kind, id) {
        if (shared.down && kind === "token") {
          throw new GuardStoreUnavailable("down");
        }
        return memory.get(kind, id);
      },
    },
  };
  return shared;
}

let shared: SharedStore;

beforeEach(() => {
  shared = createSharedStore();
  fixture.server.restart({ tokenFormat: "reference", store: shared.store });
});

const verify = (token: string) => fixture.server.proxy.verifier.verify(token);

describe("tokens of format reference", () => {
  it("are under 300 characters, and work as sealed ones do: verified, refreshed, revoked", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    expect(tokens.access_token).toMatch(REFERENCE);
    expect(tokens.refresh_token).toMatch(REFERENCE);
    await expect(verify(tokens.access_token)).resolves.toMatchObject({ scopes: ["weather:read"] });
    const { body } = await client.refresh(tokens.refresh_token);
    expect(body.refresh_token).toMatch(REFERENCE);
    await expect(verify(String(body.access_token))).resolves.toBeDefined();
    await client.revoke(String(body.access_token));
    await expect(verify(String(body.access_token))).rejects.toMatchObject({ code: "invalid_token" });
    await client.revoke(String(body.refresh_token));
    expect((await client.refresh(String(body.refresh_token))).body.error).toBe("invalid_grant");
  });

  it("are bound to the client's key as sealed ones are (RFC 9449)", async () => {
    const [key, thief] = await Promise.all([createProofKey(), createProofKey()]);
    const client = await McpClient.register(fixture.server);
    const { refresh_token } = await client.logIn();
    const refresh = async (token: string, by?: ProofKey) => {
      const url = `${fixture.server.address}/token`;
      const headers: Record<string, string> =
        by === undefined ? {} : { DPoP: await by.sign("POST", url, { iat: fixture.clock.now() }) };
      return postForm(url, { grant_type: "refresh_token", refresh_token: token, client_id: client.id }, headers);
    };
    const { body } = await refresh(refresh_token, key);
    expect([body.token_type, body.access_token, body.refresh_token]).toEqual([
      "DPoP",
      expect.stringMatching(REFERENCE),
      expect.stringMatching(REFERENCE),
    ]);
    await expect(verify(String(body.access_token))).resolves.toMatchObject({ jkt: key.jkt });
    expect((await refresh(String(body.refresh_token))).body.error).toBe("invalid_dpop_proof");
    expect((await refresh(String(body.refresh_token), thief)).body.error).toBe("invalid_grant");
    expect((await refresh(String(body.refresh_token), key)).body.token_type).toBe("DPoP");
  });

  it("are known to every replica, and after a restart", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    fixture.server.restart();
    await expect(verify(tokens.access_token)).resolves.toBeDefined();
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it("are kept for exactly as long as they live", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    const ttls = shared.kept.filter(({ kind }) => kind === "token").map(({ ttl }) => ttl);
    expect(ttls).toEqual([tokens.expires_in, 30 * 24 * 3600]);
    await verify(tokens.access_token);
    fixture.clock.advance(tokens.expires_in);
    await expect(verify(tokens.access_token)).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("have their replay noticed: the session ends when a used refresh token comes again", async () => {
    const client = await McpClient.register(fixture.server);
    const { refresh_token } = await client.logIn();
    const { body } = await client.refresh(refresh_token);
    fixture.clock.advance(31);
    expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
    expect((await client.refresh(String(body.refresh_token))).body.error).toBe("invalid_grant");
  });

  it("leave nothing in the store that can be used or read", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    const stored = JSON.stringify(shared.kept);
    const { token: providerToken } = await verify(tokens.access_token);
    for (const secret of [tokens.access_token, tokens.refresh_token, providerToken, "auth0|", "weather:read"]) {
      expect(stored).not.toContain(secret);
    }
    for (const { id, value } of shared.kept.filter(({ kind }) => kind === "token")) {
      await expect(verify(id)).rejects.toMatchObject({ code: "invalid_token" });
      await expect(verify(`ref_${id}`)).rejects.toMatchObject({ code: "invalid_token" });
      expect(value.split(".")).toHaveLength(5);
    }
  });

  it("are no good after a change of the epoch", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    fixture.server.restart({ tokenEpoch: "2" });
    await expect(verify(tokens.access_token)).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("can't be guessed, and made-up ones are refused", async () => {
    for (const token of [`ref_${"A".repeat(43)}`, "ref_", `ref_${"A".repeat(42)}`, `ref_${"A".repeat(44)}`]) {
      await expect(verify(token)).rejects.toMatchObject({ code: "invalid_token" });
    }
  });
});

describe("Security rule 7: a reference stands for its own token only", () => {
  it("and a refresh token is no bearer token", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    await expect(verify(tokens.refresh_token)).rejects.toMatchObject({ code: "invalid_token" });
    expect((await client.refresh(tokens.access_token)).body.error).toBe("invalid_grant");
  });

  it("and not for another user's, though somebody who writes to the store puts it in its place", async () => {
    const mallory = await McpClient.register(fixture.server);
    const own = await mallory.logIn("bob");
    const [entry] = shared.kept.filter(({ kind }) => kind === "token");
    const victim = await McpClient.register(fixture.server);
    await victim.logIn("alice");
    const [, , stolen] = shared.kept.filter(({ kind }) => kind === "token");
    await shared.store.set("token", entry?.id ?? "", stolen?.value ?? "", 3600);
    await expect(verify(own.access_token)).rejects.toMatchObject({ code: "invalid_token" });
  });
});

describe("a change of FASTMCP_TOKEN_FORMAT", () => {
  it("ends no session, either way", async () => {
    const client = await McpClient.register(fixture.server);
    const references = await client.logIn();
    fixture.server.restart({ tokenFormat: "sealed" });
    await expect(verify(references.access_token)).resolves.toBeDefined();
    const { body: sealed } = await client.refresh(references.refresh_token);
    expect(String(sealed.refresh_token).split(".")).toHaveLength(5);
    fixture.server.restart({ tokenFormat: "reference" });
    await expect(verify(String(sealed.access_token))).resolves.toBeDefined();
    const { body } = await client.refresh(String(sealed.refresh_token));
    expect(body.refresh_token).toMatch(REFERENCE);
  });
});

describe("a store that fails", () => {
  it("during a login or a refresh costs no session: the client gets a sealed token, and the log says so", async () => {
    const client = await McpClient.register(fixture.server);
    shared.down = true;
    const tokens = await client.logIn();
    expect(tokens.refresh_token.split(".")).toHaveLength(5);
    await expect(verify(tokens.access_token)).resolves.toBeDefined();
    expect(fixture.server.log.map(({ fields }) => fields.event)).toContain("reference-not-kept");
    shared.down = false;
    expect((await client.refresh(tokens.refresh_token)).body.refresh_token).toMatch(REFERENCE);
  });

  it("leaves tokens that this process knows good, and answers 503 to others, never 401", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn();
    await verify(tokens.access_token);
    shared.down = true;
    await expect(verify(tokens.access_token)).resolves.toBeDefined();
    fixture.server.restart();
    await expect(verify(tokens.access_token)).rejects.toMatchObject({ code: "temporarily_unavailable", status: 503 });
    const { status, body } = await client.refresh(tokens.refresh_token);
    expect([status, body.error]).toEqual([503, "temporarily_unavailable"]);
  });
});
