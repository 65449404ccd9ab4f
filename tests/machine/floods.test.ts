import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type NameServer,
  startNameServer,
} from "../../packages/mcp-env-auth/src/proxy/clients/documents/testing/name-server.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { CONNECTIONS, type Flood, FROM_MANY, MESSAGES, PIPELINED } from "./support/floods/anonymous.ts";
import { BODIES, TEXT_OF_4_MB } from "./support/floods/bodies.ts";
import { openAll } from "./support/floods/connections.ts";
import { batches, COSTLY, largeCalls, SLOW_CALLS } from "./support/floods/costly.ts";
import { attack, createDrill, DRILL_TIMEOUT, type Drill, type Site, used } from "./support/floods/drill.ts";
import { type Issuer, SERVED, startCaller, startIssuer } from "./support/floods/introspection.ts";
import {
  type ProbedProcess,
  startBareServer,
  startParsingServer,
  startWeather,
} from "./support/floods/probed-process.ts";
import { requestText, toEveryPath } from "./support/floods/requests.ts";
import { type SlowWeather, startSlowWeather } from "./support/floods/slow-weather.ts";

let auth0: DevAuth0;
let drill: Drill;

const siteOf = (process: ProbedProcess): Site => ({ process, port: process.port });

/** The weather template, with default settings. */
const startServer = async () => siteOf(await startWeather((baseUrl) => auth0.env(baseUrl)));

/** The same, once a user has been there. */
const startUsedWeather = async () => (await used(await startServer())).process;

beforeAll(async () => {
  auth0 = await startDevAuth0();
  drill = createDrill({ bare: siteOf(await startBareServer()), startServer });
});

afterAll(async () => {
  await drill?.close();
  await auth0?.close();
});

const floods = Object.entries({ ...PIPELINED, ...CONNECTIONS, ...MESSAGES });
const costlyFloods = Object.entries(COSTLY);
const slowCalls = Object.entries(SLOW_CALLS);
const floodsFromMany = Object.entries(FROM_MANY);

it.each(floods)("a user is served during a flood from one address: %s", { timeout: DRILL_TIMEOUT }, (_name, flood) =>
  drill.withstand(flood, 1),
);

it.each(floodsFromMany)(
  "a user is served during a flood from 250 addresses: %s",
  { timeout: DRILL_TIMEOUT },
  (_name, flood) => drill.withstand(flood, 250),
);

describe("of what costs far more than its bytes", () => {
  let accessToken = "";
  let drillOfCosts: Drill;

  beforeAll(async () => {
    drillOfCosts = createDrill({
      bare: siteOf(await startBareServer()),
      startServer: async () => {
        const site = await startServer();
        const session = await oauthSteps(site.process.origin).getSession("bob", { scope: "openid weather:read" });
        accessToken = session.accessToken;
        return site;
      },
    });
  });

  afterAll(() => drillOfCosts?.close());

  it.each(costlyFloods)(
    "a user is served during a flood of small things that cost much: %s",
    { timeout: DRILL_TIMEOUT },
    (_name, flood) => drillOfCosts.withstand(flood, 1),
  );

  it("a user is served while another sends 60 bodies of 4 MB at once", { timeout: DRILL_TIMEOUT }, () =>
    drillOfCosts.withstand((target) => largeCalls(accessToken)(target), 1),
  );

  it("a user is served while another sends 100 batches at once", { timeout: DRILL_TIMEOUT }, () =>
    drillOfCosts.withstand((target) => batches(accessToken)(target), 1),
  );
});

describe("of a tool that waits for something slow", () => {
  let weather: SlowWeather;
  let accessToken = "";
  let drillOfCalls: Drill;

  beforeAll(async () => {
    weather = await startSlowWeather();
    drillOfCalls = createDrill({
      bare: siteOf(await startBareServer()),
      startServer: async () => {
        const site = siteOf(await startWeather((baseUrl) => auth0.env(baseUrl), { env: weather.env }));
        const session = await oauthSteps(site.process.origin).getSession("bob", { scope: "openid weather:read" });
        accessToken = session.accessToken;
        return site;
      },
    });
  });

  afterAll(async () => {
    await drillOfCalls?.close();
    await weather?.close();
  });

  it.each(slowCalls)(
    "a user is served while another floods a slow tool: %s",
    { timeout: DRILL_TIMEOUT },
    async (_name, flood) => {
      await drillOfCalls.withstand((target) => flood(accessToken)(target), 1);
      expect(weather.most()).toBeGreaterThan(16);
      // FASTMCP_MAX_CALLS_PER_USER, each of which asks for the city first.
      expect(weather.most()).toBeLessThanOrEqual(32);
    },
  );
});

describe("at name servers that keep silent", () => {
  let provider: DevAuth0;
  let silent: NameServer;
  let drillOfNames: Drill;

  beforeAll(async () => {
    // Its name is resolved for each login.
    provider = await startDevAuth0({ host: "localhost" });
    silent = await startNameServer(() => "silence");
    drillOfNames = createDrill({
      bare: siteOf(await startBareServer()),
      startServer: async () =>
        siteOf(
          await startWeather((baseUrl) => provider.env(baseUrl), {
            preload: "silent-names.mjs",
            env: { NAME_SERVER: silent.address },
          }),
        ),
    });
  });

  afterAll(async () => {
    await drillOfNames?.close();
    await silent?.close();
    await provider?.close();
  });

  it.each([
    ["client ids at hosts that don't answer", 1],
    ["client ids at one host", 1],
    ["client ids at hosts that don't answer", 250],
  ] as const)(
    "a user is served during a flood: %s, from %i addresses",
    { timeout: DRILL_TIMEOUT },
    async (name, from) => {
      await drillOfNames.withstand(MESSAGES[name] as Flood, from);
      expect(silent.queries).not.toEqual([]);
    },
  );
});

describe("at a server that asks the provider about each token", () => {
  let issuer: Issuer;
  let drillOfTokens: Drill;

  beforeAll(async () => {
    issuer = await startIssuer();
    drillOfTokens = createDrill({
      bare: siteOf(await startBareServer()),
      startServer: async () => siteOf(await startWeather(() => issuer.env())),
      use: { start: startCaller, success: SERVED },
    });
  });

  afterAll(async () => {
    await drillOfTokens?.close();
    await issuer?.close();
  });

  it("a user is served during a flood of made-up tokens, few of which are looked up", {
    timeout: DRILL_TIMEOUT,
  }, async () => {
    await drillOfTokens.withstand(MESSAGES["made-up tokens"] as Flood, 1);
    // FASTMCP_RATE_LIMIT, and those that were under way.
    expect(issuer.refused()).toBeGreaterThan(10);
    expect(issuer.refused()).toBeLessThanOrEqual(120 + 8);
  });
});

describe("a body that is allowed", () => {
  let server: ProbedProcess;
  let parser: ProbedProcess;
  let post: (body: string) => Promise<Response>;
  let parse: (body: string) => Promise<Response>;

  beforeAll(async () => {
    parser = await startParsingServer();
    parse = (body) => fetch(parser.origin, { method: "POST", body });
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

  afterAll(async () => {
    await server?.process.kill();
    await parser?.process.kill();
  });

  const rows = Object.entries(BODIES).map(([name, body]) => [PARSED_MOSTLY.has(name) ? 2 : 3, name, body] as const);

  it.each(rows)(
    "stalls the loop for at most %i times as long as reading and parsing it: %s",
    { timeout: DRILL_TIMEOUT },
    async (times, _name, body) => {
      // The first of a kind also has code compiled, which no later one does.
      await (await parse(body)).text();
      await lengthOf(await post(body));
      await readBoth();
      let [stall, yardstick] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      // The same body takes the same time: what a busy machine adds differs, for both.
      for (let round = 0; round < 2 || (round < ROUNDS && stall >= times * yardstick); round++) {
        // Of a small body, the text of 4 MB is the yardstick: anybody may stall the loop by one as well.
        await (await parse(body)).text();
        await (await parse(TEXT_OF_4_MB)).text();
        const answer = await post(body);
        expect([413, 429]).not.toContain(answer.status);
        expect(await lengthOf(answer), "bytes of the answer").toBeLessThan(body.startsWith("[{") ? 100_000 : 20_000);
        const [ours, parsed] = await readBoth();
        stall = Math.min(stall, ours);
        yardstick = Math.min(yardstick, parsed);
      }
      expect(stall, "ms that the loop stood still").toBeLessThan(times * yardstick);
    },
  );

  /** Bytes of an answer, or of what comes first of a subscription, which goes on. */
  async function lengthOf({ body }: Response): Promise<number> {
    let length = 0;
    for await (const chunk of body ?? []) {
      length += chunk.length;
      if (Buffer.from(chunk).includes("subscriptions/acknowledged")) {
        break;
      }
    }
    return length;
  }

  const readBoth = () => Promise.all([server.readStall(), parser.readStall()]);
});

/** Of these JSON.parse is most of the work: to do as much again would show. */
const PARSED_MOSTLY = new Set(["names of arguments", "input responses", "quotes", "backslashes"]);

/** How often a body is sent at most until it is served in the time it may take. */
const ROUNDS = 10;

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
    const sockets = await openAll(attack(flooded.port, 1), 50);
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
