import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "test-support/free-port";
import { discover, login, register } from "./load/oauth-steps.mjs";
import { toolCalls } from "./load/tool-calls.mjs";
import { startServerProcess } from "./server-process.mjs";

/**
 * @import { Era, Requests } from "./load/tool-calls.mjs"
 * @import { ServerProcess } from "./server-process.mjs"
 * @import { Stage } from "./stage.mjs"
 * @import { Subject } from "./subjects.mjs"
 *
 * @typedef {object} MeasuredServer
 * @property {ServerProcess} process
 * @property {string} origin
 * @property {(era: Era, tools: number) => Requests} calls Authenticated calls of the last tool.
 */

const READY_TIMEOUT = 30_000;
const POLL_INTERVAL = 20;

/** @type {Map<string, number>} */
const ports = new Map();

/**
 * Starts a server in a fresh process.
 *
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {{ tools: number, env?: Readonly<Record<string, string>> }} options
 * @returns {Promise<{ process: ServerProcess, origin: string }>}
 */
export async function launch(subject, { cores, auth0, home }, { tools, env = {} }) {
  const port = await portOf(subject);
  const origin = `http://127.0.0.1:${port}`;
  const environment = {
    ...subject.env({ port, baseUrl: origin, auth0 }),
    TOOLS: String(tools),
    HOME: join(home, subject.id),
    ...env,
  };
  mkdirSync(environment.HOME, { recursive: true });
  return { process: startServerProcess(subject.command, { env: environment, cores }), origin };
}

/**
 * Each server keeps its port for the whole run: its URL is in the tokens.
 *
 * @param {Subject} subject
 */
async function portOf({ id }) {
  const port = ports.get(id) ?? (await freePort());
  ports.set(id, port);
  return port;
}

/**
 * Starts a server, and gets what a caller needs: a login through it, where it has one.
 *
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {{ tools: number, env?: Readonly<Record<string, string>> }} options
 * @returns {Promise<MeasuredServer>}
 */
export async function startMeasuredServer(subject, stage, options) {
  const { process, origin } = await launch(subject, stage, options);
  try {
    await answers(process, origin);
    const token = await credential(subject, stage, origin);
    return { process, origin, calls: (era, tools) => toolCalls(era, { tool: `greet_${tools}`, token }) };
  } catch (error) {
    const log = process.log();
    await process.stop();
    throw new Error(`${error instanceof Error ? error.message : error}\nThe server's log:\n${log}`);
  }
}

/**
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {string} origin
 * @returns {Promise<string | undefined>}
 */
export async function credential({ credential, audience }, { auth0 }, origin) {
  if (credential === "none") {
    return undefined;
  }
  if (credential === "jwt") {
    const place = { port: Number(new URL(origin).port), baseUrl: origin, auth0 };
    return auth0.issueAccessToken({ user: "alice", ...(audience && { audience: audience(place) }) });
  }
  const proxy = await discover(origin);
  return (await login(proxy, await register(proxy))).accessToken;
}

/**
 * Waits until the server answers and is done starting.
 *
 * @param {ServerProcess} process
 * @param {string} origin
 */
async function answers(process, origin) {
  const deadline = Date.now() + READY_TIMEOUT;
  while (Date.now() < deadline && !process.ended()) {
    const response = await fetch(`${origin}/mcp`, { method: "POST", signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    );
    await response?.body?.cancel();
    if (response !== undefined && (await isReady(origin))) {
      return;
    }
    await sleep(POLL_INTERVAL);
  }
  throw new Error(process.ended() ? "It ended instead of starting." : "It did not start in time.");
}

/**
 * Servers that listen before they are ready say so; others have no such endpoint.
 *
 * @param {string} origin
 */
async function isReady(origin) {
  const response = await fetch(`${origin}/readyz`);
  await response.body?.cancel();
  return response.status !== 503;
}
