import { describe, expect, it } from "vitest";
import type { IdJag } from "../../upstream/id-jag.ts";
import type { ProviderSession } from "../context.ts";
import { type AccessGrant, identityHash } from "../tokens/sealed-tokens.ts";
import { openEnterpriseToken } from "./open-enterprise-token.ts";

const jag: IdJag = {
  issuer: "https://acme.example",
  subject: "00u1",
  clientId: "client",
  audiences: ["https://mcp.example.com/"],
  resource: "https://mcp.example.com/mcp",
  jti: "1",
  expiresAt: 2_000_000_000,
  scopes: ["weather:read"],
  claims: { iss: "https://acme.example", sub: "00u1" },
};
const optionsFor = (asserted: IdJag = jag) => ({
  enterprise: { verify: async () => asserted, organizationOf: () => "org_acme" },
  issuer: "https://mcp.example.com/",
  resource: "https://mcp.example.com/mcp",
  requiredScopes: ["openid"],
  scopesSupported: ["openid", "weather:read", "weather:write"],
});
const options = optionsFor();
const session = {
  upstream: { client: { metadata: { issuer: "https://tenant.auth0.example/" } } },
} as unknown as ProviderSession;
const grant: AccessGrant = {
  tokenId: "token",
  family: "family",
  loginTime: 1_900_000_000,
  expiresAt: 1_900_003_600,
  subjectHash: identityHash("https://acme.example|00u1"),
  clientHash: identityHash("client"),
  scopes: ["weather:read"],
  resource: "https://mcp.example.com/mcp",
  providerToken: "assertion",
};

describe("the access token of an enterprise's session", () => {
  it("is its user's, in the organization that the configuration names", async () => {
    const { accessToken } = await openEnterpriseToken(options, session, grant);
    expect(accessToken).toMatchObject({
      subject: "https://acme.example|00u1",
      organization: "org_acme",
      organizationIssuer: "https://tenant.auth0.example/",
      token: "",
    });
  });

  it("says in which dialect its client is refused, where that is sealed in", async () => {
    const open = async (changes: Partial<AccessGrant>) =>
      (await openEnterpriseToken(options, session, { ...grant, ...changes })).accessToken;
    expect((await open({ dialect: "claude" })).dialect).toBe("claude");
    expect(await open({})).not.toHaveProperty("dialect");
  });

  it.each([
    ["another user", { subjectHash: identityHash("https://acme.example|00u2") }],
    ["the provider's user of that name", { subjectHash: identityHash("00u1") }],
    ["another client", { clientHash: identityHash("other") }],
  ])("is refused when a forger with the sealing key has put %s around an assertion", async (_name, changes) => {
    const opening = openEnterpriseToken(options, session, { ...grant, ...changes });
    await expect(opening).rejects.toMatchObject({ code: "invalid_token" });
  });

  it.each([
    ["another authorization server", { audiences: ["https://elsewhere.example.com/"] }],
    [
      "another authorization server, too",
      { audiences: ["https://mcp.example.com/", "https://elsewhere.example.com/"] },
    ],
    ["another MCP server", { resource: "https://elsewhere.example.com/mcp" }],
  ])("is refused when a forger with the sealing key has put it around an assertion for %s", async (_name, changes) => {
    const opening = openEnterpriseToken(optionsFor({ ...jag, ...changes }), session, grant);
    await expect(opening).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("does what the assertion says at most, whatever a forger with the sealing key has put around it", async () => {
    const forged = { ...grant, scopes: ["openid", "weather:read", "weather:write", "admin"] };
    const { accessToken } = await openEnterpriseToken(options, session, forged);
    expect(accessToken.scopes).toEqual(["openid", "weather:read"]);
  });

  it("does what the assertion's scopes imply, where the token is for that", async () => {
    const withImpliedScopes = (scopes: readonly string[]) =>
      scopes.includes("weather:write") ? [...scopes, "weather:read"] : scopes;
    const writing = { ...optionsFor({ ...jag, scopes: ["weather:write"] }), withImpliedScopes };
    expect((await openEnterpriseToken(writing, session, grant)).accessToken.scopes).toEqual(["weather:read"]);
  });

  it("is refused where no enterprise is trusted any more", async () => {
    const untrusting = { ...options, enterprise: undefined };
    await expect(openEnterpriseToken(untrusting, session, grant)).rejects.toMatchObject({ code: "invalid_token" });
  });
});
