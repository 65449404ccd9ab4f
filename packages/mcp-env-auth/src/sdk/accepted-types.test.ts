import { describe, expect, it } from "vitest";
import { acceptedTypes } from "./accepted-types.ts";

describe("what a client takes", () => {
  it.each([
    [undefined, "both"],
    ["*/*", "both"],
    ["text/html, */*;q=0.8", "both"],
    ["application/json, */*", "both"],
    ["application/json, text/*", "both"],
    ["APPLICATION/JSON, Text/Event-Stream", "both"],
    ["application/json", "json"],
    ["application/json; charset=utf-8, text/plain", "json"],
    ["application/*", "json"],
    ["application/json, text/event-stream", "as stated"],
    ["text/event-stream;q=0.1, application/json", "as stated"],
    ["text/event-stream", "as stated"],
    ["text/html", "as stated"],
    ["", "both"],
  ])("%j is %s", (accept, types) => {
    expect(acceptedTypes(accept)).toBe(types);
  });
});
