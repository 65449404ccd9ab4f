import { describe, expect, it } from "vitest";
import type { AccessToken } from "../access-token.ts";
import { requestDialect } from "./request-dialect.ts";

const token = (fields: object) => ({ clientId: "a-client", ...fields }) as unknown as AccessToken;
const chatgpt = { headers: { "user-agent": "openai-mcp/1.0.0" } };
const nobody = { headers: {} };
const modern = (clientInfo: unknown) => ({ params: { _meta: { "io.modelcontextprotocol/clientInfo": clientInfo } } });

describe("the dialect of a request", () => {
  it("is the setting's, if that names one", () => {
    expect(requestDialect(chatgpt, { token: token({ dialect: "chatgpt" }) }, "claude")).toBe("claude");
    expect(requestDialect(chatgpt, {}, "sdk")).toBe("sdk");
  });

  it("is the one that its token was issued to, before all that the request says", () => {
    expect(requestDialect(chatgpt, { token: token({ dialect: "claude" }) }, "auto")).toBe("claude");
    expect(
      requestDialect(nobody, { token: token({ clientId: "https://claude.ai/oauth/x" }) }, "auto"),
      "of a provider that takes documents itself",
    ).toBe("claude");
  });

  it("is the one that the request names otherwise", () => {
    expect(requestDialect(nobody, { body: modern({ name: "openai-mcp" }) }, "auto")).toBe("chatgpt");
    expect(requestDialect(nobody, { body: { params: { clientInfo: { name: "claude-ai" } } } }, "auto")).toBe("claude");
    expect(requestDialect(chatgpt, { body: { params: { name: "write" } }, token: token({}) }, "auto")).toBe("chatgpt");
  });

  it("is the one that its session names, after its token and before its User-Agent", () => {
    const hints = { body: { method: "tools/call", params: { name: "write" } }, clientInfo: "claude-ai" };
    expect(requestDialect(chatgpt, { ...hints, token: token({}) }, "auto")).toBe("claude");
    expect(requestDialect(nobody, { ...hints, token: token({ dialect: "chatgpt" }) }, "auto")).toBe("chatgpt");
    expect(requestDialect(nobody, { ...hints, token: token({}) }, "sdk")).toBe("sdk");
    expect(requestDialect(nobody, { ...hints, clientInfo: "somebody", token: token({}) }, "auto")).toBe("sdk");
  });

  it.each([
    undefined,
    null,
    1,
    "x",
    [],
    [modern({ name: "openai-mcp" })],
    {},
    { params: null },
    { params: [] },
    { params: { _meta: null, clientInfo: null } },
    modern(null),
    modern({}),
    modern({ name: ["openai-mcp"] }),
  ])("is that of most where nothing is known: %j", (body) => {
    expect(
      requestDialect(nobody, { body, token: token({ dialect: "constructor", clientId: undefined }) }, "auto"),
    ).toBe("sdk");
  });
});
