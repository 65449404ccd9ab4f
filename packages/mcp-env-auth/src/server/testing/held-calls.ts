import { McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import express from "express";
import { onTestFinished } from "vitest";
import { getAccessToken } from "../../access-token.ts";
import { serve } from "../../http/testing/serve.ts";
import { CLIENT_META, type REVISIONS, toolCall } from "../../http/testing/tool-call.ts";
import type { Logger } from "../../logger.ts";
import { createServer } from "../../server.ts";
import { protect } from "../protect.ts";
import { stubAuth } from "./stub-auth.ts";

type Revision = (typeof REVISIONS)[number];

/** Revoked tokens. */
const revoked = new Set<string>();

/** The tokens that no longer have the scope of an administrator. */
const demoted = new Set<string>();

/** Each token is its user's name. */
const auth = stubAuth((token) => {
  if (revoked.has(token)) {
    return undefined;
  }
  return { scopes: token === "admin" && !demoted.has(token) ? ["admin"] : [], login: token };
});

/** Work that ends when it is told to. */
function createWork() {
  const ends: (() => void)[] = [];
  let underWay = 0;
  let most = 0;
  let begun = 0;
  let isOpen = false;
  return {
    begun: () => begun,
    underWay: () => underWay,
    most: () => most,
    async do() {
      begun += 1;
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => (isOpen ? setImmediate(resolve) : ends.push(resolve)));
      underWay -= 1;
    },
    /** Ends all, and from now on each as soon as it has begun. */
    open() {
      isOpen = true;
      for (const end of ends) {
        end();
      }
    },
  };
}

type Work = ReturnType<typeof createWork>;

interface Started {
  readonly origin: string;
  close(): Promise<void>;
}

interface Parts {
  readonly work: Work;
  readonly lists: Work;
  /** Where the server is found by its own tools. */
  origin: string;
}

type Start = (parts: Parts, env: Record<string, string>, logger: Logger) => Promise<Started>;

const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] });

function registerOn(server: Pick<McpServer, "registerTool" | "registerResource">, parts: Parts): void {
  const { work, lists } = parts;
  const held = async () => {
    await work.do();
    return text("done");
  };
  server.registerTool("work", {}, held);
  server.registerTool("quick", {}, () => text("quick"));
  server.registerTool("self", {}, async () => {
    const { headers, body } = toolCall("2025-11-25", "quick");
    const answer = await fetch(`${parts.origin}/mcp`, {
      method: "POST",
      headers: { ...headers, Authorization: `Bearer ${getAccessToken().token}` },
      body: JSON.stringify(body),
    });
    return text(`${answer.status} ${await answer.text()}`);
  });
  const list = async () => {
    await lists.do();
    return { resources: [{ uri: "held://1", name: "listed" }] };
  };
  const read = (uri: URL) => ({ contents: [{ uri: uri.href, text: "read" }] });
  server.registerResource("held", new ResourceTemplate("held://{id}", { list }), {}, read);
}

const startOwn: Start = async (parts, env, logger) => {
  const isOpen = env.FASTMCP_SERVER_AUTH === "none";
  const server = createServer({ name: "t", version: "1", ...(!isOpen && { auth }), env, logger });
  registerOn(server as unknown as McpServer, parts);
  server.registerTool("public", { access: "public" }, async () => {
    await parts.work.do();
    return "done";
  });
  if (!isOpen) {
    server.registerTool("forbidden", { requiredScopes: ["admin"] }, () => "never");
  }
  onTestFinished(() => server.close());
  return { origin: await serve(await server.app()), close: () => server.close() };
};

const startBehindProtect: Start = async (parts, env, logger) => {
  const build = () => {
    const server = new McpServer({ name: "t", version: "1" });
    registerOn(server, parts);
    server.server.fallbackRequestHandler = async () => {
      await parts.work.do();
      return { said: "done" };
    };
    return server;
  };
  const app = express();
  const isOpen = env.FASTMCP_SERVER_AUTH === "none";
  const protection = await protect(app, build, { ...(!isOpen && { auth }), env, logger });
  onTestFinished(() => protection.close());
  return { origin: await serve(app), close: () => protection.close() };
};

/** The ways to serve. */
export const SERVERS: Readonly<Record<string, Start>> = {
  "app()": startOwn,
  "app() by the SDK's plain handler": (parts, env, logger) =>
    startOwn(parts, { ...env, FASTMCP_SDK_FAST_PATH: "false" }, logger),
  "protect()": startBehindProtect,
};

/**
 * Starts one of {@link SERVERS}, where one user may have four calls under way. Calls of its tool `work` last until
 * `work.open()`, and lists of resources until `lists.open()`.
 */
export async function startHeld(name: string, env: Record<string, string> = {}) {
  const work = createWork();
  const lists = createWork();
  const events: Record<string, unknown>[] = [];
  const keep = (fields: object) => void events.push({ ...fields });
  const logger = { debug() {}, info: keep, warn: keep, error: keep };
  const start = SERVERS[name] as Start;
  const all = { FASTMCP_ENV_FILE: "", FASTMCP_MAX_CALLS_PER_USER: "4", ...env };
  const parts = { work, lists, origin: "" };
  const { origin, close } = await start(parts, all, logger);
  parts.origin = origin;
  onTestFinished(() => {
    revoked.clear();
    demoted.clear();
    work.open();
    lists.open();
  });

  async function post(
    user: string | undefined,
    headers: Record<string, string>,
    body: unknown,
    signal: AbortSignal | null = null,
  ) {
    const answer = await fetch(`${origin}/mcp`, {
      method: "POST",
      headers: { ...headers, ...(user !== undefined && { Authorization: `Bearer ${user}` }) },
      body: JSON.stringify(body),
      signal,
    });
    const { status } = answer;
    return { status, retryAfter: answer.headers.get("retry-after"), text: await answer.text() };
  }

  return {
    work,
    lists,
    events,
    origin,
    close,
    revoke: (user: string) => void revoked.add(user),
    demote: (user: string) => void demoted.add(user),
    call(
      user: string | undefined,
      revision: Revision,
      tool: string,
      signal?: AbortSignal,
      more: Record<string, string> = {},
    ) {
      const { headers, body } = toolCall(revision, tool);
      return post(user, { ...headers, ...more }, body, signal);
    },
    ask(user: string, revision: Revision, method: string, params: object = {}) {
      const isModern = revision === "2026-07-28";
      const headers = {
        ...toolCall("2025-11-25", "").headers,
        "MCP-Protocol-Version": revision,
        ...(isModern && { "Mcp-Method": method }),
      };
      return post(user, headers, {
        jsonrpc: "2.0",
        id: 1,
        method,
        params: { ...params, ...(isModern && { _meta: CLIENT_META }) },
      });
    },
    notify: (user: string, method: string) =>
      post(user, toolCall("2025-11-25", "").headers, { jsonrpc: "2.0", method }),
    batch(user: string, length: number, signal?: AbortSignal) {
      const { headers, body } = toolCall("2025-11-25", "work");
      const messages = Array.from({ length }, (_, id) => ({ ...body, id }));
      return post(user, { ...headers, "MCP-Protocol-Version": "2025-03-26" }, messages, signal);
    },
  };
}
