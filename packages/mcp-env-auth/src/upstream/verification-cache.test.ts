import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { TooManyLookUps } from "./look-up-turns.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";
import { cacheVerification } from "./verification-cache.ts";

function createCache({ ttl = 30, maxEntries = 3, lifetime = 3600, refusalsPerMinute = 0 } = {}) {
  let now = 1_700_000_000;
  const asked: string[] = [];
  let wait = async (): Promise<void> => undefined;
  const verifier = {
    async verify(token: string): Promise<VerifiedUpstreamToken> {
      asked.push(token);
      await wait();
      if (token.startsWith("out")) {
        throw new UpstreamError("unavailable", "No answer.");
      }
      if (token.startsWith("bad")) {
        throw new UpstreamTokenError("inactive", "It is not good.");
      }
      return { subject: token, clientId: "c", expiresAt: now + lifetime, scopes: [], claims: {} };
    },
  };
  const cache = cacheVerification(verifier, { ttl, maxEntries, refusalsPerMinute, clock: () => now });
  const outcomeFrom = (address: string, token: string) =>
    cache
      .verify(token, undefined, () => address)
      .then(
        () => "good",
        (error: unknown) => error,
      );
  /** The provider answers only when the test lets it. */
  const holdBack = () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    wait = () => held;
    return letGo;
  };
  return { cache, asked, outcomeFrom, holdBack, advance: (seconds: number) => (now += seconds) };
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

  it("is not disturbed by refusals: made-up tokens can't fill it", async () => {
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

describe("a refusal", () => {
  it("is remembered for five seconds, with its reason", async () => {
    const { cache, asked, advance } = createCache();
    const refuse = () => cache.verify("bad").catch((error: unknown) => error);
    const first = await refuse();
    expect(await refuse()).toEqual(first);
    expect(await refuse()).toBeInstanceOf(UpstreamTokenError);
    expect(asked).toEqual(["bad"]);
    advance(5);
    await refuse();
    expect(asked).toEqual(["bad", "bad"]);
  });

  it("of one token says nothing of another, and an outage is never remembered", async () => {
    const { cache, asked, outcomeFrom } = createCache({ refusalsPerMinute: 1 });
    for (let count = 0; count < 5; count++) {
      await expect(cache.verify("out")).rejects.toBeInstanceOf(UpstreamError);
      expect(await outcomeFrom("192.0.2.1", `out-${count}`)).toBeInstanceOf(UpstreamError);
    }
    expect(asked).toHaveLength(10);
    await cache.verify("bad").catch(() => undefined);
    expect(await outcomeFrom("192.0.2.1", "one")).toBe("good");
  });
});

describe("Security rule 12: made-up tokens", () => {
  const ADDRESS = "192.0.2.1";

  it("from one address are looked up only so often a minute, and it is told when the minute is over", async () => {
    const { asked, outcomeFrom, advance } = createCache({ refusalsPerMinute: 3 });
    for (let count = 0; count < 3; count++) {
      expect(await outcomeFrom(ADDRESS, `bad-${count}`)).toBeInstanceOf(UpstreamTokenError);
    }
    advance(20);
    expect(await outcomeFrom(ADDRESS, "bad-4")).toMatchObject({ whose: "address", retryAfter: 40 });
    expect(await outcomeFrom(ADDRESS, "one")).toBeInstanceOf(TooManyLookUps);
    expect(asked).toHaveLength(3);
    expect(await outcomeFrom("192.0.2.2", "bad-5")).toBeInstanceOf(UpstreamTokenError);
    advance(40);
    expect(await outcomeFrom(ADDRESS, "one")).toBe("good");
  });

  it("from one address don't stop tokens that were good there before", async () => {
    const { outcomeFrom, advance, asked } = createCache({ refusalsPerMinute: 1 });
    expect(await outcomeFrom(ADDRESS, "one")).toBe("good");
    await outcomeFrom(ADDRESS, "bad");
    expect(await outcomeFrom(ADDRESS, "two")).toBeInstanceOf(TooManyLookUps);
    advance(31);
    expect(await outcomeFrom(ADDRESS, "one")).toBe("good");
    expect(asked).toEqual(["one", "bad", "one"]);
  });

  it("count by the network of an IPv6 address, and any number is allowed with 0", async () => {
    const limited = createCache({ refusalsPerMinute: 1 });
    await limited.outcomeFrom("2001:db8::1", "bad-1");
    expect(await limited.outcomeFrom("2001:db8::2", "bad-2")).toBeInstanceOf(TooManyLookUps);
    const unlimited = createCache();
    for (let count = 0; count < 500; count++) {
      expect(await unlimited.outcomeFrom(ADDRESS, `bad-${count}`)).toBeInstanceOf(UpstreamTokenError);
    }
  });

  it("that come together are refused no further than the limit and those under way", async () => {
    const { asked, outcomeFrom, holdBack } = createCache({ refusalsPerMinute: 3 });
    const letGo = holdBack();
    const outcomes = Array.from({ length: 50 }, (_, count) => outcomeFrom(ADDRESS, `bad-${count}`));
    await setImmediate();
    expect(asked).toHaveLength(8);
    letGo();
    const limited = (await Promise.all(outcomes)).filter((outcome) => outcome instanceof TooManyLookUps);
    expect([asked.length, limited.length]).toEqual([8, 42]);
  });

  it("don't keep a user waiting while the provider is slow", async () => {
    const { asked, outcomeFrom, holdBack, advance } = createCache();
    expect(await outcomeFrom("192.0.2.9", "one")).toBe("good");
    advance(31);
    const letGo = holdBack();
    const flood = Array.from({ length: 400 }, (_, count) => outcomeFrom(`192.0.2.${count % 5}`, `bad-${count}`));
    await setImmediate();
    const known = outcomeFrom("192.0.2.1", "one");
    await setImmediate();
    expect(asked.filter((token) => token.startsWith("bad"))).toHaveLength(32);
    expect(asked.at(-1)).toBe("one");
    letGo();
    expect(await known).toBe("good");
    await Promise.all(flood);
  });
});
