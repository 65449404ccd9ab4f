import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, it } from "vitest";
import { readBody } from "./request-body.ts";

it("keeps a body of small chunks in memory of its own length", async () => {
  const request = new IncomingMessage(new Socket());
  const body = readBody(request, 65_536);
  const text = "0123456789".repeat(6_000);
  for (const byte of text) {
    request.push(byte);
  }
  request.push(null);
  const bytes = await body;
  expect(bytes.toString()).toBe(text);
  expect(bytes.buffer.byteLength).toBeLessThanOrEqual(65_536);
});
