import { describe, expect, it } from "vitest";
import { OAuthError } from "../errors.ts";
import { createTestClock } from "../proxy/testing/proxy-server.ts";
import { IntrospectionTokenVerifier } from "./introspection.ts";
import { PropelAuthProvider } from "./propelauth.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, startStandIn } from "./testing/stand-in.ts";

const PATH = "/oauth/2.1/introspect";
const LIMIT = 5;
const ADDRESS = "192.0.2.1";

const PROVIDERS = [
  [
    "IntrospectionTokenVerifier",
    IntrospectionTokenVerifier,
    (issuer: string) => ({ INTROSPECTION_URL: issuer + PATH, CLIENT_ID, CLIENT_SECRET }),
  ],
  [
    "PropelAuthProvider",
    PropelAuthProvider,
    (issuer: string) => ({
      AUTH_URL: issuer,
      INTROSPECTION_CLIENT_ID: CLIENT_ID,
      INTROSPECTION_CLIENT_SECRET: CLIENT_SECRET,
      RESOURCE: "api",
    }),
  ],
] as const;

describe.each(PROVIDERS)("Security rule 12: made-up tokens at a server with %s", (_name, provider, variablesOf) => {
  async function start(rateLimit: number | undefined = LIMIT) {
    const clock = createTestClock();
    let status = 200;
    let asked = 0;
    const issuer = await startStandIn({
      authorizePath: "/authorize",
      tokenPath: "/token",
      issue: () => ({}),
      routes: () => ({
        [PATH]: ({ form }) => {
          asked += 1;
          const active = form.token?.startsWith("good") ?? false;
          return { status, json: active ? { active, token_type: "Bearer", sub: "alice", aud: "api" } : { active } };
        },
      }),
    });
    const server = await protectServer(provider, variablesOf(issuer.origin), { clock: clock.now, rateLimit });
    const outcome = (token: string, address = ADDRESS) =>
      server.authentication.verifier
        .verify(token, () => address)
        .then(
          ({ subject }) => subject,
          (error: unknown) => (error instanceof OAuthError ? error.status : error),
        );
    return {
      clock,
      outcome,
      logger: server.logger,
      verifier: server.authentication.verifier,
      asked: () => asked,
      answerWith: (next: number) => {
        status = next;
      },
    };
  }

  it("get 429 with Retry-After after FASTMCP_RATE_LIMIT of them from one address, and cost no look-up", async () => {
    const { clock, outcome, asked, verifier, logger } = await start();
    for (let count = 0; count < 100; count++) {
      expect(await outcome(`made-up-${count}`)).toBe(count < LIMIT ? 401 : 429);
    }
    expect(asked()).toBe(LIMIT);
    clock.advance(20);
    await expect(verifier.verify("made-up", () => ADDRESS)).rejects.toMatchObject({
      code: "temporarily_unavailable",
      status: 429,
      retryAfter: 40,
    });
    expect(await outcome("good-token", "192.0.2.2")).toBe("alice");
    const lines = logger.lines.filter(({ fields }) => "event" in fields && fields.event === "tokens-limited");
    expect(lines).toMatchObject([{ level: "info", message: expect.stringContaining("FASTMCP_TRUST_PROXY") }]);
    clock.advance(40);
    expect(await outcome("good-token")).toBe("alice");
  });

  it("leave the tokens alone that are in use at the same address", async () => {
    const { clock, outcome } = await start();
    expect(await outcome("good-token")).toBe("alice");
    for (let count = 0; count < LIMIT + 1; count++) {
      await outcome(`made-up-${count}`);
    }
    clock.advance(31);
    expect(await outcome("good-token")).toBe("alice");
  });

  it("are remembered for five seconds each", async () => {
    const { clock, outcome, asked } = await start();
    for (let count = 0; count < 50; count++) {
      expect(await outcome("made-up")).toBe(401);
    }
    expect(asked()).toBe(1);
    clock.advance(5);
    await outcome("made-up");
    expect(asked()).toBe(2);
  });

  it.each([500, 429, 401])(
    "count for nothing while the provider answers %i, of which the log has one line",
    async (status) => {
      const { outcome, asked, answerWith, logger } = await start();
      answerWith(status);
      for (let count = 0; count < 3 * LIMIT; count++) {
        expect(await outcome("token")).toBe(503);
      }
      expect(asked()).toBe(3 * LIMIT);
      expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(status === 401 ? 1 : 0);
      answerWith(200);
      expect(await outcome("good-token")).toBe("alice");
    },
  );

  it.each([0, undefined])("are looked up without limit if FASTMCP_RATE_LIMIT is %s", async (rateLimit) => {
    const { outcome } = await start(rateLimit ?? 0);
    for (let count = 0; count < 3 * LIMIT; count++) {
      expect(await outcome(`made-up-${count}`)).toBe(401);
    }
  });
});
