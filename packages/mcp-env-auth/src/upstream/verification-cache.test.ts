import { describe, expect, it } from "vitest";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";
import { cacheVerification } from "./verification-cache.ts";

function createCache({ ttl = 30, maxEntries = 3, lifetime = 3600 } = {}) {
  let now = 1_700_000_000;
  const asked: string[] = [];
  const verifier = {
    async verify(token: string): Promise<VerifiedUpstreamToken> {
      asked.push(token);
      if (token.startsWith("bad")) {
        throw new UpstreamTokenError("inactive", "It is not good.");
      }
      return { subject: token, clientId: "c", expiresAt: now + lifetime, scopes: [], claims: {} };
    },
  };
  const cache = cacheVerification(verifier, { ttl, maxEntries, clock: () => now });
  return { cache, asked, advance: (seconds: number) => (now += seconds) };
}

describe("remembering that a token is good", () => {
  it("ends after the time to live", async () => {
    const { cache, asked, advance } = createCache();
    await cache.verify("one");
    advance(29);
    expect((await cache.verify("one")).subject).toBe("one");
    expect(asked).toEqual(["one"]);
    advance(1);
    await cache.verify("one");
    expect(asked).toEqual(["one", "one"]);
  });

  it("ends with the token", async () => {
    const { cache, asked, advance } = createCache({ lifetime: 5 });
    await cache.verify("one");
    advance(5);
    await cache.verify("one");
    expect(asked).toEqual(["one", "one"]);
  });

  it("shares one look-up among requests that come together, and its failure too", async () => {
    const { cache, asked } = createCache();
    await Promise.all([cache.verify("one"), cache.verify("one")]);
    const failures = await Promise.allSettled([cache.verify("bad"), cache.verify("bad")]);
    expect(failures.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(asked).toEqual(["one", "bad"]);
  });

  it("keeps no refusal: made-up tokens can't fill it", async () => {
    const { cache, asked } = createCache();
    await cache.verify("one");
    for (let count = 0; count < 10; count++) {
      await cache.verify(`bad-${count}`).catch(() => undefined);
    }
    await cache.verify("one");
    expect(asked.filter((token) => token === "one")).toHaveLength(1);
  });

  it("is bounded: the oldest goes first", async () => {
    const { cache, asked } = createCache();
    for (const token of ["one", "two", "three", "four"]) {
      await cache.verify(token);
    }
    await cache.verify("four");
    await cache.verify("one");
    expect(asked).toEqual(["one", "two", "three", "four", "one"]);
  });
});
