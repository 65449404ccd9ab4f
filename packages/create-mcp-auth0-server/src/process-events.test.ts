import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { endWith, outliveReader } from "./process-events.ts";

function failing(code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
}

describe("an output that nobody reads any more", () => {
  it("does not end the work", async () => {
    const child = spawn("true", { stdio: ["pipe", "ignore", "ignore"] });
    const { stdin } = child;
    outliveReader(stdin);
    await once(child, "exit");
    const closed = new Promise((resolve) => stdin.once("close", resolve));
    stdin.write("the first line\n");
    stdin.write("the second line\n");
    await closed;
    expect(stdin.destroyed).toBe(true);
  });

  it("is told from one that can't be written to", () => {
    const output = failing("ENOSPC");
    outliveReader(output);
    expect(() => output.emit("error", Object.assign(new Error("full"), { code: "ENOSPC" }))).toThrow("full");
  });
});

describe.skipIf(process.platform === "win32")("the end", () => {
  const { exitCode } = process;

  afterEach(() => {
    process.exitCode = exitCode;
    vi.restoreAllMocks();
  });

  it.each([
    ["of a cancelled command that npm started is SIGINT", 130, { npm_lifecycle_event: "npx" }, ["SIGINT"]],
    ["of a cancelled command of one's own is its exit code", 130, {}, []],
    ["of any other command is its exit code", 2, { npm_lifecycle_event: "npx" }, []],
  ])("%s", (_what, code, env, signals) => {
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    endWith(code, env);
    expect(process.exitCode).toBe(code);
    expect(kill.mock.calls).toEqual(signals.map((signal) => [process.pid, signal]));
  });
});
