import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { findUnsendable, findUnwritable } from "./unwritable-json.ts";

const circle: Record<string, unknown> = { name: "x" };
circle.list = [{ circle }];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) {
    value = { value };
  }
  return value;
}

const throws = (what: string) => () => {
  throw new Error(what);
};

/** As libraries for databases have them: it runs when it is awaited. */
class Query {
  readonly name = "x";
}
Object.defineProperty(Query.prototype, ["th", "en"].join(""), { value: () => {} });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("what JSON can't write", () => {
  it.each([
    ["a BigInt", { n: [1n] }, "n[0]", "a BigInt"],
    ["a circle", circle, "list[0].circle", "a circular reference"],
    ["toJSON that throws", { a: { toJSON: throws("no") } }, "a", "a value that can't be read"],
    [
      "a getter that throws",
      { a: Object.defineProperty({}, "b", { enumerable: true, get: throws("no") }) },
      "a.b",
      "a value that can't be read",
    ],
    ["a revoked proxy", { a: revoked() }, "a", "a value that can't be read"],
    ["what is nested too deeply", nested(5000), "value.value.value", "a value that is nested too deeply"],
    ["what toJSON gives", { a: { toJSON: () => ({ b: 1n }) } }, "a.b", "a BigInt"],
    ["nothing at all", undefined, "", "undefined"],
  ])("is found, with its path: %s", (_what, value, path, what) => {
    expect(findUnwritable(value)).toMatchObject({ path, what });
    expect(findUnsendable(value)).toMatchObject({ path, what });
  });

  it.each([
    ["a Map", { days: new Map([["a", 1]]) }, "days", "a Map"],
    ["a Set", [new Set([1])], "[0]", "a Set"],
    ["a Promise", { a: { b: Promise.resolve(1) } }, "a.b", "a Promise"],
    ["a query that can be awaited", { rows: new Query() }, "rows", "a Promise"],
    ["an Error", new TypeError("x"), "", "an Error"],
    ["an Error with members", { e: Object.assign(new Error("x"), { code: 1 }) }, "e", "an Error"],
    ["a function", { a: () => 1 }, "a", "a function"],
    ["a Symbol", [Symbol("x")], "[0]", "a Symbol"],
    ["NaN", { high: Number.NaN }, "high", "NaN"],
    ["Infinity", [1 / 0], "[0]", "Infinity"],
    ["undefined in a list", [1, undefined], "[1]", "undefined"],
    ["a hole in a list", new Array(2), "[0]", "undefined"],
    ["an invalid Date", { at: new Date("x") }, "at", "an invalid Date"],
    ["bytes", { image: new Uint8Array(2) }, "image", "a Uint8Array"],
    ["a buffer of the platform", new ArrayBuffer(2), "", "an ArrayBuffer"],
    ["a regular expression", { r: /x/ }, "r", "an object of the kind RegExp"],
    ["a Response", { r: new Response("x") }, "r", "an object of the kind Response"],
    ["URLSearchParams", { q: new URLSearchParams("a=1") }, "q", "an object of the kind URLSearchParams"],
    [
      "a generator",
      {
        g: (function* () {
          yield 1;
        })(),
      },
      "g",
      "an object of the kind Generator",
    ],
    ["a member whose name has spaces", { "a b": { c: 1n } }, '["a b"].c', "a BigInt"],
  ])("or would write as something else, or leave out, is found: %s", (_what, value, path, what) => {
    expect(findUnwritable(value)).toMatchObject({ path, what });
  });

  it.each([
    ["plain data", { a: [1, "x", null, true, { b: {} }], c: -0 }],
    ["a member that is undefined", { a: undefined }],
    ["a Date", { at: new Date(0) }],
    ["a URL", { at: new URL("https://example.com") }],
    ["a Buffer, which writes itself", { b: Buffer.from("x") }],
    [
      "an instance of a class",
      new (class City {
        name = "Oslo";
      })(),
    ],
    [
      "an instance without members",
      new (class Filter {
        declare city?: string;
      })(),
    ],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
    ["boxed values", [new String("x"), new Number(1), new Boolean(true)]],
    [
      "the same object twice",
      (() => {
        const one = { a: 1 };
        return [one, one, { one }];
      })(),
    ],
    ["many levels", nested(400)],
    ["a proxy", new Proxy({ a: 1 }, {})],
  ])("is not found in %s", (_what, value) => {
    expect(findUnwritable(value)).toBeUndefined();
    expect(findUnsendable(value)).toBeUndefined();
  });

  it("is not found in any JSON value", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => findUnwritable(value) === undefined));
  });

  it("is what JSON.stringify throws for, and nothing else", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        let isSendable: boolean;
        try {
          isSendable = JSON.stringify(value) !== undefined;
        } catch {
          isSendable = false;
        }
        expect(findUnsendable(value) === undefined).toBe(isSendable);
      }),
    );
  });

  it("leaves no promise behind that ends the process when it rejects", async () => {
    const unheard: unknown[] = [];
    const note = (reason: unknown) => void unheard.push(reason);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const fail = async (text: string) => {
      await setImmediate();
      throw new Error(text);
    };
    const refused: readonly [answer: unknown, path: string][] = [
      [{ list: ["a", "b", "c"].map(fail) }, "list[0]"],
      [{ a: fail("a"), b: fail("b"), c: { d: [fail("d")] } }, "a"],
      [["a", "b"].map((city) => ({ city, high: fail(city) })), "[0].high"],
      [{ map: new Map([["a", fail("a")]]), set: new Set([fail("b")]) }, "map"],
      [{ total: 1n, rows: [{ row: fail("a") }] }, "total"],
      [{ at: { toJSON: throws("no") }, high: fail("a") }, "at"],
      [Object.assign(new Error("x"), { cause: fail("a") }), ""],
      [{ circle: [circle], low: fail("b") }, "circle[0].list[0].circle"],
    ];
    for (const [answer, path] of refused) {
      expect(findUnwritable(answer)).toMatchObject({ path });
    }
    await setImmediate();
    await setImmediate();
    expect(unheard).toEqual([]);
  });
});
