import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { freePort } from "test-support/free-port";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "./support/in-process.ts";
import { oauthSteps, WHOAMI } from "./support/oauth-steps.ts";

const SERVER = fileURLToPath(new URL("./fixtures/early-server.mjs", import.meta.url));

interface EarlyServer {
  readonly origin: string;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  /** All that it wrote so far. */
  log(): string;
  /** Whether `run()` has settled. */
  isComplete(): boolean;
  /** Lets the provider come to work, or fail; `asked`: it is known with the next one. */
  goOn(verdict?: "well" | "wrong" | "broken" | "asked"): void;
}

/** A process that listens, and waits for its provider. */
async function startEarly(env: Record<string, string> = {}): Promise<EarlyServer> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const child = fork(SERVER, {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, FASTMCP_ENV_FILE: "", FASTMCP_PORT: String(port), BASE_URL: origin, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  let complete = false;
  child.once("message", () => {
    complete = true;
  });
  // Not before all that it wrote has come.
  const exited = once(child, "close").then(([code]) => code as number | null);
  await until(() => log.includes("MCP clients connect to"));
  return {
    origin,
    child,
    exited,
    log: () => log,
    isComplete: () => complete,
    goOn: (verdict = "well") => void child.send(verdict),
  };
}

/** What becomes of a request that has to wait. */
function waiting<T>(request: Promise<T>): { readonly outcome: Promise<T | "cut">; isSettled(): boolean } {
  let settled = false;
  const outcome = request
    .catch(() => "cut" as const)
    .finally(() => {
      settled = true;
    });
  return { outcome, isSettled: () => settled };
}

const answer = async (response: Response) => [response.status, await response.text()] as const;

/** A 503, and when to come again. */
const refusal = ({ status, headers }: Response) => [status, Number(headers.get("retry-after"))] as const;

describe("a server that listens and is not complete yet", () => {
  it("challenges at once, word for word as later, and answers preflights, Host, Origin and /healthz", async () => {
    const { origin, goOn, isComplete } = await startEarly();
    const preflight = { method: "OPTIONS", headers: { Origin: origin, "Access-Control-Request-Method": "POST" } };
    const foreign = { method: "POST", headers: { Origin: "https://evil.example", Authorization: "Bearer alice" } };
    const requests: [string, RequestInit][] = [
      ["/mcp", { method: "POST", body: JSON.stringify(WHOAMI) }],
      ["/mcp", { method: "POST", headers: { Origin: origin } }],
      ["/mcp", { method: "POST", headers: { Authorization: "Basic YTpi" } }],
      ["/mcp", { method: "POST", headers: { Authorization: "Bearer no token" } }],
      ["/mcp", {}],
      ["/mcp", { method: "DELETE" }],
      ["/mcp", preflight],
      ["/mcp", foreign],
      ["/healthz", {}],
      ["/healthz", { method: "HEAD" }],
    ];
    const ask = async () => {
      const answers = [];
      for (const [path, init] of requests) {
        const response = await fetch(origin + path, init);
        const headers = [...response.headers].filter(([name]) => name !== "date");
        answers.push([response.status, headers, await response.text()]);
      }
      return answers;
    };
    const early = await ask();
    expect(isComplete()).toBe(false);
    expect(early.map(([status]) => status)).toEqual([401, 401, 401, 401, 401, 401, 204, 403, 200, 200]);
    goOn();
    await until(isComplete);
    expect(await ask()).toEqual(early);
  });

  it("keeps calls with a token, and all else, until it is complete, and answers them then", async () => {
    const { origin, goOn, isComplete } = await startEarly();
    const { call } = oauthSteps(origin);
    const padded = JSON.stringify(WHOAMI) + " ".repeat(1_000_000);
    const waits = [
      waiting(call("alice").then(answer)),
      waiting(call("bob", padded).then(answer)),
      waiting(fetch(`${origin}/readyz`).then(answer)),
      waiting(fetch(`${origin}/.well-known/oauth-protected-resource/mcp`).then(answer)),
    ];
    expect((await call(undefined)).status).toBe(401);
    expect([isComplete(), ...waits.map(({ isSettled }) => isSettled())]).toEqual(Array(5).fill(false));
    goOn();
    expect(await Promise.all(waits.map(({ outcome }) => outcome))).toEqual([
      [200, expect.stringContaining('"alice"')],
      [200, expect.stringContaining('"bob"')],
      [200, '{"status":"ready"}'],
      [200, expect.stringContaining(`"resource":"${origin}/mcp"`)],
    ]);
    await until(isComplete);
  });
});

describe("Security rule 9: calls without a token that come before the start is complete", () => {
  it("wait if they are for what is public, and are refused at once otherwise", async () => {
    const { origin, goOn, isComplete } = await startEarly({ REGISTERED: "publicly" });
    const { call } = oauthSteps(origin);
    const open = { ...WHOAMI, params: { name: "open", arguments: {} } };
    const waits = [waiting(call(undefined, open).then(answer)), waiting(call("alice", open).then(answer))];
    expect((await call(undefined)).status).toBe(401);
    const chatgpt = await call(undefined, WHOAMI, { "User-Agent": "openai-mcp/1.0.0" });
    expect([chatgpt.status, await chatgpt.text()]).toEqual([200, expect.stringContaining("mcp/www_authenticate")]);
    expect([isComplete(), ...waits.map(({ isSettled }) => isSettled())]).toEqual([false, false, false]);
    goOn();
    expect(await Promise.all(waits.map(({ outcome }) => outcome))).toEqual([
      [200, expect.stringContaining("for everybody")],
      [200, expect.stringContaining("for everybody")],
    ]);
  });
});

describe("calls that come while the provider is being asked", () => {
  it("are answered when it has answered", async () => {
    const { origin, goOn, isComplete } = await startEarly();
    const call = waiting(oauthSteps(origin).call("alice").then(answer));
    const other = waiting(fetch(`${origin}/readyz`).then(answer));
    goOn("asked");
    await until(isComplete);
    // Longer than it takes to load Express.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect([call.isSettled(), other.isSettled()]).toEqual([false, false]);
    goOn();
    expect(await other.outcome).toEqual([200, '{"status":"ready"}']);
    expect(await call.outcome).toEqual([200, expect.stringContaining('"alice"')]);
  });

  it("are told to try again when it takes too long", async () => {
    const { origin, goOn } = await startEarly();
    const { call } = oauthSteps(origin);
    const early = call("alice");
    goOn("asked");
    expect((await early).status).toBe(503);
    expect((await call("alice")).status).toBe(503);
    goOn();
    await until(async () => (await call("alice")).status === 200);
  });
});

describe("Security rule 15: what shows only while it is being completed ends the start all the same", () => {
  it.each([
    ["a provider that refuses its configuration", {}, "wrong", "AWAITED\n    is wrong."],
    [
      "a registration that the SDK can't serve",
      { REGISTERED: "badly" },
      "well",
      "can't be built from what is registered",
    ],
    ["a fault", {}, "broken", "Error: broken"],
  ] as const)("%s: code 1, the reason, and no request is left waiting", async (_, env, verdict, reason) => {
    const { origin, goOn, exited, log, isComplete } = await startEarly(env);
    const { outcome } = waiting(oauthSteps(origin).call("alice").then(refusal));
    goOn(verdict);
    expect(await exited, log()).toBe(1);
    expect(log()).toContain(reason);
    expect(isComplete()).toBe(false);
    expect(["cut", [503, 5]]).toContainEqual(await outcome);
    await expect(fetch(origin)).rejects.toThrow();
  });
});

describe("a server that is told to stop before it is complete", () => {
  it("answers the calls that wait, and ends with code 0", async () => {
    const { origin, child, goOn, exited, log } = await startEarly();
    const call = waiting(oauthSteps(origin).call("alice").then(answer));
    const readiness = waiting(fetch(`${origin}/readyz`).then(answer));
    expect((await oauthSteps(origin).call(undefined)).status).toBe(401);
    child.kill("SIGTERM");
    await until(() => log().includes("Stopping"));
    expect(call.isSettled()).toBe(false);
    goOn();
    expect(await call.outcome).toEqual([200, expect.stringContaining('"alice"')]);
    expect(await readiness.outcome).toEqual([503, '{"status":"not ready"}']);
    expect(await exited).toBe(0);
  });

  it("ends with code 0 without being completed, where nobody waits", async () => {
    const { child, exited, isComplete } = await startEarly();
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
    expect(isComplete()).toBe(false);
  });
});
