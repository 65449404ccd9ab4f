import { exportSPKI } from "jose";
import { describe, expect, it } from "vitest";
import { startProvider } from "../upstream/testing/provider-server.ts";
import { createSigner } from "../upstream/testing/signer.ts";
import { IntrospectionTokenVerifier } from "./introspection.ts";
import { JWTVerifier } from "./jwt.ts";
import { protectServer } from "./testing/protected-server.ts";

type Claims = Record<string, unknown>;

const TENANT_A = "https://login.example.com/a/v2.0";
const TENANT_B = "https://login.example.com/b/v2.0";

/** Whom a server names that takes JWTs signed with one key. */
async function startJwt(variables: Record<string, string>) {
  const signer = await createSigner("key-1", "RS256");
  const settings = { PUBLIC_KEY: await exportSPKI(signer.publicKey), AUDIENCE: "mcp", ...variables };
  const server = await protectServer(JWTVerifier, settings);
  const exp = Math.floor(Date.now() / 1000) + 600;
  return async (claims: Claims) => (await server.verify(await signer.sign({ aud: "mcp", exp, ...claims }))).subject;
}

/** Whom a server names that asks about opaque tokens. */
async function startIntrospection(variables: Record<string, string>) {
  const provider = await startProvider(({ form }) => ({
    json: { active: true, token_type: "Bearer", ...JSON.parse(Buffer.from(form.token ?? "", "base64url").toString()) },
  }));
  const server = await protectServer(IntrospectionTokenVerifier, {
    ...{ INTROSPECTION_URL: `${provider.origin}/introspect`, CLIENT_ID: "rs", CLIENT_SECRET: "secret" },
    ...variables,
  });
  return async (claims: Claims) =>
    (await server.verify(Buffer.from(JSON.stringify(claims)).toString("base64url"))).subject;
}

describe("Security rule 20: the subject of a JWT that a client brings", () => {
  const app = (iss: string) => ({ iss, sub: "sp", oid: "sp", idtyp: "app", azp: "job" });

  it("without ISSUER is one application's in each tenant, and a user's as before", async () => {
    const subjectOf = await startJwt({});
    expect(await subjectOf(app(TENANT_A))).toBe(`${TENANT_A}|job@clients`);
    expect(await subjectOf(app(TENANT_B))).toBe(`${TENANT_B}|job@clients`);
    expect(await subjectOf({ iss: TENANT_A, sub: "1" })).toBe("1");
  });

  it("without ISSUER begins with the issuer where SUBJECT_CLAIM names users, whom other tenants could name alike", async () => {
    const subjectOf = await startJwt({ SUBJECT_CLAIM: "email" });
    expect(await subjectOf({ iss: TENANT_A, sub: "1", email: "ceo@a.example" })).toBe(`${TENANT_A}|ceo@a.example`);
    expect(await subjectOf({ iss: TENANT_B, sub: "2", email: "ceo@a.example" })).toBe(`${TENANT_B}|ceo@a.example`);
  });

  it("of one issuer is as SUBJECT_CLAIM names it", async () => {
    const subjectOf = await startJwt({ ISSUER: TENANT_A, SUBJECT_CLAIM: "email" });
    expect(await subjectOf({ iss: TENANT_A, sub: "1", email: "ceo@a.example" })).toBe("ceo@a.example");
    await expect(subjectOf({ iss: TENANT_A, sub: "1" })).rejects.toThrow("its email claim is missing");
  });
});

describe("Security rule 20: the subject of an agent's token that a client brings (Auth0's Agents as Principal)", () => {
  const agents: [string, Claims, string][] = [
    ["by its profile", { sub: "auth0|alice", azp: "bot", sub_profile: "ai_agent" }, "bot@clients"],
    ["by the grant", { sub: "auth0|alice", azp: "bot", gty: "client-credentials" }, "bot@clients"],
    [
      "that acts for a user: the user's",
      { sub: "auth0|alice", azp: "bot", sub_profile: "user", act: { sub: "agt_1", sub_profile: "ai_agent" } },
      "auth0|alice",
    ],
  ];
  it.each(agents)("%s", async (_what, claims, subject) => {
    const jwt = await startJwt({ ISSUER: TENANT_A });
    expect(await jwt({ iss: TENANT_A, ...claims })).toBe(subject);
    const opaque = await startIntrospection({});
    expect(await opaque(claims)).toBe(subject);
  });
});

describe("Security rule 20: the subject of an opaque token that a client brings", () => {
  it("is as SUBJECT_CLAIM names it, even where sub is the application", async () => {
    const subjectOf = await startIntrospection({ SUBJECT_CLAIM: "username" });
    expect(await subjectOf({ sub: "app", client_id: "app", username: "alice" })).toBe("alice");
    expect(await subjectOf({ sub: "app", client_id: "app", username: "bob" })).toBe("bob");
  });

  it("tells people from machines by their ids, in whatever type they come", async () => {
    const subjectOf = await startIntrospection({});
    expect(await subjectOf({ sub: 7, client_id: 7 })).toBe("7@clients");
    expect(await subjectOf({ sub: "7", client_id: "app" })).toBe("7");
  });
});

describe("the error for a token that identifies nobody", () => {
  it("names Keycloak's client scope where the provider may be Keycloak", async () => {
    const fromJwt = await startJwt({ ISSUER: TENANT_A });
    await expect(fromJwt({ iss: TENANT_A })).rejects.toThrow(
      /client scope "basic".*FASTMCP_SERVER_AUTH_JWT_SUBJECT_CLAIM/,
    );
    const fromAnswer = await startIntrospection({});
    await expect(fromAnswer({ client_id: "app" })).rejects.toThrow('client scope "basic"');
  });
});
