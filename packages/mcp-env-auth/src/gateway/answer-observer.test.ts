import { describe, expect, it } from "vitest";
import { createAnswerObserver } from "./answer-observer.ts";

/** What the log of calls is told of a body that comes in parts. */
function told(parts: readonly (string | Buffer)[], isStream: boolean): unknown[] {
  const said: unknown[] = [];
  const observer = createAnswerObserver(
    { note() {}, answered: (message) => void said.push(message), end: (outcome) => void said.push(outcome) },
    isStream,
  );
  for (const part of parts) {
    observer.take(Buffer.from(part));
  }
  observer.end();
  return said;
}

describe("what is read along for the log of calls", () => {
  it("is the message of a JSON body, or each of a batch", () => {
    expect(told(['{"id"', ":1}"], false)).toEqual([{ id: 1 }, "ok"]);
    expect(told(['[{"id":1},{"id":2},3]'], false)).toEqual([{ id: 1 }, { id: 2 }, "ok"]);
  });

  it("is each message of a stream, however its lines end and wherever it is cut", () => {
    const events = 'event: message\r\ndata: {"id":\r\ndata: "ü"}\r\n\r\n: comment\n\ndata:{"id":2}\n\ndata: cut';
    const bytes = Buffer.from(events);
    const everyByte = Array.from(bytes, (byte) => Buffer.of(byte));
    expect(told(everyByte, true)).toEqual([{ id: "ü" }, { id: 2 }, "ok"]);
    expect(told([bytes], true)).toEqual([{ id: "ü" }, { id: 2 }, "ok"]);
  });

  it("is no message of more than 64 KiB, and the next one is again", () => {
    const long = `data: {"id":1,"text":"${"x".repeat(70_000)}"}\n\n`;
    expect(told([long, 'data: {"id":2}\n\n'], true)).toEqual([{ id: 2 }, "ok"]);
    expect(told(Array(5).fill("x".repeat(20_000)), false)).toEqual(["ok"]);
  });

  it("is nothing of what is not JSON", () => {
    expect(told(["<html>"], false)).toEqual(["ok"]);
    expect(told(["data: <html>\n\n"], true)).toEqual(["ok"]);
  });
});
