import { describe, expect, it } from "vitest";
import { createCountedLines } from "../../../counted-lines.ts";
import { silentLogger } from "../../../logger.ts";
import { limitFetches } from "./fetch-limits.ts";
import { DocumentError, type FetchedDocument, TooManyFetches } from "./guarded-fetch.ts";

const DOCUMENT: FetchedDocument = { json: {}, cacheControl: undefined, age: 0 };
const ADDRESS = "192.0.2.1";
const OTHER = "192.0.2.2";

const urlOf = (host: number | string, path = "client.json") => `https://host-${host}.example.com/${path}`;

function setUp() {
  let time = 1_000_000;
  let answer: (url: string) => Promise<FetchedDocument> = async () => DOCUMENT;
  const fetched: string[] = [];
  const logged: string[] = [];
  const warned: string[] = [];
  const fetch = limitFetches({
    clock: () => time,
    lines: createCountedLines({
      ...silentLogger,
      info: (_fields, message) => logged.push(message),
      warn: (_fields, message) => warned.push(message),
    }),
    fetch: (url) => {
      fetched.push(url);
      return answer(url);
    },
  });
  return {
    fetched,
    logged,
    warned,
    get: (url: string, from = ADDRESS) => fetch(url, 100, from),
    outcome: (url: string, from = ADDRESS) =>
      fetch(url, 100, from).then(
        () => "fetched",
        (error) => error,
      ),
    advance: (seconds: number) => {
      time += seconds;
    },
    answer: (next: typeof answer) => {
      answer = next;
    },
  };
}

/** Answers that a test gives one by one. */
function heldBack() {
  const waiting: (() => void)[] = [];
  return {
    answer: () => new Promise<FetchedDocument>((resolve) => waiting.push(() => resolve(DOCUMENT))),
    letGo: () => waiting.shift()?.(),
  };
}

describe("fetches for one address", () => {
  it("are four at once, of whatever URLs; others go on", async () => {
    const { get, outcome, answer, fetched } = setUp();
    const held = heldBack();
    answer(held.answer);
    const running = Array.from({ length: 4 }, (_, path) => get(urlOf(1, `${path}.json`)));
    expect(await outcome(urlOf(1, "5.json"))).toMatchObject({ whose: "address", retryAfter: 1, kind: "unavailable" });
    const others = get(urlOf(1, "6.json"), OTHER);
    expect(fetched).toHaveLength(5);
    for (let count = 0; count < 5; count++) {
      held.letGo();
    }
    await Promise.all([...running, others]);
    const again = Array.from({ length: 4 }, (_, path) => outcome(urlOf(1, `again-${path}.json`)));
    expect(await outcome(urlOf(1, "7.json"))).toMatchObject({ whose: "address" });
    for (let count = 0; count < 4; count++) {
      held.letGo();
    }
    expect(await Promise.all(again)).toEqual(["fetched", "fetched", "fetched", "fetched"]);
  });

  it("that fail give their place back", async () => {
    const { outcome, answer, fetched } = setUp();
    answer(() => Promise.reject(new DocumentError("unfit", "It is not JSON.")));
    for (let count = 0; count < 10; count++) {
      await outcome(urlOf(1, `${count}.json`));
    }
    expect(fetched).toHaveLength(10);
  });

  it("are of eight hosts a minute, and the ninth is told when the minute is over", async () => {
    const { outcome, fetched, advance, logged } = setUp();
    for (let host = 0; host < 8; host++) {
      expect(await outcome(urlOf(host))).toBe("fetched");
    }
    advance(20);
    expect(await outcome(urlOf(8))).toMatchObject({ whose: "address", retryAfter: 40 });
    expect(await outcome(urlOf(9))).toBeInstanceOf(TooManyFetches);
    expect(await outcome(urlOf(7, "another.json"))).toBe("fetched");
    expect(await outcome(urlOf(8), OTHER)).toBe("fetched");
    expect(fetched).toHaveLength(10);
    expect(logged).toEqual([expect.stringContaining("FASTMCP_TRUST_PROXY")]);
    advance(40);
    expect(await outcome(urlOf(8))).toBe("fetched");
  });

  it("count for the whole network of an IPv6 address", async () => {
    const { outcome } = setUp();
    for (let host = 0; host < 8; host++) {
      await outcome(urlOf(host), `2001:db8:0:1${host.toString(16)}::1`);
    }
    expect(await outcome(urlOf(8), "2001:db8:0:1f::9")).toBeInstanceOf(TooManyFetches);
    expect(await outcome(urlOf(8), "2001:db8:0:100::9")).toBe("fetched");
  });

  it("of a port are of another host than those of 443", async () => {
    const { outcome } = setUp();
    for (let port = 8001; port < 8009; port++) {
      await outcome(`https://client.example.com:${port}/client.json`);
    }
    expect(await outcome("https://client.example.com/client.json")).toBeInstanceOf(TooManyFetches);
  });
});

describe("a failure is remembered for five seconds", () => {
  const down = (stage: "name" | "address" | "connection" | "answer") =>
    new DocumentError("unavailable", "It is out.", { stage, isUnreached: true });

  it.each(["name", "address", "connection"] as const)("of the whole host, where the %s is at fault", async (stage) => {
    const { outcome, fetched, advance, answer } = setUp();
    const failure = down(stage);
    answer(() => Promise.reject(failure));
    await outcome(urlOf(1));
    answer(async () => DOCUMENT);
    expect(await outcome(urlOf(1))).toBe(failure);
    expect(await outcome(urlOf(1, "other.json"), OTHER)).toBe(failure);
    expect(await outcome(urlOf(2))).toBe("fetched");
    expect(await outcome("https://host-1.example.com:8443/client.json")).toBe("fetched");
    expect(fetched).toHaveLength(3);
    advance(5);
    expect(await outcome(urlOf(1))).toBe("fetched");
  });

  it.each([
    ["did not come in time", down("answer")],
    ["was not 200", new DocumentError("unavailable", "It answered 403.", { stage: "answer" })],
    ["was that it is gone", new DocumentError("unfit", "It answered 404.", { stage: "answer" })],
    ["was a web page", new DocumentError("unavailable", "Its Content-Type is not JSON.")],
  ])("of one URL, where the answer %s", async (_what, failure) => {
    const { outcome, fetched, advance, answer } = setUp();
    answer(() => Promise.reject(failure));
    await outcome(urlOf(1));
    answer(async () => DOCUMENT);
    expect(await outcome(urlOf(1), OTHER)).toBe(failure);
    expect(await outcome(urlOf(1, "other.json"))).toBe("fetched");
    expect(fetched).toHaveLength(2);
    advance(5);
    expect(await outcome(urlOf(1))).toBe("fetched");
  });

  it.each([
    ["a document that its author may be correcting", new DocumentError("unfit", "It is not a JSON object.")],
    ["a fault of ours", new TypeError("x")],
  ])("but not %s", async (_what, failure) => {
    const { outcome, answer } = setUp();
    answer(() => Promise.reject(failure));
    expect(await outcome(urlOf(1))).toBe(failure);
    answer(async () => DOCUMENT);
    expect(await outcome(urlOf(1))).toBe("fetched");
  });

  it("but not a server that has too much to do; that is logged, once a minute", async () => {
    const { outcome, answer, logged, warned } = setUp();
    const full = new TooManyFetches("server", "64 documents are being fetched already.", 4);
    answer(() => Promise.reject(full));
    expect([await outcome(urlOf(1)), await outcome(urlOf(2))]).toEqual([full, full]);
    answer(async () => DOCUMENT);
    expect(await outcome(urlOf(1))).toBe("fetched");
    expect([logged, warned]).toEqual([[], [expect.stringMatching(/^64 documents .* get 503\.$/)]]);
  });

  it("and costs an address nothing meanwhile", async () => {
    const { outcome, answer } = setUp();
    answer(() => Promise.reject(down("name")));
    for (let count = 0; count < 100; count++) {
      await outcome(urlOf(1, `${count}.json`));
    }
    answer(async () => DOCUMENT);
    for (let host = 2; host < 9; host++) {
      expect(await outcome(urlOf(host))).toBe("fetched");
    }
  });
});
