import { fileURLToPath } from "node:url";
import type { Browser } from "test-support/browser";
import { type RunningProcess, startProcess } from "test-support/processes";
import { logInDirectly } from "./direct-login.ts";
import { configUrlOf, type ProviderMetadata } from "./discovery.ts";
import type { DirectParameters, IdentityProvider } from "./identity-provider.ts";
import { logInWithSdk, type Session } from "./session.ts";
import type { Verifier } from "./table.ts";

const SERVER = fileURLToPath(new URL("server.mjs", import.meta.url));

/** How clients get their tokens: from our proxy, from the provider that our metadata names, or somewhere else. */
export type Way = "proxy" | "remote" | "bearer";

interface Kind {
  readonly way: Way;
  readonly classPath: string;
  readonly prefix: string;
  env(provider: IdentityProvider, metadata: ProviderMetadata, server: string): Record<string, string | undefined>;
}

const application = ({ clientId, clientSecret }: IdentityProvider) => ({
  CLIENT_ID: clientId,
  CLIENT_SECRET: clientSecret,
});

const oauthProxy = (
  endpoint: (metadata: ProviderMetadata) => Record<string, string | undefined>,
): Pick<Kind, "way" | "classPath" | "prefix" | "env"> => ({
  way: "proxy",
  classPath: "fastmcp.server.auth.oauth_proxy.OAuthProxy",
  prefix: "OAUTH",
  env: (provider, metadata, server) => ({
    AUTHORIZATION_ENDPOINT: metadata.authorization_endpoint,
    TOKEN_ENDPOINT: metadata.token_endpoint,
    REVOCATION_ENDPOINT: metadata.revocation_endpoint,
    ...endpoint(metadata),
    ...application(provider),
    BASE_URL: server,
  }),
});

const oidcProxy = (classPath: string, prefix: string): Kind => ({
  way: "proxy",
  classPath,
  prefix,
  env: (provider, _metadata, server) => ({
    CONFIG_URL: configUrlOf(provider.issuer),
    ...application(provider),
    BASE_URL: server,
  }),
});

const KINDS: Readonly<Record<Verifier, Kind>> = {
  OIDCProxy: oidcProxy("fastmcp.server.auth.oidc_proxy.OIDCProxy", "OIDC"),
  ZitadelProvider: oidcProxy("mcp_env_auth.providers.zitadel.ZitadelProvider", "ZITADEL"),
  LogtoProvider: oidcProxy("mcp_env_auth.providers.logto.LogtoProvider", "LOGTO"),
  "OAuthProxy (introspection)": oauthProxy(({ introspection_endpoint }) => ({
    INTROSPECTION_ENDPOINT: introspection_endpoint,
  })),
  "OAuthProxy (userinfo)": oauthProxy(({ userinfo_endpoint }) => ({ USERINFO_ENDPOINT: userinfo_endpoint })),
  "OAuthProxy (JWKS)": oauthProxy(({ jwks_uri, issuer }) => ({ JWKS_URI: jwks_uri, ISSUER: issuer })),
  JWTVerifier: {
    way: "bearer",
    classPath: "fastmcp.server.auth.providers.jwt.JWTVerifier",
    prefix: "JWT",
    env: (_provider, { jwks_uri, issuer }) => ({ JWKS_URI: jwks_uri, ISSUER: issuer }),
  },
  IntrospectionTokenVerifier: {
    way: "bearer",
    classPath: "fastmcp.server.auth.providers.introspection.IntrospectionTokenVerifier",
    prefix: "INTROSPECTION",
    env: (provider, { introspection_endpoint }) => ({
      INTROSPECTION_URL: introspection_endpoint,
      ...application(provider),
      CACHE_TTL_SECONDS: "0",
    }),
  },
  RemoteAuthProvider: {
    way: "remote",
    classPath: "fastmcp.server.auth.RemoteAuthProvider",
    prefix: "REMOTE",
    // The issuer is on http here, and so named as the address that clients are sent to as well.
    env: (_provider, { issuer, jwks_uri }, server) => ({ ISSUER: issuer, JWKS_URI: jwks_uri, BASE_URL: server }),
  },
  KeycloakAuthProvider: {
    way: "remote",
    classPath: "fastmcp.server.auth.providers.keycloak.KeycloakAuthProvider",
    prefix: "KEYCLOAK",
    env: (_provider, { issuer }, server) => ({ REALM_URL: issuer, BASE_URL: server }),
  },
};

/** A server of ours, as it was built, behind a real provider. */
export interface Deployment {
  readonly way: Way;
  readonly verifier: Verifier;
  /** The MCP endpoint. */
  readonly url: string;
  /** Its address, without a path. */
  readonly origin: string;
  readonly provider: IdentityProvider;
  readonly metadata: ProviderMetadata;
  /** What an application sends that gets tokens for this server from the provider itself. */
  readonly direct: DirectParameters;
  /**
   * Logs a user in, in the way that clients of this verifier do. A browser has the sessions of earlier logins in it.
   */
  logIn(username: string, browser?: Browser): Promise<Session>;
  /** What all of its processes wrote. */
  log(): string;
  /** SIGKILL, and a new process in its place. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a server that is set up for `provider` by nothing but its environment. `variables` are those of no provider.
 */
export async function deploy(
  provider: IdentityProvider,
  metadata: ProviderMetadata,
  verifier: Verifier,
  origin: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const { way, classPath, prefix, env } = KINDS[verifier];
  const settings = { ...env(provider, metadata, origin), ...provider.settings(verifier, origin) };
  const given = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[`FASTMCP_SERVER_AUTH_${prefix}_${name}`, value]],
  );
  const start = () =>
    startProcess({
      name: `The server with ${verifier}`,
      script: SERVER,
      env: {
        FASTMCP_SERVER_AUTH: classPath,
        FASTMCP_PORT: new URL(origin).port,
        FASTMCP_RATE_LIMIT: "0",
        ...Object.fromEntries(given),
        ...variables,
      },
      readyUrl: `${origin}/readyz`,
    });
  const processes: RunningProcess[] = [await start()];
  const url = `${origin}/mcp`;
  const direct = provider.direct?.(verifier, origin) ?? {};
  return {
    way,
    verifier,
    url,
    origin,
    provider,
    metadata,
    direct,
    logIn: (username, browser) =>
      way === "bearer"
        ? logInDirectly(provider, metadata, username, direct)
        : logInWithSdk(provider, url, username, browser),
    log: () => processes.map((process) => process.log()).join(""),
    async restart() {
      await processes.at(-1)?.kill();
      processes.push(await start());
    },
    async stop() {
      await processes.at(-1)?.stop();
    },
  };
}
