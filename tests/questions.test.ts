import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type ElicitRequestFormParams, McpServer } from "@modelcontextprotocol/server";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { type ProtectedServer, protect } from "mcp-env-auth";
import { createRequestStateCodec, inputRequired } from "mcp-env-auth/sdk";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { toolCall } from "../packages/mcp-env-auth/src/http/testing/tool-call.ts";
import { launchInProcess, startInProcessReplicas, until } from "./support/in-process.ts";
import { type OAuthSteps, oauthSteps } from "./support/oauth-steps.ts";
import { beginSession } from "./support/session-client.ts";

const FORM: ElicitRequestFormParams["requestedSchema"] = {
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
};
const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
const NAME = z.object({ name: z.string() });

/** Registers the same tools on either kind of server. */
function registerAskingTools(server: Pick<McpServer, "registerTool"> | ProtectedServer): void {
  const target = server as McpServer;
  target.registerTool("ask", { description: "Asks for a name" }, async (ctx) => {
    const { action, content } = await ctx.mcpReq.elicitInput({ message: "Your name?", requestedSchema: FORM });
    return text(`${action} ${JSON.stringify(content)}`);
  });
  target.registerTool("hurried", { description: "Asks, and waits for a moment" }, async (ctx) => {
    const form = { message: "Your name?", requestedSchema: FORM };
    return text(JSON.stringify(await ctx.mcpReq.elicitInput(form, { timeout: 50 })));
  });
  target.registerTool("sample", { description: "Asks the model" }, async (ctx) => {
    const messages = [{ role: "user" as const, content: { type: "text" as const, text: "Hello" } }];
    return text(JSON.stringify(await ctx.mcpReq.requestSampling({ messages, maxTokens: 10 })));
  });
  target.registerTool("roots", { description: "Asks for roots" }, async (ctx) =>
    text(JSON.stringify(await ctx.mcpReq.send({ method: "roots/list" }))),
  );
  target.registerTool("ping", { description: "Asks whether the client is there" }, async (ctx) =>
    text(JSON.stringify(await ctx.mcpReq.send({ method: "ping" }))),
  );
  target.registerTool("ask_twice", { description: "Asks for two names" }, async (ctx) => {
    const ask = (message: string) => ctx.mcpReq.elicitInput({ message, requestedSchema: FORM });
    const answers = await Promise.all([ask("First"), ask("Second")]);
    return text(answers.map(({ content }) => content?.name).join(" and "));
  });
  target.registerTool("return_a_question", { description: "Asks as 2026-07-28 does" }, (ctx) => {
    const given = ctx.mcpReq.inputResponses?.name as { readonly content?: { readonly name?: string } } | undefined;
    return given?.content?.name === undefined
      ? inputRequired({ inputRequests: { name: inputRequired.elicit({ message: "Who?", requestedSchema: NAME }) } })
      : text(`Hello, ${given.content.name}`);
  });
}

interface Running {
  readonly origin: string;
  readonly steps: OAuthSteps;
  close(): Promise<void>;
}

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0?.close());

const KINDS: Readonly<Record<string, () => Promise<Running>>> = {
  "createServer()": async () => {
    const server = await launchInProcess({ auth0, register: registerAskingTools });
    return { origin: server.origin, steps: server, close: server.close };
  },
  "createServer() without the fast path": async () => {
    const env = { FASTMCP_SDK_FAST_PATH: "false" };
    const server = await launchInProcess({ auth0, env, register: registerAskingTools });
    return { origin: server.origin, steps: server, close: server.close };
  },
  "protect()": async () => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const app = express();
    const build = () => {
      const server = new McpServer({ name: "asks", version: "1" });
      registerAskingTools(server);
      return server;
    };
    const protection = await protect(app, build, { env: { ...auth0.env(origin), FASTMCP_LOG_LEVEL: "ERROR" } });
    const http = createHttpServer(app);
    await once(http.listen(port, "127.0.0.1"), "listening");
    const close = async () => {
      http.close();
      http.closeAllConnections();
      await protection.close();
    };
    return { origin, steps: oauthSteps(origin), close };
  },
};

describe.each(Object.entries(KINDS))("questions of tools, through %s", (_kind, start) => {
  let running: Running;
  let token: string;
  beforeAll(async () => {
    running = await start();
    await until(async () => (await fetch(`${running.origin}/readyz`)).ok);
    ({ accessToken: token } = await running.steps.getSession());
  });
  afterAll(() => running?.close());

  const begin = (capabilities?: object) =>
    beginSession(running.origin, token, capabilities === undefined ? {} : { capabilities });

  it("reach the client on the stream of its call, and the answer reaches the tool", async () => {
    const client = await begin();
    const call = await client.call("ask");
    const question = await call.next();
    expect(question).toMatchObject({ method: "elicitation/create", params: { message: "Your name?" } });
    expect(question?.id).toMatch(/^[\w-]{22}$/);
    const answered = await client.answer(question, { name: "Ada" });
    expect([answered.status, await answered.text()]).toEqual([202, ""]);
    expect((await call.next())?.result?.content).toEqual([{ type: "text", text: 'accept {"name":"Ada"}' }]);
    expect(await call.next()).toBeUndefined();
  });

  it.each<[string, string, object, string]>([
    [
      "sample",
      "sampling/createMessage",
      { role: "assistant", model: "m", content: { type: "text", text: "Hi" } },
      "Hi",
    ],
    ["roots", "roots/list", { roots: [{ uri: "file:///a" }] }, "file:///a"],
    ["ping", "ping", {}, "{}"],
  ])("by %s are answered the same way", async (tool, method, result, found) => {
    const client = await begin();
    const call = await client.call(tool);
    const question = await call.next();
    expect(question?.method).toBe(method);
    expect((await client.post({ jsonrpc: "2.0", id: question?.id, result })).status).toBe(202);
    expect((await call.next())?.result?.content?.[0]?.text).toContain(found);
  });

  it("that a tool returns, as for 2026-07-28, are answered by clients of 2025-11-25", async () => {
    const client = await begin();
    const call = await client.call("return_a_question");
    const question = await call.next();
    expect(question).toMatchObject({ method: "elicitation/create", params: { message: "Who?" } });
    const progressToken = (question?.params?._meta as { progressToken?: unknown } | undefined)?.progressToken;
    expect(progressToken).toBe(question?.id);
    const params = { progressToken, progress: 1 };
    expect((await client.post({ jsonrpc: "2.0", method: "notifications/progress", params })).status).toBe(202);
    await client.answer(question, { name: "Grace" });
    expect((await call.next())?.result?.content?.[0]?.text).toBe("Hello, Grace");
  });

  it("may be several at once, answered in any order", async () => {
    const client = await begin();
    const call = await client.call("ask_twice");
    const [first, second] = [await call.next(), await call.next()];
    expect(first?.id).not.toBe(second?.id);
    await client.answer(second, { name: "B" });
    await client.answer(first, { name: "A" });
    expect((await call.next())?.result?.content?.[0]?.text).toBe("A and B");
  });

  it("take one answer: the next one is refused, as any that nobody waits for", async () => {
    const client = await begin();
    const call = await client.call("ask");
    const question = await call.next();
    expect((await client.answer(question, { name: "Ada" })).status).toBe(202);
    await call.next();
    const late = await client.answer(question, { name: "Eve" });
    expect(late.status).toBe(400);
    expect(await late.json()).toMatchObject({ error: { message: expect.stringContaining("No tool waits") } });
  });

  it("fail the tool at once when the client answers with an error, or with what is not valid", async () => {
    const client = await begin();
    for (const answer of [
      { error: { code: -1, message: "User rejected it" } },
      { result: { action: "perhaps" } },
      { result: { action: "accept", content: { name: 7 } } },
    ]) {
      const call = await client.call("ask");
      const question = await call.next();
      expect((await client.post({ jsonrpc: "2.0", id: question?.id, ...answer })).status).toBe(202);
      expect((await call.next())?.result?.isError, JSON.stringify(answer)).toBe(true);
    }
  });

  it("are withdrawn by the id that the client knows when their time is over", async () => {
    const client = await begin();
    const call = await client.call("hurried");
    const question = await call.next();
    expect(await call.next()).toMatchObject({
      method: "notifications/cancelled",
      params: { requestId: question?.id },
    });
    expect((await call.next())?.result?.isError).toBe(true);
    expect((await client.answer(question, { name: "Ada" })).status).toBe(400);
  });

  it("fail when the client cancels the call, and not when it cancels another one", async () => {
    const client = await begin();
    const call = await client.call("ask");
    const question = await call.next();
    const cancel = (requestId: unknown, session = client.id) =>
      client.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } }, { session });
    expect((await cancel(2)).status).toBe(202);
    expect((await cancel(1, (await begin()).id)).status).toBe(202);
    expect((await client.answer(question, { name: "Ada" })).status).toBe(202);
    expect((await call.next())?.result?.content?.[0]?.text).toContain("Ada");

    const cancelled = await client.call("ask");
    const pending = await cancelled.next();
    expect((await cancel(1)).status).toBe(202);
    expect((await cancelled.next())?.result?.isError).toBe(true);
    expect((await client.answer(pending, { name: "Ada" })).status).toBe(400);
  });

  it("end when the client leaves", async () => {
    const client = await begin();
    const call = await client.call("ask");
    const question = await call.next();
    call.leave();
    const ping = {
      jsonrpc: "2.0",
      method: "notifications/progress",
      params: { progressToken: question?.id, progress: 1 },
    };
    await until(async () => (await client.post(ping)).status === 400);
  });

  it.each<[string, string, object | undefined]>([
    ["that declared nothing", "ask", {}],
    ["that declared nothing", "sample", {}],
    ["that declared nothing", "roots", {}],
    ["that declared nothing", "ping", {}],
    ["that declared nothing", "return_a_question", {}],
    ["that declared something else", "ask", { roots: {} }],
  ])("to a client %s fail at once: %s", async (_which, tool, capabilities) => {
    const client = await begin(capabilities);
    const { result } = (await (await client.call(tool)).next()) ?? {};
    expect(result?.isError).toBe(true);
    expect(result?.content?.[0]?.text).toMatch(/client/i);
  });

  it("to a client that takes no events fail at once", async () => {
    const { id } = await begin();
    const answer = await running.steps.call(
      token,
      { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "sample", arguments: {} } },
      { Accept: "application/json", "Mcp-Session-Id": id ?? "" },
    );
    expect(await answer.json()).toMatchObject({ result: { isError: true } });
  });

  it("need a session only of clients that can be asked", async () => {
    expect((await begin({})).id).toBeUndefined();
    expect((await begin({ experimental: { a: {} } })).id).toBeUndefined();
    const { id = "" } = await begin({ elicitation: { form: {}, url: {} }, sampling: { tools: {} } });
    expect(id.length).toBeLessThanOrEqual(2000);
    expect(id).toMatch(/^[\x21-\x7e]+$/);
  });

  it("end with the session: DELETE, and then 404", async () => {
    const client = await begin();
    expect((await client.send("DELETE")).status).toBe(204);
    for (const response of [
      await client.post({ jsonrpc: "2.0", id: 1, method: "ping" }),
      await client.send("GET"),
      await client.send("DELETE"),
    ]) {
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: -32001 } });
    }
    const again = await begin();
    expect(again.id).not.toBe(client.id);
  });
});

describe("replicas without Redis", () => {
  it("fail a question at once whose answer may come to another of them", async () => {
    let passed = 0;
    const clock = () => Date.now() / 1000 + passed;
    const { replicas, getSession } = await startInProcessReplicas({ auth0, clock, register: registerAskingTools });
    const [first, second] = replicas.map(({ origin }) => origin);
    const { accessToken } = await getSession();
    passed = 2;
    const client = await beginSession(first ?? "", accessToken);
    const refused = await (await client.call("ask", {}, second)).next();
    expect(refused?.result).toMatchObject({ isError: true });
    expect(refused?.result?.content?.[0]?.text).toContain("FASTMCP_STORAGE_URL");
    const call = await client.call("ask");
    const question = await call.next();
    const elsewhere = await client.answer(question, { name: "Ada" }, { at: second ?? "" });
    expect(elsewhere.status).toBe(400);
    expect(await elsewhere.json()).toMatchObject({ error: { message: expect.stringContaining("several replicas") } });
    expect((await client.answer(question, { name: "Ada" })).status).toBe(202);
    expect((await call.next())?.result?.content?.[0]?.text).toContain("Ada");
  });
});

describe("requestState of 2026-07-28", () => {
  it("is verified through createServer, before the handler sees it", async () => {
    const seen: unknown[] = [];
    const states = createRequestStateCodec<string>({ key: crypto.getRandomValues(new Uint8Array(32)) });
    const server = await launchInProcess({
      auth0,
      requestState: { verify: states.verify },
      register(registered) {
        registered.registerTool("resume", {}, ({ mcpReq }) => {
          seen.push(mcpReq.requestState());
          return "resumed";
        });
      },
    });
    onTestFinished(server.close);
    const { accessToken } = await server.getSession();
    const { headers, body } = toolCall("2026-07-28", "resume");
    const resume = async (requestState: unknown) => {
      const params = { ...body.params, requestState };
      return (await server.call(accessToken, { ...body, params }, headers)).json();
    };
    expect(await resume(await states.mint("first"))).toMatchObject({ result: { content: [{ text: "resumed" }] } });
    for (const forged of ["made up", `${await states.mint("second")}x`, 7]) {
      expect(await resume(forged)).toMatchObject({ error: { code: -32602 } });
    }
    expect(seen).toEqual(["first"]);
  });
});
