import { isLegacyRequest } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { both, build, call, HEADERS, request, type SentHeaders } from "./testing/both-ways.ts";
import { parsedBodyOf } from "./web-request.ts";

const RUNS = 300;
const MODERN = "io.modelcontextprotocol/protocolVersion";

/** Mostly what is served, so that a run is not about refusals alone. */
const mostly = <T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: unusual });

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>("echo", { name: "echo", arguments: { text: "1" } }, { _meta: { [MODERN]: "2026-07-28" } }),
  fc.jsonValue({ maxDepth: 1 }).map((claim) => ({ name: "meta", _meta: { [MODERN]: claim, other: claim } })),
  fc.jsonValue({ maxDepth: 1 }).map((own) => JSON.parse(`{"__proto__":${JSON.stringify(own)}}`)),
);

const method = mostly(
  fc.constantFrom("tools/call", "tools/list", "resources/read", "prompts/get", "ping", "completion/complete"),
  fc.oneof(fc.constantFrom("initialize", "server/discover", "subscriptions/listen", "notifications/x"), fc.string()),
);
const usualBody: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(call("echo", { text: "1" }), call("meta"), call("none"), call("headers")),
  fc.record({ method, params: fc.option(value, { nil: undefined }) }).map((of) => request(of.method, of.params)),
);
const field = fc.constantFrom("jsonrpc", "id", "method", "params", "result", "error", "_meta");
const body: fc.Arbitrary<unknown> = mostly(
  usualBody,
  fc.oneof(
    value,
    fc.array(usualBody, { maxLength: 2 }),
    fc.tuple(usualBody, field, value).map(([of, name, changed]) => ({ ...(of as object), [name]: changed })),
  ),
);

const others = fc.constantFrom("", "2026-07-28", "2027-01-01", "2025-11-25, 2025-06-18", "2025-03-26 ");
const version = mostly<string | string[] | undefined>(
  fc.constantFrom("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", undefined),
  fc.oneof(others, fc.tuple(others, others)),
);
const contentType = mostly<string | undefined>(
  fc.constantFrom("application/json", "application/json;charset=utf-8", "APPLICATION/JSON"),
  fc.constantFrom("text/plain", "application/json, text/plain", "application/jsonp", "application/json-rpc", "*/*", ""),
);
const accept = mostly<string | string[] | undefined>(
  fc.constantFrom<string | string[]>(HEADERS.Accept, ["text/event-stream", "application/json"]),
  fc.constantFrom("*/*", "application/json", "text/event-stream", "", "Application/JSON, Text/Event-Stream", undefined),
);
const headers = fc
  .record({
    "Content-Type": contentType,
    Accept: accept,
    "MCP-Protocol-Version": version,
    "Mcp-Method": fc.option(method, { nil: undefined }),
    "Mcp-Session-Id": fc.constantFrom("s", undefined, undefined),
  })
  .map((all) => {
    const sendable = /^[\t\x20-\x7e]*$/;
    return Object.fromEntries(
      Object.entries(all).filter(([, sent]) => sent !== undefined && sendable.test(String(sent))),
    ) as SentHeaders;
  });

describe("any request that is answered without the SDK's handler", () => {
  it("is one that the SDK serves as a request of 2025, with the same answer", async () => {
    const verdicts: Promise<boolean>[] = [];
    const { direct, compare } = await both((context) => {
      const { requestInfo } = context;
      const parsed = parsedBodyOf(requestInfo);
      if (requestInfo !== undefined && parsed !== undefined) {
        verdicts.push(isLegacyRequest(requestInfo, parsed));
      }
      return build();
    });
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(body, headers, async (sentBody, sentHeaders) => {
        direct.mockClear();
        verdicts.length = 0;
        const [ours, theirs] = await compare(sentBody, sentHeaders);
        expect(ours).toEqual(theirs);
        if (direct.mock.calls.length === 0) {
          return;
        }
        taken += 1;
        expect(ours?.status).toBe(200);
        expect(verdicts.length).toBeGreaterThan(0);
        expect(await Promise.all(verdicts)).not.toContain(false);
      }),
      { numRuns: RUNS },
    );
    expect(taken).toBeGreaterThan(RUNS / 5);
  });
});
