import { randomInt, randomUUID } from "node:crypto";
import { createServer } from "node:net";
import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import { type CryptoKey, exportSPKI, generateKeyPair, SignJWT } from "jose";

const ISSUER = "https://issuer.test/";
const AUDIENCE = "https://mcp.test/api";
const PREFIX = "FASTMCP_SERVER_AUTH_JWT_";
const ROLES_CLAIM = "roles";
/** Seconds that a token is good for. */
const LIFETIME = 3600;
const PROTOCOL_VERSION = "2025-11-25";
/** Below the ports that systems hand out for the local ends of connections. */
const [LOWEST_PORT, HIGHEST_PORT] = [10_240, 32_767];

/** Who a test calls a server as. */
export interface TestIdentity {
  /** The `sub` claim. */
  readonly subject: string;
  readonly scopes?: readonly string[];
  /** The `permissions` claim, as Auth0's RBAC sets it. */
  readonly permissions?: readonly string[];
  readonly roles?: readonly string[];
  /** The `org_id` claim. */
  readonly organization?: string;
  /** More claims of the token, over those above. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A user, who calls the server through its real checks. */
export interface TestUser {
  /** @throws TestRefusal when the server refuses the token or its scopes; Error for an error of the protocol. */
  callTool(name: string, args?: Readonly<Record<string, unknown>>): Promise<CallToolResult>;
  /** The tools that this user is shown. */
  listTools(): Promise<Tool[]>;
  /** Any other request of MCP, such as `resources/read`; gives its result. @throws as `callTool` */
  request(method: string, params?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
}

export interface TestServer {
  /** The MCP endpoint. */
  readonly url: URL;
  as(identity: TestIdentity): TestUser;
  /** Stops the server, and gives the environment back its variables. */
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** Variables of the server's own, over those that this sets. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The server answered a request with an HTTP status other than 200. */
export class TestRefusal extends Error {
  override readonly name = "TestRefusal";
  readonly status: number;
  /** The scopes that the challenge asks for (RFC 6750 section 3). */
  readonly scopes: readonly string[];

  constructor(status: number, challenge: string, body: string) {
    super(`HTTP ${status}: ${/error_description="([^"]*)"/.exec(challenge)?.[1] ?? body}`);
    this.status = status;
    this.scopes = /\bscope="([^"]*)"/.exec(challenge)?.[1]?.split(" ") ?? [];
  }
}

/**
 * Starts a server for tests: as its module does it, on a port of its own, and with a key of its own in place of an
 * identity provider. It reads no `.env` and reaches no network.
 *
 * @param importServer imports the module that exports the server and runs it. A module runs once in a process, so start
 * one server for each file of tests.
 * @throws what the module throws, such as ConfigError
 *
 * @example
 * ```ts
 * import { startTestServer } from "mcp-env-auth/testing";
 *
 * const server = await startTestServer(() => import("./server.ts"));
 * const alice = server.as({ subject: "alice", scopes: ["greet:send"] });
 * await alice.callTool("greet", { greeting: "Hello" });
 * await server.close();
 * ```
 */
export async function startTestServer(
  importServer: () => Promise<{ readonly server: { close(): Promise<unknown> } }>,
  { env = {} }: TestServerOptions = {},
): Promise<TestServer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const port = await findPort();
  const restore = setVariables({
    FASTMCP_ENV_FILE: "",
    FASTMCP_LOG_LEVEL: "ERROR",
    FASTMCP_TRANSPORT: "http",
    FASTMCP_HOST: "127.0.0.1",
    FASTMCP_PORT: String(port),
    FASTMCP_STREAMABLE_HTTP_PATH: "/mcp",
    FASTMCP_SERVER_AUTH: "JWT",
    [`${PREFIX}PUBLIC_KEY`]: await exportSPKI(publicKey),
    [`${PREFIX}ISSUER`]: ISSUER,
    [`${PREFIX}AUDIENCE`]: AUDIENCE,
    [`${PREFIX}ROLES_CLAIM`]: ROLES_CLAIM,
    ...env,
  });
  try {
    const { server } = await importServer();
    const url = new URL(`http://127.0.0.1:${port}/mcp`);
    return {
      url,
      as: (identity) => createUser(url, () => sign(identity, privateKey)),
      async close() {
        await server.close();
        restore();
      },
    };
  } catch (error) {
    restore();
    throw error;
  }
}

async function findPort(): Promise<number> {
  const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
  const probe = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!isFree) {
    return findPort();
  }
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Sets variables of this process. Returns what puts them back. */
function setVariables(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  };
}

async function sign(identity: TestIdentity, key: CryptoKey): Promise<string> {
  const { subject, scopes = [], permissions, roles, organization, claims } = identity;
  const issuedAt = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: subject,
    iat: issuedAt,
    exp: issuedAt + LIFETIME,
    jti: randomUUID(),
    scope: scopes.join(" "),
    client_id: "test",
    ...(permissions !== undefined && { permissions }),
    ...(roles !== undefined && { [ROLES_CLAIM]: roles }),
    ...(organization !== undefined && { org_id: organization }),
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt" })
    .sign(key);
}

function createUser(url: URL, sign: () => Promise<string>): TestUser {
  const request: TestUser["request"] = async (method, params = {}) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await sign()}`,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": PROTOCOL_VERSION,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const text = await response.text();
    if (response.status !== 200) {
      throw new TestRefusal(response.status, response.headers.get("www-authenticate") ?? "", text);
    }
    const { result, error } = readMessage(text);
    if (error !== undefined) {
      throw new Error(error.message);
    }
    return result ?? {};
  };
  return {
    request,
    callTool: async (name, args = {}) => (await request("tools/call", { name, arguments: args })) as CallToolResult,
    async listTools() {
      const { tools } = await request("tools/list");
      return tools as Tool[];
    },
  };
}

interface Message {
  readonly id?: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** The answer in a body: JSON, or the last message of a stream of events, after its notifications. */
function readMessage(text: string): Message {
  const events = [...text.matchAll(/^data: ?(.*)$/gm)].flatMap(([, data = ""]) => (data === "" ? [] : [data]));
  const messages = (events.length === 0 ? [text] : events).map((data) => JSON.parse(data) as Message);
  return messages.find(({ id }) => id === 1) ?? {};
}
