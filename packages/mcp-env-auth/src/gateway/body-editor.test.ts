import { describe, expect, it } from "vitest";
import { createBodyEditor } from "./body-editor.ts";

/** Counts up, and leaves what is no number as it is. */
const edit = (message: unknown) => {
  const { n } = message as { n?: number };
  return n === undefined ? undefined : { n: n + 1 };
};

function edited(parts: readonly (string | Buffer)[], isStream: boolean): string[] {
  const editor = createBodyEditor(isStream, edit);
  return [...parts.map((part) => editor.take(Buffer.from(part))), editor.end()];
}

describe("a body whose messages are changed on their way", () => {
  it("is one JSON text, sent when it is whole", () => {
    expect(edited(['{"n"', ":1}"], false)).toEqual(["", "", '{"n":2}']);
    expect(() => edited(["<html>"], false)).toThrow("not JSON");
  });

  it("is events, each sent once it is whole, with its id", () => {
    expect(edited(["id: 7\nda", 'ta: {"n":1}\n', "\n: ping\n\n", "data: tex"], true)).toEqual([
      "",
      "",
      'id: 7\ndata: {"n":2}\n\n: ping\n\n',
      "",
      "data: tex",
    ]);
  });

  it.each(["\n", "\r\n", "\r"])("is events whose lines end with %j, wherever they are cut", (end) => {
    const lines = ["event: message", 'data: {"n":', 'data: 1, "text": "ü"}', "", 'data: {"n":2}', "", "data: a", ""];
    const bytes = Buffer.from(lines.join(end) + end);
    const whole = edited([bytes], true).join("");
    expect(whole).toContain('event: message\ndata: {"n":2}\n\n');
    expect(whole).toContain('data: {"n":3}\n\n');
    expect(
      edited(
        Array.from(bytes, (byte) => Buffer.of(byte)),
        true,
      ).join(""),
    ).toBe(whole);
  });

  it("is no more than 8 MiB of one message", () => {
    expect(() => edited(["x".repeat(9 * 1024 * 1024)], false)).toThrow("more than 8 MiB");
  });
});
