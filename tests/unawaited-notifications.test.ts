import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startProcess } from "test-support/processes";
import { expect, it, onTestFinished } from "vitest";
import { REVISIONS, toolCall } from "../packages/mcp-env-auth/src/http/testing/tool-call.ts";
import { CLIENT_KINDS, type ClientKind, connect } from "./support/clients.ts";
import { until } from "./support/in-process.ts";

const LEAVING = 8;

async function start() {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    name: "The server behind protect()",
    script: fileURLToPath(new URL("./fixtures/protected-server.mjs", import.meta.url)),
    env: { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none", FASTMCP_PORT: String(port) },
    readyUrl: `${origin}/healthz`,
  });
  onTestFinished(() => server.kill());
  const url = `${origin}/mcp`;
  return { server, url };
}

const join = (kind: ClientKind, url: string) =>
  connect({ kind, url, oauth: new OAuthClient({ browser: new Browser(), username: "bob" }) });

it.each(CLIENT_KINDS)("of a handler behind protect() end no process when the client leaves: %s", async (kind) => {
  const { server, url } = await start();
  const times = (line: string) => server.log().split(line).length - 1;
  for (let wait = 0; wait < LEAVING; wait += 1) {
    const client = await join(kind, url);
    const call = client.callTool("reports", { milliseconds: 2000 }).catch(() => "left");
    await until(() => times("begins to report") === wait + 1);
    await sleep(20 * wait);
    await client.close();
    expect(await call).toBe("left");
  }
  await until(() => times("reported all") === LEAVING);
  const next = await join(kind, url);
  expect((await next.callTool("reports", { milliseconds: 20 })).content[0]?.text).toBe("done");
  await next.close();
});

it.each(REVISIONS)("of what is nested too deep to be sent end no process: %s", async (revision) => {
  const { url } = await start();
  const repeat = (levels: number) => {
    const { headers, body } = toolCall(revision, "repeats", { "io.modelcontextprotocol/logLevel": "debug" });
    const said = "[".repeat(levels) + "]".repeat(levels);
    const text = JSON.stringify({ ...body, params: { ...body.params, arguments: { said: "@" } } }).replace('"@"', said);
    return fetch(url, { method: "POST", headers, body: text, signal: AbortSignal.timeout(10_000) });
  };
  expect((await repeat(20_000)).status).toBe(400);
  const answer = await repeat(490);
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"said":[[')]);
});
