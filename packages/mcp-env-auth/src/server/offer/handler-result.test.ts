import { describe, expect, it } from "vitest";
import { UnfitResult } from "../../errors.ts";
import { resultShapes } from "../../sdk/result-shapes.ts";
import { toPromptResult, toResourceList, toResourceResult, toSuggestions, toToolResult } from "./handler-result.ts";

describe("a tool's answer", () => {
  it("as a string is its text", () => {
    expect(toToolResult("sunny", false)).toEqual({ content: [{ type: "text", text: "sunny" }] });
  });

  it("as an object is its JSON, and structured", () => {
    const content = [{ type: "text", text: '{"city":"Oslo"}' }];
    const structuredContent = { city: "Oslo" };
    for (const hasOutputSchema of [false, true]) {
      expect(toToolResult({ city: "Oslo" }, hasOutputSchema)).toEqual({ content, structuredContent });
    }
  });

  it.each([
    ["a list", ["Oslo"], '["Oslo"]'],
    ["a number", 7, "7"],
    ["nothing", null, "null"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ])(
    "as a value that is not an object is structured only where there is an output schema: %s",
    (_what, answer, text) => {
      const content = [{ type: "text", text }];
      expect(toToolResult(answer, false)).toEqual({ content });
      expect(toToolResult(answer, true)).toEqual({ content, structuredContent: answer });
    },
  );

  it("as an instance of a class is structured as JSON writes it", () => {
    class City {
      readonly #visits = 7;
      readonly name = "Oslo";
      toJSON() {
        return { name: this.name, visits: this.#visits };
      }
    }
    expect(toToolResult(new City(), false)).toMatchObject({ structuredContent: { name: "Oslo", visits: 7 } });
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
      structuredContent: { content: "a book" },
    });
    expect(toToolResult({ content: ["page 1"] }, false)).toEqual({
      content: [{ type: "text", text: '{"content":["page 1"]}' }],
      structuredContent: { content: ["page 1"] },
    });
  });

  it.each([
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

describe("an answer that can't be sent", () => {
  const URI = new URL("places://all");
  const tool = (answer: unknown) => toToolResult(answer, false, resultShapes);
  const prompt = (answer: unknown) => toPromptResult(answer, resultShapes);
  const resource = (answer: unknown) => toResourceResult(answer, URI, undefined, resultShapes);
  const content = (block: unknown) => tool({ content: [{ type: "text", text: "x" }, block] });
  const message = (block: unknown) => prompt({ messages: [block] });
  const image = { type: "image", mimeType: "image/png" };

  it.each([
    ["a forgotten return", () => tool(undefined), "", "Is a `return` missing?"],
    ["a forgotten await", () => tool({ high: Promise.resolve(1) }), "high", "Await it"],
    ["a Map", () => tool(new Map()), "", "Object.fromEntries"],
    [
      "NaN in a structured result",
      () => tool({ content: [], structuredContent: { a: Number.NaN } }),
      "structuredContent.a",
      "null",
    ],
    ["an image without data", () => content(image), "content[1].data", "base64"],
    ["an image of bytes", () => content({ ...image, data: Buffer.from("x") }), "content[1].data", "base64"],
    [
      "an image as a data URL",
      () => content({ ...image, data: "data:image/png;base64,eA==" }),
      "content[1].data",
      "Leave out",
    ],
    ["an image without a type", () => content({ type: "image", data: "eA==" }), "content[1].mimeType", "missing"],
    ["a text without text", () => content({ type: "text" }), "content[1].text", "missing"],
    ["content of an unknown type", () => content({ type: "picture" }), "content[1].type", '"picture"'],
    ["a link without a name", () => content({ type: "resource_link", uri: "x://y" }), "content[1].name", "missing"],
    [
      "a resource that is not one",
      () => content({ type: "resource", resource: "x" }),
      "content[1].resource",
      "{ uri, text }",
    ],
    [
      "a resource without text",
      () => content({ type: "resource", resource: { uri: "x://y" } }),
      "content[1].resource.text",
      "blob",
    ],
    ["isError that is a text", () => tool({ content: [], isError: "yes" }), "isError", "boolean"],
    ["_meta that is a text", () => tool({ content: [], _meta: "x" }), "_meta", "expected object"],
    ["a request for no input", () => tool({ resultType: "input_required" }), "inputRequests", "requestState"],
    ["a prompt that returns nothing", () => prompt(undefined), "", "return"],
    ["a prompt that returns null", () => prompt(null), "", "{ messages: […] }"],
    ["a prompt that returns data", () => prompt({ text: "x" }), "", "{ messages: […] }"],
    [
      "a message without a role",
      () => message({ content: { type: "text", text: "x" } }),
      "messages[0].role",
      "missing",
    ],
    ["a message that is a text", () => message("x"), "messages[0]", "not an object"],
    [
      "a message with a text as content",
      () => message({ role: "user", content: "x" }),
      "messages[0].content",
      'type: "text"',
    ],
    ["a resource that returns nothing", () => resource(undefined), "", "return"],
    ["contents with a URL", () => resource({ contents: [{ uri: URI, text: "x" }] }), "contents[0].uri", "url.href"],
    ["contents without text", () => resource({ contents: [{ uri: URI.href }] }), "contents[0].text", "blob"],
    ["contents with bytes", () => resource({ contents: [{ uri: URI.href, blob: "ä" }] }), "contents[0].blob", "base64"],
    ["a list of resources that is missing", () => toResourceList(undefined), "", "{ resources: […] }"],
    [
      "a listed resource without a name",
      () => toResourceList({ resources: [{ uri: "x://y" }] }),
      "resources[0].name",
      "name",
    ],
    ["a listed resource that is null", () => toResourceList({ resources: [null] }), "resources[0].uri", "uri"],
    [
      "a list of resources that nobody awaited",
      () => toResourceList({ resources: Promise.resolve([]) }),
      "resources",
      "Await",
    ],
    ["suggestions that nobody awaited", () => toSuggestions({ values: Promise.resolve([]) }), "values", "Await"],
    ["suggestions that are missing", () => toSuggestions(undefined), "", "list"],
    ["a suggestion that is undefined", () => toSuggestions(["a", undefined]), "[1]", "undefined"],
  ])("is refused with where it is and what to do: %s", (_what, make, path, remedy) => {
    let fault: unknown;
    try {
      make();
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(UnfitResult);
    expect(fault).toMatchObject({ path, message: expect.stringContaining(remedy) });
  });

  it.each([
    ["a text in place of a message", (said: string) => prompt({ messages: [said] })],
    ["a text in place of content", (said: string) => prompt({ messages: [{ role: "user", content: said }] })],
    ["a text in place of a resource", (said: string) => content({ type: "resource", resource: said })],
    ["a text in place of a role", (said: string) => message({ role: said, content: { type: "text", text: "x" } })],
    ["a text in place of a type", (said: string) => content({ type: said })],
    [
      "a resource whose text is a text in a list",
      (said: string) => resource({ contents: [{ uri: "x", text: [said] }] }),
    ],
    ["a flag that is a text", (said: string) => tool({ content: [], isError: said })],
  ])("shows nothing of what it says: %s", (_what, make) => {
    expect(() => make("+47 1 Ola")).toThrow(/^returned a result that MCP does not allow(?!.*(?:Ola|47))/);
  });

  it("is none where the protocol allows it", () => {
    const blocks = [
      { ...image, data: "eA==", annotations: { priority: 1 } },
      { type: "audio", mimeType: "audio/wav", data: "" },
      { type: "resource_link", uri: "x://y", name: "y" },
      { type: "resource", resource: { uri: "x://y", blob: "eA==" } },
    ];
    const result = { content: blocks, structuredContent: { a: 1 }, _meta: { b: 2 } };
    expect(tool(result)).toBe(result);
    expect(prompt({ messages: [{ role: "assistant", content: blocks[0] }], description: "x" })).toHaveProperty(
      "messages",
    );
    expect(
      resource({
        contents: [
          { uri: URI.href, blob: "eA==" },
          { uri: URI.href, text: "" },
        ],
      }),
    ).toHaveProperty("contents");
    expect(resource({ contents: [] })).toEqual({ contents: [] });
    expect(resource("")).toMatchObject({ contents: [{ text: "" }] });
  });
});
