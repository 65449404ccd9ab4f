import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createRemoteKeys } from "./jwks.ts";
import { createJwtVerifier } from "./jwt-verifier.ts";
import { type Answer, startProvider } from "./testing/provider-server.ts";
import { recordingLogger } from "./testing/recording-logger.ts";
import { createSigner, type Signer } from "./testing/signer.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

const NOW = 1_800_000_000;
const ISSUER = "https://tenant.example/";

/** A provider that publishes `published`, until `answer` is set, and a verifier of its tokens. */
async function setUp({ timeout }: { timeout?: number } = {}) {
  const state: { now: number; published: unknown; answer: Answer | undefined } = {
    now: NOW,
    published: [],
    answer: undefined,
  };
  const provider = await startProvider((request) =>
    state.answer === undefined ? { json: { keys: state.published } } : state.answer(request),
  );
  const logger = recordingLogger();
  const clock = () => state.now;
  const keys = createRemoteKeys({ jwksUri: `${provider.origin}/jwks.json`, clock, logger, timeout });
  const verifier = createJwtVerifier({
    issuer: ISSUER,
    audience: undefined,
    algorithms: ["ES256", "RS256"],
    keys,
    clock,
  });
  const verify = async (signer: Signer, header: Record<string, unknown> = {}, claims: Record<string, unknown> = {}) => {
    const token = await signer.sign({ iss: ISSUER, sub: "alice", exp: state.now + 3600, ...claims }, header);
    return verifier.verify(token).then(
      () => "accepted",
      (error: unknown) => {
        if (error instanceof UpstreamTokenError) {
          return error.fault;
        }
        if (error instanceof UpstreamError) {
          return error.kind;
        }
        throw error;
      },
    );
  };
  return { state, provider, logger, verify, fetches: () => provider.requests.length };
}

const down: Answer = () => ({ status: 503 });

describe("Security rule 8: an unknown kid fetches once, with a cooldown", () => {
  it("fetches when first needed, and not again", async () => {
    const { state, verify, fetches } = await setUp();
    const one = await createSigner("one");
    state.published = [one.jwk];
    expect(fetches()).toBe(0);
    expect(await verify(one)).toBe("accepted");
    expect(await verify(one)).toBe("accepted");
    expect(fetches()).toBe(1);
  });

  it("finds a rotated key at once", async () => {
    const { state, verify, fetches } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.published = [one.jwk];
    await verify(one);
    state.published = [two.jwk];
    expect(await verify(two)).toBe("accepted");
    expect(await verify(one)).toBe("unknown_key");
    expect(fetches()).toBe(2);
  });

  it("fetches for unknown kids at most every 30 s", async () => {
    const { state, verify, fetches } = await setUp();
    const [one, forger] = [await createSigner("one"), await createSigner("forged")];
    state.published = [one.jwk];
    await verify(one);
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await verify(forger, { kid: `kid-${attempt}` })).toBe("unknown_key");
    }
    expect(fetches()).toBe(2);
    state.now += 29;
    await verify(forger);
    expect(fetches()).toBe(2);
    state.now += 1;
    await verify(forger);
    expect(fetches()).toBe(3);
  });

  it("gives no verdict on a token without iat until it has fetched, and fetches no more often for it", async () => {
    const { state, verify, fetches } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.published = [one.jwk];
    await verify(one);
    expect(await verify(two)).toBe("unknown_key");
    for (let attempt = 0; attempt < 5; attempt++) {
      state.now += 5;
      expect(await verify(two, { kid: `kid-${attempt}` })).toBe("unavailable");
    }
    expect(await verify(two, {}, { iat: NOW })).toBe("unknown_key");
    expect(fetches()).toBe(2);
    state.published = [two.jwk];
    state.now += 5;
    expect(await verify(two)).toBe("accepted");
    expect(fetches()).toBe(3);
  });

  it("fetches once for many at the same time", async () => {
    const { state, verify, fetches } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.published = [one.jwk];
    expect(await Promise.all([verify(one), verify(one), verify(one)])).toEqual(Array(3).fill("accepted"));
    expect(fetches()).toBe(1);
    state.published = [one.jwk, two.jwk];
    expect(await Promise.all([verify(two), verify(two), verify(two)])).toEqual(Array(3).fill("accepted"));
    expect(fetches()).toBe(2);
  });
});

describe("Security rule 8: last good keys survive an outage; an outage is 503, never 401", () => {
  it("goes on with the keys known", async () => {
    const { state, verify, provider } = await setUp();
    const one = await createSigner("one");
    state.published = [one.jwk];
    await verify(one);
    await provider.close();
    state.now += 86_400;
    expect(await verify(one)).toBe("accepted");
  });

  it.each([
    ["503", down],
    ["404", () => ({ status: 404 })],
    ["a web page", () => ({ text: "<html>" })],
    ["no keys", () => ({ json: { keys: [] } })],
    ["no list of keys", () => ({ json: { keys: "none" } })],
    ["too much", () => ({ text: "x".repeat(600_000) })],
    ["a redirect to another origin", () => ({ status: 302, headers: { location: "http://127.0.0.2/" } })],
  ] satisfies [string, Answer][])("keeps them when the provider answers with %s", async (_title, answer) => {
    const { state, verify } = await setUp();
    const one = await createSigner("one");
    state.published = [one.jwk];
    await verify(one);
    state.answer = answer;
    expect(await verify(await createSigner("two"))).toBe("unavailable");
    expect(await verify(one)).toBe("accepted");
  });

  it("is unavailable without any key, and tries again after a second", async () => {
    const { state, verify, fetches, logger } = await setUp();
    const one = await createSigner("one");
    state.published = [one.jwk];
    state.answer = down;
    expect(await verify(one)).toBe("unavailable");
    expect(await verify(one)).toBe("unavailable");
    expect(fetches()).toBe(1);
    expect(logger.lines[0]).toMatchObject({ level: "warn", message: expect.stringContaining("503") });
    state.answer = undefined;
    state.now += 1;
    expect(await verify(one)).toBe("accepted");
  });

  it("is unavailable when nothing comes in time", async () => {
    const { state, verify } = await setUp({ timeout: 0.05 });
    state.answer = () => undefined;
    expect(await verify(await createSigner("one"))).toBe("unavailable");
  });

  it("gives no verdict on an unknown kid until the keys could be fetched again", async () => {
    const { state, verify } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.published = [one.jwk];
    await verify(one);
    state.answer = down;
    expect(await verify(two)).toBe("unavailable");
    expect(await verify(two)).toBe("unavailable");
    state.answer = undefined;
    state.now += 30;
    expect(await verify(two)).toBe("unknown_key");
  });
});

describe("a key that is published while the keys are fetched", () => {
  it("is not missed: the keys count as those of the moment that they were asked for", async () => {
    const { state, verify } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.answer = () => {
      state.now += 8;
      return { json: { keys: [one.jwk] } };
    };
    expect(await verify(one)).toBe("accepted");
    expect(await verify(two, {}, { iat: state.now + 4 })).toBe("unavailable");
    expect(await verify(two, {}, { iat: NOW })).toBe("unknown_key");
  });
});

describe("the provider's keys", () => {
  it("are fetched again after 10 minutes, beside the request", async () => {
    const { state, verify, fetches } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.published = [one.jwk];
    await verify(one);
    state.now += 599;
    await verify(one);
    expect(fetches()).toBe(1);
    state.published = [two.jwk];
    state.answer = () => undefined;
    state.now += 1;
    expect(await verify(one)).toBe("accepted");
    await expect.poll(fetches).toBe(2);
  });

  it("are asked for no more than every 30 s when that fails", async () => {
    const { state, verify, fetches, logger } = await setUp();
    const one = await createSigner("one");
    state.published = [one.jwk];
    await verify(one);
    state.answer = down;
    state.now += 600;
    await verify(one);
    await expect.poll(() => logger.lines.length).toBe(1);
    await verify(one);
    state.now += 29;
    await verify(one);
    await sleep(20);
    expect(fetches()).toBe(2);
    state.now += 1;
    await verify(one);
    await expect.poll(fetches).toBe(3);
  });

  it("lose one that the provider has withdrawn, after that", async () => {
    const { state, verify } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.published = [one.jwk];
    await verify(one);
    state.published = [two.jwk];
    state.now += 600;
    expect(await verify(one)).toBe("accepted");
    await expect.poll(() => verify(one)).toBe("unknown_key");
  });

  it("may stand among others that can't be used", async () => {
    const { state, verify } = await setUp();
    const [one, two] = [await createSigner("one"), await createSigner("two")];
    state.published = [
      null,
      "key",
      [],
      {},
      { kty: "oct", k: "c2VjcmV0", kid: "one" },
      { kty: "AKP", alg: "ML-DSA-44", pub: "x", kid: "one" },
      { kty: "EC", crv: "P-256", x: "damaged", y: "damaged", kid: "two", alg: "ES256" },
      { ...one.jwk, use: "enc", kid: "one" },
      one.jwk,
    ];
    expect(await verify(one)).toBe("accepted");
    expect(await verify(two)).toBe("unknown_key");
  });

  it("never include one whose private part the provider has published", async () => {
    const { state, verify } = await setUp();
    const one = await createSigner("one");
    state.published = [{ ...one.jwk, d: "cHJpdmF0ZQ" }];
    expect(await verify(one)).toBe("unavailable");
  });

  it("never verify an HMAC, whatever key of the set it names", async () => {
    const { state, verify } = await setUp();
    const one = await createSigner("one");
    state.published = [{ kty: "oct", k: "c2VjcmV0", kid: "secret", alg: "HS256" }, one.jwk];
    expect(await verify(one, { kid: "secret" })).toBe("unknown_key");
  });

  it("are all tried for a token without a kid", async () => {
    const { state, verify } = await setUp();
    const [one, two, three] = [await createSigner("one"), await createSigner("two"), await createSigner("three")];
    const damaged = { ...one.jwk, x: "damaged", kid: "damaged" };
    state.published = [damaged, one.jwk, two.jwk];
    expect(await verify(two, { kid: undefined })).toBe("accepted");
    expect(await verify(three, { kid: undefined })).toBe("signature");
  });
});
