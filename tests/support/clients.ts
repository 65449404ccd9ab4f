import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
  UnauthorizedError as UnauthorizedErrorV2,
} from "@modelcontextprotocol/client";
import { UnauthorizedError as UnauthorizedErrorV1 } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { OAuthClient } from "test-support/oauth-client";

/** The official SDKs as they are used: v2 in the 2026-07-28 era, v2 in the 2025 era, and v1, which knows only that. */
export const CLIENT_KINDS = ["SDK v2, 2026-07-28", "SDK v2, 2025-11-25", "SDK v1"] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

export interface ToolResult {
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
}

/** What clients subscribe to: the servers under test have it. */
export const NEWS = "test://news";

/** A stream of changes, and how it came to its end: the client should open it again after `remote`. */
export interface Subscription {
  readonly closed: Promise<"local" | "graceful" | "remote">;
  close(): Promise<void>;
}

/** A connected MCP client. Where the server asks for a login, also later on, `oauth` goes through it. */
export interface McpSession {
  readonly protocolVersion: string | undefined;
  callTool(name: string, args?: Record<string, unknown>): Promise<ToolResult>;
  listTools(): Promise<string[]>;
  /** Subscribes to {@link NEWS}. Known to 2026-07-28 only. */
  subscribe(): Promise<Subscription>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly kind: ClientKind;
  readonly url: string;
  readonly oauth: OAuthClient;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Connects, through a login when the server asks for one. */
export async function connect(options: ConnectOptions): Promise<McpSession> {
  const { kind } = options;
  return kind === "SDK v1" ? connectV1(options) : connectV2(options, kind === "SDK v2, 2026-07-28" ? "auto" : "legacy");
}

async function connectV2({ url, oauth, fetch }: ConnectOptions, mode: "auto" | "legacy"): Promise<McpSession> {
  const open = async () => {
    const transport = new TransportV2(new URL(url), { authProvider: oauth, ...(fetch && { fetch }) });
    const client = new ClientV2({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
    return { transport, client, connect: () => client.connect(transport) };
  };
  const finish = (transport: TransportV2, callback: URLSearchParams) => transport.finishAuth(callback);
  const session = await connectWithLogin(oauth, open, finish, UnauthorizedErrorV2);
  const { client, transport } = session;
  const afterLogin = retryAfterLogin(oauth, (callback) => finish(transport, callback), UnauthorizedErrorV2);
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    callTool: (name, args = {}) => afterLogin(() => client.callTool({ name, arguments: args }) as Promise<ToolResult>),
    listTools: () => afterLogin(async () => (await client.listTools()).tools.map((tool) => tool.name)),
    subscribe: () => afterLogin(() => client.listen({ resourceSubscriptions: [NEWS] })),
    close: () => client.close(),
  };
}

async function connectV1({ url, oauth, fetch }: ConnectOptions): Promise<McpSession> {
  const open = async () => {
    const transport = new TransportV1(new URL(url), { authProvider: oauth, ...(fetch && { fetch }) });
    const client = new ClientV1({ name: "test", version: "1.0.0" });
    return { transport, client, connect: () => client.connect(transport as Parameters<typeof client.connect>[0]) };
  };
  const finish = (transport: TransportV1, callback: URLSearchParams) => transport.finishAuth(codeOf(callback));
  const session = await connectWithLogin(oauth, open, finish, UnauthorizedErrorV1);
  const { client, transport } = session;
  const afterLogin = retryAfterLogin(oauth, (callback) => finish(transport, callback), UnauthorizedErrorV1);
  return {
    protocolVersion: transport.protocolVersion,
    callTool: (name, args = {}) => afterLogin(() => client.callTool({ name, arguments: args }) as Promise<ToolResult>),
    listTools: () => afterLogin(async () => (await client.listTools()).tools.map((tool) => tool.name)),
    subscribe: () => Promise.reject(new Error("SDK v1 knows no subscriptions.")),
    close: () => client.close(),
  };
}

type ErrorClass = abstract new (...args: never[]) => Error;
interface Attempt<T> {
  readonly transport: T;
  connect(): Promise<void>;
}

// A transport that was refused once can't be connected again: the login's end is told to it, and a fresh one goes on.
async function connectWithLogin<T, A extends Attempt<T>>(
  oauth: OAuthClient,
  open: () => Promise<A>,
  finish: (transport: T, callback: URLSearchParams) => Promise<void>,
  unauthorized: ErrorClass,
): Promise<A> {
  const first = await open();
  try {
    await first.connect();
    return first;
  } catch (error) {
    if (!(error instanceof unauthorized)) {
      throw error;
    }
    const callback = oauth.takeCallback();
    if (callback === undefined) {
      throw error;
    }
    await finish(first.transport, callback);
  }
  const second = await open();
  await second.connect();
  return second;
}

function retryAfterLogin(
  oauth: OAuthClient,
  finish: (callback: URLSearchParams) => Promise<void>,
  unauthorized: ErrorClass,
): <R>(call: () => Promise<R>) => Promise<R> {
  return async (call) => {
    try {
      return await call();
    } catch (error) {
      const callback = oauth.takeCallback();
      if (!(error instanceof unauthorized) || callback === undefined) {
        throw error;
      }
      await finish(callback);
      return call();
    }
  };
}

function codeOf(callback: URLSearchParams): string {
  const code = callback.get("code");
  if (code === null) {
    throw new Error(`The login ended with ${callback.get("error")}: ${callback.get("error_description")}`);
  }
  return code;
}
