import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { goldenFiles } from "../../packages/mcp-env-auth/src/providers/testing/golden-files.ts";
import { fastMcpPython } from "../../scripts/support/programs.mjs";

const SCRIPT = fileURLToPath(new URL("fixtures/fastmcp_settings.py", import.meta.url));
const RECORDING = fileURLToPath(
  new URL("../../packages/mcp-env-auth/src/providers/testing/fastmcp-answers.jsonl", import.meta.url),
);

interface Answers {
  readonly fastmcp: string;
  readonly answers: Readonly<Record<string, unknown>>;
}

/** The release, then one line for each file, so that a change shows as one. */
function format({ fastmcp, answers }: Answers): string {
  const lines = [fastmcp, ...goldenFiles.map(({ title }) => [title, answers[title]])];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

async function askFastMcp(): Promise<Answers> {
  const home = await mkdtemp(join(tmpdir(), "fastmcp-golden-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const child = spawn(fastMcpPython("2"), [SCRIPT], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(JSON.stringify(goldenFiles));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (output === "") {
    throw new Error(errors);
  }
  return JSON.parse(output);
}

// To record again: npx vitest run --config vitest.machine.config.ts tests/machine/fastmcp-golden.test.ts --update
it("FastMCP 2.14 answers as it is recorded for every file", { timeout: 180_000 }, async () => {
  await expect(format(await askFastMcp())).toMatchFileSnapshot(RECORDING);
});
