import { describe, expect, it } from "vitest";
import type { IdJag } from "../upstream/id-jag.ts";
import type { ProviderSession } from "./context.ts";
import { openEnterpriseToken } from "./enterprise-token.ts";
import { identityHash } from "./identity-hash.ts";
import type { AccessGrant } from "./sealed-tokens.ts";

const jag: IdJag = {
  issuer: "https://acme.example",
  subject: "00u1",
  clientId: "client",
  audiences: [],
  resource: "",
  jti: "1",
  expiresAt: 2_000_000_000,
  scopes: [],
  claims: { iss: "https://acme.example", sub: "00u1" },
};
const enterprise = { verify: async () => jag, organizationOf: () => "org_acme" };
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
    const { accessToken } = await openEnterpriseToken(enterprise, session, grant);
    expect(accessToken).toMatchObject({
      subject: "https://acme.example|00u1",
      organization: "org_acme",
      organizationIssuer: "https://tenant.auth0.example/",
      token: "",
    });
  });

  it.each([
    ["another user", { subjectHash: identityHash("https://acme.example|00u2") }],
    ["the provider's user of that name", { subjectHash: identityHash("00u1") }],
    ["another client", { clientHash: identityHash("other") }],
  ])("is refused when a forger with the sealing key has put %s around an assertion", async (_name, changes) => {
    const opening = openEnterpriseToken(enterprise, session, { ...grant, ...changes });
    await expect(opening).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("is refused where no enterprise is trusted any more", async () => {
    await expect(openEnterpriseToken(undefined, session, grant)).rejects.toMatchObject({ code: "invalid_token" });
  });
});
