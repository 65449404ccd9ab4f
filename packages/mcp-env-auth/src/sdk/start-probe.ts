import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  createMcpHandler,
  McpServer,
  PROTOCOL_VERSION_META_KEY,
  ResourceTemplate,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { silentLogger } from "../logger.ts";
import { protectRequestServer } from "./protect-request-server.ts";

const ENDPOINT = "http://localhost/mcp";
const INFO = { name: "probe", version: "0" };
const SECRET = "what a handler's error says";
const PROGRESS = { method: "notifications/progress" as const, params: { progressToken: 1, progress: 1 } };

/** A server that is protected as every other, and a client of it, in one process and without a connection. */
export interface Probe {
  /** Asks the SDK's own handler, and gives the answer's text. */
  ask(method: string, params?: object, caller?: string): Promise<string>;
  /** Whether an answer has only the reference of an error. */
  isMasked(answer: string): boolean;
  /** How many requests there were. */
  requests(): number;
  /** The SDK's servers that were connected. */
  built(): ReadonlySet<McpServer>;
  /** Notifies in both ways for a request that is over. @returns whether that failed nobody */
  notifyLate(): Promise<boolean>;
}

/** @param revision of the protocol, that requests are made in. */
export function createProbe(revision: "2025-11-25" | "2026-07-28"): Probe {
  const built = new Set<McpServer>();
  const references: unknown[] = [];
  let requests = 0;
  let last: ServerContext | undefined;
  const logger = {
    ...silentLogger,
    error: ({ reference }: { reference?: unknown }) => void references.push(reference),
  };
  const fail = () => {
    throw new Error(SECRET);
  };
  const handler = createMcpHandler(() => {
    const server = new McpServer(INFO);
    protectRequestServer(server, { logger, isConcealed: (uri) => uri === "probe://concealed" });
    const template = new ResourceTemplate("probe://{name}", { list: fail, complete: { name: fail } });
    server.registerResource("any", template, {}, ({ href }, _variables, context) => {
      if (href === "probe://fails") {
        fail();
      }
      last = context;
      return { contents: [{ uri: href, text: `called by ${context.http?.authInfo?.clientId}` }] };
    });
    server.registerPrompt("fails", {}, fail);
    built.add(server);
    return server;
  });

  return {
    async ask(method, params = {}, caller = "nobody") {
      requests += 1;
      const modern = revision === "2026-07-28" ? metaOf(revision) : undefined;
      const headers = new Headers({
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": revision,
      });
      if (modern !== undefined) {
        headers.set("Mcp-Method", method);
        const { name, uri } = params as { name?: string; uri?: string };
        if (name !== undefined || uri !== undefined) {
          headers.set("Mcp-Name", name ?? uri ?? "");
        }
      }
      const request = new Request(ENDPOINT, { method: "POST", headers });
      const parsedBody = { jsonrpc: "2.0", id: requests, method, params: { ...params, ...modern } };
      const authInfo = { token: "", clientId: caller, scopes: [] };
      return (await handler.fetch(request, { parsedBody, authInfo })).text();
    },
    isMasked: (answer) =>
      !answer.includes(SECRET) && references.some((reference) => answer.includes(String(reference))),
    requests: () => requests,
    built: () => built,
    async notifyLate() {
      const [server] = built;
      if (server === undefined || last === undefined) {
        return false;
      }
      await Promise.all([last.mcpReq.notify(PROGRESS), server.server.notification(PROGRESS)]);
      return true;
    },
  };
}

function metaOf(revision: string): object {
  return {
    _meta: {
      [PROTOCOL_VERSION_META_KEY]: revision,
      [CLIENT_INFO_META_KEY]: INFO,
      [CLIENT_CAPABILITIES_META_KEY]: {},
    },
  };
}
