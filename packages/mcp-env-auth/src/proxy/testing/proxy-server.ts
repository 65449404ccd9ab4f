import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { DevAuth0 } from "dev-auth0";
import express from "express";
import { decodeJwt } from "jose";
import { createEndpointRouter } from "../../http/endpoint-router.ts";
import { createRateLimits } from "../../http/rate-limit.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Logger, silentLogger } from "../../logger.ts";
import type { RootKeys } from "../../sealing/keyring.ts";
import { createRootKeys } from "../../sealing/root-keys.ts";
import type { GuardStore } from "../../store/guard-store.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import {
  type AuthorizationCodeClientOptions,
  createAuthorizationCodeClient,
} from "../../upstream/authorization-code-client.ts";
import { discoverMetadata } from "../../upstream/discovery.ts";
import { createIdTokenSignatureCheck } from "../../upstream/id-token-signature.ts";
import { createRemoteKeys } from "../../upstream/jwks.ts";
import { asymmetricAlgorithms } from "../../upstream/jwt-algorithms.ts";
import { createJwtVerifier } from "../../upstream/jwt-verifier.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { DocumentError } from "../clients/documents/guarded-fetch.ts";
import { createOAuthProxy, type OAuthProxy } from "../oauth-proxy.ts";
import type { OAuthProxyOptions } from "../options.ts";

export const VARIABLES = {
  clientId: "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID",
  clientSecret: "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET",
  audience: "FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE",
  requiredScopes: "FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES",
  baseUrl: "FASTMCP_SERVER_AUTH_AUTH0_BASE_URL",
  clientIdMetadataHosts: "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID_METADATA_HOSTS",
  assertionPublicClients: "FASTMCP_SERVER_AUTH_AUTH0_ASSERTION_PUBLIC_CLIENTS",
  organization: {
    allowed: "FASTMCP_SERVER_AUTH_AUTH0_ORGANIZATION",
    claim: "FASTMCP_SERVER_AUTH_AUTH0_ORGANIZATION_CLAIM",
  },
};

export const ROOT_KEYS: RootKeys = await createRootKeys({ secret: "a signing key of more than thirty-two bytes" });

/** A clock that tests move. */
export interface TestClock {
  readonly now: Clock;
  advance(seconds: number): void;
}

export function createTestClock(): TestClock {
  let time = Math.floor(Date.now() / 1000);
  return {
    now: () => time,
    advance(seconds) {
      time += seconds;
    },
  };
}

export interface LogLine {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** A proxy behind real HTTP. */
export interface ProxyServer {
  /** Where it listens; BASE_URL unless the options say otherwise. */
  readonly address: string;
  readonly options: OAuthProxyOptions;
  readonly proxy: OAuthProxy;
  readonly log: readonly LogLine[];
  /** Starts over, with these options changed: nothing but keys and store survives. */
  restart(changes?: Partial<OAuthProxyOptions>): void;
  close(): Promise<void>;
}

/** What tokens and denials name the client by that registered last, as an operator finds it in the log. */
export function lastClientHash({ log }: ProxyServer): string {
  const line = log.findLast(({ fields }) => fields.event === "client-registered");
  return String(line?.fields.client);
}

/** Starts over without the provider's keys: its tokens can't be verified until they are there again. */
export function breakKeys(server: ProxyServer): { mend(): void } {
  const upstream = server.options.upstream();
  if (upstream === undefined) {
    throw new Error("The provider is known.");
  }
  let broken = true;
  const verify: typeof upstream.tokens.verify = async (...token) => {
    if (broken) {
      throw new UpstreamError("unavailable", "The provider's keys can't be fetched.");
    }
    return upstream.tokens.verify(...token);
  };
  const verifyIdToken: typeof upstream.verifyIdToken = async (idToken) =>
    broken || upstream.verifyIdToken === undefined ? { claims: decodeJwt(idToken) } : upstream.verifyIdToken(idToken);
  server.restart({ upstream: () => ({ ...upstream, verifyIdToken, tokens: { ...upstream.tokens, verify } }) });
  return {
    mend() {
      broken = false;
    },
  };
}

/** The provider, as the runtime would make it from discovery. */
export async function connect(
  auth0: DevAuth0,
  clock: Clock,
  logger: Logger,
  changes: Pick<AuthorizationCodeClientOptions, "extraAuthorizeParams" | "prompts"> = {},
): Promise<Upstream> {
  const metadata = await discoverMetadata({ configUrl: new URL(auth0.configUrl), variable: "CONFIG_URL" });
  const { clientId, clientSecret, audience } = auth0;
  const client = createAuthorizationCodeClient({
    metadata,
    clientId,
    clientSecret,
    audience,
    variables: VARIABLES,
    timeout: 20,
    ...changes,
    clock,
    logger,
  });
  const keys = createRemoteKeys({ jwksUri: metadata.jwksUri ?? "", clock, logger });
  const tokens = createJwtVerifier({
    issuer: metadata.issuer,
    audience,
    algorithms: asymmetricAlgorithms(metadata.idTokenSigningAlgorithms),
    keys,
    clientId,
    clock,
  });
  const algorithms = metadata.idTokenSigningAlgorithms;
  const verifyIdToken = createIdTokenSignatureCheck({
    algorithms,
    keys,
    clientSecret,
    clientSecretVariable: VARIABLES.clientSecret,
  });
  return { client, tokens, verifyIdToken, tokenKind: "jwt" };
}

export async function startProxyServer(
  auth0: DevAuth0,
  clock: Clock,
  changes: Partial<OAuthProxyOptions> = {},
): Promise<ProxyServer> {
  const log: LogLine[] = [];
  const logger = recordingLogger(log);
  const upstream = await connect(auth0, clock, logger);
  const server = createServer((request, response) => app(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let options: OAuthProxyOptions = {
    baseUrl: address,
    issuer: `${address}/`,
    resource: `${address}/mcp`,
    redirectPath: "/auth/callback",
    serverName: "Weather",
    requiredScopes: ["weather:read"],
    scopesAtLogin: [],
    scopesSupported: ["weather:read", "weather:write", "openid"],
    allowedClientRedirectUris: undefined,
    clientIdMetadataHosts: undefined,
    fetchClientDocument: async () => {
      throw new DocumentError("unfit", "This test has no documents.");
    },
    rootKeys: ROOT_KEYS,
    tokenEpoch: "",
    providerClassPath: "fastmcp.server.auth.providers.auth0.Auth0Provider",
    upstreamClientId: auth0.clientId,
    advice: { missingScopes: "Add permissions.", noRefreshToken: "Allow Offline Access." },
    upstream: () => upstream,
    variables: VARIABLES,
    store: createMemoryGuardStore({ clock }) satisfies GuardStore,
    tokenFormat: "sealed",
    accessTokenTtl: 3600,
    sessionTtl: 30 * 24 * 3600,
    clock,
    logger,
    ...changes,
  };
  let proxy = createOAuthProxy(options);
  let app = mount(proxy, clock);
  return {
    address,
    log,
    get options() {
      return options;
    },
    get proxy() {
      return proxy;
    },
    restart(newer = {}) {
      options = { ...options, ...newer };
      proxy = createOAuthProxy(options);
      app = mount(proxy, clock);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function mount(proxy: OAuthProxy, clock: Clock): RequestListener {
  return express().use(createEndpointRouter(proxy.endpoints, createRateLimits(0, clock), silentLogger));
}

function recordingLogger(log: LogLine[]): Logger {
  const at = (level: string) => (fields: object, message: string) => {
    log.push({ level, fields: { ...fields }, message });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
