import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

/** As far as turns go, a response is something that closes. */
const createResponse = () => new EventEmitter() as unknown as ServerResponse;

function begun() {
  const names: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    names,
    as: (name: string) => (end: () => void) => {
      ends.set(name, end);
      return names.push(name) > 0;
    },
    end: (name: string) => ends.get(name)?.(),
  };
}

describe("turns", () => {
  it("come in order, a limited number at once, and each key has its own", () => {
    const turns = createTurns(1);
    const { names, as, end } = begun();
    for (const name of ["first", "second", "third"]) {
      turns("a", createResponse(), as(name));
    }
    turns("b", createResponse(), as("other"));
    expect(names).toEqual(["first", "other"]);
    end("first");
    expect(names).toEqual(["first", "other", "second"]);
    end("second");
    expect(names).toEqual(["first", "other", "second", "third"]);
  });

  it("are kept until the work ends, when its client has gone and when it still reads", () => {
    const turns = createTurns(1);
    const { names, as, end } = begun();
    const [gone, reading, last] = [createResponse(), createResponse(), createResponse()];
    turns("a", gone, as("gone"));
    turns("a", reading, as("reading"));
    turns("a", last, as("last"));
    gone.emit("close");
    expect(names).toEqual(["gone"]);
    end("gone");
    expect(names).toEqual(["gone", "reading"]);
    end("reading");
    expect(names).toEqual(["gone", "reading", "last"]);
  });

  it("end once, however often that is said", () => {
    const turns = createTurns(1);
    const { names, as, end } = begun();
    for (const name of ["first", "second", "third"]) {
      turns("a", createResponse(), as(name));
    }
    end("first");
    end("first");
    expect(names).toEqual(["first", "second"]);
  });

  it("are lost by who goes away while waiting, and not taken by who is refused", () => {
    const turns = createTurns(1);
    const { names, as, end } = begun();
    const gone = createResponse();
    turns("a", createResponse(), as("first"));
    turns("a", gone, as("gone"));
    turns("a", createResponse(), () => false);
    turns("a", createResponse(), as("last"));
    gone.emit("close");
    end("first");
    expect(names).toEqual(["first", "last"]);
    end("last");
    turns("a", createResponse(), as("next"));
    expect(names).toEqual(["first", "last", "next"]);
  });

  it("are not for who has gone away already", () => {
    const turns = createTurns(1);
    const { names, as } = begun();
    turns("a", Object.assign(createResponse(), { destroyed: true }), as("gone"));
    turns("a", createResponse(), as("next"));
    expect(names).toEqual(["next"]);
  });

  it("stay limited when one that was refused closes late, or says that it ended", () => {
    const turns = createTurns(1);
    const { names, as } = begun();
    const refused = createResponse();
    let endOfRefused = () => {};
    turns("a", refused, (end) => {
      endOfRefused = end;
      return false;
    });
    turns("a", createResponse(), as("first"));
    refused.emit("close");
    endOfRefused();
    turns("a", createResponse(), as("second"));
    expect(names).toEqual(["first"]);
  });

  it("are free for the next where the work ended while it began", () => {
    const turns = createTurns(1);
    const { names, as } = begun();
    turns("a", createResponse(), (end) => {
      end();
      return true;
    });
    turns("a", createResponse(), as("next"));
    expect(names).toEqual(["next"]);
  });

  it("belong to the request that waited, whichever request's end began them", () => {
    const turns = createTurns(1);
    const current = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const ends: (() => void)[] = [];
    const note = (end: () => void) => {
      ends.push(end);
      return seen.push(current.getStore()) > 0;
    };
    current.run("first", () => turns("a", createResponse(), note));
    current.run("second", () => turns("a", createResponse(), note));
    current.run("first", () => ends[0]?.());
    expect(seen).toEqual(["first", "second"]);
  });
});
