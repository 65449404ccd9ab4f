import { startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import type { AuthProvider } from "./auth-provider.ts";
import { Auth0MCPProvider } from "./auth0-mcp.ts";
import { JWTVerifier } from "./jwt.ts";
import { createTestContext } from "./testing/context.ts";

let auth0: Awaited<ReturnType<typeof startDevAuth0>>;
beforeAll(async () => {
  auth0 = await startDevAuth0({ organizationNames: true });
});
afterAll(() => auth0.close());

const verify = async (provider: AuthProvider, token: string) =>
  (await provider.authenticate(createTestContext())).verifier.verify(token);

describe("Security rule 17: a JWT that a client brings straight to the MCP endpoint", () => {
  const providers: readonly [string, (allowedOrganizations?: string[]) => AuthProvider][] = [
    [
      "Auth0MCPProvider",
      (allowedOrganizations) =>
        new Auth0MCPProvider({
          configUrl: auth0.configUrl,
          audience: auth0.audience,
          baseUrl: "https://mcp.example.com",
          allowedOrganizations,
        }),
    ],
    [
      "JWTVerifier",
      (allowedOrganizations) =>
        new JWTVerifier({
          jwksUri: `${auth0.issuer}.well-known/jwks.json`,
          issuer: auth0.issuer,
          audience: auth0.audience,
          allowedOrganizations,
        }),
    ],
  ];

  it.each(providers)("is held to the allowed organizations (%s)", async (_name, create) => {
    const token = (organization?: string) =>
      auth0.issueAccessToken({ user: "dave", ...(organization !== undefined && { organization }) });
    const provider = create(["org_acme"]);
    await expect(verify(provider, await token("org_acme"))).resolves.toMatchObject({ organization: "org_acme" });
    await expect(verify(provider, await token("org_globex"))).rejects.toMatchObject({ code: "invalid_token" });
    await expect(verify(provider, await token())).rejects.toThrow("Log in through your organization.");
  });

  it.each(providers)("says its organization where all are allowed, or none (%s)", async (_name, create) => {
    const provider = create();
    const token = await auth0.issueAccessToken({ user: "dave", organization: "org_globex" });
    await expect(verify(provider, token)).resolves.toMatchObject({ organization: "org_globex" });
    const none = await verify(provider, await auth0.issueAccessToken({ user: "dave" }));
    expect(none).not.toHaveProperty("organization");
  });

  it("is compared by the claim that the environment names", async () => {
    const PREFIX = "FASTMCP_SERVER_AUTH_JWT_";
    const { provider, problems } = JWTVerifier.fromEnvironment(
      environmentOf({
        [`${PREFIX}JWKS_URI`]: `${auth0.issuer}.well-known/jwks.json`,
        [`${PREFIX}ISSUER`]: auth0.issuer,
        [`${PREFIX}AUDIENCE`]: auth0.audience,
        [`${PREFIX}ORGANIZATION_CLAIM`]: "https://example.com/tenant",
        [`${PREFIX}ALLOWED_ORGANIZATIONS`]: "acme globex",
      }),
    );
    expect(problems).toEqual([]);
    if (provider === undefined) {
      throw new Error("There is a provider.");
    }
    const token = (tenant: unknown) => auth0.issueAccessToken({ claims: { "https://example.com/tenant": tenant } });
    await expect(verify(provider, await token("globex"))).resolves.toMatchObject({ organization: "globex" });
    await expect(verify(provider, await token("initech"))).rejects.toMatchObject({ code: "invalid_token" });
    await expect(verify(provider, await token(["acme"]))).resolves.toMatchObject({ organization: "acme" });
    await expect(verify(provider, await token(["acme", "initech"]))).resolves.toMatchObject({ organization: "acme" });
    await expect(verify(provider, await token({ acme: { id: "1" } }))).resolves.toMatchObject({ organization: "acme" });
    for (const several of [["acme", "globex"], { acme: {}, globex: {} }]) {
      await expect(verify(provider, await token(several))).rejects.toThrow("several organizations");
    }
    // Nor by a claim of another name.
    const other = await auth0.issueAccessToken({ organization: "acme" });
    await expect(verify(provider, other)).rejects.toMatchObject({ code: "invalid_token" });
  });
});
