import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { exchangeToken, getAccessToken, type ProtectedServer } from "mcp-env-auth";
import { Browser } from "test-support/browser";
import { OAuthClient } from "test-support/oauth-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addressOf, McpClient, useAttackedServer } from "../support/attacked-server.ts";
import { CLIENT_KINDS, connect } from "../support/clients.ts";
import type { InProcessServer } from "../support/in-process.ts";
import { repository } from "../support/scaffolder.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_AUTH0_";
const WEATHER = "https://weather.example.com/api";
const CALENDAR = "https://calendar.example.com/api";
const MAIL = "https://mail.example.com/api";
const SECRET = "the secret of the client that exchanges tokens";

const exchanging = { type: "resource_server", clientSecret: SECRET, resourceServer: WEATHER } as const;

/** An API that takes tokens for itself only, and remembers what it was sent. */
let calendar: { readonly url: string; readonly seen: IncomingHttpHeaders[]; close(): void };
/** Everything that a handler could reach, as strings. */
let reachable: string[] = [];

const register = (server: ProtectedServer) =>
  server
    .registerTool("events", {}, async () => {
      const token = await exchangeToken({ audience: CALENDAR, scopes: ["events:read"] });
      return (await fetch(calendar.url, { headers: { authorization: `Bearer ${token}` } })).text();
    })
    .registerTool("events_with_own_token", {}, async () => {
      const { token } = getAccessToken();
      return String((await fetch(calendar.url, { headers: { authorization: `Bearer ${token}` } })).status);
    })
    .registerTool("many", {}, async () => {
      const targets = [{ audience: CALENDAR }, { audience: CALENDAR, scopes: ["events:read"] }, { audience: MAIL }];
      const twice = [...targets, ...targets, { audience: CALENDAR, scopes: ["events:write", "events:read"] }];
      const tokens = await Promise.all(twice.map(exchangeToken));
      return tokens.map((token) => decodeJwt(token).aud);
    })
    .registerTool("exchange_for_nothing", {}, () => exchangeToken({ audience: "" }))
    .registerTool("look_around", {}, (ctx) => {
      reachable = stringsIn([ctx, getAccessToken()]);
      return "looked";
    });

const attacked = useAttackedServer({
  provider: {
    apis: [
      { identifier: WEATHER, scopes: ["weather:read"] },
      { identifier: CALENDAR, scopes: ["events:read", "events:write"] },
      { identifier: MAIL, scopes: [] },
    ],
    users: [
      { username: "alice", permissions: ["events:read", "events:write"], organizations: ["org_acme", "org_globex"] },
      { username: "bob", permissions: [] },
    ],
    applications: [
      { clientId: "login", clientSecret: "login secret", type: "regular_web" },
      { ...exchanging, clientId: "exchanger" },
      { ...exchanging, clientId: "not granted", userGrants: {} },
      { ...exchanging, clientId: "of another api", resourceServer: MAIL },
    ],
  },
  register,
  env: { [`${PREFIX}TOKEN_EXCHANGE_CLIENT_ID`]: "exchanger", [`${PREFIX}TOKEN_EXCHANGE_CLIENT_SECRET`]: SECRET },
});

beforeAll(async () => {
  const seen: IncomingHttpHeaders[] = [];
  const http = createServer(async (request, response) => {
    seen.push(request.headers);
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    try {
      const keys = createRemoteJWKSet(new URL(`${attacked.auth0.issuer}.well-known/jwks.json`));
      const options = {
        issuer: attacked.auth0.issuer,
        audience: CALENDAR,
        currentDate: new Date(attacked.clock() * 1000),
      };
      const { payload } = await jwtVerify(token, keys, options);
      response.end(JSON.stringify(payload));
    } catch {
      response.writeHead(401).end("not for this API");
    }
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  calendar = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    seen,
    close: () => {
      http.close();
      http.closeAllConnections();
    },
  };
});
afterAll(() => calendar.close());
beforeEach(() => {
  attacked.auth0.requests.length = 0;
  calendar.seen.length = 0;
});

async function call(server: InProcessServer, token: string, name: string): Promise<string> {
  const params = { name, arguments: {} };
  const answer = await server.call(token, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const [, data = ""] = /^data: (.+)$/m.exec(await answer.text()) ?? [];
  return JSON.parse(data).result.content[0].text;
}

const exchanges = () =>
  attacked.auth0.requests.filter(({ params }) => String(params.grant_type).endsWith(":token-exchange"));

/** Every string that can be reached from `roots`, by properties of every kind, getters and collections. */
function stringsIn(roots: readonly unknown[]): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const queue = [...roots];
  for (let value = queue.pop(); value !== undefined || queue.length > 0; value = queue.pop()) {
    if (typeof value === "string") {
      found.push(value);
    }
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) {
      continue;
    }
    if (value === globalThis || value === process) {
      continue;
    }
    seen.add(value);
    if (value instanceof Headers || value instanceof Map || value instanceof Set || value instanceof URLSearchParams) {
      // The prototype of a class of such is one too, and has none.
      if (!Object.hasOwn(value, "constructor")) {
        queue.push(...value);
      }
    }
    for (let owner = value; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
      for (const key of Reflect.ownKeys(owner)) {
        try {
          queue.push(Reflect.get(owner, key, value));
        } catch {
          // A getter that does not like to be called gives nothing away.
        }
      }
    }
  }
  return found;
}

describe("a token for another API", () => {
  it("is the user's, for that API alone, and says who acts", async () => {
    const { accessToken } = await attacked.login("alice");
    expect(JSON.parse(await call(attacked.server, accessToken, "events"))).toMatchObject({
      sub: "auth0|alice",
      aud: CALENDAR,
      scope: "events:read",
      act: { sub: "exchanger", act: { sub: "login" } },
    });
  });

  it("carries no more than the user may do there", async () => {
    const { accessToken } = await attacked.login("bob");
    expect(JSON.parse(await call(attacked.server, accessToken, "events")).scope).toBeUndefined();
  });

  it("is the only one that the API takes: the token for this server is not good there", async () => {
    const { accessToken } = await attacked.login("alice");
    expect(await call(attacked.server, accessToken, "events_with_own_token")).toBe("401");
  });

  it("is asked for once for each target and scopes, also when calls come together, until it ends", async () => {
    const { accessToken } = await attacked.login("alice");
    const audiences = [CALENDAR, CALENDAR, MAIL, CALENDAR, CALENDAR, MAIL, CALENDAR];
    expect(JSON.parse(await call(attacked.server, accessToken, "many"))).toEqual(audiences);
    expect(exchanges()).toHaveLength(4);
    await call(attacked.server, accessToken, "many");
    expect(exchanges()).toHaveLength(4);
  });

  it("is asked for again when it has ended", async () => {
    const { client, accessToken, refreshToken } = await attacked.login("alice");
    await call(attacked.server, accessToken, "events");
    attacked.advance(3000);
    const { body } = await client.refresh(refreshToken);
    await call(attacked.server, body.access_token ?? "", "events");
    expect(exchanges()).toHaveLength(2);
  });

  it("Security rule 17: is never another user's, and never another organization's", async () => {
    const through = async (organization: string) => {
      const server = await attacked.launch({ env: { [`${PREFIX}ORGANIZATION`]: organization } });
      const client = await McpClient.register(addressOf(server));
      const claims = JSON.parse(await call(server, (await client.logIn("alice")).access_token, "events"));
      await server.close();
      return claims.org_id;
    };
    expect([await through("org_acme"), await through("org_globex")]).toEqual(["org_acme", "org_globex"]);
    const [alice, bob] = [await attacked.login("alice"), await attacked.login("bob")];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => call(attacked.server, (n % 2 === 0 ? alice : bob).accessToken, "events")),
    );
    const subjects = answers.map((answer) => JSON.parse(answer).sub);
    expect(subjects).toEqual(subjects.map((_, n) => (n % 2 === 0 ? "auth0|alice" : "auth0|bob")));
  });
});

describe("when there is none", () => {
  it.each(["not granted", "of another api", "login", "nobody"])(
    "because the client (%s) may not exchange, the log says what to set, and the user hears nothing of it",
    async (clientId) => {
      const secret = clientId === "login" ? "login secret" : SECRET;
      const env = {
        [`${PREFIX}TOKEN_EXCHANGE_CLIENT_ID`]: clientId,
        [`${PREFIX}TOKEN_EXCHANGE_CLIENT_SECRET`]: secret,
      };
      const server = await attacked.launch({ env });
      const client = await McpClient.register(addressOf(server));
      const answer = await call(server, (await client.logIn("alice")).access_token, "events");
      expect(answer).not.toContain("TOKEN_EXCHANGE");
      const log = JSON.stringify(server.lines, (_key, value) => (value instanceof Error ? value.message : value));
      expect(log).toContain(`${PREFIX}TOKEN_EXCHANGE_CLIENT_ID`);
      expect(log).toContain("On-Behalf-Of Token Exchange");
      expect(log).not.toContain(SECRET);
      await server.close();
    },
  );

  it("because nothing is configured, the log says what to set", async () => {
    const env = { [`${PREFIX}TOKEN_EXCHANGE_CLIENT_ID`]: "", [`${PREFIX}TOKEN_EXCHANGE_CLIENT_SECRET`]: "" };
    const server = await attacked.launch({ env });
    const client = await McpClient.register(addressOf(server));
    await call(server, (await client.logIn("alice")).access_token, "events");
    const log = JSON.stringify(server.lines, (_key, value) => (value instanceof Error ? value.message : value));
    expect(log).toContain(`set ${PREFIX}TOKEN_EXCHANGE_CLIENT_ID and ${PREFIX}TOKEN_EXCHANGE_CLIENT_SECRET`);
    await server.close();
  });

  it("because half is configured, the server does not start", async () => {
    const starting = attacked.launch({ env: { [`${PREFIX}TOKEN_EXCHANGE_CLIENT_SECRET`]: "" } });
    await expect(starting).rejects.toThrow("TOKEN_EXCHANGE_CLIENT_SECRET");
  });

  it("because the provider is away, the user is told to try again", async () => {
    const { accessToken } = await attacked.login("alice");
    attacked.auth0.misbehave({ token: "down" });
    expect(await call(attacked.server, accessToken, "events")).toContain("Try again in a moment.");
  });

  it("because no API is named, nothing is asked for", async () => {
    const { accessToken } = await attacked.login("alice");
    attacked.auth0.requests.length = 0;
    await call(attacked.server, accessToken, "exchange_for_nothing");
    expect(exchanges()).toEqual([]);
  });
});

it("is documented by variables that there are", () => {
  const read = (file: string) => readFileSync(path.join(repository, "docs", file), "utf8");
  const named = [...read("calling-apis.md").matchAll(/FASTMCP_\w+/g)].map(([name]) => name);
  expect(named.filter((name) => !read("environment.md").includes(`${name}\``))).toEqual([]);
});

describe("the token that the client holds", () => {
  it.each(CLIENT_KINDS)("is nowhere that a handler can reach (%s)", async (kind) => {
    let bearer = "";
    const recording: typeof fetch = async (input, init) => {
      const sent = new Headers(init?.headers).get("authorization") ?? "";
      if (sent.startsWith("Bearer ")) {
        bearer = sent.slice("Bearer ".length);
      }
      return fetch(input, init);
    };
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind, url: attacked.resource, oauth, fetch: recording });
    await session.callTool("look_around");
    await session.close();
    expect(bearer.split(".")).toHaveLength(5);
    // What can be reached was looked through indeed.
    expect(reachable).toContain("auth0|alice");
    expect(reachable.some((text) => text.includes("application/json"))).toBe(true);
    expect(reachable.filter((text) => text.includes(bearer))).toEqual([]);
    expect(reachable.filter((text) => /^bearer /i.test(text))).toEqual([]);
  });

  it("never leaves for the provider or another API", async () => {
    const { accessToken } = await attacked.login("alice");
    await call(attacked.server, accessToken, "events");
    expect(JSON.stringify(calendar.seen)).not.toContain(accessToken);
    expect(calendar.seen).toHaveLength(1);
  });
});
