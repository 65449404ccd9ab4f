import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/in-process.ts";
import { oauthSteps, WHOAMI } from "../support/oauth-steps.ts";
import { type Replicas, startReplicas } from "../support/replicas.ts";
import { AUTHORITY, DEPLOYED_PROXIES, type Prefix, startDeployedProxy } from "./support/deployed-proxy.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";
import { trustingFetch } from "./support/trusting-fetch.ts";

const PER_MINUTE = 30;
const FORGED = [
  "198.51.100.1",
  "198.51.100.2, 203.0.113.7",
  "203.0.113.7:4711",
  "[2001:db8::1]:443",
  "unknown",
  "",
  ",",
];
const LISTEN = {
  jsonrpc: "2.0",
  id: 1,
  method: "subscriptions/listen",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
    notifications: { resourceSubscriptions: ["test://news"] },
  },
};
const MODERN = { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen" };

let auth0: DevAuth0;
let redis: RedisServer;
let replicas: Replicas;
let port: number;
let origin: string;

beforeAll(async () => {
  port = await freePort();
  origin = `https://localhost:${port}`;
  const callbacks = [`${origin}/tools/auth/callback`];
  const application = {
    clientId: "behind",
    clientSecret: "a secret of 16 or more",
    type: "regular_web",
    callbacks,
  } as const;
  [auth0, redis] = await Promise.all([startDevAuth0({ applications: [application] }), createRedisServer()]);
  await redis.start();
  replicas = await startReplicas({
    auth0,
    env: {
      ...auth0.env(`${origin}/tools`),
      FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}`,
      FASTMCP_TRUST_PROXY: "1",
      FASTMCP_RATE_LIMIT: String(PER_MINUTE),
    },
  });
});

afterAll(async () => {
  await replicas?.stop();
  await redis?.dispose();
  await auth0?.close();
});

// Each has an address of its own, so that none uses up the limit of another.
let addresses = 1;
const fetchFromElsewhere = () => trustingFetch(AUTHORITY, `127.0.0.${++addresses}`);

/** Reads a stream until it has `text`. */
async function readUntil(answer: Response, text: string): Promise<void> {
  const reader = answer.body?.getReader();
  for (let seen = ""; !seen.includes(text); ) {
    const { done = true, value } = (await reader?.read()) ?? {};
    expect(done, seen).toBe(false);
    seen += Buffer.from(value ?? []).toString("utf8");
  }
  await reader?.cancel();
}

describe.each(DEPLOYED_PROXIES)("two replicas with Redis behind %s, by its file in deploy/", (name) => {
  describe.each<Prefix>(["none", "kept", "stripped"])("with the path of BASE_URL: %s", (prefix) => {
    let proxy: { stop(): Promise<void> };
    let ask: typeof fetch;

    beforeEach(async () => {
      ask = fetchFromElsewhere();
      const [one, two] = replicas.origins.map((each) => Number(new URL(each).port));
      proxy = await startDeployedProxy(name, { port, replicas: [one ?? 0, two ?? 0], prefix });
      const document = `${origin}/.well-known/oauth-protected-resource/tools/mcp`;
      await until(async () => (await ask(document).catch(() => undefined))?.ok === true);
    });

    afterEach(() => proxy?.stop());

    it("a login, calls, a stream, a refresh, large bodies and long tokens come through", async () => {
      const steps = oauthSteps(`${origin}/tools`, ask);
      const session = await steps.getSession("alice");
      for (let call = 0; call < 4; call++) {
        expect(await (await steps.call(session.accessToken)).text()).toContain("auth0|alice");
      }
      const stream = await steps.call(session.accessToken, LISTEN, MODERN);
      expect(stream.headers.get("content-type")).toContain("text/event-stream");
      await readUntil(stream, "acknowledged");
      const renewed = await session.renewed(await session.refresh());
      expect((await steps.call(renewed.accessToken)).status).toBe(200);

      // The longest body that the server takes, and one more byte.
      const padded = (bytes: number) => {
        const body = JSON.stringify({ ...WHOAMI, params: { ...WHOAMI.params, _meta: { pad: "" } } });
        return body.replace('"pad":""', `"pad":"${"x".repeat(bytes - body.length)}"`);
      };
      const full = await steps.call(renewed.accessToken, padded(4 * 1024 * 1024));
      expect(await full.text()).toContain("auth0|alice");
      expect((await steps.call(renewed.accessToken, padded(4 * 1024 * 1024 + 1))).status).toBe(413);

      const long = await steps.call("x".repeat(7500));
      expect([long.status, long.headers.get("www-authenticate")]).toEqual([401, expect.stringContaining("/tools")]);
    });

    it.runIf(prefix === "none")("limits go by the client's address, whatever X-Forwarded-For claims", async () => {
      const register = (send: typeof fetch, forwarded: string) =>
        send(`${origin}/tools/register`, { method: "POST", headers: { "X-Forwarded-For": forwarded }, body: "{}" });
      let limited = 0;
      for (let sent = 0; sent < 12 * PER_MINUTE && limited === 0; sent++) {
        const { status } = await register(ask, FORGED[sent % FORGED.length] ?? "");
        limited += status === 429 ? 1 : 0;
      }
      expect(limited).toBe(1);
      expect((await register(fetchFromElsewhere(), "")).status).toBe(400);
    });
  });
});
