import { McpServer } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { briefErrorsOf, briefJson, withBriefError } from "./brief-errors.ts";

const LONG = "long text of a client's ".repeat(1000);
const error = (message: string, data?: unknown) => ({
  jsonrpc: "2.0" as const,
  id: 1,
  error: { code: -32602, message, ...(data !== undefined && { data }) },
});
const failure = (text: string) => ({
  jsonrpc: "2.0" as const,
  id: 1,
  result: { isError: true, content: [{ type: "text", text }] },
});
const request = (...texts: string[]) => ({
  params: { name: texts[0], arguments: Object.fromEntries(texts.map((t) => [t, 1])) },
});

/** The longest beginning of `text` that `said` has. */
function echoOf(text: string, said: string): number {
  let length = 0;
  while (length < text.length && said.includes(text.slice(0, length + 1))) {
    length += 1;
  }
  return length;
}

describe("an error", () => {
  it.each([
    ["the SDK's", (text: string) => error(`Tool ${text} not found`)],
    ["of data", (text: string) => error("Resource not found", { uri: text, others: [text] })],
    ["a schema's", (text: string) => failure(`Input validation error: ${text}: expected string`)],
    ["a handler's", (text: string) => failure(`"${text}" is not among the saved places.`)],
    ["that repeats it twice", (text: string) => failure(`"${text}" and "${text}"`)],
  ])("repeats no more than 200 characters of the request: %s", (_whose, make) => {
    const said = JSON.stringify(withBriefError(make(LONG), request(LONG)));
    expect(echoOf(LONG, said)).toBe(200);
    expect(said.length).toBeLessThan(1000);
    expect(said).toContain("…");
  });

  it("repeats no more of a text that it quotes as JSON has it", () => {
    const text = `"\\${"\n".repeat(500)}`;
    const said = withBriefError(failure(JSON.stringify({ got: text })), request(text));
    expect(JSON.stringify(said).split("\\\\n").length).toBeLessThan(201);
  });

  it("looks at no more of a text than an error may have", () => {
    const text = LONG.repeat(200);
    const said = withBriefError(failure(`${text}, and ${JSON.stringify(text)}`), request(text));
    expect(echoOf(text, JSON.stringify(said))).toBe(200);
    expect(said.result.content[0]?.text.length).toBeLessThan(1000);
  });

  it("keeps what stands around the text", () => {
    const text = LONG.slice(0, 15_000);
    const said = withBriefError(failure(`"${text}" is not a place.`), request(text));
    expect(said.result.content[0]?.text).toBe(`"${LONG.slice(0, 200)}…" is not a place.`);
  });

  it("of a schema is not as long as what it finds", () => {
    const said = withBriefError(failure(`Input validation error: ${"items.0.a: invalid, ".repeat(10_000)}`), {});
    expect(said.result.content[0]?.text).toHaveLength(1001);
    expect(withBriefError(error("[ { } ]".repeat(10_000)), {}).error.message).toHaveLength(1001);
  });

  it("of a handler's own is left as it is", () => {
    const text = "The calendar has these free days: ".repeat(300);
    expect(withBriefError(failure(text), request("short", LONG))).toEqual(failure(text));
  });

  it("of a batch is compared with what was collected once", () => {
    const text = LONG.slice(0, 15_000);
    let reads = 0;
    const body = [
      {
        get params() {
          reads += 1;
          return { name: text };
        },
      },
    ];
    for (let answer = 0; answer < 100; answer++) {
      expect(withBriefError(error(`Tool ${text} not found`), body).error.message).toHaveLength(216);
    }
    expect(reads).toBe(1);
  });

  it("is found in the time of the answer when a request has many long texts", () => {
    const texts = Array.from({ length: 15_000 }, (_, index) => `${index}`.padStart(250, "x"));
    const said = withBriefError(failure("x".repeat(1_000_000)), request(...texts));
    expect(said.result.content[0]?.text.length).toBeLessThanOrEqual(20_001);
  });
});

it("results are left as they are, whatever they repeat", () => {
  const result = { jsonrpc: "2.0" as const, id: 1, result: { content: [{ type: "text", text: LONG }] } };
  expect(withBriefError(result, request(LONG))).toBe(result);
  expect(briefJson(JSON.stringify(result), request(LONG))).toBe(JSON.stringify(result));
});

it("the SDK's own refusals in JSON are shortened", () => {
  const said = briefJson(JSON.stringify({ jsonrpc: "2.0", error: error(`Unsupported: ${LONG}`).error, id: null }), [
    LONG,
  ]);
  expect(echoOf(LONG, said)).toBe(200);
});

it("a server that is not ours shortens its errors", async () => {
  const server = new McpServer({ name: "test", version: "1" });
  briefErrorsOf(server, request(LONG));
  const sent: unknown[] = [];
  const transport = {
    start: async () => {},
    close: async () => {},
    send: async (message: unknown) => void sent.push(message),
  };
  await server.connect(transport);
  await transport.send(error(`Tool ${LONG} not found`));
  expect(echoOf(LONG, JSON.stringify(sent))).toBe(200);
});
