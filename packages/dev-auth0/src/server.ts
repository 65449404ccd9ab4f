import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DEFAULT_API } from "./apis.ts";
import { createApp } from "./app.ts";
import { DEFAULT_APPLICATION } from "./applications.ts";
import { forgetConsents } from "./consent.ts";
import { importClientDocument } from "./import-client-document.ts";
import {
  type IssueAccessTokenOptions,
  type IssueMachineTokenOptions,
  issueAccessToken,
  issueMachineToken,
} from "./issue.ts";
import { SigningKeys } from "./keys.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import type { RecordedRequest } from "./request-log.ts";
import { openStateFile } from "./state-file.ts";
import { createTenant, type Tenant, type TenantOptions } from "./tenant.ts";
import { type ResolvedUser, resolveUser, type User } from "./users.ts";

export interface DevAuth0Options extends TenantOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** What the issuer is called; it listens on 127.0.0.1 under either name. Default `127.0.0.1`. */
  readonly host?: "127.0.0.1" | "localhost";
  /** Where `port` is taken: whether one of the next twenty will do. Default false. */
  readonly nextFreePort?: boolean;
  /**
   * A file in which logins, registrations and keys outlive this process; created with mode 0600. Default: all is
   * forgotten. Tokens name the issuer: they are good again on the same port.
   */
  readonly stateFile?: string;
  /** Called after each answer. */
  readonly onRequest?: (request: RecordedRequest) => void;
}

/** A running stand-in for an Auth0 tenant. */
export interface DevAuth0 {
  /** With a trailing slash, as Auth0's. */
  readonly issuer: string;
  /** The discovery document: FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL. */
  readonly configUrl: string;
  readonly port: number;
  /** Of the first application. */
  readonly clientId: string;
  /** Of the first application; empty when it has none. */
  readonly clientSecret: string;
  /** Of the first API. */
  readonly audience: string;
  readonly users: readonly ResolvedUser[];
  /** The latest requests, oldest first, without secrets. Emptied with `requests.length = 0`. */
  readonly requests: RecordedRequest[];
  /** The variables of a server at `baseUrl` that logs its users in here. */
  env(baseUrl: string): Record<string, string>;
  /** Misbehaves from now on, on top of what was said before; `undefined` puts one thing right. */
  misbehave(misbehaviour: Misbehaviour): void;
  /** Ends all misbehaviour, and listens again. Rotated keys stay. */
  restore(): Promise<void>;
  /** Stops listening: connections are refused, until {@link restore}. */
  goOffline(): Promise<void>;
  /** Signs with a new key from now on. The old one leaves the JWKS at once, unless it is kept. */
  rotateKeys(options?: { readonly keepPrevious?: boolean }): Promise<void>;
  /** Changes what a user is or may do, from the next token on. @throws Error for an unknown username. */
  updateUser(username: string, changes: Partial<Omit<User, "username">>): void;
  /** Mints a user's access token without a login. */
  issueAccessToken(options?: IssueAccessTokenOptions): Promise<string>;
  /** Mints a machine's access token. */
  issueMachineToken(options?: IssueMachineTokenOptions): Promise<string>;
  /**
   * "Import from URL": makes a strict third-party application of a client id metadata document, which is fetched unless
   * it is given.
   */
  importClientDocument(url: string, document?: object): Promise<void>;
  /**
   * Takes away what a user granted, at one application or at all: refresh tokens and consents end. @throws Error for an
   * unknown username.
   */
  revokeGrants(username: string, clientId?: string): void;
  /** Frees the port and cuts what is open. */
  close(): Promise<void>;
}

const MORE_PORTS = 20;
const LISTEN_ADDRESS = "127.0.0.1";
const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "localhost"];

/**
 * Starts a local stand-in for an Auth0 tenant. For development and tests only.
 *
 * @throws Error when NODE_ENV is `production`, the host is not this machine, the port is taken or an option is wrong.
 *
 * @example
 * const auth0 = await startDevAuth0();
 * const token = await auth0.issueAccessToken({ user: "alice" });
 * await auth0.close();
 */
export async function startDevAuth0(options: DevAuth0Options = {}): Promise<DevAuth0> {
  const { host = "127.0.0.1", port: wantedPort = 0 } = options;
  if (process.env.NODE_ENV === "production") {
    throw new Error("dev-auth0 lets anybody log in as anybody: it does not run with NODE_ENV=production.");
  }
  if (!LOOPBACK_HOSTS.includes(host)) {
    throw new Error(`dev-auth0 listens on 127.0.0.1 or localhost only, and ${host} is neither.`);
  }
  const server = createServer();
  const state = options.stateFile === undefined ? undefined : await openStateFile(options.stateFile);
  const keys = state?.keys ?? (await SigningKeys.generate());
  const port = await listen(server, wantedPort, options.nextFreePort ? wantedPort + MORE_PORTS : wantedPort);
  try {
    const tenant = createTenant(`http://${host}:${port}/`, keys, options);
    state?.restore(tenant);
    state?.save(tenant);
    const requests: RecordedRequest[] = [];
    const beforeAnswer = state && (() => state.save(tenant));
    server.on("request", createApp(tenant, { requests, onRequest: options.onRequest, beforeAnswer }));
    return controls(tenant, server, port, requests);
  } catch (error) {
    await stop(server);
    throw error;
  }
}

function controls(tenant: Tenant, server: Server, port: number, requests: RecordedRequest[]): DevAuth0 {
  const [application = DEFAULT_APPLICATION] = tenant.applications.values();
  const [api = DEFAULT_API] = tenant.apis.values();
  const configUrl = `${tenant.issuer}.well-known/openid-configuration`;
  const { clientId, clientSecret = "" } = application;
  return {
    issuer: tenant.issuer,
    configUrl,
    port,
    clientId,
    clientSecret,
    audience: api.identifier,
    requests,
    get users() {
      return [...tenant.users.values()];
    },
    env: (baseUrl) => ({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: configUrl,
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: clientId,
      ...(clientSecret !== "" && { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: clientSecret }),
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: api.identifier,
      FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: baseUrl,
    }),
    misbehave(misbehaviour) {
      tenant.faults = { ...tenant.faults, ...misbehaviour };
    },
    async restore() {
      tenant.faults = {};
      if (!server.listening) {
        await listen(server, port, port);
      }
    },
    goOffline: () => stop(server),
    rotateKeys: ({ keepPrevious = false } = {}) => tenant.keys.rotate(keepPrevious),
    updateUser(username, changes) {
      const user = tenant.users.get(username);
      if (user === undefined) {
        throw new Error(`There is no user ${username}.`);
      }
      tenant.users.set(username, resolveUser({ ...user, ...changes }));
    },
    importClientDocument: (url, document) => importClientDocument(tenant, url, document),
    revokeGrants(username, ofClient) {
      const user = tenant.users.get(username);
      if (user === undefined) {
        throw new Error(`There is no user ${username}.`);
      }
      tenant.refreshTokens.revokeGrants(username, ofClient);
      forgetConsents(tenant, user, ofClient);
    },
    issueAccessToken: (options = {}) => issueAccessToken(tenant, options),
    issueMachineToken: (options = {}) => issueMachineToken(tenant, options),
    close: () => stop(server),
  };
}

/** @throws Error with the code EADDRINUSE when no port from `port` to `last` is free. */
async function listen(server: Server, port: number, last: number): Promise<number> {
  server.listen(port, LISTEN_ADDRESS);
  try {
    await once(server, "listening");
  } catch (error) {
    if (port < last && (error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      return listen(server, port + 1, last);
    }
    throw error;
  }
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) {
    return;
  }
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
