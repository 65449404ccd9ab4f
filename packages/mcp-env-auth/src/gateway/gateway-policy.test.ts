import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createGateway, type GatewayOptions } from "../gateway.ts";
import { REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";
import { call, startGateway } from "./testing/start-gateway.ts";

const LISTS = {
  tools: ["read", "write", "admin_reset", "unnamed"].map((name) => ({ name, inputSchema: { type: "object" } })),
  prompts: [{ name: "greet" }, { name: "unnamed" }],
  resources: [{ uri: "notes://open" }, { uri: "closed://1" }],
  resourceTemplates: [{ uriTemplate: "notes://{id}" }, { uriTemplate: "other://{id}" }],
};

const POLICY = {
  tools: { read: {}, write: { scopes: ["write"] }, "admin_*": { organizations: ["acme"], visibility: "hidden" } },
  prompts: { greet: {} },
  resources: { "notes://open": {} },
  resourceTemplates: { "notes://{id}": { scopes: ["notes"] } },
};

function policyFile(policy: object): string {
  const folder = mkdtempSync(join(tmpdir(), "gateway-policy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "policy.json");
  writeFileSync(file, JSON.stringify(policy));
  return file;
}

/** A gateway under `policy`, and what reached the upstream. */
async function startWithPolicy(policy: object = POLICY, isStream = false) {
  const asked: unknown[] = [];
  const upstream: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    const body: unknown = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
    asked.push(body);
    const answers = (Array.isArray(body) ? body : [body]).map(({ id = null }) => ({
      jsonrpc: "2.0",
      id,
      result: LISTS,
    }));
    const text = JSON.stringify(Array.isArray(body) ? answers : answers[0]);
    response.writeHead(200, { "Content-Type": isStream ? "text/event-stream" : "application/json" });
    response.end(isStream ? `id: 1\ndata: ${text}\n\n` : text);
  };
  return { asked, ...(await startGateway(upstream, { FASTMCP_AUTHORIZATION_FILE: policyFile(policy) })) };
}

const list = (method: string) => ({ jsonrpc: "2.0", id: 1, method, params: {} });

describe("the policy file of a gateway", () => {
  it.each([false, true])(
    "shows in lists what the caller may use, or could after a login (stream: %s)",
    async (isStream) => {
      const { ask } = await startWithPolicy(POLICY, isStream);
      const answer = await ask("alice", list("tools/list"));
      const text = (await answer.text()).replace(/^id: 1\ndata: /, "");
      const { result } = JSON.parse(text) as { result: typeof LISTS };
      expect(result.tools.map(({ name }) => name)).toEqual(["read", "write"]);
      expect(result.prompts).toEqual([{ name: "greet" }]);
      expect(result.resources).toEqual([{ uri: "notes://open" }]);
      expect(result.resourceTemplates).toEqual([{ uriTemplate: "notes://{id}" }]);
      const ofAcme = await (await ask("alice~acme", list("tools/list"))).text();
      expect(ofAcme).toContain("admin_reset");
    },
  );

  it("filters a list that is sent again after a stream broke", async () => {
    const { ask } = await startWithPolicy(POLICY, true);
    const text = await (await ask("alice", undefined, { "Last-Event-ID": "0" })).text();
    expect([text.includes("read"), text.includes("unnamed"), text.startsWith("id: 1\n")]).toEqual([true, false, true]);
  });

  it.each(REVISIONS)(
    "Security rule 18: judges calls from the body, for every message of a batch: %s",
    async (revision) => {
      const { ask, asked } = await startWithPolicy();
      const statusOf = async (name: string, user = "alice") => {
        const { headers, body } = toolCall(revision, name);
        const answer = await ask(user, body, { ...headers, ...(revision === "2026-07-28" && { "Mcp-Name": "read" }) });
        return [answer.status, (await answer.text()).includes("not found")];
      };
      expect(await statusOf("read")).toEqual([200, false]);
      expect(await statusOf("write")).toEqual([403, false]);
      expect(await statusOf("unnamed")).toEqual([200, true]);
      expect(await statusOf("made up")).toEqual([200, true]);
      expect(await statusOf("admin_reset")).toEqual([200, true]);
      expect(await statusOf("admin_reset", "alice~acme")).toEqual([200, false]);
      expect(asked.length).toBe(2);
    },
  );

  it("refuses a batch as a whole", async () => {
    const { ask, asked } = await startWithPolicy();
    const batches = [
      [call(1, "read"), call(2, "write")],
      [call(1, "read"), call(2, "unnamed")],
      [call(1, "read"), call(2, "admin_reset")],
    ];
    const answers = await Promise.all(batches.map((batch) => ask("alice", batch)));
    expect([answers.map(({ status }) => status), asked.length]).toEqual([[403, 403, 403], 0]);
  });

  it("refuses what it can't judge", async () => {
    const { ask, asked } = await startWithPolicy();
    const bodies = [
      { ...call(), params: { name: ["write"] } },
      { ...call(), params: {} },
      { ...call(), params: undefined },
      { ...call(), method: "tools/call_many" },
      { ...call(), method: "Tools/call" },
      { ...call(), method: ["tools/call"] },
      { ...list("resources/read"), params: { uri: { toString: "closed://1" } } },
      { ...list("completion/complete"), params: { ref: "greet" } },
    ];
    const answers = await Promise.all(bodies.map((body) => ask("alice", body)));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 403, 403, 403, 400, 400]);
    expect(asked).toEqual([]);
  });

  it("lets everything else pass with default: allow, but not what it hides", async () => {
    const { ask } = await startWithPolicy({ ...POLICY, default: "allow" });
    const statuses = await Promise.all(
      [call(1, "unnamed"), { ...call(), method: "tasks/get" }, call(1, "write")].map(
        async (body) => (await ask("alice", body)).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 403]);
    expect(await (await ask("alice", call(1, "admin_reset"))).text()).toContain("not found");
    expect(await (await ask("alice", list("tools/list"))).text()).toContain("unnamed");
  });

  it("is said at the start, and so is that there is none", async () => {
    const { lines } = await startWithPolicy();
    expect(lines.find(({ fields }) => fields.event === "gateway")?.message).toContain("nobody may use the rest");
    const without = await startGateway((_request, response) => response.end());
    expect(without.lines.find(({ fields }) => fields.event === "gateway")?.message).toMatch(
      /^Everyone with a valid token/,
    );
  });

  it("stops the start where the provider can't tell what it asks for", async () => {
    const auth = { baseUrl: undefined, authenticate: () => Promise.reject(new Error("not asked")) };
    const options: GatewayOptions = {
      upstream: "http://127.0.0.1:9/mcp",
      auth,
      env: { FASTMCP_ENV_FILE: "", FASTMCP_AUTHORIZATION_FILE: policyFile({ tools: { a: { roles: ["admin"] } } }) },
      logger: silentLogger,
    };
    await expect(createGateway(options).app()).rejects.toThrow(/a: required roles can't be enforced/);
  });

  it("has a default for the gateway alone", async () => {
    const env = { FASTMCP_ENV_FILE: "", FASTMCP_AUTHORIZATION_FILE: policyFile({ default: "deny" }) };
    const auth = { baseUrl: undefined, authenticate: () => Promise.reject(new Error("not asked")) };
    const server = createServer({ name: "t", version: "1", auth, env, logger: silentLogger });
    await expect(server.app()).rejects.toThrow(/\$\.default is for the gateway alone/);
  });
});
