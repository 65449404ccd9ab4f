import { once } from "node:events";
import { copyFile, readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { freePort } from "test-support/free-port";
import { submitPage } from "../support/browser-login.ts";
import type { IdentityProvider, Registration } from "../support/identity-provider.ts";
import { installOnce, runTool } from "../support/programs.ts";

const PINS = ["package.json", "package-lock.json"].map((name) => new URL(name, import.meta.url));

/** What is used of the package. */
interface OidcProvider {
  callback(): RequestListener;
  on(event: string, listener: (context: unknown, error?: Error) => void): void;
}
type OidcProviderClass = new (issuer: string, configuration: object) => OidcProvider;

const users = {
  alice: { username: "alice", password: "any" },
  bob: { username: "bob", password: "any" },
};
const application = { clientId: "mcp-server", clientSecret: "the secret of the application that logs users in" };
const machine = { clientId: "nightly-report", clientSecret: "the secret of the machine that needs no user" };

/** The API that access tokens are for, where a login names it as `resource`. */
export const API = "https://mcp.example.com/api";

/** The same for tokens that are signed otherwise than the provider's id tokens. */
export const API_OF_ELLIPTIC_CURVES = "https://mcp.example.com/elliptic";

/** What its operator decides of it. */
export interface OidcProviderPolicy {
  /** Default: what the library decides. */
  readonly pkce?: "optional";
}

/** Starts node oidc-provider with the pages for login and consent that it comes with. */
export async function startOidcProvider(
  registration: Registration,
  policy: OidcProviderPolicy = {},
): Promise<IdentityProvider> {
  const folder = await installOnce("oidc-provider", PINS, async (into) => {
    for (const pin of PINS) {
      await copyFile(pin, path.join(into, path.basename(pin.pathname)));
    }
    await runTool("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: into });
  });
  const installed = path.join(folder, "node_modules/oidc-provider");
  const { version } = JSON.parse(await readFile(path.join(installed, "package.json"), "utf8")) as { version: string };
  const entry = pathToFileURL(path.join(installed, "lib/index.js")).href;
  const { default: Provider } = (await import(entry)) as { default: OidcProviderClass };
  // The adapter that it uses where none is given: here one for all the instances that rotate its keys.
  const adapterEntry = pathToFileURL(path.join(installed, "lib/adapters/memory_adapter.js")).href;
  const { createMemoryAdapter } = (await import(adapterEntry)) as { createMemoryAdapter(): unknown };
  const adapter = createMemoryAdapter();

  const issuer = `http://127.0.0.1:${await freePort()}`;
  const disabled = new Set<string>();
  const keys: JWK[] = [];
  let handler: RequestListener;
  const signWithNewKey = async () => {
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    keys.unshift({ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: `key-${keys.length + 1}` });
    const { privateKey: curve } = await generateKeyPair("ES256", { extractable: true });
    const others = [{ ...(await exportJWK(curve)), alg: "ES256", use: "sig", kid: `curve-${keys.length}` }];
    const configured = configuration(registration, [...keys, ...others], disabled);
    handler = new Provider(issuer, { ...configured, ...pkceOf(policy), adapter }).callback();
  };
  await signWithNewKey();
  const server = createServer((request, response) => handler(request, response));
  await once(server.listen(Number(new URL(issuer).port), "127.0.0.1"), "listening");

  return {
    version,
    issuer,
    ...application,
    machine,
    users,
    direct: (verifier, origin) => {
      // Without a resource, tokens are opaque: it introspects no others.
      if (verifier === "IntrospectionTokenVerifier") {
        const scope = "openid offline_access tools:use";
        return { authorize: { scope, prompt: "consent" }, machine: { scope: "tools:use" } };
      }
      const resource = verifier === "RemoteAuthProvider" ? `${origin}/mcp` : API;
      return {
        authorize: { resource, scope: "openid offline_access tools:use", prompt: "consent" },
        token: { resource },
        machine: { resource, scope: "tools:use" },
      };
    },
    settings: (verifier) => settings[verifier] ?? {},
    logIn: (browser, page, username, isCallback) =>
      submitPage(browser, page, users[username as keyof typeof users], isCallback),
    rotateKeys: signWithNewKey,
    async disable(username) {
      disabled.add(username);
    },
    async enable(username) {
      disabled.delete(username);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pkceOf({ pkce }: OidcProviderPolicy) {
  return pkce === undefined ? {} : { pkce: { required: () => false } };
}

function configuration({ redirectUris, servers }: Registration, keys: JWK[], disabled: ReadonlySet<string>) {
  const resources = [API, API_OF_ELLIPTIC_CURVES, ...Object.values(servers).map((origin) => `${origin}/mcp`)];
  return {
    clients: [
      {
        client_id: application.clientId,
        client_secret: application.clientSecret,
        redirect_uris: redirectUris,
        grant_types: ["authorization_code", "refresh_token"],
      },
      {
        client_id: machine.clientId,
        client_secret: machine.clientSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: ["client_credentials"],
      },
    ],
    cookies: { keys: ["a key for the provider's own cookies"] },
    jwks: { keys },
    scopes: ["openid", "offline_access", "tools:use"],
    // As a database of accounts does it: those that are disabled are not found.
    findAccount: (_context: unknown, sub: string) =>
      disabled.has(sub) ? undefined : { accountId: sub, claims: () => ({ sub }) },
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => {
          if (!resources.includes(resource)) {
            throw new Error(`unknown resource ${resource}`);
          }
          return {
            scope: "tools:use",
            audience: resource,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: resource === API_OF_ELLIPTIC_CURVES ? "ES256" : "RS256" } },
          };
        },
      },
      revocation: { enabled: true },
    },
  };
}

/** Its revocation ends the grant, and with it the user's other sessions at the application. */
const sessions = { OFFLINE_ACCESS: "consent", REVOKE_UPSTREAM: "false" };

const settings: Partial<Record<string, Record<string, string>>> = {
  OIDCProxy: {
    RESOURCE: API,
    REQUIRED_SCOPES: "openid tools:use",
    MACHINE_CLIENTS: JSON.stringify([machine.clientId]),
    ...sessions,
  },
  // Logto is built on the library, and has these as its defaults.
  LogtoProvider: {
    AUDIENCE: API,
    REQUIRED_SCOPES: "openid tools:use",
    MACHINE_CLIENTS: JSON.stringify([machine.clientId]),
  },
  // Tokens without a resource are opaque, and name no audience.
  "OAuthProxy (introspection)": { REQUIRED_SCOPES: "openid tools:use", ...sessions },
  "OAuthProxy (userinfo)": { REQUIRED_SCOPES: "openid", ...sessions },
  "OAuthProxy (JWKS)": { RESOURCE: API, REQUIRED_SCOPES: "openid tools:use", ...sessions },
  JWTVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
  IntrospectionTokenVerifier: { REQUIRED_SCOPES: "tools:use" },
  RemoteAuthProvider: { REQUIRED_SCOPES: "tools:use" },
};
