import { completable, createMcpHandler, ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { runWithAccessToken } from "../access-token.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { Registrations } from "./offer/registrations.ts";
import { offerOf } from "./testing/offer.ts";

const failing = () => {
  throw new Error("dsn=postgres://10.0.0.1 failed");
};

/** Asks the SDK's own server, past the policy that judges request bodies: what is left is what guards each handler. */
async function ask(
  registrations: Registrations,
  scopes: string[],
  method: string,
  params: object,
  logger: Logger = silentLogger,
) {
  const handler = createMcpHandler(offerOf(registrations, { logger }).build);
  const request = new Request("http://localhost/mcp", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
  });
  const token = { token: "t", clientId: "c", scopes, expiresAt: 2e9, claims: {}, subject: "s" };
  const parsedBody = { jsonrpc: "2.0", id: 1, method, params };
  const response = await runWithAccessToken(token, () => handler.fetch(request, { parsedBody }));
  return response.text();
}

describe("a handler keeps its own rule", () => {
  it("whichever template the SDK takes for a URI that several match", async () => {
    const registrations = new Registrations();
    const list = { list: undefined };
    registrations.addResource("10", new ResourceTemplate("data://{+path}", list), {}, () => "open");
    registrations.addResource(
      "2",
      new ResourceTemplate("data://vault/{id}", list),
      { requiredScopes: ["admin"] },
      () => "SECRET",
    );
    expect(await ask(registrations, [], "resources/read", { uri: "data://vault/1" })).not.toContain("SECRET");
    expect(await ask(registrations, ["admin"], "resources/read", { uri: "data://vault/1" })).toContain("SECRET");
  });

  it("also where a URI is spelled like another template", async () => {
    const registrations = new Registrations();
    const list = { list: undefined };
    registrations.addResource(
      "all",
      new ResourceTemplate("n://{+all}", list),
      { requiredScopes: ["admin"] },
      () => "SECRET",
    );
    registrations.addResource("one", new ResourceTemplate("n://{a}", list), {}, () => "open");
    const { rules } = offerOf(registrations);
    expect(rules({ kind: "resource", name: "n://{a}" })?.requiredScopes).toEqual(["admin"]);
    expect(await ask(registrations, [], "resources/read", { uri: "n://{a}" })).not.toContain("SECRET");
  });

  it("for tools and prompts too", async () => {
    const registrations = new Registrations();
    registrations.addTool("tool", { requiredScopes: ["admin"] }, () => "SECRET");
    registrations.addPrompt("prompt", { requiredScopes: ["admin"] }, () => "SECRET");
    expect(await ask(registrations, [], "tools/call", { name: "tool" })).toContain("admin");
    expect(await ask(registrations, [], "tools/call", { name: "tool" })).not.toContain("SECRET");
    expect(await ask(registrations, [], "prompts/get", { name: "prompt" })).not.toContain("SECRET");
  });

  it("when a protected template is listed or completed: nothing is found, and nothing runs", async () => {
    const registrations = new Registrations();
    let ran = 0;
    const template = new ResourceTemplate("docs://{id}", {
      list: () => {
        ran += 1;
        return { resources: [{ name: "SECRET", uri: "docs://secret" }] };
      },
      complete: {
        id: () => {
          ran += 1;
          return ["SECRET"];
        },
      },
    });
    registrations.addResource("docs", template, { requiredScopes: ["admin"] }, () => "text");
    const completion = { ref: { type: "ref/resource", uri: "docs://{id}" }, argument: { name: "id", value: "" } };
    expect(await ask(registrations, [], "resources/list", {})).not.toContain("SECRET");
    expect(await ask(registrations, [], "completion/complete", completion)).not.toContain("SECRET");
    expect(ran).toBe(0);
    expect(await ask(registrations, ["admin"], "resources/list", {})).toContain("SECRET");
    expect(await ask(registrations, ["admin"], "completion/complete", completion)).toContain("SECRET");
  });
});

describe("an error that a handler did not mean for its caller is masked, and logged in full", () => {
  const registrations = new Registrations();
  const template = new ResourceTemplate("t://{id}", { list: failing, complete: { id: failing } });
  registrations.addTool("tool", {}, failing);
  registrations.addResource("resource", "r://one", {}, failing);
  registrations.addResource("template", template, {}, failing);
  registrations.addPrompt("prompt", { argsSchema: z.object({ who: completable(z.string(), failing) }) }, failing);

  it.each([
    ["tools/call", { name: "tool" }],
    ["resources/read", { uri: "r://one" }],
    ["resources/read", { uri: "t://one" }],
    ["resources/list", {}],
    ["prompts/get", { name: "prompt", arguments: { who: "me" } }],
    ["completion/complete", { ref: { type: "ref/resource", uri: "t://{id}" }, argument: { name: "id", value: "" } }],
    ["completion/complete", { ref: { type: "ref/prompt", name: "prompt" }, argument: { name: "who", value: "" } }],
  ])("%s %j", async (method, params) => {
    const logged: unknown[] = [];
    const answer = await ask(registrations, [], method, params, {
      ...silentLogger,
      error: (fields) => void logged.push(fields),
    });
    expect(answer).not.toContain("postgres");
    expect(answer).toContain("Its operator can look up");
    expect((logged[0] as { err: Error }).err.message).toContain("postgres");
  });

  it("but what the protocol says of a wrong request stays", async () => {
    expect(await ask(registrations, [], "resources/read", { uri: "r://none" })).toContain("not found");
  });
});
