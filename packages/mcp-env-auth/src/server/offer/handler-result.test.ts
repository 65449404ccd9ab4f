import { describe, expect, it } from "vitest";
import { toPromptResult, toResourceResult, toToolResult } from "./handler-result.ts";

describe("a tool's answer", () => {
  it("as a string is its text", () => {
    expect(toToolResult("sunny", false)).toEqual({ content: [{ type: "text", text: "sunny" }] });
  });

  it("as a plain value is its JSON, and structured where there is an output schema", () => {
    const content = [{ type: "text", text: '{"city":"Oslo"}' }];
    expect(toToolResult({ city: "Oslo" }, false)).toEqual({ content });
    expect(toToolResult({ city: "Oslo" }, true)).toEqual({ content, structuredContent: { city: "Oslo" } });
  });

  it.each([
    { content: [{ type: "text", text: "x" }], isError: true },
    { content: [] },
    { resultType: "input_required", inputRequests: {} },
  ])("as a protocol result stays as it is: %j", (result) => {
    expect(toToolResult(result, true)).toBe(result);
  });

  it("with a member that is merely called content is plain data", () => {
    expect(toToolResult({ content: "a book" }, false)).toEqual({
      content: [{ type: "text", text: '{"content":"a book"}' }],
    });
    expect(toToolResult({ content: ["page 1"] }, false)).toEqual({
      content: [{ type: "text", text: '{"content":["page 1"]}' }],
    });
  });

  it.each([
    [undefined, []],
    [null, [{ type: "text", text: "null" }]],
    [0, [{ type: "text", text: "0" }]],
  ])("may be %j", (answer, content) => {
    expect(toToolResult(answer, false)).toEqual({ content });
  });
});

describe("other answers", () => {
  it("of resources get the URI and a media type", () => {
    const uri = new URL("places://all");
    expect(toResourceResult("hi", uri, undefined)).toEqual({
      contents: [{ uri: uri.href, text: "hi", mimeType: "text/plain" }],
    });
    expect(toResourceResult(["Oslo"], uri, undefined)).toEqual({
      contents: [{ uri: uri.href, text: '["Oslo"]', mimeType: "application/json" }],
    });
    expect(toResourceResult("# hi", uri, "text/markdown")).toEqual({
      contents: [{ uri: uri.href, text: "# hi", mimeType: "text/markdown" }],
    });
  });

  it("of prompts become the user's message", () => {
    expect(toPromptResult("Pack for Oslo")).toEqual({
      messages: [{ role: "user", content: { type: "text", text: "Pack for Oslo" } }],
    });
  });
});
