import { describe, expect, it } from "vitest";
import type { McpClient } from "../proxy/testing/mcp-client.ts";
import { Auth0Provider } from "./auth0.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { OIDCProxy } from "./oidc.ts";
import { forged, halfHash, startLoginServer, withoutSub } from "./testing/login-server.ts";
import type { OidcStandInOptions } from "./testing/oidc-stand-in.ts";
import { CLIENT_ID } from "./testing/stand-in.ts";

type Claims = Record<string, unknown>;

const TOKEN_PATH = "/token";

/** What the provider says: of the code, and of the refresh that follows where the code's access token is not good. */
interface Answers {
  readonly access: readonly [Claims, Claims];
  readonly id: readonly [Claims | null, Claims | null];
  readonly mangleIdToken?: OidcStandInOptions["mangleIdToken"];
}

/** A login whose code is exchanged while the provider's keys can't be had, and once more when they can. */
async function resume({ access, id, mangleIdToken }: Answers, provider: DeclaredProvider = OIDCProxy, variables = {}) {
  const of = <T>(answers: readonly [T, T], refreshes: number) => answers[refreshes > 0 ? 1 : 0];
  const login = await startLoginServer(
    {
      claims: ({ refreshes }, iss) => withoutSub({ iss, ...of(access, refreshes) }),
      idTokenClaims: ({ refreshes }, token) => {
        const claims = of(id, refreshes);
        return claims?.at_hash === true ? { ...claims, at_hash: halfHash(token) } : claims;
      },
      ...(mangleIdToken && { mangleIdToken }),
    },
    provider,
    variables,
  );
  const { server, standIn } = login;
  login.breakKeys();
  const client: McpClient = await server.register();
  const code = (await client.authorize()).searchParams.get("code") ?? "";
  expect((await client.redeem(code)).status).toBe(503);
  login.mendKeys();
  const { status, body } = await client.redeem(code);
  return {
    status,
    error: body.error_description ?? "",
    subject: body.access_token === undefined ? undefined : (await server.verify(body.access_token)).subject,
    grants: standIn.to(TOKEN_PATH).map(({ form }) => form.grant_type),
  };
}

/** An access token that has expired, so that the provider is asked for another. */
const EXPIRED = { exp: 1_000 };

describe("Security rule 20: a login that is resumed with the answer kept", () => {
  it("is its id token's user's", async () => {
    const resumed = await resume({ access: [{}, {}], id: [{ sub: "alice", at_hash: true }, null] });
    expect(resumed).toMatchObject({ status: 200, subject: "alice", grants: ["authorization_code"] });
  });

  it.each([
    ["names nobody", {}, { sub: " " }, "identifies nobody"],
    ["has another at_hash", { sub: "mallory" }, { sub: "alice", at_hash: halfHash("another") }, "at_hash"],
    ["has another at_hash, and names nobody", {}, { sub: "alice", at_hash: halfHash("another") }, "at_hash"],
    ["is an application's", { sub: CLIENT_ID }, { sub: "alice" }, "application"],
  ])("is refused, and no refresh makes up for it, where its answer %s", async (_what, access, id, reason) => {
    const resumed = await resume({ access: [access, { sub: "mallory" }], id: [id, null] });
    expect(resumed).toMatchObject({ status: 502, subject: undefined, grants: ["authorization_code"] });
    expect(resumed.error).toContain(reason);
  });
});

describe("Security rule 20: a login that is resumed with a refresh", () => {
  const refreshed = ["authorization_code", "refresh_token"];

  it("is the code's user's, where the refresh brings no id token", async () => {
    // The code's at_hash is of the access token that has expired.
    const resumed = await resume({ access: [EXPIRED, {}], id: [{ sub: "alice", at_hash: true }, null] });
    expect(resumed).toMatchObject({ status: 200, subject: "alice", grants: refreshed });
  });

  it("is refused where the refresh brings another user's id token", async () => {
    for (const access of [{}, { sub: "mallory" }]) {
      const resumed = await resume({ access: [EXPIRED, access], id: [{ sub: "alice" }, { sub: "mallory" }] });
      expect(resumed).toMatchObject({ status: 502, subject: undefined, grants: refreshed });
      expect(resumed.error).toContain("different users");
    }
  });

  it("is refused where the refresh brings an id token of another access token", async () => {
    const later = { sub: "alice", at_hash: halfHash("another") };
    const resumed = await resume({ access: [EXPIRED, {}], id: [{ sub: "alice" }, later] });
    expect(resumed).toMatchObject({ status: 502, subject: undefined });
  });

  it("does not fail for an id token of the refresh that is not good, and not needed", async () => {
    const resumed = await resume({
      access: [EXPIRED, {}],
      id: [{ sub: "alice" }, { sub: "mallory" }],
      mangleIdToken: (idToken, { refreshes }) => (refreshes === 0 ? idToken : forged(idToken)),
    });
    expect(resumed).toMatchObject({ status: 200, subject: "alice", grants: refreshed });
  });

  it("holds the code's id token to the organizations, and not the refresh's, which names none", async () => {
    const access = { sub: "alice", org_id: "org_a" };
    const answers = { access: [{ ...access, ...EXPIRED }, access] } as const;
    const allowed = { ALLOWED_ORGANIZATIONS: '["org_a"]' };
    const good = await resume(
      { ...answers, id: [{ sub: "alice", org_id: "org_a" }, { sub: "alice" }] },
      Auth0Provider,
      allowed,
    );
    expect(good).toMatchObject({ status: 200, subject: "alice", grants: refreshed });
    const bad = await resume(
      { ...answers, id: [{ sub: "alice" }, { sub: "alice", org_id: "org_a" }] },
      Auth0Provider,
      allowed,
    );
    expect(bad).toMatchObject({ status: 400, subject: undefined });
  });

  it("Security rule 16: carries what the code's answer granted, where the refresh states no scope", async () => {
    const { server, breakKeys, mendKeys } = await startLoginServer(
      {
        claims: ({ refreshes }, iss) => withoutSub({ iss, sub: "alice", scope: null, ...(refreshes === 0 && EXPIRED) }),
        answer: ({ refreshes }) => (refreshes === 0 ? { scope: "openid" } : {}),
      },
      OIDCProxy,
      { VALID_SCOPES: "weather:read" },
    );
    breakKeys();
    const client = await server.register();
    const callback = await client.authorize(undefined, "alice", { scope: "openid weather:read" });
    const code = callback.searchParams.get("code") ?? "";
    expect((await client.redeem(code)).status).toBe(503);
    mendKeys();
    const { body } = await client.redeem(code);
    expect(body.scope).toBe("openid");
    expect((await client.refresh(body.refresh_token ?? "")).body.scope).toBe("openid");
  });

  it.each([
    ["alice", 200],
    ["mallory", 502],
  ])("is still the code's user's at a third try, when the second could not be decided: %s", async (later, status) => {
    const unpublished = Buffer.from(JSON.stringify({ alg: "RS256", kid: "key-2" })).toString("base64url");
    const { server, breakKeys, mendKeys } = await startLoginServer({
      claims: ({ refreshes }, iss) => withoutSub({ iss, ...(refreshes === 0 && EXPIRED) }),
      idTokenClaims: ({ refreshes }) => ({ sub: refreshes === 0 ? "alice" : later }),
      mangleIdToken: (idToken, { refreshes }) =>
        refreshes === 1 ? [unpublished, ...idToken.split(".").slice(1)].join(".") : idToken,
    });
    breakKeys();
    const client = await server.register();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    expect((await client.redeem(code)).status).toBe(503);
    mendKeys();
    expect((await client.redeem(code)).status).toBe(503);
    expect((await client.redeem(code)).status).toBe(status);
  });
});
