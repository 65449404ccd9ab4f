import { inspect } from "node:util";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { describeStray, loggableError } from "./loggable-error.ts";

const throwing = (name: string, error = new Error("visible")) =>
  Object.defineProperty(error, name, {
    enumerable: true,
    get() {
      throw new Error(`the getter of ${name}`);
    },
  });

function circular(): Error {
  const error = new Error("visible");
  error.cause = new Error("inner", { cause: error });
  return error;
}

function ownMember(): AggregateError {
  const error = new AggregateError([], "visible");
  error.errors.push(error, null, "text");
  return error;
}

const hostile = new Proxy(new Error("visible"), {
  get() {
    throw new Error("trap");
  },
  getPrototypeOf() {
    throw new Error("trap");
  },
  has() {
    throw new Error("trap");
  },
  ownKeys() {
    throw new Error("trap");
  },
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable(new Error("gone"), {});
  revoke();
  return proxy;
}

/** What pino writes of it: the strictest reader that there is. */
function logged(thrown: unknown): { message: string; stack: string } {
  const lines: string[] = [];
  const logger = pino(
    { serializers: { err: pino.stdSerializers.err } },
    { write: (text: string) => void lines.push(text) },
  );
  logger.error({ err: loggableError(thrown) }, "failed");
  return (JSON.parse(lines.join("")) as { err: { message: string; stack: string } }).err;
}

describe("an error for the log", () => {
  it("is an ordinary error itself, with its cause", () => {
    const error = new TypeError("x", { cause: new Error("y") });
    expect(loggableError(error)).toBe(error);
    expect(describeStray(error)).toBeUndefined();
  });

  it.each([
    ["a text", "visible", "a string"],
    ["an object", { visible: 1 }, "an object that is not an Error"],
    ["an object whose members throw", throwing("message", { visible: 1 } as never), "an object that is not an Error"],
    ["a proxy of an error", hostile, "a proxy"],
    ["a function", function visible() {}, "a function"],
    ["a symbol", Symbol("visible"), "a symbol"],
  ])("says what was thrown: %s", (_what, thrown, stray) => {
    expect(logged(thrown).message).toContain("visible");
    expect(describeStray(thrown)).toBe(stray);
  });

  it.each([
    ["null", null],
    ["undefined", undefined],
    ["a BigInt", 1n],
    ["a revoked proxy", revoked()],
    ["an object without a prototype", Object.create(null)],
  ])("says what was thrown, however little that is: %s", (_what, thrown) => {
    expect(logged(thrown).message).toMatch(/ was thrown: /);
  });

  it.each([
    ["frozen", Object.freeze(new Error("visible"))],
    ["its own cause", circular()],
    ["one of its own errors", ownMember()],
    ["without a readable stack", throwing("stack")],
    ["without a readable name", throwing("name")],
    ["without a readable cause", throwing("cause")],
    ["with a member that throws", throwing("detail")],
    ["with a BigInt", Object.assign(new Error("visible"), { amount: 1n })],
    ["made without new", Object.assign(Object.create(Error.prototype), { message: "visible" })],
    ["with an error as hostile inside", new Error("visible", { cause: hostile })],
    ["of the platform", new DOMException("visible", "DataError")],
  ])("can be read although the error is %s", (_what, thrown) => {
    expect(logged(thrown).message).toContain("visible");
  });

  it("keeps plain members, the stack and the cause of an error that had to be copied", () => {
    const error = Object.freeze(Object.assign(new RangeError("x", { cause: new Error("why") }), { code: "E_X" }));
    const copy = loggableError(error);
    expect(copy).not.toBe(error);
    expect(copy).toMatchObject({ name: "RangeError", message: "x", code: "E_X", stack: error.stack });
    expect(copy.cause).toMatchObject({ message: "why" });
  });

  it("is short, whatever was thrown", () => {
    expect(inspect(loggableError("x".repeat(1e6))).length).toBeLessThan(5000);
    expect(inspect(loggableError({ list: new Array(1e5).fill("x".repeat(1e3)) })).length).toBeLessThan(5000);
  });
});
