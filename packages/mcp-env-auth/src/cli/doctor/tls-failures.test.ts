import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { setOutgoing } from "../../outgoing.ts";
import { diagnoseEnvironment } from "../testing/diagnosis.ts";

const TLS = new URL("../../lib/testing/tls/", import.meta.url);
const read = (name: string) => readFileSync(new URL(`${name}.pem`, TLS), "utf8");
const key = read("key");

afterEach(() => setOutgoing(undefined));

/** https that its clients have a reason to refuse. */
async function startTls(options: TlsOptions): Promise<string> {
  const server = createTlsServer({ key, ...options }).on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `localhost:${(server.address() as AddressInfo).port}`;
}

const BASE = { FASTMCP_PORT: "8000", NODE_EXTRA_CA_CERTS: fileURLToPath(new URL("ca.pem", TLS)) };
const CLIENT = (prefix: string) => ({
  [`${prefix}CLIENT_ID`]: "client",
  [`${prefix}CLIENT_SECRET`]: "the-secret-of-the-client",
  [`${prefix}BASE_URL`]: "http://localhost:8000",
});

/** Where a server connects to by TLS: its variables with that address, and the check that tells. */
const PLACES: Readonly<Record<string, { check: string; env: (host: string) => Readonly<Record<string, string>> }>> = {
  "the config URL": {
    check: "discovery",
    env: (host) => ({
      FASTMCP_SERVER_AUTH: "OIDC",
      FASTMCP_SERVER_AUTH_OIDC_CONFIG_URL: `https://${host}/.well-known/openid-configuration`,
      ...CLIENT("FASTMCP_SERVER_AUTH_OIDC_"),
    }),
  },
  "the JWKS": {
    check: "keys",
    env: (host) => ({
      FASTMCP_SERVER_AUTH: "JWT",
      FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `https://${host}/jwks.json`,
      FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "https://mcp.example.com",
    }),
  },
  "the token endpoint": {
    check: "credentials",
    env: (host) => ({
      FASTMCP_SERVER_AUTH: "OAUTH",
      FASTMCP_SERVER_AUTH_OAUTH_AUTHORIZATION_ENDPOINT: "http://localhost:2/authorize",
      FASTMCP_SERVER_AUTH_OAUTH_TOKEN_ENDPOINT: `https://${host}/token`,
      FASTMCP_SERVER_AUTH_OAUTH_USERINFO_ENDPOINT: "http://localhost:2/userinfo",
      ...CLIENT("FASTMCP_SERVER_AUTH_OAUTH_"),
    }),
  },
  introspection: {
    check: "keys",
    env: (host) => ({
      FASTMCP_SERVER_AUTH: "INTROSPECTION",
      FASTMCP_SERVER_AUTH_INTROSPECTION_INTROSPECTION_URL: `https://${host}/introspect`,
      FASTMCP_SERVER_AUTH_INTROSPECTION_CLIENT_ID: "client",
      FASTMCP_SERVER_AUTH_INTROSPECTION_CLIENT_SECRET: "the-secret-of-the-client",
    }),
  },
  "the userinfo endpoint": {
    check: "keys",
    env: (host) => ({
      FASTMCP_SERVER_AUTH: "OAUTH",
      FASTMCP_SERVER_AUTH_OAUTH_AUTHORIZATION_ENDPOINT: "http://localhost:2/authorize",
      FASTMCP_SERVER_AUTH_OAUTH_TOKEN_ENDPOINT: "http://localhost:2/token",
      FASTMCP_SERVER_AUTH_OAUTH_USERINFO_ENDPOINT: `https://${host}/userinfo`,
      ...CLIENT("FASTMCP_SERVER_AUTH_OAUTH_"),
    }),
  },
  "Redis over TLS": {
    check: "storage",
    env: (host) => ({ FASTMCP_SERVER_AUTH: "none", FASTMCP_STORAGE_URL: `rediss://user:password-of-redis@${host}` }),
  },
  BASE_URL: {
    check: "base-url",
    env: (host) => ({
      FASTMCP_SERVER_AUTH: "JWT",
      FASTMCP_SERVER_AUTH_JWT_JWKS_URI: "http://localhost:2/jwks.json",
      FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "https://mcp.example.com",
      FASTMCP_SERVER_AUTH_JWT_BASE_URL: `https://${host}`,
    }),
  },
};

const FAULTS = [
  ["has expired", { cert: read("expired") }, "its certificate has expired"],
  ["is not valid yet", { cert: read("not-yet-valid") }, "its certificate is not valid yet"],
  ["signed itself", { cert: read("self-signed") }, "its certificate is self-signed"],
  ["is for another name", { cert: read("other-name") }, "its certificate is for other.example"],
  [
    "comes with old versions of TLS only",
    { cert: read("good"), minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
    "it offers no version of TLS that is accepted here",
  ],
] as const;

describe.each(Object.entries(PLACES))("at %s", (place, { check, env }) => {
  it.each(FAULTS)("a certificate that %s is told in these words", async (_what, options, words) => {
    // The certificates of Redis are Node's own matter: the test authority is not known there.
    const redisKnowsNoAuthority = place === "Redis over TLS" && words.includes("other.example");
    const host = await startTls(options as TlsOptions);
    const findings = (await diagnoseEnvironment({ ...BASE, ...env(host) })).of(check);
    const failures = findings.filter(({ status }) => status === "failure");
    expect(failures).toHaveLength(1);
    const text = `${failures[0]?.message} ${failures[0]?.fix}`;
    expect(text).toContain(redisKnowsNoAuthority ? "of an authority that is not trusted" : words);
    expect(text).not.toContain("password-of-redis");
  });

  it("an authority that nobody knows is told, with what makes it known", async () => {
    const host = await startTls({ cert: read("good") });
    const findings = (await diagnoseEnvironment({ ...env(host), FASTMCP_PORT: "8000" })).of(check);
    const text = JSON.stringify(findings);
    expect(text).toContain("its certificate is of an authority that is not trusted");
    expect(text).toMatch(place === "BASE_URL" ? /that public clients trust/ : /NODE_EXTRA_CA_CERTS/);
  });
});
