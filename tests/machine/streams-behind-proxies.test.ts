import { startDevAuth0 } from "dev-auth0";
import type { ProtectedServer } from "mcp-env-auth";
import { expect, it, onTestFinished } from "vitest";
import { startInProcess, until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { PROXY_NAMES, startReverseProxy } from "./support/reverse-proxy.ts";

const HEADERS = { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen" };
const ALL = "test://all";
const LISTEN = {
  jsonrpc: "2.0",
  id: 1,
  method: "subscriptions/listen",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
    notifications: { resourceSubscriptions: [ALL] },
  },
};

it.each(PROXY_NAMES)("a change reaches a subscriber at once behind %s, with its default buffering", async (name) => {
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  let server: ProtectedServer | undefined;
  const running = await startInProcess({
    auth0,
    env: { FASTMCP_TRUST_PROXY: "1" },
    register(created) {
      server = created;
      created.registerResource("all", ALL, {}, () => "all");
    },
  });
  const proxy = await startReverseProxy(name, [Number(new URL(running.origin).port)]);
  onTestFinished(() => proxy.stop());
  const { accessToken } = await running.getSession();
  const answer = await oauthSteps(`http://127.0.0.1:${proxy.ports[0]}`).call(accessToken, LISTEN, HEADERS);
  expect(answer.status).toBe(200);
  const reader = answer.body?.getReader();
  let text = "";
  const read = async () => {
    for (;;) {
      const { done = true, value } = (await reader?.read()) ?? {};
      if (done) {
        return;
      }
      text += Buffer.from(value ?? []).toString("utf8");
    }
  };
  const ended = read();
  await until(() => text.includes("acknowledged"));
  server?.notify.resourceUpdated(ALL);
  await until(() => text.includes("notifications/resources/updated"));
  await reader?.cancel();
  await ended;
});
