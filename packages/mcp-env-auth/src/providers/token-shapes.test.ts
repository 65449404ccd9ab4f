import { describe, expect, it } from "vitest";
import { postForm } from "../proxy/testing/mcp-client.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { withRoles } from "../upstream/roles.ts";
import { createSigner } from "../upstream/testing/signer.ts";
import { OIDCProxy } from "./oidc.ts";
import { createTestContext } from "./testing/context.ts";
import { type OidcStandInOptions, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const AUDIENCE = "https://weather.example.com/api";

/** A login at a provider whose access tokens have these claims, and the same server after a restart. */
async function start(options: OidcStandInOptions, variables: Readonly<Record<string, string>> = {}) {
  const standIn = await startOidcStandIn(options);
  const settings = { CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET, ...variables };
  const store = createMemoryGuardStore({ clock: createTestContext({}).clock });
  const server = await protectServer(OIDCProxy, settings, { store });
  const restart = () => protectServer(OIDCProxy, { ...settings, BASE_URL: server.address }, { store });
  return { standIn, server, restart };
}

const times = { iat: Math.floor(Date.now() / 1000) };

describe("access tokens that look like id tokens (Dex, Authentik)", () => {
  const claims = (_grant: unknown, iss: string) => ({
    ...{ iss, sub: "alice", aud: CLIENT_ID, azp: CLIENT_ID, nonce: "n", at_hash: "h", scope: "openid", ...times },
  });

  it("log users in, and stay good after a restart", async () => {
    const { server, restart } = await start({ claims });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("alice");
    expect((await (await restart()).verify(tokens.access_token)).subject).toBe("alice");
  });

  it("Security rule 7: are refused when a client presents one, or an id token", async () => {
    const { server, standIn } = await start(
      { claims },
      { ACCEPT_UPSTREAM_TOKENS: "true", MACHINE_CLIENTS: CLIENT_ID, AUDIENCE: CLIENT_ID },
    );
    const presented = await standIn.signer.sign({ ...claims(undefined, standIn.issuer), exp: times.iat + 600 });
    await expect(server.verify(presented)).rejects.toThrow("id token");
  });
});

describe("access tokens that list no scope (Zitadel, Authentik)", () => {
  const claims = (_grant: unknown, iss: string) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID });
  const variables = { AUDIENCE, REQUIRED_SCOPES: "openid weather:read" };

  it("carry what the token endpoint granted, also after a restart", async () => {
    const { server, restart } = await start(
      { claims, answer: () => ({ scope: ["openid", "weather:read"] }) },
      variables,
    );
    const { tokens } = await server.logIn();
    for (const each of [server, await restart()]) {
      expect((await each.verify(tokens.access_token)).scopes).toEqual(["openid", "weather:read"]);
    }
  });

  it("carry what was asked for where it grants all of that (RFC 6749 section 5.1)", async () => {
    const { server } = await start({ claims }, variables);
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).scopes).toEqual(["openid", "weather:read"]);
  });

  it("Security rule 16: carry no more than that, and those that list scopes carry only these", async () => {
    const less = await start({ claims, answer: () => ({ scope: "openid" }) }, variables);
    await expect(less.server.logIn()).rejects.toThrow("weather:read");
    const listed = await start(
      {
        claims: (grant, iss) => ({ ...claims(grant, iss), scope: "openid" }),
        answer: () => ({ scope: "openid weather:read" }),
      },
      variables,
    );
    await expect(listed.server.logIn()).rejects.toThrow("weather:read");
  });
});

describe("Security rule 16: a refresh whose answer states no scope", () => {
  const both = "openid weather:read";
  const ways: readonly (readonly [string, readonly (string | null | undefined)[], readonly string[]])[] = [
    ["after a login that granted less", ["openid", undefined, undefined], ["openid", "openid", "openid"]],
    ["as null, after a login that granted less", ["openid", null, null], ["openid", "openid", "openid"]],
    ["after a refresh that granted less", [both, "openid", undefined], [both, "openid", "openid"]],
    ["after one that granted more again", ["openid", both, undefined], ["openid", both, both]],
    ["after a login that stated none", [undefined, undefined, undefined], [both, both, both]],
  ];
  it.each(ways)("carries what was granted before, %s", async (_when, stated, carried) => {
    const { server, restart } = await start(
      {
        claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID }),
        answer: ({ refreshes }) => ({ scope: stated[refreshes] }),
      },
      { AUDIENCE, VALID_SCOPES: "weather:read" },
    );
    const { client, tokens } = await server.logIn(both);
    const first = await client.refresh(tokens.refresh_token);
    const second = await client.refresh(first.body.refresh_token ?? "");
    const found = [tokens, first.body, second.body];
    expect(found.map(({ scope }) => scope)).toEqual(carried);
    const again = await restart();
    const verified = await Promise.all(found.map((each) => again.verify(each.access_token ?? "")));
    expect(verified.map(({ scopes }) => scopes.join(" "))).toEqual(carried);
  });

  it("carries it also where a client asks for less in between", async () => {
    const { server } = await start(
      {
        claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID }),
        answer: ({ refreshes }) => (refreshes === 0 ? { scope: "openid a" } : {}),
      },
      { AUDIENCE, VALID_SCOPES: "a b" },
    );
    const { client, tokens } = await server.logIn("openid a b");
    const narrow = await client.refresh(tokens.refresh_token, { scope: "openid" });
    const whole = await client.refresh(narrow.body.refresh_token ?? "");
    expect([tokens.scope, narrow.body.scope, whole.body.scope]).toEqual(["openid a", "openid", "openid a"]);
  });
});

describe("an answer to a refresh without an access token", () => {
  it("loses no session: the next try goes on with the refresh token that came with it", async () => {
    const { server, standIn } = await start({
      claims: (_grant, iss) => ({ iss, sub: "alice", aud: CLIENT_ID, scope: "openid" }),
      answer: ({ refreshes }) => (refreshes === 1 ? { access_token: null, refresh_token: "rotated" } : {}),
    });
    const { client, tokens } = await server.logIn();
    const first = await client.refresh(tokens.refresh_token);
    expect([first.status, first.body.error]).toEqual([503, "temporarily_unavailable"]);
    const second = await client.refresh(tokens.refresh_token);
    expect(second.status).toBe(200);
    expect(standIn.to("/token").at(-1)?.form.refresh_token).toBe("rotated");
    expect(JSON.stringify(server.logger.lines)).not.toContain("rotated");
  });
});

describe("a token whose key is not published yet", () => {
  it("waits for it: the answer is kept, and goes on in another process, once and for good", async () => {
    const accessTokenSigner = await createSigner("key-2", "RS256");
    const { server, standIn, restart } = await start({
      accessTokenSigner,
      claims: (_grant, iss) => ({ iss, sub: "alice", aud: CLIENT_ID, scope: "openid" }),
    });
    standIn.override("/jwks.json", () => ({ json: { keys: [standIn.signer.jwk] } }));
    const client = await server.register();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const redeemAt = ({ address }: { readonly address: string }) =>
      postForm(`${address}/token`, {
        ...{ grant_type: "authorization_code", code, redirect_uri: client.redirectUri },
        ...{ code_verifier: client.pkce.verifier, client_id: client.id, client_secret: client.secret },
      });
    for (const each of [server, await restart()]) {
      const { status, headers, body } = await redeemAt(each);
      expect([status, headers.get("retry-after"), body.error]).toEqual([503, "5", "temporarily_unavailable"]);
    }
    standIn.override("/jwks.json");
    const { status, body } = await redeemAt(await restart());
    expect(status, JSON.stringify(body)).toBe(200);
    expect((await (await restart()).verify(body.access_token ?? "")).subject).toBe("alice");
    expect(standIn.to("/token")).toHaveLength(1);
  });
});

describe("a machine whose token has a subject of its own (Keycloak, Spring, Zitadel)", () => {
  const machine = { AUDIENCE, MACHINE_CLIENTS: "job" };
  const askAs = async (address: string, id: string) => {
    const response = await fetch(`${address}/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: CLIENT_SECRET }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };

  it.each([
    ["a UUID", { azp: "job", client_id: "job", sub: "7b0c9a5e-0000-4000-8000-000000000000" }],
    ["no client", { sub: "318838541702758403" }],
    ["no subject", { azp: "job" }],
  ])("is itself: %s", async (_what, own) => {
    const { server, restart } = await start(
      { claims: (_grant, iss) => ({ iss, aud: AUDIENCE, scope: "weather:read", ...own }), machines: ["job"] },
      machine,
    );
    const { status, body } = await askAs(server.address, "job");
    expect([status, body.scope?.split(" ")[0]]).toEqual([200, "weather:read"]);
    for (const each of [server, await restart()]) {
      expect(await each.verify(body.access_token ?? "")).toMatchObject({ subject: "job@clients", clientId: "job" });
    }
  });

  it("Security rule 20: is not another client, whatever the provider answers", async () => {
    const { server } = await start(
      { claims: (_grant, iss) => ({ iss, aud: AUDIENCE, azp: "other", sub: "1" }), machines: ["job"] },
      machine,
    );
    expect(await askAs(server.address, "job")).toMatchObject({ status: 502, body: { error: "server_error" } });
  });
});

describe("after a restart, a login is what it was, however its provider wrote it", () => {
  const claims = { sub: "alice", aud: AUDIENCE, azp: CLIENT_ID };
  const scope = "openid,weather:read";
  const answers: [string, Record<string, unknown>][] = [
    ["scopes with commas", { scope }],
    ["scopes in a list", { scope: scope.split(",") }],
    ["no token_type", { scope, token_type: undefined }],
    ["another token_type", { scope, token_type: "user" }],
    ["an expiry in text", { scope, expires_in: "3600" }],
    ["no expiry", { scope, expires_in: undefined }],
    ["an expiry of 0", { scope, expires_in: 0 }],
    ["a negative expiry", { scope, expires_in: -1 }],
    ["an expiry in words", { scope, expires_in: "never" }],
  ];
  it.each(answers)("%s", async (_what, answer) => {
    const variables = { AUDIENCE, REQUIRED_SCOPES: "openid weather:read" };
    const { server, restart } = await start(
      { claims: (_, iss) => ({ iss, ...claims }), answer: () => answer },
      variables,
    );
    const { client, tokens } = await server.logIn();
    const { body } = await client.refresh(tokens.refresh_token);
    for (const each of [server, await restart()]) {
      for (const token of [tokens.access_token, body.access_token ?? ""]) {
        expect(await each.verify(token)).toMatchObject({ subject: "alice", scopes: ["openid", "weather:read"] });
      }
    }
  });

  it.each([
    ["a list of roles", ["editor", "viewer"]],
    ["an object of roles (Zitadel)", { editor: { "1": "acme.example" }, viewer: { "1": "acme.example" } }],
  ])("%s", async (_what, roles) => {
    const claim = "urn:zitadel:iam:org:project:roles";
    const own = { scope: "openid", [claim]: roles };
    const { server, restart } = await start({ claims: (_, iss) => ({ iss, ...claims, ...own }) }, { AUDIENCE });
    const { tokens } = await server.logIn();
    for (const each of [server, await restart()]) {
      const token = await withRoles(each, claim).verify(tokens.access_token);
      expect(token.roles).toEqual(["editor", "viewer"]);
    }
  });

  it.each([
    ["a list of one organization", ["acme"]],
    ["an object of one organization", { acme: { id: "1" } }],
    ["a list of several, one of which is allowed", ["other", "acme"]],
  ])("%s", async (_what, organization) => {
    const variables = { AUDIENCE, ORGANIZATION_CLAIM: "organization", ALLOWED_ORGANIZATIONS: '["acme"]' };
    const own = { scope: "openid", organization };
    const { server, restart } = await start({ claims: (_, iss) => ({ iss, ...claims, ...own }) }, variables);
    const { tokens } = await server.logIn();
    for (const each of [server, await restart()]) {
      expect((await each.verify(tokens.access_token)).organization).toBe("acme");
    }
  });
});
