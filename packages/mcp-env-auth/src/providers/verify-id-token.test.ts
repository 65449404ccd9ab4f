import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { createSigner } from "../upstream/testing/signer.ts";
import { OIDCProxy } from "./oidc.ts";
import { AUDIENCE, halfHash, refreshAt, startLoginServer } from "./testing/login-server.ts";
import type { OidcStandInOptions } from "./testing/oidc-stand-in.ts";
import { bearerOf, CLIENT_ID } from "./testing/stand-in.ts";

const USERINFO = "/userinfo";

/** A provider with opaque access tokens: all that names the user is the id token. */
function startOpaque(options: Partial<OidcStandInOptions> = {}, variables: Record<string, string> = {}) {
  return startLoginServer(
    {
      answer: ({ refreshes }) => ({ access_token: `opaque-${refreshes}`, scope: "openid weather:read" }),
      idTokenClaims: (_grant) => ({ email: "ada@example.com", org_id: "org_acme", groups: ["editors"] }),
      ...options,
    },
    OIDCProxy,
    { VERIFY_ID_TOKEN: "true", REQUIRED_SCOPES: "weather:read", ...variables },
  );
}

/** The default of `startLoginServer` has tokens without a subject, of which these have none either. */
const alice = (claims: Record<string, unknown> = {}) => ({ sub: "alice", ...claims });

describe("VERIFY_ID_TOKEN", () => {
  it("knows users of opaque access tokens by their id token, also after a restart and a refresh", async () => {
    const { standIn, server, restart } = await startOpaque();
    const { client, tokens } = await server.logIn();
    const other = await restart();
    for (const one of [server, other]) {
      expect(await one.verify(tokens.access_token)).toMatchObject({
        token: "opaque-0",
        subject: "alice",
        scopes: ["weather:read"],
        organization: "org_acme",
        claims: { iss: standIn.issuer, email: "ada@example.com", groups: ["editors"] },
      });
    }
    const { body } = await refreshAt(other, client, tokens.refresh_token);
    const refreshed = await (await restart()).verify(body.access_token ?? "");
    expect([refreshed.token, refreshed.subject]).toEqual(["opaque-1", "alice"]);
    expect(refreshed.claims).not.toHaveProperty("nonce");
  });

  it("asks each login for openid, without which there is no id token", async () => {
    const { standIn, server } = await startOpaque();
    await server.logIn();
    expect(standIn.to("/authorize")[0]?.query).toMatchObject({ scope: "weather:read openid", audience: AUDIENCE });
  });

  it("asks userinfo where a refresh brings no id token", async () => {
    const { standIn, server } = await startOpaque({
      idTokenClaims: ({ refreshes }) => (refreshes === 0 ? {} : null),
      document: (origin) => ({ userinfo_endpoint: origin + USERINFO }),
      otherRoutes: {
        [USERINFO]: (request) =>
          bearerOf(request) === "opaque-1" ? { json: alice({ email: "new@example.com" }) } : { status: 401, text: "" },
      },
    });
    const { client, tokens } = await server.logIn();
    expect(standIn.to(USERINFO)).toHaveLength(0);
    const { status, body } = await client.refresh(tokens.refresh_token);
    expect(status).toBe(200);
    expect((await server.verify(body.access_token ?? "")).claims.email).toBe("new@example.com");
  });

  it("takes the subject from the claim that SUBJECT_CLAIM names", async () => {
    const { server } = await startOpaque({}, { SUBJECT_CLAIM: "email" });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("ada@example.com");
  });

  it("holds id tokens to ALGORITHM", async () => {
    const { server } = await startOpaque({}, { ALGORITHM: "ES256" });
    await expect(server.logIn()).rejects.toThrow("id token is signed with RS256");
  });

  it("is named where access tokens are opaque and it is not set", async () => {
    const { server } = await startOpaque({}, { VERIFY_ID_TOKEN: "false" });
    await expect(server.logIn()).rejects.toThrow("set VERIFY_ID_TOKEN=true");
  });

  it("can't be set for machines, which have no id token", () => {
    const prefix = "FASTMCP_SERVER_AUTH_OIDC_";
    const { problems } = OIDCProxy.fromEnvironment(
      environmentOf({ [`${prefix}VERIFY_ID_TOKEN`]: "true", [`${prefix}MACHINE_CLIENTS`]: "job" }),
    );
    expect(problems.find(({ variable }) => variable === `${prefix}VERIFY_ID_TOKEN`)?.message).toContain(
      "machines have no id token",
    );
  });
});

describe("Security rule 20: with VERIFY_ID_TOKEN, a login", () => {
  const refused: [string, () => Record<string, unknown> | null, string][] = [
    ["without a subject", () => ({ sub: undefined }), "sub"],
    ["of the application", () => ({ sub: CLIENT_ID }), "reserved"],
    ["of a machine's name", () => ({ sub: "job@clients" }), "reserved"],
    ["with another access token's id token", () => ({ at_hash: halfHash("another") }), "at_hash"],
    ["for another application", () => ({ aud: "another" }), "refused this server's request"],
    ["of another login", () => ({ nonce: "another" }), "refused this server's request"],
    ["without an id token", () => null, "refused this server's request"],
  ];
  it.each(refused)("%s is refused", async (_what, idTokenClaims, reason) => {
    const { server } = await startOpaque({ idTokenClaims });
    await expect(server.logIn()).rejects.toThrow(reason);
  });

  it("with an id token that somebody else signed is refused", async () => {
    const { server } = await startOpaque({ idTokenSigner: await createSigner("key-1", "RS256") });
    await expect(server.logIn()).rejects.toThrow("id token");
  });

  it("that is refreshed as another user ends, and so does one that nothing names any more", async () => {
    for (const later of [{ sub: "mallory" }, null]) {
      const { server } = await startOpaque({
        idTokenClaims: ({ refreshes }): Record<string, unknown> | null => (refreshes === 0 ? {} : later),
      });
      const { client, tokens } = await server.logIn();
      expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
      await expect(server.verify(tokens.access_token)).rejects.toThrow("revoked");
    }
  });

  it("is refused by userinfo that names another user", async () => {
    const { server } = await startOpaque({
      idTokenClaims: ({ refreshes }) => (refreshes === 0 ? {} : null),
      document: (origin) => ({ userinfo_endpoint: origin + USERINFO }),
      otherRoutes: { [USERINFO]: () => ({ json: { sub: "mallory" } }) },
    });
    const { client, tokens } = await server.logIn();
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
  });
});

describe("Security: with VERIFY_ID_TOKEN, a token that a client brings", () => {
  it("is none of the provider's, neither its access token nor its id token", async () => {
    const { standIn, server } = await startOpaque();
    await server.logIn();
    const now = Math.floor(Date.now() / 1000);
    const idToken = await standIn.signer.sign({
      iss: standIn.issuer,
      sub: "alice",
      aud: CLIENT_ID,
      iat: now,
      exp: now + 60,
    });
    for (const token of ["opaque-0", idToken]) {
      await expect(server.verify(token)).rejects.toThrow("not one that this server issued");
    }
  });
});
