import type { Icon, McpServerOptions } from "@modelcontextprotocol/server";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import type { DeclaredScopes, ScopeOf } from "./offer/declared-scopes.ts";

/**
 * What `createServer()` takes.
 *
 * @typeParam Declared the `scopes`.
 */
export interface ServerOptions<Declared extends DeclaredScopes = DeclaredScopes> {
  /** The server's name, for clients and on the consent page. */
  readonly name: string;
  readonly version: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly websiteUrl?: string | undefined;
  readonly icons?: Icon[] | undefined;
  /** How to use the server, for the model. */
  readonly instructions?: string | undefined;
  /** What clients are told of beyond what is registered: changes of resources, where the code notifies of them. */
  readonly capabilities?: { readonly resources?: ResourceCapabilities | undefined } | undefined;
  /**
   * What verifies the `requestState` that a client of 2026-07-28 sends back with its answers, as the SDK's
   * `McpServerOptions.requestState` has it: such as the `verify` of `createRequestStateCodec()`. Without it, a handler
   * gets what the client sent.
   *
   * @example
   * ```ts
   * const states = createRequestStateCodec<string>({ key: crypto.getRandomValues(new Uint8Array(32)) });
   * const server = createServer({ name: "Weather", version: "1.0.0", requestState: { verify: states.verify } });
   * ```
   */
  readonly requestState?: McpServerOptions["requestState"] | undefined;
  /**
   * The scopes that registrations may name (RFC 6749 section 3.3), each with one sentence that says what it allows: `{
   * "weather:read": "Read the weather" }`; or a list of them: `["weather:read"]`. A misspelled scope is then an error
   * of the compiler and at the start. Clients may ask for every one. Default: registrations may name any scope.
   */
  readonly scopes?: Declared | undefined;
  /** Which scopes imply others: `{ "weather:admin": ["weather:write"] }`. */
  readonly scopeHierarchy?: { readonly [Name in ScopeOf<Declared>]?: readonly ScopeOf<Declared>[] } | undefined;
  /**
   * The provider, configured in code. Absent: the one that FASTMCP_SERVER_AUTH names, from the environment. `null`:
   * none; the server is open to everyone who can reach it, and says so at every start.
   */
  readonly auth?: AuthProvider | null | undefined;
  /** The environment to read; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: JSON lines on standard error, or lines for people on a terminal. Secrets are removed from both. */
  readonly logger?: Logger | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** Each over its environment variable, over its default. */
export interface RunOptions {
  /** FASTMCP_TRANSPORT; default `http`. */
  readonly transport?: "http" | "stdio" | undefined;
  /** FASTMCP_HOST; default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** FASTMCP_PORT; default 8000. */
  readonly port?: number | undefined;
  /** FASTMCP_STREAMABLE_HTTP_PATH; default `/mcp`. */
  readonly path?: string | undefined;
}

/** What a server says of its resources, as the SDK's `McpServerOptions.capabilities` has it. */
export interface ResourceCapabilities {
  /** Whether clients may subscribe to resources: the code calls `notify.resourceUpdated()`. Default false. */
  readonly subscribe?: boolean | undefined;
  /**
   * Whether what the templates list changes while the server runs: the code calls `notify.resourcesChanged()`. Default
   * false.
   */
  readonly listChanged?: boolean | undefined;
}
