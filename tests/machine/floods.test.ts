import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { oauthSteps } from "../support/oauth-steps.ts";
import { CONNECTIONS, type Flood, FROM_MANY, MESSAGES, PIPELINED } from "./support/floods/anonymous.ts";
import { BODIES } from "./support/floods/bodies.ts";
import { openAll, type Target } from "./support/floods/connections.ts";
import { type ProbedProcess, type Reading, startBareServer, startWeather } from "./support/floods/probed-process.ts";
import { requestText, toEveryPath } from "./support/floods/requests.ts";
import { SUCCESS, startUser } from "./support/floods/user.ts";

const MEBIBYTE = 1024 * 1024;

/** How many times as long as that of a bare server the loop may stand still. */
const TIMES_BARE = 5;

/** Milliseconds that are no stall: a collection of garbage, a login. */
const NOISE = 30;

/** Code that was compiled, tokens that were verified, addresses that were counted. */
const HEAP_TOLERANCE = 6 * MEBIBYTE;

let auth0: DevAuth0;
let bare: ProbedProcess;
let weather: ProbedProcess | undefined;
let users = 0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
  bare = await startBareServer();
});

afterAll(async () => {
  await weather?.process.kill();
  await bare?.process.kill();
  await auth0?.close();
});

/** Each user has an address of its own, whose rate limit is untouched. */
const nextUser = () => `127.0.2.${1 + users++}`;

/** The weather template, once a user has been there. */
async function startUsedWeather(): Promise<ProbedProcess> {
  const started = await startWeather((baseUrl) => auth0.env(baseUrl));
  expect(new Set(await startUser(started.origin, nextUser()).stop())).toEqual(SUCCESS);
  return started;
}

function attack({ port }: ProbedProcess, addresses: number): Target {
  let next = 0;
  return { port, nextAddress: () => `127.0.1.${1 + (next++ % addresses)}` };
}

/** Reads until all that a flood has left is gone, or for a minute. */
async function settled(server: ProbedProcess, before: Reading): Promise<Reading> {
  const end = Date.now() + 60_000;
  for (;;) {
    const now = await server.read();
    const isBack = now.responses <= before.responses && now.heap <= before.heap + HEAP_TOLERANCE;
    if (isBack || Date.now() > end) {
      return now;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** One server for all floods, and another after one that it did not withstand. */
async function withstand(flood: Flood, addresses: number): Promise<void> {
  await bare.read();
  await flood(attack(bare, addresses));
  const yardstick = (await bare.read()).stall;

  weather ??= await startUsedWeather();
  const server = weather;
  weather = undefined;
  onTestFinished(async () => {
    if (weather !== server) {
      await server.process.kill();
    }
  });
  const before = await server.read();
  const user = startUser(server.origin, nextUser());
  await flood(attack(server, addresses));
  const outcomes = await user.stop();
  const { stall } = await server.read();
  const after = await settled(server, before);

  expect(new Set(outcomes), "what the user's requests came to").toEqual(SUCCESS);
  expect(after.responses, "responses that are still held").toBeLessThanOrEqual(before.responses);
  expect((after.heap - before.heap) / MEBIBYTE, "MiB that are still held").toBeLessThan(HEAP_TOLERANCE / MEBIBYTE);
  expect(stall, "ms that the loop stood still").toBeLessThan(TIMES_BARE * Math.max(yardstick, NOISE));
  weather = server;
}

/** The bare server, the server and the waiting, on a busy machine. */
const TIMEOUT = 150_000;

const floods = Object.entries({ ...PIPELINED, ...CONNECTIONS, ...MESSAGES });
const floodsFromMany = Object.entries(FROM_MANY);

it.each(floods)("a user is served during a flood from one address: %s", { timeout: TIMEOUT }, (_name, flood) =>
  withstand(flood, 1),
);

it.each(floodsFromMany)(
  "a user is served during a flood from 250 addresses: %s",
  { timeout: TIMEOUT },
  (_name, flood) => withstand(flood, 250),
);

describe("a body that is allowed", () => {
  let server: ProbedProcess;
  let post: (body: string) => Promise<Response>;

  beforeAll(async () => {
    server = await startUsedWeather();
    const { getSession, call } = oauthSteps(server.origin);
    const { accessToken } = await getSession("alice", { scope: "openid weather:read weather:write" });
    post = async (body) => {
      const modern = body.includes("2026-07-28");
      const { method, params } = modern ? JSON.parse(body) : {};
      return call(accessToken, body, {
        ...(modern && { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method }),
        ...(params?.name && { "Mcp-Name": params.name }),
      });
    };
  });

  afterAll(() => server?.process.kill());

  it.each(Object.entries(BODIES))(
    "stalls the loop for at most three times as long as JSON.parse: %s",
    async (_name, body) => {
      // The first of a kind also has code compiled, which no second one does.
      await (await post(body)).body?.cancel();
      await server.read();
      const answer = await post(body);
      const { value } = (await answer.body?.getReader().read()) ?? {};
      const { stall } = await server.read();
      expect([413, 429]).not.toContain(answer.status);
      expect(stall, "ms that the loop stood still").toBeLessThan(3 * Math.max(parseTime(body), NOISE));
      expect(value?.length ?? 0, "bytes of the answer").toBeLessThan(20_000);
    },
  );
});

/** Milliseconds that `JSON.parse` computes. */
function parseTime(text: string): number {
  const begun = process.cpuUsage();
  try {
    JSON.parse(text);
  } catch {
    // What is no JSON takes its time as well.
  }
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

describe("a server that is told to stop", () => {
  /** Milliseconds from SIGTERM to the end. */
  async function timeToStop({ process }: ProbedProcess): Promise<number> {
    const begun = performance.now();
    await process.stop();
    expect(await process.exited).toBe(0);
    return performance.now() - begun;
  }

  const half = "GET /authorize HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ";
  const body = requestText({ method: "POST", path: "/token", headers: ["Content-Length: 1000"] });

  it.each([
    ["after one that hung up", toEveryPath(320), true],
    ["during one that has not read its answers", toEveryPath(16), false],
    ["during one that is half open", half, false],
    ["during one that owes its bodies", body, false],
  ])("takes no longer %s than without a flood", async (_when, text, hangsUp) => {
    const quiet = await timeToStop(await startUsedWeather());
    const flooded = await startUsedWeather();
    const sockets = await openAll(attack(flooded, 1), 50);
    for (const socket of sockets) {
      socket.pause().write(text, "latin1");
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (hangsUp) {
      for (const socket of sockets) {
        socket.resetAndDestroy();
      }
    }
    const time = await timeToStop(flooded);
    for (const socket of sockets) {
      socket.destroy();
    }
    expect(time - quiet).toBeLessThan(2000);
  });
});
