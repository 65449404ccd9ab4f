import { describe, expect, it } from "vitest";
import { createTestClock } from "../proxy/testing/proxy-server.ts";
import { Auth0MCPProvider } from "./auth0-mcp.ts";
import { AuthKitProvider } from "./authkit.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { DescopeProvider } from "./descope.ts";
import { KeycloakAuthProvider } from "./keycloak.ts";
import { RemoteAuthProvider } from "./remote.ts";
import { ScalekitProvider } from "./scalekit.ts";
import { SupabaseProvider } from "./supabase.ts";
import { startJwtIssuer } from "./testing/jwt-issuer.ts";
import { protectServer } from "./testing/protected-server.ts";

const PROJECT = "P2abcdefghijklmnopqrstuvwxyz";
const RESOURCE = "res_123456789";

/** One provider at which clients register themselves, with its addresses and the tokens that it gives. */
interface Remote {
  readonly provider: DeclaredProvider;
  readonly variables: (origin: string) => Readonly<Record<string, string>>;
  readonly jwks: string;
  readonly metadata: string;
  readonly algorithm?: string;
  /** Beyond the origin. */
  readonly issuer: string;
  readonly authorizationServer?: string;
  /** Absent: the URL of the MCP endpoint. */
  readonly audience?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

const WELL_KNOWN = "/.well-known/oauth-authorization-server";

const TABLE: Readonly<Record<string, Remote>> = {
  AuthKit: {
    provider: AuthKitProvider,
    variables: (origin) => ({ AUTHKIT_DOMAIN: origin }),
    jwks: "/oauth2/jwks",
    metadata: WELL_KNOWN,
    issuer: "",
    claims: { sid: "app_consent_1", jti: "1" },
  },
  "Descope, by its well-known URL": {
    provider: DescopeProvider,
    variables: (origin) => ({ CONFIG_URL: `${origin}/v1/apps/agentic/${PROJECT}/M1/.well-known/openid-configuration` }),
    jwks: `/${PROJECT}/.well-known/jwks.json`,
    metadata: `/v1/apps/${PROJECT}${WELL_KNOWN}`,
    issuer: `/v1/apps/agentic/${PROJECT}/M1`,
    audience: PROJECT,
  },
  "Descope, by project": {
    provider: DescopeProvider,
    variables: (origin) => ({ PROJECT_ID: PROJECT, DESCOPE_BASE_URL: origin }),
    jwks: `/${PROJECT}/.well-known/jwks.json`,
    metadata: `/v1/apps/${PROJECT}${WELL_KNOWN}`,
    issuer: `/v1/apps/${PROJECT}`,
    audience: PROJECT,
  },
  Scalekit: {
    provider: ScalekitProvider,
    variables: (origin) => ({ ENVIRONMENT_URL: origin, RESOURCE_ID: RESOURCE }),
    jwks: "/keys",
    metadata: `${WELL_KNOWN}/resources/${RESOURCE}`,
    issuer: "",
    authorizationServer: `/resources/${RESOURCE}`,
    audience: RESOURCE,
  },
  "Scalekit, by the issuer that it is changing to": {
    provider: ScalekitProvider,
    variables: (origin) => ({ ENVIRONMENT_URL: origin, RESOURCE_ID: RESOURCE }),
    jwks: "/keys",
    metadata: `${WELL_KNOWN}/resources/${RESOURCE}`,
    issuer: `/resources/${RESOURCE}`,
    audience: RESOURCE,
  },
  "Descope, by the project's well-known URL": {
    provider: DescopeProvider,
    variables: (origin) => ({ CONFIG_URL: `${origin}/v1/apps/${PROJECT}/.well-known/openid-configuration` }),
    jwks: `/${PROJECT}/.well-known/jwks.json`,
    metadata: `/v1/apps/${PROJECT}${WELL_KNOWN}`,
    issuer: `/v1/apps/${PROJECT}`,
    audience: PROJECT,
  },
  Supabase: {
    provider: SupabaseProvider,
    variables: (origin) => ({ PROJECT_URL: origin }),
    jwks: "/auth/v1/.well-known/jwks.json",
    metadata: `/auth/v1${WELL_KNOWN}`,
    algorithm: "ES256",
    issuer: "/auth/v1",
    audience: "authenticated",
    claims: { role: "authenticated", email: "ada@example.com", session_id: "s", aal: "aal1" },
  },
  "Supabase, hosted by oneself": {
    provider: SupabaseProvider,
    variables: (origin) => ({ PROJECT_URL: origin, AUTH_ROUTE: "custom/auth", ALGORITHM: "RS256" }),
    jwks: "/custom/auth/.well-known/jwks.json",
    metadata: `/custom/auth${WELL_KNOWN}`,
    issuer: "/custom/auth",
    audience: "authenticated",
  },
  "Auth0, with clients registered there": {
    provider: Auth0MCPProvider,
    variables: (origin) => ({ CONFIG_URL: `${origin}/.well-known/openid-configuration` }),
    jwks: "/.well-known/jwks.json",
    metadata: WELL_KNOWN,
    issuer: "/",
    claims: { permissions: ["weather:write"], scope: "openid weather:read" },
  },
  "Auth0, with clients registered there, by PS256": {
    provider: Auth0MCPProvider,
    variables: (origin) => ({ CONFIG_URL: `${origin}/.well-known/openid-configuration` }),
    jwks: "/.well-known/jwks.json",
    metadata: WELL_KNOWN,
    algorithm: "PS256",
    issuer: "/",
    claims: { scope: "openid weather:read" },
  },
  Keycloak: {
    provider: KeycloakAuthProvider,
    variables: (origin) => ({ REALM_URL: `${origin}/realms/one` }),
    jwks: "/realms/one/protocol/openid-connect/certs",
    metadata: "/realms/one/.well-known/openid-configuration",
    issuer: "/realms/one",
    claims: { typ: "Bearer", azp: "mcp-client", scope: "openid profile email" },
  },
  "any other": {
    provider: RemoteAuthProvider,
    variables: (origin) => ({ ISSUER: `${origin}/as`, JWKS_URI: `${origin}/keys`, METADATA_URL: `${origin}/metadata` }),
    jwks: "/keys",
    metadata: "/metadata",
    issuer: "/as",
  },
};

async function start(remote: Remote, changes: Readonly<Record<string, string>> = {}, clock?: () => number) {
  const issuer = await startJwtIssuer(
    remote,
    (origin) => ({
      issuer: origin + (remote.authorizationServer ?? remote.issuer),
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
    }),
    remote.algorithm,
  );
  const { origin } = issuer;
  const server = await protectServer(
    remote.provider,
    { ...remote.variables(origin), ...changes },
    clock === undefined ? {} : { clock },
  );
  const iss = origin + remote.issuer;
  const aud = remote.audience ?? server.authentication.resource;
  const sign = (claims: Record<string, unknown> = {}) => issuer.sign({ iss, aud, ...remote.claims, ...claims });
  return { issuer, origin, server, sign };
}

const fetchMetadata = (address: string, path = WELL_KNOWN) => fetch(address + path);

describe.each(Object.entries(TABLE))("%s", (_name, remote) => {
  it("is named to clients as the authorization server", async () => {
    const { origin, server } = await start(remote);
    expect(server.authentication.resource).toBe(`${server.address}/mcp`);
    expect(server.authentication.authorizationServers).toEqual([
      origin + (remote.authorizationServer ?? remote.issuer),
    ]);
  });

  it("has its tokens accepted when they are for this server", async () => {
    const { server, sign } = await start(remote);
    const token = await sign();
    expect(await server.verify(token)).toMatchObject({ token, subject: "alice", claims: remote.claims ?? {} });
  });

  it("has its metadata served here, too, for older clients", async () => {
    const { origin, server } = await start(remote);
    for (const path of [WELL_KNOWN, `${WELL_KNOWN}/mcp`]) {
      const response = await fetchMetadata(server.address, path);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(await response.json()).toMatchObject({ registration_endpoint: `${origin}/register` });
    }
  });

  it.each([
    ["another audience", { aud: "https://another.example/mcp" }],
    ["no audience", { aud: undefined }],
    ["another issuer", { iss: "https://another.example" }],
    ["no end", { exp: undefined }],
    ["a past end", { exp: 1_700_000_000 }],
  ])("Security: has a token with %s refused", async (_what, claims) => {
    const { server, sign } = await start(remote);
    await expect(server.verify(await sign(claims))).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("takes another audience from its own variable", async () => {
    const { server, sign } = await start(remote, { AUDIENCE: '["one", "two"]' });
    await expect(server.verify(await sign({ aud: "two" }))).resolves.toBeDefined();
    await expect(server.verify(await sign())).rejects.toMatchObject({ code: "invalid_token" });
  });

  it("takes FASTMCP_SERVER_AUTH_JWT_AUDIENCE for its audience where FastMCP does, and nowhere else", async () => {
    const { server, sign } = await start(remote, { FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "other" });
    const inFastMCP: readonly DeclaredProvider[] = [AuthKitProvider, ScalekitProvider, SupabaseProvider];
    const [good, bad] = inFastMCP.includes(remote.provider) ? [{ aud: "other" }, {}] : [{}, { aud: "other" }];
    await expect(server.verify(await sign(good))).resolves.toBeDefined();
    await expect(server.verify(await sign(bad))).rejects.toMatchObject({ code: "invalid_token" });
  });
});

describe("forwarded metadata", () => {
  const remote = TABLE.AuthKit as Remote;

  it("is fetched once an hour, and the last good one outlives an outage", async () => {
    const clock = createTestClock();
    const { issuer, server } = await start(remote, {}, clock.now);
    await Promise.all([fetchMetadata(server.address), fetchMetadata(server.address)]);
    await fetchMetadata(server.address);
    expect(issuer.to(remote.metadata)).toHaveLength(1);
    clock.advance(3601);
    issuer.override(remote.metadata, () => ({ status: 500 }));
    expect((await fetchMetadata(server.address)).status).toBe(200);
    expect((await fetchMetadata(server.address)).status).toBe(200);
    expect(issuer.to(remote.metadata)).toHaveLength(2);
  });

  it.each([
    ["is out", { status: 500 }],
    ["answers with a page", { text: "<html>" }],
    ["answers without endpoints", { json: { issuer: "https://x.example" } }],
    [
      "answers with endpoints that are not https",
      {
        json: {
          issuer: "https://x.example",
          authorization_endpoint: "http://x.example/a",
          token_endpoint: "https://x.example/t",
        },
      },
    ],
  ])("is 503 while the provider %s, and comes when it is back", async (_what, answer) => {
    const clock = createTestClock();
    const { issuer, server } = await start(remote, {}, clock.now);
    issuer.override(remote.metadata, () => answer);
    const response = await fetchMetadata(server.address);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    issuer.override(remote.metadata);
    expect((await fetchMetadata(server.address)).status).toBe(503);
    clock.advance(6);
    expect((await fetchMetadata(server.address)).status).toBe(200);
  });
});
