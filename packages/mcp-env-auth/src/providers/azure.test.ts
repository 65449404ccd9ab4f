import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { AzureProvider } from "./azure.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const TENANT = "08541b6e-646d-43de-a0eb-834e6713d6d5";
const API = `api://${CLIENT_ID}`;

/** Entra, whose tokens carry scopes without their URI and none of OpenID Connect's. */
async function startEntra({ tenant = TENANT, claims = {} as Record<string, unknown> } = {}) {
  let origin = "";
  const entra = await startOidcStandIn({
    authorizePath: `/${tenant}/oauth2/v2.0/authorize`,
    tokenPath: `/${tenant}/oauth2/v2.0/token`,
    jwksPath: `/${tenant}/discovery/v2.0/keys`,
    claims: ({ scope }) => ({
      aud: CLIENT_ID,
      iss: `${origin}/${TENANT}/v2.0`,
      azp: CLIENT_ID,
      name: "Ada",
      oid: "690222be-ff1a-4d56-abd1-7e4f7d38e474",
      preferred_username: "ada@example.com",
      scp: scope
        .split(" ")
        .filter((name) => name.startsWith("api://"))
        .map((name) => name.split("/").at(-1))
        .join(" "),
      sub: "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
      tid: TENANT,
      ver: "2.0",
      ...claims,
    }),
  });
  origin = entra.origin;
  return { entra, variables: { CLIENT_ID, CLIENT_SECRET, TENANT_ID: tenant, BASE_AUTHORITY: origin } };
}

const authorizePath = `/${TENANT}/oauth2/v2.0/authorize`;
const tokenPath = `/${TENANT}/oauth2/v2.0/token`;

describe("a login at Entra", () => {
  it("spells scopes with the API's URI there, and without it here", async () => {
    const { entra, variables } = await startEntra();
    const server = await protectServer(AzureProvider, {
      ...variables,
      REQUIRED_SCOPES: "read openid",
      ADDITIONAL_AUTHORIZE_SCOPES: "User.Read",
    });
    const { client, tokens } = await server.logIn();
    expect(entra.to(authorizePath)[0]?.query).toMatchObject({
      scope: `${API}/read openid offline_access User.Read`,
      prompt: "select_account",
    });
    expect(entra.to(authorizePath)[0]?.query).not.toHaveProperty("resource");
    expect(entra.to(tokenPath).at(-1)?.form.scope).toBe(`${API}/read openid offline_access`);
    expect(tokens.scope).toBe("read openid");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      subject: "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
      scopes: ["read", "openid"],
      claims: { tid: TENANT, preferred_username: "ada@example.com" },
    });
    const { body } = await client.refresh(tokens.refresh_token);
    expect(body.scope).toBe("read openid");
    expect(entra.to(tokenPath).at(-1)?.form.scope).toBe(`${API}/read openid offline_access`);
  });

  it("takes scopes that are spelled with the URI already, and a URI of one's own", async () => {
    const { entra, variables } = await startEntra({ claims: { aud: "api://my-api", scp: "read" } });
    const server = await protectServer(AzureProvider, {
      ...variables,
      IDENTIFIER_URI: "api://my-api",
      REQUIRED_SCOPES: "api://my-api/read",
    });
    expect((await server.logIn()).tokens.scope).toBe("api://my-api/read");
    expect(entra.to(authorizePath)[0]?.query.scope).toBe("api://my-api/read offline_access");
  });

  it("lets accounts of many tenants in only when asked to, each by its own issuer", async () => {
    const tenant = "organizations";
    const { variables } = await startEntra({ tenant });
    const server = await protectServer(AzureProvider, { ...variables, REQUIRED_SCOPES: "read" });
    await expect(server.logIn()).resolves.toBeDefined();
    const forged = await startEntra({ tenant, claims: { tid: "another" } });
    const other = await protectServer(AzureProvider, { ...forged.variables, REQUIRED_SCOPES: "read" });
    await expect(other.logIn()).rejects.toThrow("issuer is not the tenant");
  });

  it("takes the tenant's id in any case", async () => {
    const { variables } = await startEntra();
    const { TENANT_ID } = variables;
    const entra = await startEntra({ tenant: TENANT_ID.toUpperCase() });
    const server = await protectServer(AzureProvider, { ...entra.variables, REQUIRED_SCOPES: "read" });
    await expect(server.logIn()).resolves.toBeDefined();
  });
});

describe("Security: an Entra token that is not the tenant's for our API", () => {
  it.each([
    [{ aud: "00000003-0000-0000-c000-000000000000" }, "IDENTIFIER_URI"],
    [{ iss: `https://sts.windows.net/${TENANT}/` }, "requestedAccessTokenVersion"],
    [{ scp: "write" }, "required scopes: read"],
  ])("logs nobody in: %o", async (claims, reason) => {
    const { variables } = await startEntra({ claims });
    const server = await protectServer(AzureProvider, { ...variables, REQUIRED_SCOPES: "read" });
    await expect(server.logIn()).rejects.toThrow(reason);
  });

  it("logs no personal account in where organizations are let in", async () => {
    const consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    const claims: Record<string, unknown> = { tid: consumers };
    const { entra, variables } = await startEntra({ tenant: "organizations", claims });
    claims.iss = `${entra.origin}/${consumers}/v2.0`;
    const server = await protectServer(AzureProvider, { ...variables, REQUIRED_SCOPES: "read" });
    await expect(server.logIn()).rejects.toThrow("personal account");
  });
});

describe("AzureProvider from the environment", () => {
  const PREFIX = "FASTMCP_SERVER_AUTH_AZURE_";
  const minimal = {
    CLIENT_ID,
    CLIENT_SECRET,
    TENANT_ID: TENANT,
    BASE_URL: "https://x.example",
    REQUIRED_SCOPES: "read",
  };
  const problemsOf = (changes: Readonly<Record<string, string>>) => {
    const named = Object.entries({ ...minimal, ...changes }).map(([name, value]) => [PREFIX + name, value]);
    const { problems } = AzureProvider.fromEnvironment(environmentOf(Object.fromEntries(named)));
    return problems.map(({ variable, message }) => `${variable?.slice(PREFIX.length)} ${message}`);
  };

  it("takes the host of another cloud, bare as in FastMCP", () => {
    expect(problemsOf({ BASE_AUTHORITY: "login.microsoftonline.us" })).toEqual([]);
  });

  it("asks for the tenant's id where its domain is given, which no issuer holds", () => {
    expect(problemsOf({ TENANT_ID: "contoso.onmicrosoft.com" })).toEqual([
      expect.stringContaining("TENANT_ID must be the tenant's id, not its domain"),
    ]);
  });

  it("needs a scope of the API", () => {
    expect(problemsOf({ REQUIRED_SCOPES: "" })).toEqual([expect.stringContaining("REQUIRED_SCOPES is required")]);
    expect(problemsOf({ REQUIRED_SCOPES: "openid profile" })).toEqual([
      expect.stringContaining("no scope of your API"),
    ]);
  });
});

describe("SUBJECT_CLAIM at Entra", () => {
  const read = (variables: Record<string, string>) =>
    AzureProvider.fromEnvironment(
      environmentOf(
        Object.fromEntries(
          Object.entries({
            ...{ CLIENT_ID, CLIENT_SECRET, BASE_URL: "https://mcp.example.com", REQUIRED_SCOPES: "read" },
            ...variables,
          }).map(([name, value]) => [`FASTMCP_SERVER_AUTH_AZURE_${name}`, value]),
        ),
      ),
    );

  it.each(["common", "Organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"])(
    "Security rule 20: is refused for accounts of many tenants, whose administrators name their users: %s",
    (tenant) => {
      const { problems } = read({ TENANT_ID: tenant, SUBJECT_CLAIM: "email" });
      expect(problems).toMatchObject([
        {
          variable: "FASTMCP_SERVER_AUTH_AZURE_SUBJECT_CLAIM",
          message: expect.stringContaining("administrators of other tenants"),
        },
      ]);
      expect(read({ TENANT_ID: tenant }).problems).toEqual([]);
    },
  );

  it("names users of one tenant", async () => {
    const { variables } = await startEntra();
    const settings = { ...variables, REQUIRED_SCOPES: "read", SUBJECT_CLAIM: "preferred_username" };
    const server = await protectServer(AzureProvider, settings);
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("ada@example.com");
  });
});
