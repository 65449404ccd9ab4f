import { describe, expect, it } from "vitest";
import { createCachedDocuments } from "./cached-documents.ts";
import { DocumentError, type FetchedDocument, TooManyFetches } from "./guarded-fetch.ts";

const A = "https://client.example.com/a.json";
const B = "https://client.example.com/b.json";

function setUp({ capacity = 10 } = {}) {
  let time = 1_000_000;
  let answer: (url: string) => Promise<Partial<FetchedDocument>> = async () => ({});
  const fetched: string[] = [];
  const cache = createCachedDocuments<unknown>({
    clock: () => time,
    maxBytes: 100,
    capacity,
    fetch: async (url) => {
      fetched.push(url);
      return { json: { n: fetched.length }, cacheControl: undefined, age: 0, ...(await answer(url)) };
    },
    read: (json) => {
      if (json.bad === true) {
        throw new RangeError("bad");
      }
      return json.n;
    },
  });
  return {
    documents: {
      get: (url: string) => cache.get(url, "192.0.2.1"),
      refresh: (url: string) => cache.refresh(url, "192.0.2.1"),
    },
    fetched,
    advance: (seconds: number) => {
      time += seconds;
    },
    answer: (next: typeof answer) => {
      answer = next;
    },
  };
}

const fail = (kind: "unavailable" | "unfit") => async () => {
  throw new DocumentError(kind, "no");
};

describe("cached documents", () => {
  it.each([
    ["an hour when nothing is said", undefined, 0, 3600],
    ["as long as max-age says", "public, max-age=300", 0, 300],
    ["less what has passed on the way", "max-age=300", 100, 200],
    ["at least a minute", "max-age=1", 0, 60],
    ["at least a minute, even if they should not be kept", "no-store,no-cache,max-age=0", 0, 60],
    ["at least a minute, however old they come", "max-age=300", 99_999, 60],
    ["at most a day", "max-age=31536000", 0, 86_400],
  ])("are kept %s", async (_what, cacheControl, age, lifetime) => {
    const { documents, fetched, advance, answer } = setUp();
    answer(async () => ({ cacheControl, age }));
    await documents.get(A);
    advance(lifetime - 1);
    expect(await documents.get(A)).toBe(1);
    advance(1);
    expect(await documents.get(A)).toBe(2);
    expect(fetched).toHaveLength(2);
  });

  it("are fetched once for all who ask at the same time", async () => {
    const { documents, fetched } = setUp();
    expect(await Promise.all([documents.get(A), documents.get(A), documents.refresh(A), documents.get(B)])).toEqual([
      1, 1, 1, 2,
    ]);
    expect(fetched).toEqual([A, B]);
  });

  it("are fetched again after an error, and after one that was refused", async () => {
    const { documents, answer } = setUp();
    answer(fail("unavailable"));
    await expect(documents.get(A)).rejects.toThrow(DocumentError);
    answer(async () => ({ json: { bad: true } }));
    await expect(documents.get(A)).rejects.toThrow(RangeError);
    answer(async () => ({}));
    expect(await documents.get(A)).toBe(3);
  });

  it("go on for a day while their host is out, which is asked once a minute", async () => {
    const { documents, fetched, advance, answer } = setUp();
    await documents.get(A);
    answer(fail("unavailable"));
    advance(3600);
    expect(await documents.get(A)).toBe(1);
    expect(await documents.get(A)).toBe(1);
    expect(fetched).toHaveLength(2);
    advance(60);
    expect(await documents.get(A)).toBe(1);
    expect(fetched).toHaveLength(3);
    advance(86_400);
    await expect(documents.get(A)).rejects.toThrow(DocumentError);
  });

  it.each([
    ["is gone", fail("unfit")],
    ["is replaced by a bad one", async () => ({ json: { bad: true } })],
  ])("are forgotten once their host says that the document %s", async (_what, next) => {
    const { documents, advance, answer } = setUp();
    await documents.get(A);
    answer(next);
    advance(3600);
    await expect(documents.get(A)).rejects.toThrow();
    answer(fail("unavailable"));
    await expect(documents.get(A)).rejects.toThrow(DocumentError);
  });

  it("are fetched before their time on demand, at most every half minute", async () => {
    const { documents, fetched, advance } = setUp();
    await documents.get(A);
    expect(await documents.refresh(A)).toBe(1);
    advance(30);
    expect(await documents.refresh(A)).toBe(2);
    expect(await documents.refresh(A)).toBe(2);
    expect(fetched).toHaveLength(2);
  });

  it("are asked for on demand no more often while their host is out", async () => {
    const { documents, fetched, advance, answer } = setUp();
    await documents.get(A);
    answer(fail("unavailable"));
    advance(30);
    for (let n = 0; n < 3; n++) {
      expect(await documents.refresh(A)).toBe(1);
    }
    expect(fetched).toHaveLength(2);
  });

  it.each([
    ["this server has too much to do", new TooManyFetches("server", "no", 4)],
    ["one address has asked for too much", new TooManyFetches("address", "no", 60)],
  ])("go on when %s, and the next who asks may have them fetched", async (_what, error) => {
    const { documents, fetched, advance, answer } = setUp();
    await documents.get(A);
    advance(3600);
    answer(() => Promise.reject(error));
    expect(await documents.get(A)).toBe(1);
    expect(await documents.refresh(A)).toBe(1);
    answer(async () => ({}));
    expect(await documents.get(A)).toBe(4);
    expect(fetched).toHaveLength(4);
  });

  it("of one host take at most a tenth of the room, so that they displace no others", async () => {
    const { documents, fetched } = setUp({ capacity: 30 });
    await documents.get(A);
    const flood = Array.from({ length: 100 }, (_, index) => `https://flood.example.com/${index}.json`);
    for (const url of flood) {
      await documents.get(url);
    }
    expect(fetched).toHaveLength(101);
    expect(await documents.get(A)).toBe(1);
    for (const url of flood.slice(-3)) {
      await documents.get(url);
    }
    expect(fetched).toHaveLength(101);
    await documents.get(flood[0] ?? "");
    expect(fetched).toHaveLength(102);
  });

  it("stay while they are used, however many hosts publish others that last longer", async () => {
    const { documents, fetched, answer } = setUp({ capacity: 30 });
    await documents.get(A);
    answer(async () => ({ cacheControl: "max-age=86400" }));
    for (let index = 0; index < 300; index++) {
      await documents.get(`https://host-${index}.example.com/a.json`);
      await documents.get(A);
    }
    expect(fetched.filter((url) => url === A)).toEqual([A]);
  });

  it("are no more than fit", async () => {
    const { documents, fetched } = setUp({ capacity: 2 });
    for (const name of ["a", "b", "c"]) {
      await documents.get(`https://client.example.com/${name}`);
    }
    await documents.get("https://client.example.com/c");
    expect(fetched).toHaveLength(3);
    await documents.get("https://client.example.com/a");
    expect(fetched).toHaveLength(4);
  });
});
