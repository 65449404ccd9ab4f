import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { DevAuth0 } from "dev-auth0";
import { createServer, getAccessToken, type ProtectedServer, type ServerOptions } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { onTestFinished } from "vitest";
import { type OAuthSteps, oauthSteps } from "./oauth-steps.ts";
import { startRoundRobin } from "./round-robin.ts";

export interface LoggedLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: object;
  readonly message: string;
}

/** A server in this process, whose time and log are the test's. */
export interface InProcessServer extends OAuthSteps {
  readonly origin: string;
  readonly url: string;
  readonly lines: readonly LoggedLine[];
}

export interface InProcessOptions {
  readonly auth0: DevAuth0;
  readonly clock?: () => number;
  readonly env?: Record<string, string>;
  /** Where clients find it, when that is another address than its own. */
  readonly baseUrl?: string;
  readonly register?: (server: ProtectedServer) => void;
  readonly scopeHierarchy?: Readonly<Record<string, readonly string[]>>;
  readonly requestState?: ServerOptions["requestState"];
  /** Default: it tells of changes of resources. */
  readonly capabilities?: ServerOptions["capabilities"];
}

/** Starts a server that logs its users in at `auth0`, until the test ends. */
export async function startInProcess(options: InProcessOptions): Promise<InProcessServer> {
  const { close, ...server } = await launchInProcess(options);
  onTestFinished(close);
  return server;
}

/** Starts a server that logs its users in at `auth0`, until it is closed. */
export async function launchInProcess({
  auth0,
  clock,
  env,
  baseUrl,
  register,
  scopeHierarchy,
  requestState,
  capabilities = { resources: { subscribe: true, listChanged: true } },
}: InProcessOptions): Promise<InProcessServer & { close(): Promise<void> }> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const lines: LoggedLine[] = [];
  const log = (level: LoggedLine["level"]) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const server = createServer({
    name: "In process",
    version: "1.0.0",
    scopeHierarchy,
    requestState,
    capabilities,
    env: { ...auth0.env(baseUrl ?? origin), ...env },
    logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    ...(clock === undefined ? {} : { clock }),
  });
  server.registerTool("whoami", { description: "Who is asking" }, () => getAccessToken().subject);
  register?.(server);
  const http = createHttpServer(await server.app());
  await once(http.listen(port, "127.0.0.1"), "listening");
  const close = async () => {
    http.close();
    http.closeAllConnections();
    await server.close();
  };

  return { ...oauthSteps(origin), origin, url: `${origin}/mcp`, lines, close };
}

/** Waits until `condition` holds; the test's timeout is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Servers in this process with one environment behind one address. */
export interface InProcessReplicas extends OAuthSteps {
  /** The address that clients know. Each request goes to the next replica. */
  readonly baseUrl: string;
  readonly replicas: readonly InProcessServer[];
  /** Sends all requests to one replica from now on. */
  sendTo(index: number): void;
}

export interface InProcessReplicasOptions extends Omit<InProcessOptions, "baseUrl"> {
  /** What is each replica's own. Default: nothing, for two. */
  readonly each?: readonly Pick<InProcessOptions, "clock" | "env">[];
}

/** Starts replicas that log their users in at one provider, until the test ends. */
export async function startInProcessReplicas({
  each = [{}, {}],
  env,
  ...options
}: InProcessReplicasOptions): Promise<InProcessReplicas> {
  const ports: number[] = [];
  let only: number | undefined;
  const front = await startRoundRobin(() => ports.filter((_port, index) => only === undefined || index === only));
  onTestFinished(() => front.close());
  const baseUrl = `http://127.0.0.1:${front.port}`;
  const replicas = await Promise.all(
    each.map((own) => startInProcess({ ...options, ...own, baseUrl, env: { ...env, ...own.env } })),
  );
  ports.push(...replicas.map(({ origin }) => Number(new URL(origin).port)));
  await Promise.all(replicas.map(({ origin }) => until(async () => (await fetch(`${origin}/readyz`)).ok)));
  const sendTo = (index: number) => {
    only = index;
  };
  return { ...oauthSteps(baseUrl), baseUrl, replicas, sendTo };
}
