import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { AzureProvider } from "./azure.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const TENANT = "08541b6e-646d-43de-a0eb-834e6713d6d5";
const POLICY = "B2C_1_susi";
const PATH = `/contoso.onmicrosoft.com/${POLICY}`;
const API = `https://contoso.onmicrosoft.com/${CLIENT_ID}`;

/** Azure AD B2C as its documentation describes it. Nothing here was run against B2C. */
async function startB2c(claims: (origin: string) => Record<string, unknown> = () => ({})) {
  let origin = "";
  const b2c = await startOidcStandIn({
    authorizePath: `${PATH}/oauth2/v2.0/authorize`,
    tokenPath: `${PATH}/oauth2/v2.0/token`,
    jwksPath: `${PATH}/discovery/v2.0/keys`,
    claims: ({ scope }) => ({
      ...{ aud: CLIENT_ID, iss: `${origin}/${TENANT}/v2.0/`, azp: CLIENT_ID, tfp: POLICY, ver: "1.0" },
      ...{ sub: "690222be-ff1a-4d56-abd1-7e4f7d38e474", oid: "690222be-ff1a-4d56-abd1-7e4f7d38e474" },
      scp: scope
        .split(" ")
        .filter((name) => name.startsWith(API))
        .map((name) => name.split("/").at(-1))
        .join(" "),
      ...claims(origin),
    }),
  });
  origin = b2c.origin;
  const variables = {
    ...{ CLIENT_ID, CLIENT_SECRET, TENANT_ID: TENANT, TENANT_NAME: "contoso", POLICY_NAME: POLICY },
    ...{ CUSTOM_DOMAIN: origin, REQUIRED_SCOPES: "read" },
  };
  return { b2c, origin, variables };
}

describe("a login at Azure AD B2C", () => {
  it("goes to the policy's endpoints, spells scopes as B2C does, and shows no account picker", async () => {
    const { b2c, variables } = await startB2c();
    const server = await protectServer(AzureProvider, variables);
    const { client, tokens } = await server.logIn();
    const { query } = b2c.to(`${PATH}/oauth2/v2.0/authorize`)[0] ?? {};
    expect(query).toMatchObject({ scope: `${API}/read offline_access` });
    expect(query).not.toHaveProperty("prompt");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      subject: "690222be-ff1a-4d56-abd1-7e4f7d38e474",
      scopes: ["read"],
    });
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it("accepts the issuer that TOKEN_ISSUER names, for a tenant that writes tfp into it", async () => {
    const issuerOf = (origin: string) => `${origin}/tfp/${TENANT}/b2c_1_susi/v2.0/`;
    const { origin, variables } = await startB2c((at) => ({ iss: issuerOf(at) }));
    const without = await protectServer(AzureProvider, variables);
    await expect(without.logIn()).rejects.toThrow("set TOKEN_ISSUER");
    const server = await protectServer(AzureProvider, { ...variables, TOKEN_ISSUER: issuerOf(origin) });
    await expect(server.logIn()).resolves.toBeDefined();
  });

  it("takes a subject from oid where SUBJECT_CLAIM says so", async () => {
    const { variables } = await startB2c(() => ({ sub: "Not supported currently. Use oid claim." }));
    const server = await protectServer(AzureProvider, { ...variables, SUBJECT_CLAIM: "oid" });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("690222be-ff1a-4d56-abd1-7e4f7d38e474");
  });

  it("exchanges no tokens, and says why", async () => {
    const { variables } = await startB2c();
    const server = await protectServer(AzureProvider, variables);
    const { tokens } = await server.logIn();
    const token = await server.verify(tokens.access_token);
    await expect(server.authentication.exchange?.(token, { audience: "https://graph.microsoft.com" })).rejects.toThrow(
      "no on-behalf-of flow",
    );
  });
});

describe("Security: a token of Azure AD B2C", () => {
  it.each([
    ["of another tenant", (origin: string) => ({ iss: `${origin}/3b2f1a6e-9c4d-4e57-8a10-6d2b7f0c9e51/v2.0/` })],
    ["of another spelling of the issuer", (origin: string) => ({ iss: `${origin}/${TENANT}/v2.0` })],
    ["of another host", () => ({ iss: `https://evil.example/${TENANT}/v2.0/` })],
  ])("Security rule 8: %s logs nobody in", async (_what, claims) => {
    const { variables } = await startB2c(claims);
    const server = await protectServer(AzureProvider, variables);
    await expect(server.logIn()).rejects.toThrow("The token's issuer is");
  });

  it("for another API logs nobody in", async () => {
    const { variables } = await startB2c(() => ({ aud: "another" }));
    const server = await protectServer(AzureProvider, variables);
    await expect(server.logIn()).rejects.toThrow("is for another");
  });

  it.each([
    ["left out", {}],
    ["sub", { SUBJECT_CLAIM: "sub" }],
  ])(
    "Security rule 20: that has one subject for everybody logs nobody in, with SUBJECT_CLAIM %s",
    async (_what, more) => {
      const { variables } = await startB2c(() => ({ sub: "Not supported currently. Use oid claim." }));
      const server = await protectServer(AzureProvider, { ...variables, ...more });
      await expect(server.logIn()).rejects.toThrow("_SUBJECT_CLAIM to oid");
    },
  );
});

describe("the settings of Azure AD B2C", () => {
  const PREFIX = "FASTMCP_SERVER_AUTH_AZURE_";
  const minimal = {
    ...{ CLIENT_ID, CLIENT_SECRET, TENANT_ID: TENANT, BASE_URL: "https://x.example", REQUIRED_SCOPES: "read" },
    ...{ POLICY_NAME: POLICY, TENANT_NAME: "contoso" },
  };
  const problemsOf = (changes: Readonly<Record<string, string | undefined>>) => {
    const named = Object.entries({ ...minimal, ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [[PREFIX + name, value]],
    );
    const { problems } = AzureProvider.fromEnvironment(environmentOf(Object.fromEntries(named)));
    return problems.map(({ variable, message }) => `${variable?.slice(PREFIX.length)} ${message}`);
  };

  it("are enough together", () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ CUSTOM_DOMAIN: "login.contoso.com" })).toEqual([]);
  });

  it.each([
    [{ TENANT_NAME: undefined }, "TENANT_NAME is required"],
    [{ POLICY_NAME: undefined }, "POLICY_NAME is required"],
    [{ TENANT_NAME: "contoso.onmicrosoft.com" }, "TENANT_NAME must be the tenant's name alone"],
    [{ TENANT_ID: "organizations" }, "TENANT_ID must be the id of the Azure AD B2C tenant"],
    [{ CUSTOM_DOMAIN: "http://login.contoso.com" }, "CUSTOM_DOMAIN must be an https URL"],
  ])("are incomplete or wrong: %o", (changes, problem) => {
    expect(problemsOf(changes)).toEqual([expect.stringContaining(problem)]);
  });
});
