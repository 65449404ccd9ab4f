import { readFileSync } from "node:fs";
import path from "node:path";
import {
  Client,
  ClientCredentialsProvider,
  createPrivateKeyJwtAuth,
  PrivateKeyJwtProvider,
  StaticPrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { exportJWK, exportPKCS8, generateKeyPair, SignJWT } from "jose";
import { getAccessToken, type ProtectedServer } from "mcp-env-auth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, launchInProcess, until } from "./support/in-process.ts";
import { repository } from "./support/scaffolder.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_AUTH0_";

const keys = await generateKeyPair("RS256", { extractable: true });

let auth0: DevAuth0;
let server: InProcessServer & { close(): Promise<void> };

const register = (target: ProtectedServer) =>
  target
    .registerTool("who", {}, () => {
      const { subject, clientId, organization, scopes } = getAccessToken();
      return { subject, clientId, organization, scopes };
    })
    .registerTool("write", { requiredScopes: ["weather:write"] }, () => "written");

beforeAll(async () => {
  auth0 = await startDevAuth0({
    applications: [
      { clientId: "login", clientSecret: "login secret", type: "regular_web" },
      { clientId: "nightly", clientSecret: "nightly secret", type: "machine" },
      {
        clientId: "reader",
        clientSecret: "reader secret",
        type: "machine",
        tokenEndpointAuthMethod: "client_secret_post",
        clientGrants: { "https://weather.example.com/api": ["weather:read"] },
      },
      {
        clientId: "signer",
        type: "machine",
        tokenEndpointAuthMethod: "private_key_jwt",
        publicKeys: [{ ...(await exportJWK(keys.publicKey)), alg: "RS256" }],
      },
    ],
  });
  server = await launchInProcess({
    auth0,
    register,
    env: {
      FASTMCP_RATE_LIMIT: "0",
      [`${PREFIX}JWT_SIGNING_KEY`]: "a signing key of more than thirty-two bytes",
      [`${PREFIX}REQUIRED_SCOPES`]: "weather:read",
      [`${PREFIX}MACHINE_CLIENTS`]: "nightly reader signer",
    },
  });
  await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
});
afterAll(async () => {
  await server?.close();
  await auth0?.close();
});

type AuthProvider = ClientCredentialsProvider | PrivateKeyJwtProvider | StaticPrivateKeyJwtProvider;

async function connect(authProvider: AuthProvider, mode: "auto" | "legacy" = "auto") {
  const client = new Client({ name: "nightly job", version: "1.0.0" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { authProvider }));
  return client;
}

async function ask(client: Client, name: string): Promise<string> {
  const { content } = await client.callTool({ name, arguments: {} });
  await client.close();
  return (content as { text: string }[])[0]?.text ?? "";
}

const machine = (clientId: string) =>
  new ClientCredentialsProvider({
    clientId,
    clientSecret: `${clientId} secret`,
    expectedIssuer: `${server.origin}/`,
  });

describe("the client-credentials extension (io.modelcontextprotocol/oauth-client-credentials)", () => {
  it("is announced in the metadata", async () => {
    const answer = await fetch(`${server.origin}/.well-known/oauth-authorization-server`);
    const metadata = (await answer.json()) as Record<string, readonly string[]>;
    expect(metadata.grant_types_supported).toContain("client_credentials");
    expect(metadata.token_endpoint_auth_methods_supported).toContain("client_secret_basic");
  });

  it.each(["auto", "legacy"] as const)("serves the SDK's ClientCredentialsProvider (%s era)", async (mode) => {
    expect(JSON.parse(await ask(await connect(machine("nightly"), mode), "who"))).toMatchObject({
      subject: "nightly@clients",
      clientId: "nightly",
      scopes: ["weather:read"],
    });
  });

  it("lets a machine step up to what the provider granted it, and no further", async () => {
    const nightly = machine("nightly");
    expect(await ask(await connect(nightly), "write")).toBe("written");
    expect(nightly.tokens()?.scope?.split(" ").sort()).toEqual(["weather:read", "weather:write"]);
    expect(nightly.tokens()).not.toHaveProperty("refresh_token");
    await expect(ask(await connect(machine("reader")), "write")).rejects.toThrow();
  });

  it("passes an assertion on that a machine signed for the provider", async () => {
    const jwtBearerAssertion = await new SignJWT({})
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer("signer")
      .setSubject("signer")
      .setAudience(auth0.issuer)
      .setJti("assertion 1")
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(keys.privateKey);
    const provider = new StaticPrivateKeyJwtProvider({
      clientId: "signer",
      jwtBearerAssertion,
      expectedIssuer: `${server.origin}/`,
    });
    expect(JSON.parse(await ask(await connect(provider), "who"))).toMatchObject({ subject: "signer@clients" });
  });

  it("finds out once how the provider takes a machine's secret", async () => {
    const refused = () =>
      auth0.requests.filter(({ params, status }) => params.grant_type === "client_credentials" && status === 401);
    // It takes its secret in the body only; the metadata lists the header first.
    await connect(machine("reader"));
    auth0.requests.length = 0;
    await connect(machine("reader"));
    expect(refused()).toEqual([]);
  });

  it("serves the SDK's PrivateKeyJwtProvider, which signs for the provider, as often as it likes", async () => {
    const privateKey = await exportPKCS8(keys.privateKey);
    const authProvider = new PrivateKeyJwtProvider({
      clientId: "signer",
      privateKey,
      algorithm: "RS256",
      expectedIssuer: `${server.origin}/`,
    });
    // One that it signed for this server is nothing that the provider would take.
    await expect(connect(authProvider)).rejects.toThrow();
    authProvider.addClientAuthentication = createPrivateKeyJwtAuth({
      issuer: "signer",
      subject: "signer",
      privateKey,
      alg: "RS256",
      audience: auth0.issuer,
    });
    expect(await ask(await connect(authProvider), "write")).toBe("written");
  });

  it("is documented by variables that there are", () => {
    const read = (file: string) => readFileSync(path.join(repository, "docs", file), "utf8");
    const named = [...read("machines.md").matchAll(/FASTMCP_\w+/g)].map(([name]) => name);
    expect(named.filter((name) => !read("environment.md").includes(`${name}\``))).toEqual([]);
  });

  it("serves people beside machines", async () => {
    const { access_token } = await server.getTokens("alice");
    const answer = await server.call(access_token);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("auth0|alice");
  });
});
