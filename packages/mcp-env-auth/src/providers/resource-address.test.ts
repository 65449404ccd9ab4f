import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { variableName } from "../env/field.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { OIDCProxy } from "./oidc.ts";
import { RemoteAuthProvider } from "./remote.ts";
import { startJwtIssuer } from "./testing/jwt-issuer.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const RESOURCE_BASE_URL = "https://mcp.example.com/tools/";
const RESOURCE = "https://mcp.example.com/tools/mcp";

function describedBy(
  { declaration, fromEnvironment }: (typeof builtInProviders)[number],
  more: Record<string, string>,
) {
  const { fields, prefix } = declaration;
  const needed = Object.entries(fields).filter(([, { presence }]) => presence === "required");
  const extra = { CLIENT_SECRET: "a secret of the client", ...more };
  const environment = environmentOf({
    ...Object.fromEntries(needed.map(([name, { example }]) => [variableName(prefix, name), example])),
    ...Object.fromEntries(Object.entries(extra).map(([name, value]) => [prefix + name, value])),
  });
  return fromEnvironment(environment).provider?.describe?.("/mcp");
}

describe("RESOURCE_BASE_URL", () => {
  const providers = builtInProviders.filter(({ declaration }) => "resourceBaseUrl" in declaration.fields);

  it("is a setting of every provider with a login, and of those at which clients register", () => {
    expect(providers.length).toBeGreaterThan(20);
  });

  it.each(providers)("is where clients are told that the MCP endpoint is: $declaration.title", (provider) => {
    const described = describedBy(provider, { RESOURCE_BASE_URL });
    if (described !== undefined) {
      expect(described.resource).toBe(RESOURCE);
    }
  });

  it("is what tokens are for, while the authorization server stays at BASE_URL", async () => {
    const standIn = await startOidcStandIn({
      claims: (_grant, iss) => ({ iss, sub: "alice", azp: CLIENT_ID, scope: "openid" }),
    });
    const settings = { CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET };
    const server = await protectServer(OIDCProxy, { ...settings, RESOURCE_BASE_URL, FORWARD_RESOURCE: "false" });
    expect(server.authentication).toMatchObject({ resource: RESOURCE, authorizationServers: [`${server.address}/`] });
    const { client, tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("alice");
    const wrong = await client.refresh(tokens.refresh_token, { resource: `${server.address}/mcp` });
    expect(wrong.body.error).toBe("invalid_target");
  });

  it("is the audience of tokens that clients bring, unless AUDIENCE says otherwise", async () => {
    const issuer = await startJwtIssuer({ jwks: "/keys", metadata: "/metadata" }, () => ({}));
    const settings = { ISSUER: issuer.origin, JWKS_URI: `${issuer.origin}/keys`, RESOURCE_BASE_URL };
    const server = await protectServer(RemoteAuthProvider, settings);
    const verify = async (aud: string) => server.verify(await issuer.sign({ iss: issuer.origin, aud }));
    expect((await verify(RESOURCE)).subject).toBe("alice");
    await expect(verify(`${server.address}/mcp`)).rejects.toThrow(`expected ${RESOURCE}`);
  });
});

describe("SCOPES_SUPPORTED", () => {
  it.each(builtInProviders.filter(({ declaration }) => "scopesSupported" in declaration.fields))(
    "is what clients are told to ask for, and no token is held to it: $declaration.title",
    (provider) => {
      const described = describedBy(provider, { SCOPES_SUPPORTED: "api://x/read", REQUIRED_SCOPES: "read" });
      if (described !== undefined) {
        expect(described).toMatchObject({ scopesSupported: ["api://x/read"], requiredScopes: ["read"] });
        expect(describedBy(provider, {})).not.toHaveProperty("scopesSupported");
      }
    },
  );
});
