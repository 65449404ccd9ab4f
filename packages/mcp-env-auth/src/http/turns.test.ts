import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

/** As far as turns go, a response is something that closes. */
const createResponse = () => new EventEmitter() as unknown as ServerResponse;

function begun() {
  const names: string[] = [];
  return { names, as: (name: string) => () => names.push(name) > 0 };
}

describe("turns", () => {
  it("come in order, a limited number at once, and each key has its own", () => {
    const turns = createTurns(1);
    const { names, as } = begun();
    const [first, second, third, other] = [createResponse(), createResponse(), createResponse(), createResponse()];
    turns("a", first, as("first"));
    turns("a", second, as("second"));
    turns("a", third, as("third"));
    turns("b", other, as("other"));
    expect(names).toEqual(["first", "other"]);
    first.emit("close");
    expect(names).toEqual(["first", "other", "second"]);
    second.emit("close");
    expect(names).toEqual(["first", "other", "second", "third"]);
  });

  it("are lost by who goes away, and not taken by who is refused", () => {
    const turns = createTurns(1);
    const { names, as } = begun();
    const [first, gone, refused, last] = [createResponse(), createResponse(), createResponse(), createResponse()];
    turns("a", first, as("first"));
    turns("a", gone, as("gone"));
    turns("a", refused, () => false);
    turns("a", last, as("last"));
    gone.emit("close");
    first.emit("close");
    expect(names).toEqual(["first", "last"]);
    refused.emit("close");
    last.emit("close");
    const next = createResponse();
    turns("a", next, as("next"));
    expect(names).toEqual(["first", "last", "next"]);
  });

  it("are not for who has gone away already: they would never end", () => {
    const turns = createTurns(1);
    const { names, as } = begun();
    turns("a", Object.assign(createResponse(), { destroyed: true }), as("gone"));
    turns("a", createResponse(), as("next"));
    expect(names).toEqual(["next"]);
  });

  it("stay limited when one that was refused closes late", () => {
    const turns = createTurns(1);
    const { names, as } = begun();
    const [refused, first, second] = [createResponse(), createResponse(), createResponse()];
    turns("a", refused, () => false);
    turns("a", first, as("first"));
    refused.emit("close");
    turns("a", second, as("second"));
    expect(names).toEqual(["first"]);
  });

  it("belong to the request that waited, whichever request's end began them", () => {
    const turns = createTurns(1);
    const current = new AsyncLocalStorage<string>();
    const [first, second] = [createResponse(), createResponse()];
    const seen: unknown[] = [];
    const note = () => seen.push(current.getStore()) > 0;
    current.run("first", () => turns("a", first, note));
    current.run("second", () => turns("a", second, note));
    current.run("first", () => first.emit("close"));
    expect(seen).toEqual(["first", "second"]);
  });
});
