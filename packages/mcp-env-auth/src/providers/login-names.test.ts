import { describe, expect, it } from "vitest";
import { Auth0Provider } from "./auth0.ts";
import { OIDCProxy } from "./oidc.ts";
import { halfHash, refreshAt, startLoginServer as start, withoutSub } from "./testing/login-server.ts";
import type { OidcStandInOptions } from "./testing/oidc-stand-in.ts";
import { CLIENT_ID } from "./testing/stand-in.ts";

type Claims = Record<string, unknown>;

/** A provider whose two tokens say this of a login. */
const saying = (access: Claims, id: Claims): Partial<OidcStandInOptions> => ({
  claims: (_grant, iss) => withoutSub({ iss, ...access }),
  idTokenClaims: () => id,
});

async function subjectAfterLogin(...args: Parameters<typeof start>) {
  const { server } = await start(...args);
  const { tokens } = await server.logIn();
  return (await server.verify(tokens.access_token)).subject;
}

describe("Security rule 20: the id token of a login", () => {
  it("names a person, whatever an access token of its claims would be", async () => {
    const app = { sub: "u1", oid: "u1", idtyp: "app", azp: CLIENT_ID };
    expect(await subjectAfterLogin(saying({}, app))).toBe("u1");
  });

  it.each([{ sub: CLIENT_ID }, { sub: CLIENT_ID, azp: CLIENT_ID }])(
    "opens no session where it names our own application: %j",
    async (claims) => {
      await expect(subjectAfterLogin(saying({}, claims))).rejects.toThrow("reserved");
    },
  );

  it("opens no session for a user whom the access token names by our own application", async () => {
    await expect(subjectAfterLogin(saying({ sub: CLIENT_ID, azp: "other" }, { sub: "1" }))).rejects.toThrow("reserved");
  });

  it("may name its user by what is reserved, where the access token names its user itself", async () => {
    expect(await subjectAfterLogin(saying({ sub: "alice" }, { sub: "job@clients" }))).toBe("alice");
    await expect(subjectAfterLogin(saying({}, { sub: "job@clients" }))).rejects.toThrow(/reserved(?!.*job)/);
  });

  it.each([
    ["OIDCProxy", OIDCProxy],
    ["Auth0Provider", Auth0Provider],
  ])("may state its sub as a number: %s", async (_name, provider) => {
    expect(await subjectAfterLogin(saying({}, { sub: 42 }), provider)).toBe("42");
    expect(await subjectAfterLogin(saying({ sub: 42 }, { sub: 42 }), provider)).toBe("42");
    expect(await subjectAfterLogin(saying({ sub: "42" }, { sub: 42 }), provider)).toBe("42");
  });

  it.each([[2 ** 53], [1.5], [true], [["alice"]], [null]])(
    "that identifies nobody leads to an error that names the setting: sub %j",
    async (sub) => {
      const login = subjectAfterLogin(saying({}, { sub }));
      await expect(login).rejects.toThrow(/identifies nobody.*FASTMCP_SERVER_AUTH_OIDC_SUBJECT_CLAIM/);
      await expect(login).rejects.toThrow(/^(?!.*AUDIENCE)/);
    },
  );

  it("is still held to its other claims where its sub is a number", async () => {
    await expect(subjectAfterLogin(saying({}, { sub: 42, nonce: "another" }))).rejects.toThrow("refused");
    await expect(subjectAfterLogin(saying({}, { sub: 42, aud: "another" }))).rejects.toThrow("refused");
    const forging = { ...saying({}, { sub: 42 }), mangleIdToken: (jwt: string) => `${jwt.slice(0, -8)}AAAAAAAA` };
    await expect(subjectAfterLogin(forging)).rejects.toThrow("id token");
  });
});

describe("SUBJECT_CLAIM", () => {
  const byName = { SUBJECT_CLAIM: "username" };

  it("names users in place of sub", async () => {
    const subject = subjectAfterLogin(saying({ sub: "1", username: "alice" }, { sub: "1" }), OIDCProxy, {
      SUBJECT_CLAIM: " username ",
    });
    expect(await subject).toBe("alice");
  });

  it("lets the id token name the user, where the access token lacks the claim", async () => {
    const tokens = saying({ sub: "1" }, { sub: "1", username: "alice" });
    expect(await subjectAfterLogin(tokens, OIDCProxy, byName)).toBe("alice");
  });

  it("names a person, whose access token is not a machine's for naming the application", async () => {
    const tokens = saying({ sub: CLIENT_ID, username: "alice" }, { sub: CLIENT_ID, username: "alice" });
    expect(await subjectAfterLogin(tokens, OIDCProxy, byName)).toBe("alice");
  });

  it.each([
    ["the claim, with one sub", { sub: "1", username: "mallory" }, { sub: "1", username: "alice" }],
    ["the claim, without a sub", { username: "mallory" }, { sub: "1", username: "alice" }],
    ["sub, without the claim", { sub: "2" }, { sub: "1", username: "alice" }],
  ])("Security rule 20: refuses two tokens that differ by %s", async (_what, access, id) => {
    await expect(subjectAfterLogin(saying(access, id), Auth0Provider, byName)).rejects.toThrow("different users");
    const bound = { ...id, at_hash: halfHash("another access token") };
    await expect(subjectAfterLogin(saying(access, bound), OIDCProxy, byName)).rejects.toThrow("at_hash");
  });

  const SHARED = [
    ...[
      "client_id",
      "clientId",
      "application_id",
      "azp",
      "cid",
      "aud",
      "iss",
      "jti",
      "gty",
      "idtyp",
      "auth_time",
      "sid",
    ],
    ...["session_state", "org_id", "tid", "nonce", "at_hash", "acr", "amr", "ver", "active", "email_verified"],
    ...["roles", "permissions", "scope"],
  ];

  it.each(SHARED)("can't be %s, which is not a user's", async (claim) => {
    await expect(start({}, OIDCProxy, { SUBJECT_CLAIM: claim })).rejects.toThrow("does not identify a user");
  });

  it.each(["ORGANIZATION_CLAIM", "ROLES_CLAIM"])("can't be the claim of %s", async (variable) => {
    const variables = { SUBJECT_CLAIM: "https://example.com/team", [variable]: "https://example.com/team" };
    await expect(start({}, OIDCProxy, variables)).rejects.toThrow(
      `is the claim of FASTMCP_SERVER_AUTH_OIDC_${variable}`,
    );
  });
});

describe("Security rule 20: a session that was opened under another claim", () => {
  it("ends when SUBJECT_CLAIM changes, also where the login's id token named its user", async () => {
    // Here bob's name is another user's sub.
    for (const [access, id] of [
      [{}, { sub: "bob", username: "alice" }],
      [{ sub: "bob", username: "alice" }, { sub: "bob" }],
    ] as const) {
      const { server, restart } = await start(saying(access, id));
      const { client, tokens } = await server.logIn();
      expect((await server.verify(tokens.access_token)).subject).toBe("bob");
      const changed = await restart({ SUBJECT_CLAIM: "username" });
      await expect(changed.verify(tokens.access_token)).rejects.toMatchObject({ code: "invalid_token" });
      const { status, body } = await refreshAt(changed, client, tokens.refresh_token);
      expect([status, body.error]).toEqual([400, "invalid_grant"]);
    }
  });

  it("goes on under the claim that it was opened under", async () => {
    const { server, restart } = await start(saying({}, { sub: "1", username: "alice" }), OIDCProxy, {
      SUBJECT_CLAIM: "username",
    });
    const { tokens } = await server.logIn();
    const again = await restart();
    expect((await again.verify(tokens.access_token)).subject).toBe("alice");
    const changed = await restart({ SUBJECT_CLAIM: "" });
    await expect(changed.verify(tokens.access_token)).rejects.toMatchObject({ code: "invalid_token" });
  });
});

describe("Security rule 20: a login that the provider answers with an application's token", () => {
  it("is refused", async () => {
    await expect(subjectAfterLogin(saying({ sub: CLIENT_ID }, { sub: "1" }))).rejects.toThrow(
      "token of an application",
    );
  });
});
