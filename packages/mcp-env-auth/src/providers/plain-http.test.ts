import { afterEach, describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { setOutgoing } from "../outgoing.ts";
import { AuthentikProvider } from "./authentik.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { IntrospectionTokenVerifier } from "./introspection.ts";
import { JWTVerifier } from "./jwt.ts";
import { KeycloakAuthProvider } from "./keycloak.ts";
import { LogtoProvider } from "./logto.ts";
import { OAuthProxy } from "./oauth.ts";
import { OIDCProxy } from "./oidc.ts";
import { OktaProvider } from "./okta.ts";
import { RemoteAuthProvider } from "./remote.ts";
import { startJwtIssuer } from "./testing/jwt-issuer.ts";
import { type OidcStandIn, type OidcStandInOptions, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";
import { ZitadelProvider } from "./zitadel.ts";

const AUDIENCE = "https://weather.example.com/api";
const PUBLIC = "https://keycloak.example.com/realms/one";
const HOST = "keycloak.identity.svc:8080";
const INTERNAL = `http://${HOST}`;

/** Gives `origin`'s answers to requests to the host inside the cluster, which no DNS knows. */
function resolveInternalHost(origin: string): void {
  setOutgoing({
    fetch: (url, init) => fetch(url.replace(INTERNAL, origin), init),
    proxyOf: () => undefined,
    authorities: undefined,
  });
}
afterEach(() => setOutgoing(undefined));

/** Keycloak with a public address, and a backchannel on http inside the cluster (`hostname-backchannel-dynamic`). */
async function startKeycloak(document: Record<string, unknown> = {}, options: Partial<OidcStandInOptions> = {}) {
  const standIn: OidcStandIn = await startOidcStandIn({
    path: "/realms/one",
    issuer: PUBLIC,
    claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" }),
    document: (origin) => ({
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${INTERNAL}/token`,
      jwks_uri: `${INTERNAL}/jwks.json`,
      userinfo_endpoint: `${INTERNAL}/userinfo`,
      revocation_endpoint: `${INTERNAL}/revoke`,
      ...document,
    }),
    ...options,
  });
  resolveInternalHost(standIn.origin);
  return standIn;
}

const oidc = {
  ...{ CLIENT_ID, CLIENT_SECRET, AUDIENCE, ISSUER: PUBLIC },
  CONFIG_URL: `${INTERNAL}/realms/one/.well-known/openid-configuration`,
};

describe("a provider whose backchannel is on http inside a cluster", () => {
  it("works where the operator names its host and the issuer", async () => {
    await startKeycloak();
    const server = await protectServer(OIDCProxy, { ...oidc, PLAIN_HTTP_HOSTS: HOST });
    const { client, tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("alice");
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    expect(server.logger.lines.find(({ fields }) => "event" in fields && fields.event === "plain-http")).toMatchObject({
      level: "warn",
      message: expect.stringContaining(`allows http:// to ${HOST}`),
    });
  });

  it("works by explicit endpoints, and for tokens that clients bring", async () => {
    const standIn = await startKeycloak();
    const oauth = await protectServer(OAuthProxy, {
      ...{ CLIENT_ID, CLIENT_SECRET, AUDIENCE, ISSUER: PUBLIC, REQUIRED_SCOPES: "openid", PLAIN_HTTP_HOSTS: HOST },
      AUTHORIZATION_ENDPOINT: `${standIn.origin}/authorize`,
      TOKEN_ENDPOINT: `${INTERNAL}/token`,
      JWKS_URI: `${INTERNAL}/jwks.json`,
    });
    await expect(oauth.logIn()).resolves.toBeDefined();
    const issuer = await startJwtIssuer(
      { jwks: "/realms/one/protocol/openid-connect/certs", metadata: "/metadata" },
      () => ({}),
    );
    resolveInternalHost(issuer.origin);
    const token = await issuer.sign({ iss: PUBLIC, aud: AUDIENCE, scope: "openid" });
    const keys = `${INTERNAL}/realms/one/protocol/openid-connect/certs`;
    const shared = { AUDIENCE, PLAIN_HTTP_HOSTS: HOST };
    const verifiers: readonly [DeclaredProvider, Record<string, string>][] = [
      [KeycloakAuthProvider, { REALM_URL: PUBLIC, JWKS_URI: keys }],
      [RemoteAuthProvider, { ISSUER: PUBLIC, JWKS_URI: keys }],
      [JWTVerifier, { ISSUER: PUBLIC, JWKS_URI: keys }],
    ];
    for (const [provider, variables] of verifiers) {
      const server = await protectServer(provider, { ...shared, ...variables });
      expect((await server.verify(token)).subject).toBe("alice");
    }
  });

  it("Security rule 8: is held to the public issuer, exactly", async () => {
    await startKeycloak({}, { issuer: `${INTERNAL}/realms/one` });
    await expect(protectServer(OIDCProxy, { ...oidc, PLAIN_HTTP_HOSTS: HOST })).rejects.toThrow("another issuer");
    await startKeycloak({}, { claims: () => ({ iss: `${INTERNAL}/realms/one`, sub: "alice", aud: AUDIENCE }) });
    const server = await protectServer(OIDCProxy, { ...oidc, PLAIN_HTTP_HOSTS: HOST });
    await expect(server.logIn()).rejects.toThrow(`expected ${PUBLIC}`);
  });

  it.each([
    ["token_endpoint", "http://another.svc/token", "name it in FASTMCP_SERVER_AUTH_OIDC_PLAIN_HTTP_HOSTS"],
    ["jwks_uri", "http://keycloak.identity.svc/jwks.json", "name it in FASTMCP_SERVER_AUTH_OIDC_PLAIN_HTTP_HOSTS"],
    ["authorization_endpoint", `${INTERNAL}/authorize`, "Users' browsers are sent there"],
  ])("Security: does not make http good for the %s %s", async (member, url, advice) => {
    await startKeycloak({ [member]: url });
    await expect(protectServer(OIDCProxy, { ...oidc, PLAIN_HTTP_HOSTS: HOST })).rejects.toThrow(advice);
  });
});

describe("Security: http to a host that is not this machine", () => {
  const ADDRESSES: readonly [DeclaredProvider, string][] = [
    [OIDCProxy, "CONFIG_URL"],
    [OAuthProxy, "TOKEN_ENDPOINT"],
    [OAuthProxy, "REVOCATION_ENDPOINT"],
    [OAuthProxy, "JWKS_URI"],
    [OAuthProxy, "INTROSPECTION_ENDPOINT"],
    [OAuthProxy, "USERINFO_ENDPOINT"],
    [JWTVerifier, "JWKS_URI"],
    [IntrospectionTokenVerifier, "INTROSPECTION_URL"],
    [RemoteAuthProvider, "JWKS_URI"],
    [KeycloakAuthProvider, "JWKS_URI"],
    [ZitadelProvider, "CONFIG_URL"],
    [AuthentikProvider, "CONFIG_URL"],
    [LogtoProvider, "CONFIG_URL"],
  ];
  const problemOf = (
    { declaration, fromEnvironment }: DeclaredProvider,
    name: string,
    hosts?: string,
    url = INTERNAL,
  ) =>
    fromEnvironment(
      environmentOf({
        [declaration.prefix + name]: `${url}/x`,
        ...(hosts !== undefined && { [`${declaration.prefix}PLAIN_HTTP_HOSTS`]: hosts }),
      }),
    ).problems.find(({ variable }) => variable === declaration.prefix + name)?.message;

  it.each(ADDRESSES)("is refused unless that very host is named: %o %s", (provider, name) => {
    const refusal = `It uses http on a host that is not this machine; use https. If ${HOST} is inside a network where nobody else can listen or interfere, name it in ${provider.declaration.prefix}PLAIN_HTTP_HOSTS.`;
    expect(problemOf(provider, name)).toContain(refusal);
    for (const other of ["keycloak.identity.svc", "identity.svc:8080", "x-keycloak.identity.svc:8080"]) {
      expect(problemOf(provider, name, other)).toContain(refusal);
    }
    expect(problemOf(provider, name, `other.svc ${HOST.toUpperCase()}`)).toBeUndefined();
    expect(problemOf(provider, name, "keycloak.identity.svc:80", "http://keycloak.identity.svc")).toBeUndefined();
  });

  it.each(["*", "http://keycloak:8080", "keycloak:8080/realms", "user@keycloak", "a b/c"])(
    "is named as a host, and %s is not one",
    (host) => {
      const variable = "FASTMCP_SERVER_AUTH_OIDC_PLAIN_HTTP_HOSTS";
      const { problems } = OIDCProxy.fromEnvironment(environmentOf({ [variable]: host }));
      expect(problems.find((problem) => problem.variable === variable)?.message).toContain("is not a host name");
    },
  );

  it("is refused at a provider that nobody runs inside a network of their own", () => {
    const url = `${INTERNAL}/oauth2/default`;
    expect(problemOf(OktaProvider, "CONFIG_URL", HOST, url)).toMatch(/use https\. Example:/);
  });

  it("is never good where browsers are sent, or for this server's own address", () => {
    const addresses = builtInProviders.flatMap(({ declaration }) => Object.entries(declaration.fields));
    for (const field of ["authorizationEndpoint", "baseUrl", "issuerUrl", "realmUrl", "metadataUrl"]) {
      const excepted = addresses.filter(([name, { onPlainHttpHosts }]) => name === field && onPlainHttpHosts);
      expect(excepted).toEqual([]);
    }
  });

  it("is told apart in code as well", () => {
    const options = { ...{ clientId: "a", clientSecret: "b", baseUrl: "https://mcp.example.com" } };
    const configUrl = oidc.CONFIG_URL;
    expect(() => new OIDCProxy({ ...options, configUrl })).toThrow("name it in plainHttpHosts");
    expect(() => new OIDCProxy({ ...options, configUrl, plainHttpHosts: ["other.svc"] })).toThrow("configUrl");
    expect(() => new OIDCProxy({ ...options, configUrl, plainHttpHosts: [HOST] })).not.toThrow();
    expect(() => new OIDCProxy({ ...options, configUrl: new URL(configUrl), plainHttpHosts: HOST })).not.toThrow();
  });
});
