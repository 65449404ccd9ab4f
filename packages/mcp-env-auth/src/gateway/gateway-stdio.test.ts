import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { call, startGatewayTo } from "./testing/start-gateway.ts";

const SERVER = join(import.meta.dirname, "testing/stdio-server.mjs");
const INITIALIZE = {
  ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
  params: { protocolVersion: "2025-11-25", capabilities: { elicitation: {} }, clientInfo: { name: "t", version: "1" } },
};

/** A gateway in front of the command, and ways to use it. */
async function startStdio(env: Record<string, string> = {}, ...args: string[]) {
  const gateway = await startGatewayTo([process.execPath, SERVER, ...args], { PATH: process.env.PATH ?? "", ...env });

  /** What a tool of the command says to `user`, or the status and the body of a refusal. */
  async function use(user: string, name: string, headers: Record<string, string> = {}): Promise<string> {
    const answer = await gateway.ask(user, call(1, name), headers);
    const text = await answer.text();
    return answer.status === 200 ? textIn(JSON.parse(text)) : `${answer.status} ${text}`;
  }
  return { ...gateway, use };
}

const textIn = (message: { result?: { content?: { text: string }[] } }) => message.result?.content?.[0]?.text ?? "";

/** Messages of a stream, one after the other. */
async function* messagesIn(answer: Response) {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      yield JSON.parse(event.slice(event.indexOf("data: ") + "data: ".length));
    }
  }
}

const isAlive = (pid: string) => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};

describe("a command behind the gateway", () => {
  it("Security rule 28: has a process for each user, organization and client, and knows its user", async () => {
    const { use } = await startStdio();
    expect(await use("alice", "whoami")).toBe("alice ");
    expect(await use("bob", "whoami")).toBe("bob ");
    const users = ["alice", "bob", "alice~acme", "alice/other"];
    const pids = await Promise.all(users.map((user) => use(user, "pid")));
    expect(new Set(pids).size).toBe(4);
    expect(await use("alice", "pid")).toBe(pids[0]);
  });

  it("Security rule 28: gets no setting of the gateway's in its environment", async () => {
    const env = {
      FASTMCP_OPERATOR_NAME: "hidden",
      Fastmcp_Secret: "hidden",
      MCP_USER_SUBJECT: "hidden",
      API_KEY: "kept",
    };
    const { use } = await startStdio(env);
    const given = await use("alice", "env");
    expect(given).toContain('"API_KEY":"kept"');
    expect(given).not.toMatch(/hidden|Bearer/);
  });

  it("Security rule 28: has sessions of one process, which are 404 for others and once it has ended", async () => {
    const { ask, use } = await startStdio();
    const begun = await ask("alice", INITIALIZE);
    expect(((await begun.json()) as { result: object }).result).toMatchObject({ serverInfo: { name: "stdio" } });
    const session = { "Mcp-Session-Id": begun.headers.get("mcp-session-id") ?? "" };
    const pid = await use("alice", "pid", session);
    expect((await ask("alice", { jsonrpc: "2.0", method: "notifications/initialized" }, session)).status).toBe(202);
    for (const other of ["mallory", "alice/other", "alice~acme"]) {
      expect(await use(other, "pid", session)).toMatch(/^404 /);
    }
    expect(await use("alice", "exit", session)).toMatch(/^502 .*look up/);
    expect(await use("alice", "pid", session)).toMatch(/^404 /);
    expect(await use("alice", "pid")).not.toBe(pid);
  });

  it("answers each of several requests that have the same id and progress token", async () => {
    const { ask } = await startStdio();
    const params = { name: "progress", _meta: { progressToken: "p" } };
    const answers = await Promise.all([1, 2, 3].map(() => ask("alice", { ...call(7), params })));
    for (const answer of answers) {
      const messages = [];
      for await (const message of messagesIn(answer)) {
        messages.push(message);
      }
      expect(messages).toMatchObject([{ params: { progressToken: "p", progress: 1 } }, { id: 7 }]);
    }
  });

  it("asks the user in the middle of a call, and takes one answer, from that user", async () => {
    const { ask } = await startStdio();
    const answer = await ask("alice", call(7, "ask"));
    const messages = messagesIn(answer);
    const { value: question } = await messages.next();
    expect(question).toMatchObject({ method: "elicitation/create", params: { message: "Which city?" } });
    const said = { jsonrpc: "2.0", id: question.id, result: { action: "accept", content: { city: "Berlin" } } };
    expect((await ask("mallory", { ...said, result: { content: { city: "evil" } } })).status).toBe(400);
    expect((await ask("alice", said)).status).toBe(202);
    expect((await ask("alice", said)).status).toBe(400);
    expect(textIn((await messages.next()).value)).toBe("So it is Berlin");
  });

  it("may write noise to its outputs: the log has it, and calls go on", async () => {
    const { use, lines } = await startStdio();
    expect(await use("alice", "noise")).toBe("quiet again");
    await expect.poll(() => lines.map(({ message }) => message)).toContain("a line for the log");
    expect(lines.map(({ fields }) => fields.event)).toContain("upstream-noise");
  });

  it("is ended when it floods its output, and is 504 when it never answers", async () => {
    const { use } = await startStdio({ FASTMCP_UPSTREAM_TIMEOUT: "1" });
    expect(await use("alice", "hang")).toMatch(/^504 /);
    expect(await use("bob", "flood")).toMatch(/^50[24] /);
  });

  it.each([["crash"], ["missing"]])("that can't start (%s) is 502, and 503 until it is tried again", async (how) => {
    const { ask, lines } =
      how === "crash" ? await startStdio({}, "crash") : await startGatewayTo(["/no/such/command"], {});
    expect((await ask("alice", call())).status).toBe(502);
    // Each time that it fails, it is left alone for twice as long.
    await expect.poll(async () => (await ask("alice", call())).headers.get("retry-after")).toMatch(/^\d+$/);
    const said = lines.map(({ message }) => message).join("\n");
    expect(said).toMatch(how === "crash" ? /exit code 3/ : /not found, or can't be run/);
    expect((await ask("bob", call())).status).toBe(502);
  });

  it("has no more processes than one user may have, and in all", async () => {
    const { use, ask } = await startStdio({ FASTMCP_UPSTREAM_MAX_PROCESSES: "2" });
    const leave = new AbortController();
    const hanging = ["alice", "bob"].map((user) => ask(user, call(1, "hang"), {}, { signal: leave.signal }));
    await expect.poll(() => use("carol", "pid")).toMatch(/^503 /);
    leave.abort();
    await Promise.allSettled(hanging);
    await expect.poll(() => use("carol", "pid")).toMatch(/^\d+$/);
  });

  it("Security rule 28: is ended with all that it started when the gateway is closed", async () => {
    const { use, close } = await startStdio();
    const pids = (await use("alice", "child")).split(" ");
    expect(pids.map(isAlive)).toEqual([true, true]);
    await close();
    await expect.poll(() => pids.map(isAlive), { interval: 100 }).toEqual([false, false]);
  });
});
